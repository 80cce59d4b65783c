"""Single postings that put something right: refunds of spending, reversals of grants, adjustments."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, post
from msgspec import Meta

from linli import ledger
from linli.api.call import Call, UnknownWallet, authorize, needs
from linli.api.idempotent import IdempotencyKey, IdempotencyKeyMissing, key_of, once
from linli.api.strict import BodyKey, BodyPoints, BodyWallet, Input, MemberId, Reason
from linli.corrections import ApprovalNeeded
from linli.flows.deduct_back import OfDeduction, require_no_deduction
from linli.flows.mall_fulfil import require_no_order
from linli.flows.publish import NoProgramme
from linli.kit.clock import add_months
from linli.kit.db import Connection
from linli.kit.errors import Invalid, KeyReused
from linli.ledger import (
    GrantNotFound,
    HoldNotFound,
    InsufficientPoints,
    RefundTooLarge,
    ReverseTooLarge,
    SpendingNotFound,
)
from linli.mall import OfMallOrder
from linli.members import MemberNotFound
from linli.rules import Programme
from linli.words.units import MOST_POINTS

SignedPoints = Annotated[
    int, Meta(ge=-MOST_POINTS, le=MOST_POINTS, description="Points to add (> 0) or to take (< 0); never 0.")
]
_WRITE = (MemberNotFound, KeyReused, IdempotencyKeyMissing)


class Refund(Input, frozen=True, kw_only=True):
    """Spent points to give back: of a captured hold, or of a spending by its key in the statement; one of the two."""

    hold_id: UUID | None = None
    spending_key: BodyKey | None = None
    wallet: BodyWallet = "points"
    points: BodyPoints | None = None
    reason: Reason | None = None


class Reversal(Input, frozen=True, kw_only=True):
    """A grant to undo, or a part of it."""

    grant_key: BodyKey
    points: BodyPoints | None = None
    reason: Reason


class Adjustment(Input, frozen=True, kw_only=True):
    """Points to add or to take. `expires_on` is for added points; left out, the programme's validity holds."""

    points: SignedPoints
    wallet: BodyWallet = "points"
    reason: Reason
    expires_on: date | None = None


class Posted(msgspec.Struct, frozen=True):
    """What was done: points moved, and what can be spent afterwards."""

    wallet: str
    points: int
    available: int


class Reversed(msgspec.Struct, frozen=True):
    """How many points of the grant were undone."""

    grant_key: str
    points: int


@post(
    "/refunds",
    opt=needs(
        "points:write",
        *_WRITE,
        HoldNotFound,
        SpendingNotFound,
        RefundTooLarge,
        OfDeduction,
        OfMallOrder,
        NoProgramme,
        idempotent=True,
    ),
)
async def refund_spending(
    call: Call, member_id: MemberId, data: Refund, idempotency_key: IdempotencyKey = None
) -> Response[Posted]:
    """Give spent points back to the lots that they came from; left out, `points` is all that is left."""
    if (data.hold_id is None) == (data.spending_key is None):
        raise Invalid(errors=[{"place": "$", "detail": "name `hold_id` or `spending_key`, one of the two"}])
    key = key_of(idempotency_key)

    async def work(conn: Connection) -> Posted:
        await require_no_deduction(conn, member_id, hold_id=data.hold_id, spending_key=data.spending_key)
        await require_no_order(conn, member_id, hold_id=data.hold_id, spending_key=data.spending_key)
        wallet, use_key, order_id = data.wallet, f"spend:{data.spending_key}", None
        if data.hold_id is not None:
            found = await ledger.get_hold(conn, member_id, data.hold_id)
            wallet, use_key, order_id = found.wallet, f"hold:{found.hold_id}", found.order_id
        compiled = await call.programme(conn)
        points, account = await ledger.refund(
            conn, call.stamp, member_id, wallet, use_key, data.points, f"refund:{key}", order_id=order_id,
            reason=data.reason, lapsed_grace_days=compiled.programme.lapsed_grace_days,
        )  # fmt: skip
        return Posted(wallet, points, account.spendable)

    return await once(call, member_id, key, ("refund", data), work)


@post(
    "/reversals",
    opt=needs("points:adjust", *_WRITE, GrantNotFound, ReverseTooLarge, ApprovalNeeded, NoProgramme, idempotent=True),
)
async def reverse_grant(
    call: Call, member_id: MemberId, data: Reversal, idempotency_key: IdempotencyKey = None
) -> Response[Reversed]:
    """Undo a grant, or a part of it. Points that are no longer there become debt, which later earnings repay."""
    key = key_of(idempotency_key)

    async def work(conn: Connection) -> Reversed:
        points = await ledger.reverse(
            conn, call.stamp, member_id, data.grant_key, data.points, f"reversal:{key}", reason=data.reason
        )
        _require_few((await call.programme(conn)).programme, points)
        return Reversed(data.grant_key, points)

    return await once(call, member_id, key, ("reverse", data), work)


@post(
    "/adjustments",
    opt=needs(
        "points:adjust", *_WRITE, InsufficientPoints, UnknownWallet, NoProgramme, ApprovalNeeded, idempotent=True
    ),
)
async def adjust_points(
    call: Call, member_id: MemberId, data: Adjustment, idempotency_key: IdempotencyKey = None
) -> Response[Posted]:
    """Correct a balance by hand, with a reason that stands in the statement."""
    if not data.points:
        raise Invalid(errors=[{"place": "$.points", "detail": "an adjustment changes something: not 0"}])
    if data.expires_on is not None and (data.points < 0 or data.expires_on <= call.stamp.on):
        detail = "only added points expire, and on a date to come"
        raise Invalid(errors=[{"place": "$.expires_on", "detail": detail}])
    key = key_of(idempotency_key)

    async def work(conn: Connection) -> Posted:
        compiled = await call.require_wallet(conn, data.wallet)
        _require_few(compiled.programme, data.points)
        expires_on = data.expires_on or add_months(call.stamp.on, compiled.programme.validity_months)
        account = await ledger.adjust(
            conn, call.stamp, member_id, data.wallet, data.points, f"adjustment:{key}", reason=data.reason,
            expires_on=expires_on,
        )  # fmt: skip
        return Posted(data.wallet, data.points, account.spendable)

    return await once(call, member_id, key, ("adjust", data), work)


def _require_few(programme: Programme, points: int) -> None:
    """Raises ApprovalNeeded: more than this is a correction, which a second person approves."""
    if abs(points) > programme.correction_approval_points:
        raise ApprovalNeeded(points=abs(points), approval_points=programme.correction_approval_points)


routes = Router(
    "/v1/members/{member_id:str}",
    route_handlers=[refund_spending, reverse_grant, adjust_points],
    guards=[authorize],
    tags=["postings"],
)
