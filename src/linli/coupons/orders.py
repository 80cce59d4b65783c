"""A coupon on its way through an order: locked when it is made, used when it is paid, returned when it is not to be.

Each step may be asked for again and changes nothing then; a step of another order, of another's coupon, or out of turn
is refused. The coupon's row is locked first, its template's counts last.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from linli.coupons import store
from linli.coupons.discount import CartLine, LineDiscount, discount
from linli.coupons.refusals import (
    CouponExpired,
    CouponNotLocked,
    CouponNotYetValid,
    CouponTaken,
    CouponUnfit,
    CouponVoid,
    OrderHasCoupon,
)
from linli.coupons.types import Coupon
from linli.coupons.wallet import get
from linli.kit.db import Connection, fetch_one

_encode = msgspec.json.Encoder().encode


class Use(msgspec.Struct, frozen=True):
    """A coupon at an order, and what it takes off each line. `state`: of the use."""

    coupon: Coupon
    order_id: str
    state: str
    discount_fen: int
    lines: list[LineDiscount]


class _Place(NamedTuple):
    """Which coupon, at which order."""

    member_id: str
    coupon_id: UUID
    order_id: str


async def lock(
    conn: Connection, member_id: str, coupon_id: UUID, order_id: str, lines: Sequence[CartLine], city: str | None,
    *, at: datetime, on: date,
) -> Use:  # fmt: skip
    """Keep the coupon for an order; while it is locked, other lines of the same order change what it takes off.

    The caller holds the member's lock: so of two coupons for one order the second finds the first.
    Raises CouponNotFound, CouponVoid, CouponTaken, CouponExpired, CouponNotYetValid, CouponUnfit, OrderHasCoupon.
    """
    coupon = await get(conn, member_id, coupon_id, lock=True)
    place = _Place(member_id, coupon_id, order_id)
    if coupon.stored == "used" and coupon.order_id == order_id:
        return await _use(conn, coupon, place)
    _require_free(coupon, order_id, on)
    other = await fetch_one(conn, store.OF_ORDER, {"member_id": member_id, "order_id": order_id})
    if other is not None and other[0] != coupon_id:
        raise OrderHasCoupon(order_id=order_id, coupon_id=str(other[0]))
    found = discount(coupon.terms, lines, city)
    if found.unfit:
        raise CouponUnfit(
            coupon_id=str(coupon_id), reason=found.unfit, threshold_fen=coupon.terms.threshold_fen,
            eligible_fen=found.eligible_fen, missing_fen=found.missing_fen,
        )  # fmt: skip
    await _change(conn, place, "locked", order_id, found.discount_fen, at)
    row = {**place._asdict(), "discount_fen": found.discount_fen, "lines": _encode(found.lines).decode(), "at": at}
    await conn.execute(store.LOCK_USE, row)
    return await _use(conn, await get(conn, member_id, coupon_id), place)


async def use(conn: Connection, member_id: str, coupon_id: UUID, order_id: str, *, at: datetime) -> Use:
    """The order is paid. A lock is honoured after the coupon's last date: the order was made in time.

    Raises CouponNotFound, CouponNotLocked.
    """
    coupon = await get(conn, member_id, coupon_id, lock=True)
    place = _Place(member_id, coupon_id, order_id)
    if coupon.order_id != order_id:
        raise _not_locked(coupon, order_id)
    if coupon.stored == "locked":
        assert coupon.discount_fen is not None, "it is locked"
        await _change(conn, place, "used", order_id, coupon.discount_fen, at)
        await conn.execute(store.END_USE, {**place._asdict(), "state": "used", "at": at})
        await _count(conn, coupon, 1)
    return await _use(conn, await get(conn, member_id, coupon_id), place)


async def give_back(conn: Connection, member_id: str, coupon_id: UUID, order_id: str, *, at: datetime) -> Use:
    """The order was cancelled, or wholly given back: the coupon is the member's again, until its last date.

    Raises CouponNotFound, CouponNotLocked where it never was locked for this order.
    """
    coupon = await get(conn, member_id, coupon_id, lock=True)
    place = _Place(member_id, coupon_id, order_id)
    if coupon.order_id == order_id:
        if coupon.stored == "used":
            await _count(conn, coupon, -1)
        await _change(conn, place, "issued", None, None, at)
        await conn.execute(store.END_USE, {**place._asdict(), "state": "returned", "at": at})
        coupon = await get(conn, member_id, coupon_id)
    return await _use(conn, coupon, place)


def _require_free(coupon: Coupon, order_id: str, on: date) -> None:
    name = str(coupon.coupon_id)
    if coupon.stored == "void":
        raise CouponVoid(coupon_id=name)
    if coupon.stored != "issued":
        if coupon.order_id != order_id:
            raise CouponTaken(coupon_id=name, state=coupon.stored, order_id=coupon.order_id)
        return  # locked for this very order: in time, when it was
    if on > coupon.valid_until:
        raise CouponExpired(coupon_id=name, valid_until=coupon.valid_until.isoformat())
    if on < coupon.valid_from:
        raise CouponNotYetValid(coupon_id=name, valid_from=coupon.valid_from.isoformat())


def _not_locked(coupon: Coupon, order_id: str) -> CouponNotLocked:
    return CouponNotLocked(coupon_id=str(coupon.coupon_id), order_id=order_id, state=coupon.stored)


async def _use(conn: Connection, coupon: Coupon, place: _Place) -> Use:
    row = await fetch_one(conn, store.USE, place._asdict())
    if row is None:
        raise _not_locked(coupon, place.order_id)
    state, fen, lines = row
    return Use(coupon, place.order_id, state, fen, msgspec.json.decode(lines, type=list[LineDiscount]))


async def _change(
    conn: Connection, place: _Place, state: str, order_id: str | None, fen: int | None, at: datetime
) -> None:  # fmt: skip
    change = {"state": state, "order_id": order_id, "discount_fen": fen, "reason": None, "at": at}
    await conn.execute(store.CHANGE_COUPON, {**place._asdict(), **change})


async def _count(conn: Connection, coupon: Coupon, sign: int) -> None:
    row = {"template_id": coupon.template_id, "used": sign, "used_fen": sign * (coupon.discount_fen or 0)}
    await conn.execute(store.COUNT_USED, row)
