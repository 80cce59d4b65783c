"""What becomes of an order of the mall: made ready, collected, cancelled, refunded. Twice is once.

Locks in the order of the house: a coupon's template, the payment, the item's stock, the order, the member's balance.
"""

from __future__ import annotations

from typing import Literal, NamedTuple
from uuid import UUID

from linli import ledger, mall
from linli.flows import coupons, pay
from linli.kit.db import Connection
from linli.ledger import Stamp
from linli.mall import CodeUnknown, Order, OrderInState


class Undo(NamedTuple):
    """What an order that is undone becomes, by whom and why."""

    state: Literal["cancelled", "refunded"]
    by: str
    reason: str
    lapsed_grace_days: int


async def require_no_order(
    conn: Connection, member_id: str, *, hold_id: UUID | None = None, spending_key: str | None = None
) -> None:
    """Raises OfMallOrder where the hold or the spending is an order's of the mall."""
    try:
        order_id = hold_id or UUID((spending_key or "").removeprefix("mall:"))
        found = await mall.get_order(conn, member_id, order_id)
    except (ValueError, mall.OrderNotFound):
        return
    raise mall.OfMallOrder(order_id=str(found.order_id))


async def ready(conn: Connection, stamp: Stamp, order_id: UUID, *, by: str) -> Order:
    """It lies at the pickup point. Raises OrderNotFound, OrderInState."""
    order = await mall.lock_order(conn, await mall.owner_of(conn, order_id), order_id)
    if order.state == "ready":
        return order
    return await mall.move_order(conn, order, "ready", order.stock, by=by, at=stamp.at)


async def collect(conn: Connection, stamp: Stamp, code: str, *, by: str, order_id: UUID | None = None) -> Order:
    """Whoever shows its code takes it away. Raises CodeUnknown, also where it is not `order_id`'s; OrderInState."""
    member_id, of_code = await mall.of_code(conn, code)
    if order_id is not None and of_code != order_id:
        raise CodeUnknown
    order = await mall.lock_order(conn, member_id, of_code)
    if order.state == "collected":
        return order
    return await mall.move_order(conn, order, "collected", order.stock, by=by, at=stamp.at)


async def cancel_own(
    conn: Connection, stamp: Stamp, member_id: str, order_id: UUID, *, by: str, lapsed_grace_days: int
) -> Order:
    """As its member: as long as its item lets them. Raises OrderNotFound, OrderInState."""
    order = await pay.lock_order(conn, member_id, order_id)
    if order.state == "cancelled":
        return order
    if not mall.may_cancel(order):
        raise OrderInState(state=order.state)
    return await _undo(conn, stamp, order, Undo("cancelled", by, "cancelled", lapsed_grace_days))


async def undo(conn: Connection, stamp: Stamp, order_id: UUID, undo: Undo) -> Order:
    """As the shop: cancel what was not collected, or refund whatever it is; what was collected does not come back into
    stock. A coupon must not be used yet.

    Raises OrderNotFound, OrderInState, CouponTaken.
    """
    member_id = await mall.owner_of(conn, order_id)
    found = await mall.get_order(conn, member_id, order_id)
    if found.coupon_id is not None and undo.state == "refunded":
        await coupons.void(conn, stamp, member_id, UUID(found.coupon_id), undo.reason)
    order = await pay.lock_order(conn, member_id, order_id)
    return order if order.state == undo.state else await _undo(conn, stamp, order, undo)


async def _undo(conn: Connection, stamp: Stamp, order: Order, undo: Undo) -> Order:
    gone = order.state == "collected" and order.coupon_id is None
    moved = await mall.move_order(conn, order, undo.state, "sold" if gone else "none", by=undo.by, at=stamp.at)
    await _give_points_back(conn, stamp, order, undo.lapsed_grace_days)
    await pay.give_cash_back(conn, stamp, order, undo.reason)
    return moved


async def _give_points_back(conn: Connection, stamp: Stamp, order: Order, lapsed_grace_days: int) -> None:
    """What the order, as it stood, held or spent goes back to where it came from."""
    if not order.points:
        return
    if order.state == "held":
        await pay.free_points(conn, stamp, order)
        return
    await ledger.refund(
        conn, stamp, order.member_id, order.wallet, await pay.spent_under(conn, order), None,
        f"{order.ledger_id}:back", order_id=order.ledger_id, lapsed_grace_days=lapsed_grace_days,
    )  # fmt: skip
