"""Payments as they are kept: added with their orders, prepaid, paid, closed; notices, each once; refunds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from linli.kit.columns import instants, ints, texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.payments import store
from linli.payments.types import NewPayment, Payment, PaymentNotFound, Refund, RefundState


async def add_payments(conn: Connection, new: Sequence[NewPayment], at: datetime) -> None:
    """Let these be paid, set-wise; they are looked at when their time is over."""
    if not new:
        return
    await conn.execute(
        store.ADD,
        {
            "members": texts(one.member_id for one in new),
            "orders": texts(str(one.order_id) for one in new),
            "numbers": texts(one.out_trade_no for one in new),
            "descriptions": texts(one.description for one in new),
            "fens": ints(one.fen for one in new),
            "untils": instants(one.pay_until for one in new),
            "at": at,
        },
    )


async def of_orders(conn: Connection, orders: Collection[tuple[str, UUID]]) -> dict[UUID, Payment]:
    """Order → its payment, of (member, order) that have one."""
    if not orders:
        return {}
    members, ids = zip(*orders, strict=True)
    rows = await fetch_all(conn, store.OF_ORDERS, {"members": texts(members), "orders": texts(map(str, ids))})
    return {row[1]: Payment(*row) for row in rows}


async def get_payment(conn: Connection, out_trade_no: str, *, lock: bool = False) -> Payment:
    """The payment; with `lock`, nobody else moves it until the transaction ends. Raises PaymentNotFound."""
    row = await fetch_one(conn, store.LOCK if lock else store.OF_NUMBER, {"out_trade_no": out_trade_no})
    if row is None:
        raise PaymentNotFound(order_id=out_trade_no)
    return Payment(*row)


async def note_prepaid(conn: Connection, out_trade_no: str, prepay_id: str, at: datetime) -> None:
    """The provider lets it be paid by this id."""
    await conn.execute(store.PREPAID, {"out_trade_no": out_trade_no, "prepay_id": prepay_id, "at": at})


async def note_paid(conn: Connection, out_trade_no: str, transaction_id: str, paid_at: datetime) -> None:
    """The money is there. The caller holds the payment."""
    row = {"out_trade_no": out_trade_no, "transaction_id": transaction_id, "paid_at": paid_at}
    await conn.execute(store.PAID, row)


async def note_closed(conn: Connection, out_trade_no: str) -> None:
    """The provider lets it be paid no more."""
    await conn.execute(store.CLOSED, {"out_trade_no": out_trade_no})


async def look_at(conn: Connection, out_trade_no: str, at: datetime, *, looked: bool) -> None:
    """Ask the provider then. `looked`: because it could not tell now."""
    await conn.execute(store.LOOK_AT, {"out_trade_no": out_trade_no, "look_at": at, "more": int(looked)})


async def to_look_at(conn: Connection, at: datetime, limit: int) -> list[Payment]:
    """Unpaid ones that the provider is to be asked about, the longest first."""
    return [Payment(*row) for row in await fetch_all(conn, store.TO_LOOK_AT, {"at": at, "limit": limit})]


async def add_notice(
    conn: Connection, notice_id: str, event_type: str, out_trade_no: str, effect: str, told: bytes, at: datetime
) -> bool:
    """Keep a notice and what came of it. False where it had come before."""
    row: dict[str, Any] = {"notice_id": notice_id, "event_type": event_type, "out_trade_no": out_trade_no}
    row |= {"effect": effect, "told": told.decode(), "at": at}
    return await fetch_one(conn, store.ADD_NOTICE, row) is not None


async def effect_of(conn: Connection, notice_id: str) -> str | None:
    """What came of a notice; None where it never came."""
    row = await fetch_one(conn, store.HAS_NOTICE, {"notice_id": notice_id})
    return row[0] if row else None


async def want_refund(
    conn: Connection, payment: Payment, out_refund_no: str, fen: int, reason: str, at: datetime
) -> None:  # fmt: skip
    """Have cash given back; again with the same number is the same refund. The caller holds the payment, paid."""
    row = {"out_refund_no": out_refund_no, "out_trade_no": payment.out_trade_no, "fen": fen, "reason": reason}
    await conn.execute(store.WANT_REFUND, {**row, "at": at})


async def refunds_to_try(conn: Connection, at: datetime, limit: int) -> list[Refund]:
    """Refunds that the provider is to be asked for, or about."""
    return [Refund(*row) for row in await fetch_all(conn, store.REFUNDS_TO_TRY, {"at": at, "limit": limit})]


async def tell_refund(
    conn: Connection, out_refund_no: str, state: RefundState, at: datetime, *, refund_id: str | None = None,
    problem: str | None = None, try_at: datetime | None = None,
) -> bool:  # fmt: skip
    """What became of a refund; `try_at`: when to ask again, where it is not over. False where it was over before."""
    row = {"out_refund_no": out_refund_no, "state": state, "at": at, "refund_id": refund_id, "problem": problem}
    return await fetch_one(conn, store.TELL_REFUND, {**row, "try_at": try_at}) is not None
