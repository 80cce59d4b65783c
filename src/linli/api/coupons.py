"""Coupons as operators see them: templates, the coupons of all members, those made void."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.params import Parameter

from linli import coupons
from linli.api import coupon_codes, coupon_templates
from linli.api.call import Call, authorize, needs
from linli.api.coupon_views import Coupons, CouponView, coupon_view
from linli.api.paging import decode_cursor, page
from linli.api.strict import NO_NUL, Cursor, Input, Limit, Reason
from linli.coupons import Coupon, CouponNotFound, CouponTaken, State
from linli.coupons.wallet import LAST
from linli.flows import coupons as flow
from linli.kit.db import Connection

OfMember = Annotated[
    str | None, Parameter(query="member_id", min_length=1, max_length=128, pattern=NO_NUL, description="Of a member.")
]
OfTemplate = Annotated[
    str | None,
    Parameter(query="template_id", min_length=1, max_length=64, pattern=NO_NUL, description="Of a template."),
]
InState = Annotated[State | None, Parameter(query="state", description="As they read today.")]


class VoidReason(Input, frozen=True, kw_only=True):
    """Why."""

    reason: Reason


@get("/", opt=needs("points:read"))
async def list_coupons(
    call: Call, of_member: OfMember = None, of_template: OfTemplate = None, in_state: InState = None,
    cursor: Cursor = None, limit: Limit = 20,
) -> Coupons:  # fmt: skip
    """Coupons, newest first; of a member, of a template, in a state."""
    before = decode_cursor("coupons", cursor, UUID) or LAST
    asked = coupons.Page(call.stamp.on, of_member, of_template, in_state, before)

    async def work(conn: Connection) -> list[Coupon]:
        return await coupons.coupons(conn, asked, limit + 1)

    items, more = page("coupons", await call.run(work), limit, lambda one: one.coupon_id)
    return Coupons([coupon_view(one, call.stamp.on) for one in items], more)


@get("/{coupon_id:str}", opt=needs("points:read", CouponNotFound))
async def get_coupon(call: Call, coupon_id: UUID) -> CouponView:
    """One coupon."""

    async def work(conn: Connection) -> Coupon:
        return await coupons.get(conn, await coupons.owner(conn, coupon_id), coupon_id)

    return coupon_view(await call.run(work), call.stamp.on)


@post("/{coupon_id:str}/void", status_code=200, opt=needs("coupons:write", CouponNotFound, CouponTaken))
async def void_coupon(call: Call, coupon_id: UUID, data: VoidReason) -> CouponView:
    """Take back a coupon that is not used: its piece and its part of the budget are free again."""

    async def work(conn: Connection) -> Coupon:
        await call.note(conn, "coupon.void", str(coupon_id), data.reason)
        member_id = await coupons.owner(conn, coupon_id)
        return await flow.void(conn, call.stamp, member_id, coupon_id, data.reason)

    return coupon_view(await call.run(work), call.stamp.on)


templates = Router(
    "/v1/coupons/templates",
    route_handlers=[*coupon_templates.handlers, *coupon_codes.of_templates],
    guards=[authorize],
    tags=["coupons"],
)
routes = Router(
    "/v1/coupons",
    route_handlers=[list_coupons, coupon_codes.export_coupons, get_coupon, void_coupon],
    guards=[authorize],
    tags=["coupons"],
)
