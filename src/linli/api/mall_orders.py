"""The shop's side of orders: made ready, handed out by code, cancelled, refunded; and orders placed for a member."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.params import Parameter
from msgspec import Meta

from linli import mall
from linli.api import mall_imports, mall_items, mall_pay, mall_pictures
from linli.api.call import Call, authorize, needs
from linli.api.idempotent import IdempotencyKey, IdempotencyKeyMissing
from linli.api.mall_views import MallOrder, PaymentView, ShopOrder, shop_order
from linli.api.paging import decode_cursor, page
from linli.api.strict import NO_NUL, BodyId, Cursor, Input, Limit, MemberId, Reason
from linli.coupons import ISSUE_REFUSALS, CouponTaken
from linli.flows import mall_fulfil
from linli.flows.mall_fulfil import Undo
from linli.flows.mall_order import CashNotTaken, Wanted
from linli.flows.publish import NoProgramme
from linli.kit.db import Connection
from linli.kit.errors import KeyReused, Refusal
from linli.kit.gather import Overloaded
from linli.ledger import InsufficientPoints
from linli.mall import (
    MOST_AT_ONCE,
    CodeUnknown,
    ItemEnded,
    ItemForTiers,
    ItemLimitReached,
    ItemNotFound,
    ItemNotInCity,
    ItemNotListed,
    ItemNotYet,
    Order,
    OrderInState,
    OrderNotFound,
    OrderState,
    StockExhausted,
)
from linli.members import MemberNotFound

OrderIn = Annotated[OrderState | None, Parameter(query="state", description="Those in this state.")]
OfMember = Annotated[str | None, Parameter(query="member_id", min_length=1, max_length=128, pattern=NO_NUL)]
OfItem = Annotated[UUID | None, Parameter(query="item_id")]
OfCommunity = Annotated[str | None, Parameter(query="community_id", min_length=1, max_length=128, pattern=NO_NUL)]
BodyCode = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[0-9 -]+$(?!\n)")]
ORDERING: tuple[type[Refusal], ...] = (
    MemberNotFound, KeyReused, IdempotencyKeyMissing, ItemNotFound, ItemNotListed, ItemNotYet, ItemEnded,
    ItemNotInCity, ItemForTiers, StockExhausted, ItemLimitReached, InsufficientPoints, CashNotTaken,
    Overloaded, *ISSUE_REFUSALS,
)  # fmt: skip
"""What may stand in the way of an order."""
_MOVE = (OrderNotFound, OrderInState)
Found: TypeAlias = tuple[Order, PaymentView | None]


class NewMallOrder(Input, frozen=True, kw_only=True):
    """What is ordered. Left out, it goes to the member's own community and leader."""

    item_id: UUID
    pieces: Annotated[int, Meta(ge=1, le=MOST_AT_ONCE)] = 1
    community_id: BodyId | None = None
    leader_id: BodyId | None = None

    def of(self, member_id: str) -> Wanted:
        """As ordered by the member."""
        return Wanted(member_id, self.item_id, self.pieces, self.community_id, self.leader_id)


class PickupCode(Input, frozen=True, kw_only=True):
    """The code as it was shown; spaces and hyphens do not matter."""

    code: BodyCode


class WhyUndone(Input, frozen=True, kw_only=True):
    """Why."""

    reason: Reason


class ShopOrders(msgspec.Struct, frozen=True):
    """A page of orders, newest first."""

    items: list[ShopOrder]
    next_cursor: str | None


@post("/{member_id:str}/mall/orders", opt=needs("points:write", *ORDERING, idempotent=True))
async def order_for_member(
    call: Call, member_id: MemberId, data: NewMallOrder, idempotency_key: IdempotencyKey = None
) -> Response[MallOrder]:
    """Order for a member, as they would themselves."""
    return await mall_pay.place(call, data.of(member_id), data, idempotency_key)


@get("/orders", opt=needs("points:read"))
async def list_mall_orders(
    call: Call, order_in: OrderIn = None, of_member: OfMember = None, of_item: OfItem = None,
    of_community: OfCommunity = None, cursor: Cursor = None, limit: Limit = 50,
) -> ShopOrders:  # fmt: skip
    """Orders of the mall, newest first."""
    before = decode_cursor("mall.orders", cursor, UUID)

    async def work(conn: Connection) -> list[Found]:
        orders = await mall.orders(
            conn, state=order_in, member_id=of_member, item_id=of_item, community_id=of_community, before=before,
            limit=limit + 1,
        )  # fmt: skip
        return await mall_pay.with_payments(conn, orders)

    items, more = page("mall.orders", await call.read(work), limit, lambda found: found[0].order_id)
    return ShopOrders([_shop(*found) for found in items], more)


@get("/orders/{order_id:str}", opt=needs("points:read", OrderNotFound))
async def get_mall_order(call: Call, order_id: UUID) -> ShopOrder:
    """One order."""
    return await _done(call, lambda conn: _one(conn, order_id))


async def _one(conn: Connection, order_id: UUID) -> Order:
    return await mall.get_order(conn, await mall.owner_of(conn, order_id), order_id)


@post("/orders/{order_id:str}/ready", status_code=200, opt=needs("mall:write", *_MOVE))
async def make_ready(call: Call, order_id: UUID) -> ShopOrder:
    """It lies at the pickup point."""
    return await _done(call, lambda conn: mall_fulfil.ready(conn, call.stamp, order_id, by=call.caller.name))


@post("/orders/{order_id:str}/collect", status_code=200, opt=needs("mall:write", *_MOVE, CodeUnknown))
async def collect_order(call: Call, order_id: UUID, data: PickupCode) -> ShopOrder:
    """Hand it out to whoever shows its code."""
    by = call.caller.name
    return await _done(
        call, lambda conn: mall_fulfil.collect(conn, call.stamp, data.code, by=by, order_id=order_id)
    )  # fmt: skip


@post("/collect", status_code=200, opt=needs("mall:write", *_MOVE, CodeUnknown))
async def collect_by_code(call: Call, data: PickupCode) -> ShopOrder:
    """Hand out whatever the code is of."""
    return await _done(call, lambda conn: mall_fulfil.collect(conn, call.stamp, data.code, by=call.caller.name))


@post("/orders/{order_id:str}/cancel", status_code=200, opt=needs("mall:write", *_MOVE, NoProgramme))
async def cancel_mall_order(call: Call, order_id: UUID, data: WhyUndone) -> ShopOrder:
    """Cancel what was not collected yet: points and cash go back, pieces into stock."""
    return await _done(call, lambda conn: _undo(conn, call, order_id, "cancelled", data.reason))


@post("/orders/{order_id:str}/refund", status_code=200, opt=needs("mall:write", *_MOVE, CouponTaken, NoProgramme))
async def refund_mall_order(call: Call, order_id: UUID, data: WhyUndone) -> ShopOrder:
    """Give points and cash back, collected or not. What was collected does not come back into stock; a coupon that is
    not used yet is void."""
    return await _done(call, lambda conn: _undo(conn, call, order_id, "refunded", data.reason))


async def _undo(
    conn: Connection, call: Call, order_id: UUID, state: Literal["cancelled", "refunded"], reason: str
) -> Order:  # fmt: skip
    days = (await call.programme(conn)).programme.lapsed_grace_days
    await call.note(conn, f"mall.order.{state}", str(order_id), reason)
    return await mall_fulfil.undo(conn, call.stamp, order_id, Undo(state, call.caller.name, reason, days))


async def _done(call: Call, work: Callable[[Connection], Awaitable[Order]]) -> ShopOrder:
    """What came of it, with its payment."""

    async def told(conn: Connection) -> Found:
        (found,) = await mall_pay.with_payments(conn, [await work(conn)])
        return found

    return _shop(*await call.run(told))


def _shop(order: Order, payment: PaymentView | None) -> ShopOrder:
    return shop_order(order, payment, can_cancel=mall.may_become(order, "cancelled"))


for_member = Router(
    "/v1/members", route_handlers=[order_for_member], guards=[authorize], tags=["mall"]
)  # fmt: skip
routes = Router(
    "/v1/mall",
    route_handlers=[
        *mall_items.handlers, *mall_pictures.handlers, *mall_imports.handlers,
        list_mall_orders, get_mall_order, make_ready, collect_order, collect_by_code,
        cancel_mall_order, refund_mall_order,
    ],
    guards=[authorize],
    tags=["mall"],
)  # fmt: skip
