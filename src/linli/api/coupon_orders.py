"""Coupons as the order system uses them, for a member: tried on a cart, locked, used, returned."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, post
from msgspec import Meta

from linli import coupons
from linli.api import me_coupons
from linli.api.call import Call, authorize, needs
from linli.api.coupon_views import CouponView, UnfitReason, coupon_view, unfit_reason
from linli.api.strict import NO_NUL, BodyId, Input, MemberId
from linli.coupons import (
    MOST_LINES,
    CartLine,
    CouponExpired,
    CouponNotFound,
    CouponNotLocked,
    CouponNotYetValid,
    CouponTaken,
    CouponUnfit,
    CouponVoid,
    LineDiscount,
    OrderHasCoupon,
    Use,
)
from linli.flows import coupons as flow
from linli.flows.coupons import Fitting
from linli.kit.db import Connection
from linli.kit.errors import Invalid
from linli.members import MemberNotFound
from linli.words.units import MOST_FEN

_Word = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_NUL)]
City = (
    Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_NUL, description="Left out: the member's own.")] | None
)


class CouponLine(Input, frozen=True, kw_only=True):
    """A line of an order: `price_fen` of the whole line. Without a `line_id` it has its number. `tags` and `quantity`
    are for others who are sent the same lines."""

    sku: BodyId
    price_fen: Annotated[int, Meta(ge=1, le=MOST_FEN)]
    line_id: BodyId | None = None
    category: _Word | None = None
    tags: Annotated[tuple[_Word, ...], Meta(max_length=50)] = ()
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)] = 1


Lines = Annotated[list[CouponLine], Meta(min_length=1, max_length=MOST_LINES)]


class CouponCart(Input, frozen=True, kw_only=True):
    """A cart to try coupons on."""

    lines: Lines
    city: City = None


class CouponLock(Input, frozen=True, kw_only=True):
    """An order that the coupon is to be kept for."""

    order_id: BodyId
    lines: Lines
    city: City = None


class CouponOrder(Input, frozen=True, kw_only=True):
    """The order that the coupon is locked for."""

    order_id: BodyId


class LineOff(msgspec.Struct, frozen=True):
    """A line, what the coupon takes off it, and what is left to pay. `counts`: whether the coupon is for such goods."""

    line_id: str
    sku: str
    price_fen: int
    discount_fen: int
    pay_fen: int
    counts: bool


class FittingView(msgspec.Struct, frozen=True):
    """A coupon and what it would take off; or `reason`, why nothing."""

    coupon: CouponView
    discount_fen: int
    missing_fen: int
    lines: list[LineOff]
    reason: UnfitReason | None


class Applicable(msgspec.Struct, frozen=True):
    """The member's coupons on a cart, what takes off most first. `best_coupon_id`: the first, if it takes off any."""

    items: list[FittingView]
    best_coupon_id: UUID | None


class CouponUse(msgspec.Struct, frozen=True):
    """A coupon at an order. `state`: `locked`, `used`, or `returned`, whatever became of the coupon since."""

    coupon: CouponView
    order_id: str
    state: str
    discount_fen: int
    lines: list[LineOff]


@post("/applicable", status_code=200, opt=needs("points:read", MemberNotFound))
async def list_applicable_coupons(call: Call, member_id: MemberId, data: CouponCart) -> Applicable:
    """What each of the member's coupons would take off a cart, line by line, or why nothing."""
    lines = _cart(data.lines)

    async def work(conn: Connection) -> list[Fitting]:
        return await flow.applicable(conn, call.stamp, member_id, lines, data.city)

    found = await call.read(work)
    best = found[0].coupon.coupon_id if found and found[0].fen else None
    return Applicable([_fitting(one, call.stamp.on) for one in found], best)


@post(
    "/{coupon_id:str}/lock",
    status_code=200,
    opt=needs(
        "coupons:write", MemberNotFound, CouponNotFound, CouponVoid, CouponTaken, CouponExpired, CouponNotYetValid,
        CouponUnfit, OrderHasCoupon,
    ),
)  # fmt: skip
async def lock_coupon(call: Call, member_id: MemberId, coupon_id: UUID, data: CouponLock) -> CouponUse:
    """Keep the coupon for an order; what it takes off each line adds up exactly. Sent again it is the same, and with
    other lines of the same order it is reckoned anew until it is used."""
    lines = _cart(data.lines)

    async def work(conn: Connection) -> Use:
        return await flow.lock(conn, call.stamp, member_id, coupon_id, data.order_id, lines, data.city)

    return await _told(call, work)


@post("/{coupon_id:str}/use", status_code=200, opt=needs("coupons:write", CouponNotFound, CouponNotLocked))
async def use_coupon(call: Call, member_id: MemberId, coupon_id: UUID, data: CouponOrder) -> CouponUse:
    """The order is paid: the coupon is used up. Sent again it is the same. A lock outlives the coupon's last date."""

    async def work(conn: Connection) -> Use:
        return await coupons.orders.use(conn, member_id, coupon_id, data.order_id, at=call.stamp.at)

    return await _told(call, work)


@post("/{coupon_id:str}/return", status_code=200, opt=needs("coupons:write", CouponNotFound, CouponNotLocked))
async def return_coupon(call: Call, member_id: MemberId, coupon_id: UUID, data: CouponOrder) -> CouponUse:
    """The order was cancelled or wholly given back: the coupon is the member's again, until its last date. Sent again
    it is the same."""

    async def work(conn: Connection) -> Use:
        return await coupons.orders.give_back(conn, member_id, coupon_id, data.order_id, at=call.stamp.at)

    return await _told(call, work)


async def _told(call: Call, work: Callable[[Connection], Awaitable[Use]]) -> CouponUse:
    found = await call.run(work)
    return CouponUse(
        coupon_view(found.coupon, call.stamp.on), found.order_id, found.state, found.discount_fen,
        list(map(_off, found.lines)),
    )  # fmt: skip


def _cart(lines: list[CouponLine]) -> list[CartLine]:
    """Raises Invalid where two lines have one id."""
    found = [
        CartLine(line.line_id or str(no), line.sku, line.price_fen, line.category) for no, line in enumerate(lines, 1)
    ]  # fmt: skip
    if len({line.line_id for line in found}) < len(found):
        raise Invalid(errors=[{"place": "$.lines", "detail": "two lines have the same `line_id`"}])
    return found


def _fitting(one: Fitting, on: date) -> FittingView:
    found = one.discount
    unfit = found.unfit if one.begun else "not_yet"
    lines = [_off(line if one.begun else msgspec.structs.replace(line, discount_fen=0)) for line in found.lines]
    return FittingView(
        coupon_view(one.coupon, on), one.fen, found.missing_fen, lines,
        unfit_reason(unfit, missing_fen=found.missing_fen, valid_from=one.coupon.valid_from) if unfit else None,
    )  # fmt: skip


def _off(line: LineDiscount) -> LineOff:
    return LineOff(
        line.line_id, line.sku, line.price_fen, line.discount_fen, line.price_fen - line.discount_fen, line.counts
    )  # fmt: skip


routes = Router(
    "/v1/members/{member_id:str}/coupons",
    route_handlers=[list_applicable_coupons, me_coupons.claim_coupon, lock_coupon, use_coupon, return_coupon],
    guards=[authorize],
    tags=["coupons"],
)
