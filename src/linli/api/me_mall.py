"""积分商城: the member's shelf, and the orders that they made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter

from linli import mall, members
from linli.api import mall_pay
from linli.api.call import Call, for_members
from linli.api.idempotent import IdempotencyKey
from linli.api.mall_orders import ORDERING, Found, NewMallOrder, OrderIn
from linli.api.mall_pay import PAYING
from linli.api.mall_views import MallOrder, PaymentView, ShelfItem, order_view, shelf_item
from linli.api.paging import decode_cursor, page
from linli.api.strict import NO_NUL, Cursor, Limit
from linli.flows import mall_fulfil, mall_shelf
from linli.flows.mall_shelf import Shelf, Shelved
from linli.flows.publish import NoProgramme
from linli.flows.redeem import WALLET
from linli.kit.db import Connection
from linli.mall import ItemKind, ItemNotFound, Order, OrderInState, OrderNotFound
from linli.members import MemberNotFound
from linli.rules import Programme

OfKind = Annotated[ItemKind | None, Parameter(query="kind")]
OfCategory = Annotated[str | None, Parameter(query="category", min_length=1, max_length=64, pattern=NO_NUL)]
Affordable = Annotated[bool, Parameter(query="affordable", description="Only what the member can order now.")]


class CategoryCount(msgspec.Struct, frozen=True):
    """A category and how many items of it there are."""

    category: str
    items: int


class MeShelf(msgspec.Struct, frozen=True):
    """A page of the shelf, the most attractive first, what is sold out last. `categories`: of all of it, whatever is
    asked for; `available`: points that can be spent, by wallet."""

    items: list[ShelfItem]
    next_cursor: str | None
    categories: list[CategoryCount]
    available: dict[str, int]


class MeMallOrders(msgspec.Struct, frozen=True):
    """A page of the member's orders, newest first."""

    items: list[MallOrder]
    next_cursor: str | None


@get("/mall/items", opt=for_members(MemberNotFound, NoProgramme))
async def list_my_mall(
    call: Call, of_category: OfCategory = None, of_kind: OfKind = None, affordable: Affordable = False,
    cursor: Cursor = None, limit: Limit = 50,
) -> MeShelf:  # fmt: skip
    """What is on the shelf for the member, and why they cannot have something."""
    after = decode_cursor("me.mall", cursor, UUID)
    calendar = call.process.settings.calendar

    async def work(conn: Connection) -> tuple[Shelf, Programme]:
        me = await members.get_member(conn, call.member_id)
        programme = (await call.programme_of(conn, call.member_id)).programme
        return await mall_shelf.shelf(conn, me, call.stamp, calendar, takes_cash=_takes_cash(call)), programme

    found, programme = await call.read(work)
    chosen = [
        one
        for one in found.shelved
        if of_category in (None, one.item.terms.category) and of_kind in (None, one.item.terms.kind)
        and not (affordable and one.obstacles)
    ]  # fmt: skip
    # From where the last page ended; where that item has gone meanwhile, from the first: better twice than never.
    begin = next((at for at, one in enumerate(chosen, 1) if one.item.item_id == after), 0)
    items, more = page("me.mall", chosen[begin : begin + limit + 1], limit, lambda one: one.item.item_id)
    counted: dict[str, int] = {}
    for one in found.shelved:
        counted[one.item.terms.category] = counted.get(one.item.terms.category, 0) + 1
    return MeShelf(
        [shelf_item(one, programme, calendar) for one in items], more,
        [CategoryCount(name, count) for name, count in counted.items()], {WALLET: 0} | found.spendable,
    )  # fmt: skip


@get("/mall/items/{item_id:str}", opt=for_members(MemberNotFound, NoProgramme, ItemNotFound))
async def get_my_mall_item(call: Call, item_id: UUID) -> ShelfItem:
    """One item, and why the member cannot have it."""

    async def work(conn: Connection) -> tuple[Shelved, Programme]:
        me = await members.get_member(conn, call.member_id)
        programme = (await call.programme_of(conn, call.member_id)).programme
        return await mall_shelf.look_at(conn, me, item_id, call.stamp, takes_cash=_takes_cash(call)), programme

    found, programme = await call.read(work)
    return shelf_item(found, programme, call.process.settings.calendar)


@post("/mall/orders", opt=for_members(*ORDERING, idempotent=True))
async def order_from_mall(
    call: Call, data: NewMallOrder, idempotency_key: IdempotencyKey = None
) -> Response[MallOrder]:  # fmt: skip
    """Order an item for points, or points and cash: then it is held until it is paid for."""
    return await mall_pay.place(call, data.of(call.member_id), data, idempotency_key)


@get("/mall/orders", opt=for_members(MemberNotFound))
async def list_my_mall_orders(
    call: Call, order_in: OrderIn = None, cursor: Cursor = None, limit: Limit = 20
) -> MeMallOrders:  # fmt: skip
    """The member's orders, newest first."""
    before = decode_cursor("me.mall.orders", cursor, UUID)

    async def work(conn: Connection) -> list[Found]:
        await members.get_member(conn, call.member_id)
        found = await mall.orders_of(conn, call.member_id, state=order_in, before=before, limit=limit + 1)
        return await mall_pay.with_payments(conn, found)

    items, more = page("me.mall.orders", await call.read(work), limit, lambda found: found[0].order_id)
    return MeMallOrders([_told(*found) for found in items], more)


@get("/mall/orders/{order_id:str}", opt=for_members(OrderNotFound))
async def get_my_mall_order(call: Call, order_id: UUID) -> MallOrder:
    """One order of the member's."""
    return _told(*await _found(call, lambda conn: mall.get_order(conn, call.member_id, order_id)))


@post("/mall/orders/{order_id:str}/pay", status_code=200, opt=for_members(OrderNotFound, *PAYING))
async def pay_my_mall_order(call: Call, order_id: UUID) -> MallOrder:
    """What the app needs to ask for the cash part, again: for whoever put it off, within the time to pay."""
    order, _ = await _found(call, lambda conn: mall.get_order(conn, call.member_id, order_id))
    payment, params = await call.process.cashier.prepare(call.member_id, order_id)
    return _told(order, mall_pay.ready(call.process, payment, params))


@post(
    "/mall/orders/{order_id:str}/cancel", status_code=200, opt=for_members(OrderNotFound, OrderInState, NoProgramme)
)  # fmt: skip
async def cancel_my_mall_order(call: Call, order_id: UUID) -> MallOrder:
    """Cancel an order, as long as its item lets them: points and cash go back."""

    async def work(conn: Connection) -> Order:
        days = (await call.programme(conn)).programme.lapsed_grace_days
        return await mall_fulfil.cancel_own(
            conn, call.stamp, call.member_id, order_id, by=call.caller.name, lapsed_grace_days=days
        )

    return _told(*await _found(call, work))


def _takes_cash(call: Call) -> bool:
    return call.process.settings.payments != "off"


async def _found(call: Call, work: Callable[[Connection], Awaitable[Order]]) -> Found:
    async def told(conn: Connection) -> Found:
        (found,) = await mall_pay.with_payments(conn, [await work(conn)])
        return found

    return await call.run(told)


def _told(order: Order, payment: PaymentView | None) -> MallOrder:
    return order_view(order, payment, can_cancel=mall.may_cancel(order))


handlers = [
    list_my_mall, get_my_mall_item, order_from_mall, list_my_mall_orders, get_my_mall_order, pay_my_mall_order,
    cancel_my_mall_order,
]  # fmt: skip
