"""A CSV file of items, line by line against the items that there are: what is new, what changes, what is wrong. Pure.

Items go by their `sku`. A cell left empty leaves things as they are (of a new item: as usual); `-` takes a value away.
Lists stand in one cell, with `|` between. `stock` is the total that there shall be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias

import msgspec

from linli.kit.csv_rows import column_names, read_rows
from linli.kit.errors import Refusal
from linli.mall.checks import faults_of
from linli.mall.types import MOST_PIECES, Item, ItemTerms

ImportAct: TypeAlias = Literal["new", "change", "same", "faulty"]
MOST_LINES = 2_000
_SPANS = {"limit_life": "life", "limit_month": "month", "limit_day": "day"}
_TEXTS = {"title": ("title_zh", "title_en"), "summary": ("summary_zh", "summary_en")}
_NUMBERS = ("price_points", "price_fen", "worth_fen", "cost_fen")
_LISTS = ("cities", "tiers")
_PLAIN = (
    "sku", "kind", "category", "wallet", *_NUMBERS, "funder", "sourcing", "best_before", "supplier",
    "coupon_template_id", "listed_from", "listed_until", "cancel_until",
)  # fmt: skip
COLUMNS = (*_PLAIN, *(column for pair in _TEXTS.values() for column in pair), *_LISTS, *_SPANS, "stock")
_WHOLE = re.compile(r"[0-9]{1,15}")
_PLACE = re.compile(r" - at `\$\.?([a-z_]*)(?:\.(zh|en))?[^`]*`$")
_MISSING = re.compile(r"missing required field `(\w+)`")
_CLEARED = "-"
_MOST_SHOWN = 60


class TooManyItems(Refusal):
    """More lines than one import may have. Fields: `most_lines`."""

    code: ClassVar[str] = "too_many_items"


class ImportFault(msgspec.Struct, frozen=True):
    """What is wrong with a cell or a line: a key of `i18n/mall.json`, and the figures of its text."""

    column: str
    code: str
    fields: dict[str, Any] = {}


class ImportLine(msgspec.Struct, frozen=True):
    """One line. `terms`: the item as it will be; None where it cannot be read. `stock`: the total that is wanted, None:
    as it is. `differs`: what changes of an item that there is. `revision`: which it was compared with."""

    no: int
    act: ImportAct
    sku: str
    title: str
    terms: ItemTerms | None
    stock: int | None
    differs: tuple[str, ...]
    faults: tuple[ImportFault, ...]
    revision: int | None


class Row(NamedTuple):
    """A row as it was read: column → cell, those left empty left out. `misfit`: it has too many cells, or too few."""

    cells: dict[str, str]
    misfit: ImportFault | None


def read_csv(body: bytes) -> list[Row]:
    """The rows of a file; empty ones do not count. Raises CsvEncoding, CsvColumns, CsvMalformed, TooManyItems."""
    rows = read_rows(body)
    names = column_names(next(rows, []), COLUMNS, ("sku",))
    found: list[Row] = []
    for cells in rows:
        told = [cell.strip().replace("\0", "\ufffd") for cell in cells]
        if not any(told):
            continue
        if len(found) == MOST_LINES:
            raise TooManyItems(most_lines=MOST_LINES)
        wrong = {"found": len(told), "expected": len(names)}
        misfit = ImportFault("", "import_cells", wrong) if len(told) != len(names) else None
        found.append(Row({name: cell for name, cell in zip(names, told, strict=False) if cell}, misfit))
    return found


def compare(rows: Sequence[Row], known: Mapping[str, Item]) -> Iterator[ImportLine]:
    """Each row as a line; `known`: the items that there are, by sku."""
    first: dict[str, int] = {}
    for no, row in enumerate(rows, 1):
        sku = row.cells.get("sku", "")
        again = first.setdefault(sku, no) if sku else no
        twice = ImportFault("sku", "import_twice", {"no": again}) if again != no else None
        unnamed = None if sku or row.misfit else ImportFault("sku", "import_missing")
        yield _line(no, row, known.get(sku), [fault for fault in (row.misfit, unnamed, twice) if fault])


def _line(no: int, row: Row, item: Item | None, faults: list[ImportFault]) -> ImportLine:
    cells = row.cells
    told = msgspec.to_builtins(item.terms) if item else {}
    given, unread = _given(cells, told)
    faults = [*faults, *unread]
    terms = _terms({**told, **given}, told, cells, faults)
    stock = _stock(cells.get("stock"), item, faults)
    if terms is not None:
        faults += [ImportFault(place, code) for place, code in faults_of(terms)]
    differs = _differs(item, terms, stock) if item and terms else ()
    act: ImportAct = "faulty" if faults else "new" if item is None else "change" if differs else "same"
    title = terms.title.zh if terms else cells.get("title_zh", "")
    return ImportLine(
        no, act, cells.get("sku", "")[:64], title[:64], terms, stock, tuple(differs), tuple(faults),
        item.revision if item else None,
    )  # fmt: skip


def _given(cells: Mapping[str, str], told: Mapping[str, Any]) -> tuple[dict[str, Any], list[ImportFault]]:
    """What the row says, as the item's fields; and the cells that are no numbers."""
    found: dict[str, Any] = {}
    faults: list[ImportFault] = []

    def number(column: str) -> int | None:
        if _WHOLE.fullmatch(cells[column]):
            return int(cells[column])
        faults.append(_unread(column, cells))
        return None

    for column in _PLAIN:
        if column in cells:
            value = number(column) if column in _NUMBERS else None if cells[column] == _CLEARED else cells[column]
            if column not in _NUMBERS or value is not None:
                found[column] = value
    for column in _LISTS:
        if column in cells:
            parts = [part.strip() for part in cells[column].split("|")]
            found[column] = None if cells[column] == _CLEARED else parts
    for field, (zh, en) in _TEXTS.items():
        said = {language: cells[column] for language, column in (("zh", zh), ("en", en)) if column in cells}
        if said:
            found[field] = {**(told.get(field) or {}), **said}
    if any(column in cells for column in _SPANS):
        limits = {limit["per"]: limit["pieces"] for limit in told.get("limits", ())}
        for column, span in _SPANS.items():
            if cells.get(column) == _CLEARED:
                limits.pop(span, None)
            elif column in cells and (pieces := number(column)) is not None:
                limits[span] = pieces
        found["limits"] = [{"per": span, "pieces": pieces} for span, pieces in limits.items()]
    return found, faults


def _terms(
    whole: dict[str, Any], told: Mapping[str, Any], cells: Mapping[str, str], faults: list[ImportFault]
) -> ItemTerms | None:
    """The item; what cannot be is noted, cell by cell, and left as it was to find what else is wrong."""
    for _ in COLUMNS:
        try:
            return msgspec.convert(whole, ItemTerms)
        except msgspec.ValidationError as error:
            field, column = _place_of(str(error))
            if field not in whole or column not in cells:
                if not any(fault.column == column for fault in faults):
                    faults.append(ImportFault(column, "import_missing"))
                return None
            faults.append(_unread(column, cells))
            whole = {name: value for name, value in whole.items() if name != field}
            if field in told:
                whole[field] = told[field]
    return None


def _place_of(text: str) -> tuple[str, str]:
    """(field, column) of what cannot be read, or is missing."""
    place, missing = _PLACE.search(text), _MISSING.search(text)
    field, language = (place[1], place[2]) if place else ("", None)
    if missing:
        field, language = (field, missing[1]) if field in _TEXTS else (missing[1], None)
    if field in _TEXTS:
        return field, f"{field}_{language or 'zh'}"
    return field, field


def _unread(column: str, cells: Mapping[str, str]) -> ImportFault:
    return ImportFault(column, "import_value", {"found": cells[column][:_MOST_SHOWN]})


def _stock(cell: str | None, item: Item | None, faults: list[ImportFault]) -> int | None:
    """The total that is wanted; of a new item, none is 0."""
    if cell is None or cell == _CLEARED:
        return 0 if item is None else None
    if not _WHOLE.fullmatch(cell) or int(cell) > MOST_PIECES:
        faults.append(ImportFault("stock", "import_value", {"found": cell[:_MOST_SHOWN]}))
        return None
    taken = item.stock.reserved + item.stock.sold if item else 0
    if int(cell) < taken:
        faults.append(ImportFault("stock", "import_stock", {"taken": taken}))
    return int(cell)


def _differs(item: Item, terms: ItemTerms, stock: int | None) -> list[str]:
    found = [name for name in ItemTerms.__struct_fields__ if getattr(terms, name) != getattr(item.terms, name)]
    return [*found, "stock"] if stock not in (None, item.stock.total) else found
