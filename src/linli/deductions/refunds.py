"""What is given back of a deduction's lines, by how much of their price is given back in all. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import msgspec

from linli.deductions.types import Line
from linli.kit.errors import NotFound, Refusal
from linli.words.units import floor_ratio


class LineNotFound(NotFound):
    """The deduction has no such line. Fields: `line_id`."""

    code: ClassVar[str] = "deduction_line_not_found"


class RefundTooLarge(Refusal):
    """More of a line's price is given back than is left of it. Fields: `line_id`, `refundable_fen`, `wanted_fen`."""

    code: ClassVar[str] = "deduction_refund_too_large"


class AskedBack(NamedTuple):
    """`refund_fen` of the price of a line is given back."""

    line_id: str
    refund_fen: int


class Back(NamedTuple):
    """What a refund gives back, and the lines that it changes as they are afterwards."""

    points: int
    fen: int
    changed: list[Line]


def reckon_back(lines: Sequence[Line], asked: Sequence[AskedBack] | None) -> Back:
    """What giving back `asked` (None: all that is left of every line) brings. A line may be named once.

    Raises LineNotFound, RefundTooLarge.
    """
    by_id = {line.line_id: line for line in lines}
    if asked is None:
        asked = [AskedBack(line.line_id, line.price_fen - line.refunded_price_fen) for line in lines]
    changed: list[Line] = []
    points = fen = 0
    for wanted in asked:
        line = by_id.get(wanted.line_id)
        if line is None:
            raise LineNotFound(line_id=wanted.line_id)
        left = line.price_fen - line.refunded_price_fen
        if wanted.refund_fen > left:
            raise RefundTooLarge(line_id=line.line_id, refundable_fen=left, wanted_fen=wanted.refund_fen)
        after = _given_back(line, line.refunded_price_fen + wanted.refund_fen)
        points += after.refunded_points - line.refunded_points
        fen += after.refunded_fen - line.refunded_fen
        if after != line:
            changed.append(after)
    return Back(points, fen, changed)


def _given_back(line: Line, price_fen: int) -> Line:
    """The line after `price_fen` of its price came back in all: rounded down until all of it is back."""
    if not line.price_fen:
        return line
    return msgspec.structs.replace(
        line, refunded_price_fen=price_fen,
        refunded_points=floor_ratio(line.points, price_fen, line.price_fen),
        refunded_fen=floor_ratio(line.deduct_fen, price_fen, line.price_fen),
    )  # fmt: skip
