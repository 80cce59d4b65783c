"""Single codes of a template: made, listed, exported; and coupons as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import Parameter
from litestar.response import Stream
from msgspec import Meta

from linli import coupons
from linli.api.call import Call, needs
from linli.api.paging import decode_cursor, page
from linli.api.strict import NO_NUL, Cursor, Input, Limit
from linli.coupons import Coupon, SingleCode, State, Template, TemplateNotFound, WithoutSingleCodes
from linli.coupons.wallet import LAST
from linli.kit.clock import BusinessCalendar
from linli.kit.db import Connection

MOST_CODES = 10_000
CSV = "text/csv"
SENDS = {"sends": CSV}
_PART = 2_000
_CODES = ("code", "made_at", "claimed_at", "member_id", "coupon_id")
_COUPONS = (
    "coupon_id", "code", "template_id", "title", "member_id", "state", "valid_from", "valid_until", "order_id",
    "discount_fen", "source", "issued_at",
)  # fmt: skip
# A spreadsheet would take such a cell for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
TemplateId = Annotated[str, Parameter(min_length=1, max_length=64, pattern=NO_NUL, description="A template.")]
Claimed = Annotated[bool | None, Parameter(query="claimed", description="Whether somebody has claimed by it.")]
OfMember = Annotated[
    str | None, Parameter(query="member_id", min_length=1, max_length=128, pattern=NO_NUL, description="Of a member.")
]
OfTemplate = Annotated[
    str | None,
    Parameter(query="template_id", min_length=1, max_length=64, pattern=NO_NUL, description="Of a template."),
]
InState = Annotated[State | None, Parameter(query="state", description="As they read today.")]


class NewCodes(Input, frozen=True, kw_only=True):
    """So many codes to make."""

    number: Annotated[int, Meta(ge=1, le=MOST_CODES)]


class CodeView(msgspec.Struct, frozen=True):
    """A code for one member, and who has claimed by it."""

    code: str
    made_by: str
    made_at: datetime
    claimed_at: datetime | None
    member_id: str | None
    coupon_id: UUID | None


class Codes(msgspec.Struct, frozen=True):
    """A page of codes, in order. `codes` and `claimed`: of the template, all in all."""

    items: list[CodeView]
    next_cursor: str | None
    codes: int
    claimed: int


class MadeCodes(msgspec.Struct, frozen=True):
    """New codes, in order."""

    codes: list[str]


@post("/{template_id:str}/codes", opt=needs("coupons:write", TemplateNotFound, WithoutSingleCodes))
async def make_coupon_codes(call: Call, template_id: TemplateId, data: NewCodes) -> MadeCodes:
    """Make codes, each for one member. Sent again it makes others."""

    async def work(conn: Connection) -> list[str]:
        template = await coupons.get_template(conn, template_id)
        if template.terms.claim.codes != "single":
            raise WithoutSingleCodes(template_id=template_id)
        await call.note(conn, "coupon_codes.make", template_id, str(data.number))
        return await coupons.make_codes(conn, template_id, data.number, by=call.caller.name, at=call.stamp.at)

    return MadeCodes(await call.run(work))


@get("/{template_id:str}/codes", opt=needs("coupons:write", TemplateNotFound))
async def list_coupon_codes(
    call: Call, template_id: TemplateId, claimed: Claimed = None, cursor: Cursor = None, limit: Limit = 50
) -> Codes:
    """A template's codes for one member each. Who knows one that is not claimed can claim by it, so the list is for
    those who may make them."""
    after = decode_cursor("coupon.codes", cursor, str) or ""

    async def work(conn: Connection) -> tuple[list[SingleCode], tuple[int, int]]:
        await coupons.get_template(conn, template_id)
        found = await coupons.codes(conn, template_id, claimed=claimed, after=after, limit=limit + 1)
        return found, await coupons.count_codes(conn, template_id)

    found, counts = await call.run(work)
    items, more = page("coupon.codes", found, limit, lambda one: one.code)
    return Codes([CodeView(**msgspec.structs.asdict(one)) for one in items], more, *counts)


@get("/{template_id:str}/codes/export", media_type=CSV, opt=needs("coupons:write", TemplateNotFound) | SENDS)
async def export_coupon_codes(call: Call, template_id: TemplateId, claimed: Claimed = None) -> Stream:
    """All of a template's codes as a CSV file."""

    async def check(conn: Connection) -> Template:
        return await coupons.get_template(conn, template_id)

    await call.run(check)

    async def parts() -> AsyncIterator[bytes]:
        after = ""
        yield _rows([_CODES], first=True)
        while True:
            async with call.process.pool.connection() as conn:
                found = await coupons.codes(conn, template_id, claimed=claimed, after=after, limit=_PART)
            if not found:
                return
            after = found[-1].code
            yield _rows([getattr(one, name) for name in _CODES] for one in found)

    return _file(parts(), f"codes-{template_id}")


@get("/export", media_type=CSV, opt=needs("points:read") | SENDS)
async def export_coupons(
    call: Call, of_member: OfMember = None, of_template: OfTemplate = None, in_state: InState = None
) -> Stream:
    """Coupons as a CSV file, newest first; of a member, of a template, in a state. Times are of the business."""
    on, calendar = call.stamp.on, call.process.settings.calendar

    async def parts() -> AsyncIterator[bytes]:
        before = LAST
        yield _rows([_COUPONS], first=True)
        while True:
            asked = coupons.Page(on, of_member, of_template, in_state, before)
            async with call.process.pool.connection() as conn:
                found = await coupons.coupons(conn, asked, _PART)
            if not found:
                return
            before = found[-1].coupon_id
            yield _rows(_cells(one, call, calendar) for one in found)

    return _file(parts(), f"coupons-{on}")


def _cells(coupon: Coupon, call: Call, calendar: BusinessCalendar) -> list[object]:
    told = {
        "title": getattr(coupon.terms.title, call.language), "state": coupon.state_on(call.stamp.on),
        "issued_at": calendar.local(coupon.issued_at).isoformat(timespec="seconds"),
    }  # fmt: skip
    return [told[name] if name in told else getattr(coupon, name) for name in _COUPONS]


def _rows(rows: Iterable[Sequence[object]], *, first: bool = False) -> bytes:
    """CSV of rows; the `first` part begins with the mark by which spreadsheets know UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig" if first else "utf-8")


def _cell(value: object) -> object:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _file(parts: AsyncIterator[bytes], name: str) -> Stream:
    kept = "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "_" for char in name)
    headers = {"content-disposition": f'attachment; filename="{kept}.csv"', "cache-control": "no-store"}
    return Stream(parts, media_type="text/csv; charset=utf-8", headers=headers)


of_templates = [make_coupon_codes, list_coupon_codes, export_coupon_codes]
