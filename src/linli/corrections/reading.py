"""A CSV file as lines of a correction. Pure. What is wrong with one row is that row's fault, and no other's."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from linli.corrections.types import MOST_LINES, Asked, CsvColumns, CsvEncoding, CsvMalformed, Fault, TooManyLines

COLUMNS = ("member_id", "points", "reason", "wallet", "grant_key")
"""In any order; `member_id` must be there, and `points` or `grant_key`."""
_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_LIMITS = {"member_id": 128, "reason": 500, "wallet": 64, "grant_key": 400}
"""Characters at the most, as everywhere in the API."""


def read_csv(body: bytes) -> list[Asked]:
    """The lines of a file: UTF-8 with or without a mark, the first row naming the columns; empty rows do not count.

    Raises CsvEncoding, CsvColumns, CsvMalformed, TooManyLines.
    """
    rows = _rows(_text(body))
    names = [cell.strip().lower() for cell in next(rows, [])]
    unknown = [name for name in names if name not in COLUMNS]
    missing = [] if "member_id" in names else ["member_id"]
    missing += [] if {"points", "grant_key"} & {*names} else ["points"]
    if unknown or missing or len({*names}) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise CsvColumns(unknown=[name[:64] for name in [*unknown, *twice]][:20], missing=missing, known=list(COLUMNS))
    found: list[Asked] = []
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(found) == MOST_LINES:
            raise TooManyLines(most_lines=MOST_LINES)
        found.append(_line(names, cells))
    return found


def _text(body: bytes) -> str:
    """Raises CsvEncoding, telling what it looks like: spreadsheets in Chinese like to save GBK."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if looks_like := _MARKS.get(body[:2]):
        raise CsvEncoding(looks_like=looks_like)
    try:
        body.decode("gb18030")
    except UnicodeDecodeError:
        raise CsvEncoding(looks_like="unknown") from None
    raise CsvEncoding(looks_like="GBK")


def _rows(text: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise CsvMalformed(row=reader.line_num, reason=str(error)[:200]) from None


def _line(names: Sequence[str], cells: Sequence[str]) -> Asked:
    told = dict(zip(names, (cell.strip() for cell in cells), strict=False))
    kept = {name: told[name].replace("\0", "\ufffd")[:limit] for name, limit in _LIMITS.items() if told.get(name)}
    points, fault = _points(told.get("points", ""))
    return Asked(
        kept.get("member_id", ""), points, kept.get("wallet"), kept.get("grant_key"), kept.get("reason"),
        _misfit(names, cells, told) or fault,
    )  # fmt: skip


def _misfit(names: Sequence[str], cells: Sequence[str], told: dict[str, str]) -> Fault | None:
    if len(cells) != len(names):
        return Fault("line_cells", {"found": len(cells), "expected": len(names)})
    for name, limit in _LIMITS.items():
        if "\0" in told.get(name, "") or len(told.get(name, "")) > limit:
            return Fault("line_text", {"column": name, "most_characters": limit})
    return None


def _points(text: str) -> tuple[int | None, Fault | None]:
    if not text:
        return None, None
    if not _WHOLE.fullmatch(text):
        return None, Fault("line_points_unreadable", {"found": text[:40].replace("\0", "\ufffd")})
    return int(text), None
