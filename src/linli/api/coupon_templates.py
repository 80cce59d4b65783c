"""Templates of coupons, as operators write, open and close them; codes by which members claim."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from litestar import delete, get, post, put
from litestar.params import Parameter
from msgspec import Meta

from linli import coupons
from linli.api.call import Call, needs
from linli.api.coupon_views import CouponTemplate, CouponTemplates, template_view
from linli.api.paging import decode_cursor, page
from linli.api.strict import NO_NUL, Cursor, Limit
from linli.coupons import (
    ClaimCodeTaken,
    Template,
    TemplateChanged,
    TemplateExists,
    TemplateNotFound,
    TemplateNotOpen,
    TemplateState,
    Terms,
    TermsFixed,
)
from linli.kit.db import Connection

TemplateId = Annotated[str, Parameter(min_length=1, max_length=64, pattern=NO_NUL, description="A template.")]
InState = Annotated[TemplateState | None, Parameter(query="state", description="Those in this state.")]
_NEWEST = (datetime(9999, 1, 1, tzinfo=UTC), "")


class NewTemplate(Terms, frozen=True, kw_only=True):
    """A template to be. `template_id`, by which the programme and the mall name it; left out, one is made."""

    template_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$(?!\n)")] | None = None


class TemplateEdit(Terms, frozen=True, kw_only=True):
    """Other terms, for the revision that the caller has seen."""

    revision: Annotated[int, Meta(ge=1, le=2**31 - 1)]


def _terms(data: Terms) -> Terms:
    return Terms(**{name: getattr(data, name) for name in Terms.__struct_fields__})


@get("/", opt=needs("points:read"))
async def list_coupon_templates(
    call: Call, in_state: InState = None, cursor: Cursor = None, limit: Limit = 20
) -> CouponTemplates:
    """Templates, newest first."""
    before = decode_cursor("coupon.templates", cursor, tuple[datetime, str]) or _NEWEST

    async def work(conn: Connection) -> list[Template]:
        return await coupons.templates(conn, state=in_state, before=before, limit=limit + 1)

    items, more = page("coupon.templates", await call.run(work), limit, lambda one: (one.created_at, one.template_id))
    return CouponTemplates([template_view(one) for one in items], more)


@post("/", opt=needs("coupons:write", TemplateExists, ClaimCodeTaken))
async def add_coupon_template(call: Call, data: NewTemplate) -> CouponTemplate:
    """A draft: it issues nothing before it is opened."""

    async def work(conn: Connection) -> Template:
        made = await coupons.add(conn, data.template_id, _terms(data), by=call.caller.name, at=call.stamp.at)
        await call.note(conn, "coupon_template.add", made.template_id, made.terms.title.zh)
        return made

    return template_view(await call.run(work))


@get("/{template_id:str}", opt=needs("points:read", TemplateNotFound))
async def get_coupon_template(call: Call, template_id: TemplateId) -> CouponTemplate:
    """One template."""

    async def work(conn: Connection) -> Template:
        return await coupons.get_template(conn, template_id)

    return template_view(await call.run(work))


@put(
    "/{template_id:str}",
    opt=needs("coupons:write", TemplateNotFound, TemplateChanged, TermsFixed, ClaimCodeTaken),
)
async def edit_coupon_template(call: Call, template_id: TemplateId, data: TemplateEdit) -> CouponTemplate:
    """Other terms. Once it was open: `title`, `pieces`, `budget_fen`, `per_member` alone, none below what is issued."""

    async def work(conn: Connection) -> Template:
        await call.note(conn, "coupon_template.edit", template_id, data.title.zh)
        return await coupons.edit(
            conn, template_id, data.revision, _terms(data), by=call.caller.name, at=call.stamp.at
        )  # fmt: skip

    return template_view(await call.run(work))


@delete("/{template_id:str}", opt=needs("coupons:write", TemplateNotFound, TermsFixed))
async def delete_coupon_template(call: Call, template_id: TemplateId) -> None:
    """Throw a draft away."""

    async def work(conn: Connection) -> None:
        await call.note(conn, "coupon_template.delete", template_id, "")
        await coupons.delete(conn, template_id)

    await call.run(work)


@post("/{template_id:str}/open", status_code=200, opt=needs("coupons:write", TemplateNotFound))
async def open_coupon_template(call: Call, template_id: TemplateId) -> CouponTemplate:
    """Let it issue coupons. From now on what they are worth stays as it is."""
    return await _move(call, template_id, "open")


@post("/{template_id:str}/close", status_code=200, opt=needs("coupons:write", TemplateNotFound, TemplateNotOpen))
async def close_coupon_template(call: Call, template_id: TemplateId) -> CouponTemplate:
    """Let it issue no more. What is issued stays good."""
    return await _move(call, template_id, "closed")


async def _move(call: Call, template_id: str, state: TemplateState) -> CouponTemplate:
    async def work(conn: Connection) -> Template:
        moved = await coupons.move(conn, template_id, state, at=call.stamp.at)
        await call.note(conn, f"coupon_template.{'open' if state == 'open' else 'close'}", template_id, "")
        return moved

    return template_view(await call.run(work))


handlers = [
    list_coupon_templates, add_coupon_template, get_coupon_template, edit_coupon_template, delete_coupon_template,
    open_coupon_template, close_coupon_template,
]  # fmt: skip
