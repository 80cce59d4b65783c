"""The cash part of an order: what a payment, a late one, or none at all makes of it, and cash on its way back.

No network in here: whoever has heard from the provider (`cashier.py`) calls these, in a transaction. Locks in the order
of the house: the payment, the item's stock, the order, the member's balance.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import structlog

from linli import ledger, mall, payments
from linli.kit.db import Connection
from linli.ledger import HoldClosed, HoldLapsed, HoldNotFound, InsufficientPoints, Stamp
from linli.mall import Order
from linli.payments import Payment, PaymentMismatch

Effect: TypeAlias = Literal["captured", "revived", "refunded", "duplicate"]
"""What a payment did: the order is paid; an order whose time was over is paid all the same; the cash goes back;
nothing, since it was told before."""
BY = "system:payment"
_log = structlog.get_logger("linli.pay")


class Paid(NamedTuple):
    """What the provider tells: this much was paid for its number, at that time."""

    out_trade_no: str
    transaction_id: str
    fen: int
    at: datetime


async def apply_paid(conn: Connection, stamp: Stamp, paid: Paid) -> Effect:
    """The money is there: spend the held points and have the order made ready; or have the money given back.

    However often, however late and by whichever way it is told, it happens once. Raises PaymentNotFound,
    PaymentMismatch.
    """
    payment = await payments.get_payment(conn, paid.out_trade_no, lock=True)
    if paid.fen != payment.fen:
        raise PaymentMismatch(expected_fen=payment.fen, paid_fen=paid.fen)
    if payment.state == "paid":
        return "duplicate"
    await payments.note_paid(conn, payment.out_trade_no, paid.transaction_id, paid.at)
    order = await mall.lock_order(conn, payment.member_id, payment.order_id)
    if order.state == "held" and await _spend_held(conn, stamp, order):
        await mall.move_order(conn, order, "paid", "sold", by=BY, at=stamp.at, paid_on=stamp.on)
        return "captured"
    if order.state == "expired" and await _revive(conn, stamp, order):
        await mall.move_order(conn, order, "paid", "sold", by=BY, at=stamp.at, paid_on=stamp.on)
        return "revived"
    if order.state == "held":
        await mall.move_order(conn, order, "expired", "none", by=BY, at=stamp.at)
    _log.warning("paid_in_vain", order_id=str(order.order_id), state=order.state, fen=paid.fen)
    await give_cash_back(conn, stamp, order, f"order {order.state}")
    return "refunded"


async def _spend_held(conn: Connection, stamp: Stamp, order: Order) -> bool:
    """Spend what was held; where that is free again by now, the like of it, if the member still has so much."""
    try:
        await ledger.capture(conn, stamp, order.member_id, order.order_id)
    except (HoldLapsed, HoldClosed, HoldNotFound):
        return await _spend_anew(conn, stamp, order)
    return True


async def _revive(conn: Connection, stamp: Stamp, order: Order) -> bool:
    """Whether what had gone back to the shelf and to the member is still there; the points are spent if it is."""
    left = (await mall.get_item(conn, order.item_id)).stock.left
    return (left is None or left >= order.pieces) and await _spend_anew(conn, stamp, order)


async def _spend_anew(conn: Connection, stamp: Stamp, order: Order) -> bool:
    try:
        await ledger.spend(
            conn, stamp, order.member_id, order.wallet, order.points, order.ledger_id, order_id=order.ledger_id
        )  # fmt: skip
    except InsufficientPoints:
        return False
    return True


async def give_cash_back(conn: Connection, stamp: Stamp, order: Order, reason: str) -> None:
    """Have all the cash of an order given back that was paid; again changes nothing."""
    found = (await payments.of_orders(conn, [(order.member_id, order.order_id)])).get(order.order_id)
    if found is None:
        return
    payment = await payments.get_payment(conn, found.out_trade_no, lock=True)
    if payment.state == "paid" and payment.refunded_fen < payment.fen:
        await payments.want_refund(conn, payment, f"{payment.out_trade_no}R1", payment.fen, reason, stamp.at)
    if payment.state == "unpaid":  # nobody shall pay it any more: the provider is told at once
        await payments.look_at(conn, payment.out_trade_no, stamp.at, looked=False)


async def close(conn: Connection, stamp: Stamp, payment: Payment) -> None:
    """Nobody paid, and nobody can any more: what was held is free again."""
    locked = await payments.get_payment(conn, payment.out_trade_no, lock=True)
    if locked.state == "unpaid":
        await payments.note_closed(conn, payment.out_trade_no)
        await _expire(conn, stamp, payment)


async def give_up(conn: Connection, stamp: Stamp, payment: Payment, look_at: datetime) -> None:
    """The provider does not say whether it was paid, and the points have waited long enough. Asked again it is all
    the same: what is told later finds the order expired."""
    locked = await payments.get_payment(conn, payment.out_trade_no, lock=True)
    if locked.state == "unpaid":
        await payments.look_at(conn, payment.out_trade_no, look_at, looked=True)
        await _expire(conn, stamp, payment)


async def _expire(conn: Connection, stamp: Stamp, payment: Payment) -> None:
    order = await mall.lock_order(conn, payment.member_id, payment.order_id)
    if order.state == "held":
        await mall.move_order(conn, order, "expired", "none", by=BY, at=stamp.at)
        await free_points(conn, stamp, order)


async def lock_order(conn: Connection, member_id: str, order_id: UUID) -> Order:
    """The order with all that it hangs on: its payment, its item's stock. Raises OrderNotFound."""
    if found := (await payments.of_orders(conn, [(member_id, order_id)])).get(order_id):
        await payments.get_payment(conn, found.out_trade_no, lock=True)
    return await mall.lock_order(conn, member_id, order_id)


async def free_points(conn: Connection, stamp: Stamp, order: Order) -> None:
    """What was held for the order is the member's again."""
    try:
        await ledger.release(conn, stamp, order.member_id, order.order_id)
    except HoldClosed:
        pass  # its time was over before anybody looked: the points are back already


async def spent_under(conn: Connection, order: Order) -> str:
    """Under which key the ledger knows the points of a paid order: a hold, or a spending of its own."""
    if order.pay_until is not None:
        hold = await ledger.get_hold(conn, order.member_id, order.order_id)
        if hold.state == "captured":
            return f"hold:{order.order_id}"
    return f"spend:{order.ledger_id}"
