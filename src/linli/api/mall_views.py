"""Items and orders of the mall as answers show them, to the shop and to members."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from linli.api.me_words import Bilingual, both, day, points
from linli.flows.mall_shelf import Shelved
from linli.kit.clock import BusinessCalendar
from linli.kit.errors import Refusal
from linli.mall import Item, ItemKind, ItemState, ItemTerms, Order, OrderState, Sourcing, Stock, Words
from linli.mall.types import Limit, LongWords
from linli.rules import Programme

By = Literal["member", "shop", "system"]


class StockView(msgspec.Struct, frozen=True):
    """Pieces. `total`, `left` null: without end. `reserved`: to be paid for, or set aside for a lottery."""

    total: int | None
    reserved: int
    sold: int
    left: int | None


class MallItem(ItemTerms, frozen=True, kw_only=True):
    """An item as the shop sees it. `revision` is what a change must name."""

    item_id: UUID
    stock: StockView
    state: ItemState
    revision: int
    listed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    updated_by: str


class ShelfItem(msgspec.Struct, frozen=True):
    """An item as a member sees it. `left` null: without end. `mine_left`: how many more their limits allow now; null:
    as many as they like. `obstacles`: why they cannot have one; `affordable`: nothing stands in the way."""

    item_id: UUID
    kind: ItemKind
    title: Words
    summary: Words | None
    description: LongWords | None
    category: str
    pictures: tuple[str, ...]
    wallet: str
    price_points: int
    price_fen: int
    worth_fen: int
    sourcing: Sourcing
    best_before: date | None
    listed_from: datetime | None
    listed_until: datetime | None
    tiers: tuple[str, ...] | None
    limits: tuple[Limit, ...]
    cancel_until: Literal["paid", "ready"]
    left: int | None
    mine_left: int | None
    affordable: bool
    obstacles: list[Obstacle]


class Obstacle(msgspec.Struct, frozen=True):
    """Why the member cannot order it now: the code with which the order would be refused."""

    code: str
    text: Bilingual


class OrderItem(msgspec.Struct, frozen=True):
    """What was ordered, as it was called and shown then."""

    item_id: UUID
    title: Words
    picture: str | None
    kind: ItemKind


class OrderStep(msgspec.Struct, frozen=True):
    """The order came to `state`."""

    state: OrderState
    at: datetime
    by: By


class PayParams(msgspec.Struct, frozen=True, rename="camel"):
    """What `wx.requestPayment` takes, beside the app's own id."""

    app_id: str
    time_stamp: str
    nonce_str: str
    package: str
    sign_type: str
    pay_sign: str


class PaymentView(msgspec.Struct, frozen=True):
    """The cash part. `params` while it can be paid; `fake_pay_url`: where a demonstration pays instead."""

    state: Literal["unpaid", "paid", "closed", "refunding", "refunded"]
    price_fen: int
    refunded_fen: int
    params: PayParams | None
    fake_pay_url: str | None


class MallOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order. `points` and `price_fen` of all its pieces. `code`: what is shown at the pickup point."""

    order_id: UUID
    member_id: str
    item: OrderItem
    pieces: int
    wallet: str
    points: int
    price_fen: int
    state: OrderState
    code: str | None
    community_id: str | None
    leader_id: str | None
    coupon_id: str | None
    pay_until: datetime | None
    can_cancel: bool
    payment: PaymentView | None
    created_at: datetime
    events: list[OrderStep]


class ShopOrder(MallOrder, frozen=True, kw_only=True):
    """An order as the shop sees it. `cost_fen`: what its pieces cost the `funder`. `cause`: of one that was won.
    `handled_by`: who brought it to its state."""

    cost_fen: int
    funder: str
    cause: str | None
    paid_on: date | None
    handled_by: str


def item_view(item: Item) -> MallItem:
    """For the shop."""
    return MallItem(
        **fields_of(item.terms), item_id=item.item_id, stock=stock_of(item.stock), state=item.state,
        revision=item.revision, listed_at=item.listed_at, created_at=item.created_at,
        updated_at=item.updated_at, updated_by=item.updated_by,
    )  # fmt: skip


def fields_of(terms: ItemTerms) -> dict[str, Any]:
    """The terms by name, whatever else a struct that extends them has."""
    return {name: getattr(terms, name) for name in ItemTerms.__struct_fields__}


_SHOWN = [name for name in ShelfItem.__struct_fields__ if name in ItemTerms.__struct_fields__]


def shelf_item(found: Shelved, programme: Programme, calendar: BusinessCalendar) -> ShelfItem:
    """For a member: without what it costs the house, and who supplies it."""
    obstacles = [_obstacle(refusal, programme, calendar) for refusal in found.obstacles]
    return ShelfItem(
        **{name: getattr(found.item.terms, name) for name in _SHOWN}, item_id=found.item.item_id,
        left=found.item.stock.left, mine_left=found.mine_left, affordable=not obstacles, obstacles=obstacles,
    )  # fmt: skip


def _obstacle(refusal: Refusal, programme: Programme, calendar: BusinessCalendar) -> Obstacle:
    told = refusal.fields
    match refusal.code:
        case "item_for_tiers":
            names = {tier.id: tier.name for tier in programme.tiers}
            these = [names.get(tier) for tier in told["tiers"]]
            zh = "、".join(name.zh if name else tier for name, tier in zip(these, told["tiers"], strict=True))
            en = ", ".join(name.en if name else tier for name, tier in zip(these, told["tiers"], strict=True))
            text = both("obstacle.item_for_tiers", tiers=Bilingual(zh, en))
        case "item_limit_reached":
            text = both(f"obstacle.item_limit_reached.{told['per']}", most=told["most"])
        case "item_not_yet":
            opens = calendar.local(datetime.fromisoformat(told["listed_from"]))
            text = both("obstacle.item_not_yet", day=day(opens.date()), time=f"{opens:%H:%M}")
        case "insufficient_points":
            text = both("obstacle.insufficient_points", points=points(told["wanted"] - told["available"]))
        case code:
            text = both(f"obstacle.{code}")
    return Obstacle(refusal.code, text)


def order_view(order: Order, payment: PaymentView | None = None, *, can_cancel: bool) -> MallOrder:
    """For its member."""
    return MallOrder(**_told(order, payment), can_cancel=can_cancel)


def shop_order(order: Order, payment: PaymentView | None = None, *, can_cancel: bool) -> ShopOrder:
    """For the shop."""
    return ShopOrder(
        **_told(order, payment), can_cancel=can_cancel, cost_fen=order.cost_fen, funder=order.funder,
        cause=order.cause, paid_on=order.paid_on, handled_by=order.events[-1].by,
    )  # fmt: skip


def _told(order: Order, payment: PaymentView | None) -> dict[str, Any]:
    same = ("order_id", "member_id", "pieces", "wallet", "points", "price_fen", "state", "code", "community_id",
            "leader_id", "coupon_id", "pay_until", "created_at")  # fmt: skip
    return {
        **{name: getattr(order, name) for name in same},
        "item": OrderItem(order.item_id, order.title, order.picture, order.kind),
        "payment": payment,
        "events": [OrderStep(event.state, event.at, _who(event.by)) for event in order.events],
    }


def _who(by: str) -> By:
    """Members are told who acted, not which of the shop's people it was."""
    return "member" if by.startswith("member:") else "system" if by.startswith("system:") else "shop"


def stock_of(stock: Stock) -> StockView:
    """Stock as answers show it."""
    return StockView(stock.total, stock.reserved, stock.sold, stock.left)
