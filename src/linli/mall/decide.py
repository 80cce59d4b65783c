"""Whether a member may order an item now, and what an order may become. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import NamedTuple

from linli.kit.errors import Refusal
from linli.mall.order_types import Order, OrderState
from linli.mall.types import (
    Item,
    ItemEnded,
    ItemForTiers,
    ItemLimitReached,
    ItemNotInCity,
    ItemNotListed,
    ItemNotYet,
    Limit,
    Span,
    StockExhausted,
)


class Buyer(NamedTuple):
    """Who orders, as far as items ask. `tier` '': none."""

    city: str | None = None
    tier: str = ""


Used = Mapping[Span, int]
"""Pieces that the member has ordered, ever, this business month, today; what was given back does not count."""
NOTHING_USED: Used = {"life": 0, "month": 0, "day": 0}


def obstacles(
    item: Item, buyer: Buyer, used: Used, *, at: datetime, on: date, pieces: int = 1
) -> Iterator[Refusal]:  # fmt: skip
    """Why the member cannot order so many now, but for their points: what lasts longest comes first."""
    terms = item.terms
    if item.state != "listed":
        yield ItemNotListed(state=item.state)
    if terms.listed_until and at >= terms.listed_until:
        yield ItemEnded(listed_until=terms.listed_until.isoformat())
    elif terms.best_before and on > terms.best_before:
        yield ItemEnded(listed_until=terms.best_before.isoformat())
    elif terms.listed_from and at < terms.listed_from:
        yield ItemNotYet(listed_from=terms.listed_from.isoformat())
    if terms.cities is not None and buyer.city not in terms.cities:
        yield ItemNotInCity(cities=list(terms.cities))
    if terms.tiers is not None and buyer.tier not in terms.tiers:
        yield ItemForTiers(tiers=list(terms.tiers))
    left = item.stock.left
    if left is not None and pieces > left:
        yield StockExhausted(left=left, wanted=pieces)
    if terms.kind == "coupon" and pieces > 1:  # an order has one coupon
        yield ItemLimitReached(per="order", most=1, left=1, wanted=pieces)
    for limit in terms.limits:
        mine = _left(limit, used)
        if pieces > mine:
            yield ItemLimitReached(per=limit.per, most=limit.pieces, left=mine, wanted=pieces)


def left_for(item: Item, used: Used) -> int | None:
    """How many pieces more the limits let the member order now; None: as many as they like."""
    return min((_left(limit, used) for limit in item.terms.limits), default=None)


def _left(limit: Limit, used: Used) -> int:
    return max(0, limit.pieces - used[limit.per])


_BECOMES: dict[OrderState, tuple[OrderState, ...]] = {
    "held": ("paid", "cancelled", "expired"),
    "paid": ("ready", "collected", "cancelled", "refunded"),
    "ready": ("collected", "cancelled", "refunded"),
    "collected": ("refunded",),
    "expired": ("paid",),  # a payment that is told of late
}


def may_become(order: Order, state: OrderState) -> bool:
    """Whether the shop can bring the order to that state."""
    return state in _BECOMES.get(order.state, ())


def may_cancel(order: Order) -> bool:
    """Whether its member can still cancel it."""
    states = ("held",) if order.cancel_until == "paid" else ("held", "paid")
    return order.state in states and order.cause is None and order.coupon_id is None
