"""Points instead of cash: the most that a price may be lowered, and the points that this really takes.

Rates and caps after the owner's second document (points-for-cash, lines 16-19, 37-38, 204-207). All whole fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from linli.rules.programme import DeductionPolicy, Ordinary, Rate
from linli.words.units import floor_ratio


class DeductionQuote(msgspec.Struct, frozen=True):
    """`points_needed` is the least number of points that gives `max_deduction_fen` at rate_points : rate_fen."""

    max_deduction_fen: int
    points_needed: int
    rate_points: int
    rate_fen: int
    cap_fen: int
    """What the price allows, however many points there are."""
    rate: str = "ordinary"
    """Id of the rate used."""


def quote_deduction(
    policy: DeductionPolicy,
    *,
    price_fen: int,
    category: str | None,
    tags: Sequence[str],
    on: date,
    available_points: int,
) -> DeductionQuote:
    """The most that `available_points` may take off `price_fen` on business date `on`. No points, no price: zeros."""
    rate = _rate_for(policy, category, tags, on.isoweekday())
    cap_fen = floor_ratio(max(price_fen, 0), policy.cap_percent, 100)
    most_fen = min(floor_ratio(max(available_points, 0), rate.fen, rate.points), cap_fen)
    points_needed = -(-most_fen * rate.points // rate.fen)  # rounded up: one point less would not give it
    rate_id = rate.id if isinstance(rate, Rate) else "ordinary"
    return DeductionQuote(most_fen, points_needed, rate.points, rate.fen, cap_fen, rate_id)


def value_of_points(policy: DeductionPolicy, points: int) -> int:
    """Fen that `points` are worth at the ordinary rate, where no cart is known. Rounded down."""
    return floor_ratio(max(points, 0), policy.ordinary.fen, policy.ordinary.points)


def _rate_for(policy: DeductionPolicy, category: str | None, tags: Sequence[str], weekday: int) -> Rate | Ordinary:
    matching = [rate for rate in policy.rates if _matches(rate, category, tags, weekday)]
    if policy.pick == "first":
        return matching[0] if matching else policy.ordinary
    best: Rate | Ordinary = policy.ordinary
    for rate in matching:
        # fen ÷ points compared as whole numbers; among equals the one listed first is shown, before the ordinary one
        gain = rate.fen * best.points - best.fen * rate.points
        if gain > 0 or (gain == 0 and best is policy.ordinary):
            best = rate
    return best


def _matches(rate: Rate, category: str | None, tags: Sequence[str], weekday: int) -> bool:
    if rate.categories is not None and category not in rate.categories:
        return False
    if rate.tags is not None and not any(tag in rate.tags for tag in tags):
        return False
    return rate.weekdays is None or weekday in rate.weekdays
