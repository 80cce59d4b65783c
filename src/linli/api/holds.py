"""Holds: points reserved for an order that is not paid yet, then captured or released."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.params import Parameter
from msgspec import Meta
from uuid_utils.compat import uuid7

from linli import ledger, members
from linli.api.call import Call, UnknownWallet, authorize, needs
from linli.api.idempotent import IdempotencyKey, IdempotencyKeyMissing, digest_of, key_of, once
from linli.api.paging import decode_cursor, page
from linli.api.strict import BodyId, BodyPoints, BodyWallet, Cursor, Input, Limit, MemberId, Reason
from linli.flows import redeem
from linli.flows.deduct_back import OfDeduction, require_no_deduction
from linli.flows.mall_fulfil import require_no_order
from linli.flows.publish import NoProgramme
from linli.kit.db import Connection
from linli.kit.errors import KeyReused
from linli.ledger import CaptureTooLarge, Hold, HoldClosed, HoldLapsed, HoldNotFound, InsufficientPoints
from linli.mall import OfMallOrder
from linli.members import MemberNotFound

HoldIn = Annotated[Literal["held", "captured", "released"] | None, Parameter(query="state")]
Seconds = Annotated[int, Meta(ge=1, le=31 * 86_400, description="Time to live; left out, the programme's.")]


class NewHold(Input, frozen=True, kw_only=True):
    """Points to reserve."""

    points: BodyPoints
    wallet: BodyWallet = "points"
    order_id: BodyId | None = None
    reason: Reason | None = None
    ttl_seconds: Seconds | None = None


class Capture(Input, frozen=True, kw_only=True):
    """How many of the held points to spend; left out, all. The rest goes back to the member."""

    points: BodyPoints | None = None


class Holds(msgspec.Struct, frozen=True):
    """A page of holds, newest first."""

    items: list[Hold]
    next_cursor: str | None


_WRITE = (MemberNotFound, KeyReused)
_CLOSE = (HoldNotFound, HoldClosed, OfDeduction, OfMallOrder)


@post(
    "/",
    opt=needs(
        "points:write", *_WRITE, InsufficientPoints, UnknownWallet, NoProgramme, IdempotencyKeyMissing, idempotent=True
    ),
)
async def create_hold(
    call: Call, member_id: MemberId, data: NewHold, idempotency_key: IdempotencyKey = None
) -> Response[Hold]:
    """Reserve points until they are captured or released, or the time is over."""

    async def work(conn: Connection) -> Hold:
        compiled = await call.require_wallet(conn, data.wallet)
        seconds = data.ttl_seconds or compiled.programme.hold_minutes * 60
        return await ledger.hold(
            conn, call.stamp, member_id, data.wallet, data.points, uuid7(),
            call.stamp.at + timedelta(seconds=seconds), order_id=data.order_id, reason=data.reason,
        )  # fmt: skip

    return await once(call, member_id, key_of(idempotency_key), ("hold", data), work)


@get("/", opt=needs("points:read", MemberNotFound))
async def list_holds(
    call: Call, member_id: MemberId, in_state: HoldIn = None,
    cursor: Cursor = None, limit: Limit = 20,
) -> Holds:  # fmt: skip
    """The member's holds, newest first."""
    before = decode_cursor("holds", cursor, UUID)

    async def work(conn: Connection) -> list[Hold]:
        await members.get_member(conn, member_id)
        return await ledger.holds(conn, member_id, state=in_state, before=before, limit=limit + 1)

    return Holds(*page("holds", await call.run(work), limit, lambda hold: hold.hold_id))


@get("/{hold_id:str}", opt=needs("points:read", MemberNotFound, HoldNotFound))
async def get_hold(call: Call, member_id: MemberId, hold_id: UUID) -> Hold:
    """One hold."""

    async def work(conn: Connection) -> Hold:
        await members.get_member(conn, member_id)
        return await ledger.get_hold(conn, member_id, hold_id)

    return await call.run(work)


@post(
    "/{hold_id:str}/capture",
    status_code=200,
    opt=needs("points:write", *_WRITE, *_CLOSE, HoldLapsed, CaptureTooLarge, NoProgramme),
)
async def capture_hold(
    call: Call, member_id: MemberId, hold_id: UUID, data: Capture | None = None, idempotency_key: IdempotencyKey = None
) -> Response[Hold]:
    """Spend the held points, or a part of them. Points that lapsed while they were held are honoured."""
    points = data.points if data else None
    request = ("capture", hold_id, points)

    async def work(conn: Connection) -> Hold:
        await require_no_deduction(conn, member_id, hold_id=hold_id)
        await require_no_order(conn, member_id, hold_id=hold_id)
        compiled = await call.programme_of(conn, member_id)
        return await redeem.capture(conn, call.stamp, compiled, member_id, hold_id, points)

    # Without a key of the caller's: another number of points is another request, and finds the hold closed.
    key = key_of(idempotency_key, f"capture:{hold_id}:{digest_of(*request).hex()}")
    return await once(call, member_id, key, request, work, status=200)


@post("/{hold_id:str}/release", status_code=200, opt=needs("points:write", *_WRITE, *_CLOSE))
async def release_hold(
    call: Call, member_id: MemberId, hold_id: UUID, idempotency_key: IdempotencyKey = None
) -> Response[Hold]:
    """Give the held points back."""

    async def work(conn: Connection) -> Hold:
        await require_no_deduction(conn, member_id, hold_id=hold_id)
        await require_no_order(conn, member_id, hold_id=hold_id)
        released, _ = await ledger.release(conn, call.stamp, member_id, hold_id)
        return released

    key = key_of(idempotency_key, f"release:{hold_id}")
    return await once(call, member_id, key, ("release", hold_id), work, status=200)


routes = Router(
    "/v1/members/{member_id:str}/holds",
    route_handlers=[create_hold, list_holds, get_hold, capture_hold, release_hold],
    guards=[authorize],
    tags=["holds"],
)
