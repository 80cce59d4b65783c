"""What an order of the mall is, what moves it on, and what may be refused of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

import msgspec

from linli.kit.errors import NotFound, Refusal
from linli.mall.types import ItemKind, Words

OrderState: TypeAlias = Literal["held", "paid", "ready", "collected", "cancelled", "refunded", "expired"]
StockUse: TypeAlias = Literal["reserved", "sold", "none"]
MOST_AT_ONCE = 1_000
"""Pieces of one order."""


class OrderEvent(msgspec.Struct, frozen=True):
    """The order came to `state`, by whom: the member, a user, a key, or what the house does by itself."""

    state: OrderState
    at: datetime
    by: str


class Order(msgspec.Struct, frozen=True):
    """An order. Figures are of all its pieces. `cause`: of one that was given away. `stock`: what it takes up now."""

    order_id: UUID
    member_id: str
    item_id: UUID
    kind: ItemKind
    title: Words
    picture: str | None
    pieces: int
    wallet: str
    points: int
    price_fen: int
    cost_fen: int
    funder: str
    cancel_until: Literal["paid", "ready"]
    state: OrderState
    stock: StockUse
    cause: str | None
    code: str | None
    community_id: str | None
    leader_id: str | None
    coupon_id: str | None
    pay_until: datetime | None
    placed_on: date
    paid_on: date | None
    created_at: datetime
    events: tuple[OrderEvent, ...]

    @property
    def ledger_id(self) -> str:
        """What the member's statement calls it."""
        return f"mall:{self.order_id}"


class OrderNotFound(NotFound):
    """There is no such order. Fields: `order_id`."""

    code: ClassVar[str] = "mall_order_not_found"


class OfMallOrder(Refusal):
    """The points are an order's of the mall: it is the order that is cancelled or refunded. Fields: `order_id`."""

    code: ClassVar[str] = "of_mall_order"


class OrderInState(Refusal):
    """The order is not in a state that allows it. Fields: `state`."""

    code: ClassVar[str] = "mall_order_in_state"


class CodeUnknown(NotFound):
    """No order has that pickup code, or not this one. No fields."""

    code: ClassVar[str] = "pickup_code_unknown"
