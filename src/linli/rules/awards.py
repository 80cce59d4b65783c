"""How points for an order are reckoned by the parts of an award, and reckoned again from what refunds leave."""

from __future__ import annotations

from collections.abc import Sequence

from linli.words.events import Order
from linli.words.grants import Award, Part, Refunded
from linli.words.units import round_ratio


def amounts_of(order: Order) -> list[int]:
    """Fen by place: each line's, then what was paid for no line (delivery, say)."""
    amounts = [line.paid_fen for line in order.lines]
    amounts.append(max(order.paid_fen - sum(amounts), 0))
    return amounts


def reckon(
    parts: Sequence[Part], amounts: Sequence[int], mode: str, by_line: bool, *, kept: int = 1, of: int = 1
) -> int:
    """The points that `parts` promise for `amounts` (fen by place) × kept ÷ of, made whole once or line by line."""
    if by_line:
        return sum(
            round_ratio(amounts[place] * part.points * kept, part.per_fen * of, mode)
            for part in parts
            for place in (range(len(amounts)) if part.lines is None else part.lines)
        )
    numerator, denominator = 0, 1
    for part in parts:
        fen = sum(amounts) if part.lines is None else sum(amounts[place] for place in part.lines)
        numerator = numerator * part.per_fen + fen * part.points * denominator
        denominator *= part.per_fen
    return round_ratio(numerator * kept, denominator * of, mode)


def reprice(award: Award, order: Order, refunded: Refunded) -> int:
    """The points that remain of an award after all that was given back so far: a function of the cumulative sums.

    A refund by line takes from its line; what exceeds the line, or names none, counts as unallocated. The unallocated
    part takes from every line in proportion to what is left of it, so the lines never give back more than they cost
    and a full refund leaves 0. Rounded as the award was: without refunds it is the grant's own figure.
    """
    if refunded.cancelled:
        return 0
    left, unallocated = _left(order, refunded)
    pool = sum(left)
    kept = pool - unallocated
    return reckon(award.parts, left, award.rounding, award.by_line, kept=kept, of=pool) if kept > 0 else 0


def _left(order: Order, refunded: Refunded) -> tuple[list[int], int]:
    """(fen left by place after refunds by line, fen given back that no line bears)."""
    left = amounts_of(order)
    owed = dict(refunded.by_line_fen)
    for place, line in enumerate(order.lines):
        line_id = line.line_id if line.line_id is not None else str(place + 1)
        taken = min(owed.get(line_id, 0), line.paid_fen)
        if taken:
            owed[line_id] -= taken
            left[place] -= taken
    return left, refunded.unallocated_fen + sum(owed.values())
