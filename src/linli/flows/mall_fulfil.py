"""What becomes of an order of the mall: made ready, collected, cancelled, refunded. Twice is once.

Locks in the order of the house: the item's stock, the order, the member's balance.
"""

from __future__ import annotations

from uuid import UUID

from linli import ledger, mall
from linli.kit.db import Connection
from linli.ledger import HoldClosed, Stamp
from linli.mall import CodeUnknown, Order, OrderInState


async def ready(conn: Connection, stamp: Stamp, order_id: UUID, *, by: str) -> Order:
    """It lies at the pickup point. Raises OrderNotFound, OrderInState."""
    order = await _locked(conn, await mall.owner_of(conn, order_id), order_id)
    if order.state == "ready":
        return order
    return await mall.move_order(conn, order, "ready", order.stock, by=by, at=stamp.at)


async def collect(conn: Connection, stamp: Stamp, code: str, *, by: str, order_id: UUID | None = None) -> Order:
    """Whoever shows its code takes it away. Raises CodeUnknown, also where it is not `order_id`'s; OrderInState."""
    member_id, of_code = await mall.of_code(conn, code)
    if order_id is not None and of_code != order_id:
        raise CodeUnknown
    order = await _locked(conn, member_id, of_code)
    if order.state == "collected":
        return order
    return await mall.move_order(conn, order, "collected", order.stock, by=by, at=stamp.at)


async def cancel_own(
    conn: Connection, stamp: Stamp, member_id: str, order_id: UUID, *, by: str, lapsed_grace_days: int
) -> Order:
    """As its member: as long as its item lets them. Raises OrderNotFound, OrderInState."""
    order = await _locked(conn, member_id, order_id)
    if order.state == "cancelled":
        return order
    if not mall.may_cancel(order):
        raise OrderInState(state=order.state)
    return await _undo(conn, stamp, order, "cancelled", by=by, lapsed_grace_days=lapsed_grace_days)


async def cancel(conn: Connection, stamp: Stamp, order_id: UUID, *, by: str, lapsed_grace_days: int) -> Order:
    """As the shop: as long as it was not collected. Raises OrderNotFound, OrderInState."""
    order = await _locked(conn, await mall.owner_of(conn, order_id), order_id)
    if order.state == "cancelled":
        return order
    return await _undo(conn, stamp, order, "cancelled", by=by, lapsed_grace_days=lapsed_grace_days)


async def refund(conn: Connection, stamp: Stamp, order_id: UUID, *, by: str, lapsed_grace_days: int) -> Order:
    """Give all back, whether it was collected or not; what was collected does not come back into stock.

    Raises OrderNotFound, OrderInState.
    """
    order = await _locked(conn, await mall.owner_of(conn, order_id), order_id)
    if order.state == "refunded":
        return order
    return await _undo(conn, stamp, order, "refunded", by=by, lapsed_grace_days=lapsed_grace_days)


async def _locked(conn: Connection, member_id: str, order_id: UUID) -> Order:
    found = await mall.get_order(conn, member_id, order_id)
    await mall.lock_stocks(conn, [found.item_id])
    return await mall.get_order(conn, member_id, order_id, lock=True)


async def _undo(
    conn: Connection, stamp: Stamp, order: Order, state: mall.OrderState, *, by: str, lapsed_grace_days: int
) -> Order:
    stock: mall.StockUse = "sold" if order.state == "collected" else "none"
    moved = await mall.move_order(conn, order, state, stock, by=by, at=stamp.at)
    await give_points_back(conn, stamp, order, lapsed_grace_days=lapsed_grace_days)
    return moved


async def give_points_back(conn: Connection, stamp: Stamp, order: Order, *, lapsed_grace_days: int) -> None:
    """What the order, as it stood, held or spent goes back to where it came from."""
    if not order.points:
        return
    if order.state == "held":
        try:
            await ledger.release(conn, stamp, order.member_id, order.order_id)
        except HoldClosed:
            pass  # its time was over before anybody looked: the points are back already
        return
    await ledger.refund(
        conn, stamp, order.member_id, order.wallet, order.use_key, None, f"{order.ledger_id}:back",
        order_id=order.ledger_id, lapsed_grace_days=lapsed_grace_days,
    )  # fmt: skip
