"""A CSV file as lines of a correction. Pure. What is wrong with one row is that row's fault, and no other's."""

from __future__ import annotations

import re
from collections.abc import Sequence

from linli.corrections.types import MOST_LINES, Asked, Fault, TooManyLines
from linli.kit.csv_rows import column_names, read_rows

COLUMNS = ("member_id", "points", "reason", "wallet", "grant_key")
"""In any order; `member_id` must be there, and `points` or `grant_key`."""
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_LIMITS = {"member_id": 128, "reason": 500, "wallet": 64, "grant_key": 400}
"""Characters at the most, as everywhere in the API."""


def read_csv(body: bytes) -> list[Asked]:
    """The lines of a file: UTF-8 with or without a mark, the first row naming the columns; empty rows do not count.

    Raises CsvEncoding, CsvColumns, CsvMalformed, TooManyLines.
    """
    rows = read_rows(body)
    first = next(rows, [])
    grants = "grant_key" in (cell.strip().lower() for cell in first)
    names = column_names(first, COLUMNS, ("member_id",) if grants else ("member_id", "points"))
    found: list[Asked] = []
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(found) == MOST_LINES:
            raise TooManyLines(most_lines=MOST_LINES)
        found.append(_line(names, cells))
    return found


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
