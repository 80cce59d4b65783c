"""卡券: the member's own coupons, and a code that becomes one."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.params import Parameter
from msgspec import Meta

from linli import coupons, members
from linli.api.call import Call, for_members, needs
from linli.api.coupon_views import Coupons, CouponView, coupon_view
from linli.api.paging import decode_cursor, page
from linli.api.strict import NO_NUL, Cursor, Input, Limit, MemberId
from linli.coupons import ISSUE_REFUSALS, ClaimCodeNotFound, ClaimCodeUsed, Coupon, State
from linli.coupons.wallet import LAST
from linli.flows import coupons as flow
from linli.kit.db import Connection
from linli.members import MemberNotFound

InState = Annotated[State | None, Parameter(query="state", description="As they read today.")]
_CLAIM = (MemberNotFound, ClaimCodeNotFound, ClaimCodeUsed, *ISSUE_REFUSALS)


class ClaimCode(Input, frozen=True, kw_only=True):
    """The code as it was typed: small letters, spaces and hyphens do not matter."""

    code: Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_NUL)]


@get("/coupons", opt=for_members(MemberNotFound))
async def list_my_coupons(call: Call, in_state: InState = None, cursor: Cursor = None, limit: Limit = 20) -> Coupons:
    """The member's coupons, newest first; those in a state."""
    before = decode_cursor("me.coupons", cursor, UUID) or LAST
    asked = coupons.Page(call.stamp.on, call.member_id, None, in_state, before)

    async def work(conn: Connection) -> list[Coupon]:
        await members.get_member(conn, call.member_id)
        return await coupons.coupons(conn, asked, limit + 1)

    items, more = page("me.coupons", await call.read(work), limit, lambda one: one.coupon_id)
    return Coupons([coupon_view(one, call.stamp.on) for one in items], more)


@post("/coupons/claim", opt=for_members(*_CLAIM))
async def claim_my_coupon(call: Call, data: ClaimCode) -> CouponView:
    """The coupon of a code. The same code again gives the same coupon."""
    return await _claimed(call, call.member_id, data.code)


@post("/claim", opt=needs("coupons:write", *_CLAIM))
async def claim_coupon(call: Call, member_id: MemberId, data: ClaimCode) -> CouponView:
    """The coupon of a code that the member typed elsewhere. The same code again gives the same coupon."""
    return await _claimed(call, member_id, data.code)


async def _claimed(call: Call, member_id: str, code: str) -> CouponView:
    async def work(conn: Connection) -> Coupon:
        await members.get_member(conn, member_id)
        return await flow.claim(conn, call.stamp, member_id, code)

    return coupon_view(await call.run(work), call.stamp.on)


handlers = [list_my_coupons, claim_my_coupon]
