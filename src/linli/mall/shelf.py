"""In which order the shelf stands: what costs the house least first, as long as it attracts. Pure, whole numbers.

All of it is in hundredths of a fen per point, where 100 is one fen for a point, the worth that members reckon with.

    give   = (worth - cash) × 100 ÷ points            what the member gets for a point
    take   = (cost - cash) × 100 ÷ points, ≥ 0        what the house pays for it; nothing where somebody else does
    appeal = give, 1,000 at the most                   beyond ten fen a point nobody looks closer
    thrift = give - take, within ±1,000                what it is worth beyond what it costs
    score  = appeal + 2 × thrift + sourcing + news - (1,000 where give < 50)

`sourcing`: near their expiry 60, and up to 60 more in the last thirty days; sponsored 50, high margin 30. `news`: 20
on the day of listing, falling to 0 in a fortnight. What a member could not be glad of (less than half a fen for a
point) does not come first however cheap it is.
"""

from __future__ import annotations

from datetime import date

from linli.mall.types import Item

HOUSE = "platform"
_SOURCING = {"near_expiry": 60, "sponsored": 50, "high_margin": 30, "standard": 0}
_MOST, _DULL, _DULL_COSTS = 1_000, 50, 1_000
_EXPIRY_DAYS, _EXPIRY = 30, 60
_NEWS_DAYS, _NEWS = 14, 20


def score(item: Item, listed_on: date | None, on: date) -> int:
    """How far up it stands: more is further. `listed_on`: the business date on which it was listed last."""
    terms = item.terms
    give = (terms.worth_fen - terms.price_fen) * 100 // terms.price_points
    cost = terms.cost_fen if terms.funder == HOUSE else 0
    take = max(0, cost - terms.price_fen) * 100 // terms.price_points
    thrift = max(-_MOST, min(_MOST, give - take))
    found = min(give, _MOST) + 2 * thrift + _SOURCING[terms.sourcing] - (_DULL_COSTS if give < _DULL else 0)
    if terms.sourcing == "near_expiry" and terms.best_before:
        days = max(0, min(_EXPIRY_DAYS, (terms.best_before - on).days))
        found += _EXPIRY * (_EXPIRY_DAYS - days) // _EXPIRY_DAYS
    if listed_on is not None:
        found += _NEWS * max(0, _NEWS_DAYS - (on - listed_on).days) // _NEWS_DAYS
    return found
