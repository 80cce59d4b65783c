"""Issues: a template's coupons for many members at once, by a list, a CSV file or a city and tier."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.exceptions import HTTPException
from litestar.params import Parameter
from msgspec import Meta

from linli import coupons
from linli.api.call import Call, authorize, needs
from linli.api.errors import Language, hint
from linli.api.idempotent import IdempotencyKey
from linli.api.intake import BodyTooLarge, UnsupportedContent
from linli.api.paging import decode_cursor, page
from linli.api.strict import (
    NO_NUL,
    SAYS,
    BodyId,
    Cursor,
    Input,
    Limit,
    Reason,
    StrictRequest,
    decode,
    is_json,
)
from linli.coupons import (
    Issue,
    IssueInState,
    IssueLine,
    IssueNotFound,
    IssueState,
    IssueTooLarge,
    NobodyToIssueTo,
    Template,
    TemplateNotFound,
    issues,
)
from linli.coupons.issues import MOST_LINES, Kind, LineState, read_members
from linli.flows import coupons_issue as flow
from linli.flows.coupons_issue import Whom
from linli.kit.csv_rows import CsvColumns, CsvEncoding, CsvMalformed
from linli.kit.db import Connection
from linli.kit.errors import Invalid, KeyReused

MOST_FILE_BYTES = 16 * 1024 * 1024
CSV = "text/csv"
_ONE = (IssueNotFound, IssueInState)
_Word = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_NUL)]
InState = Annotated[IssueState | None, Parameter(query="state", description="Those in this state.")]
LineInState = Annotated[LineState | None, Parameter(query="state", description="Those in this state.")]
OfTemplate = Annotated[
    str | None,
    Parameter(query="template_id", min_length=1, max_length=64, pattern=NO_NUL, description="Of a template."),
]
CsvReason = Annotated[
    str | None,
    Parameter(query="reason", min_length=1, max_length=500, pattern=SAYS, description="With a CSV file: why."),
]


class NewIssue(Input, frozen=True, kw_only=True):
    """Whom to give coupons of a template, and why: `member_ids`, or all members, those of a `city`, of a `tier`."""

    template_id: _Word
    reason: Reason
    member_ids: Annotated[list[BodyId], Meta(min_length=1, max_length=MOST_LINES)] | None = None
    city: _Word | None = None
    tier: _Word | None = None
    everybody: bool = False


class IssueView(msgspec.Struct, frozen=True):
    """An issue. `lines` = to be done + `faulty` + `done` + `failed`; faulty ones are never tried. `left`: coupons that
    its template can still issue, by pieces and budget; null: no limit."""

    issue_id: UUID
    template_id: str
    kind: Kind
    state: IssueState
    reason: str
    city: str | None
    tier: str | None
    by: str
    created_at: datetime
    finished_at: datetime | None
    lines: int
    faulty: int
    done: int
    failed: int
    left: int | None


class Issues(msgspec.Struct, frozen=True):
    """A page of issues, newest first."""

    items: list[IssueView]
    next_cursor: str | None


class IssueFault(msgspec.Struct, frozen=True):
    """Why a member gets no coupon."""

    code: str
    text: str


class IssueLineView(msgspec.Struct, frozen=True):
    """A line: a member, and the coupon that they got, or why none."""

    no: int
    member_id: str
    state: LineState
    fault: IssueFault | None
    coupon_id: UUID | None


class IssueLines(msgspec.Struct, frozen=True):
    """A page of lines, in their order."""

    items: list[IssueLineView]
    next_cursor: str | None


@post(
    "/",
    opt=needs(
        "coupons:write", TemplateNotFound, IssueTooLarge, NobodyToIssueTo, KeyReused, CsvEncoding, CsvColumns,
        CsvMalformed,
    ) | {"body": NewIssue, "also": (CSV,)},
    request_max_body_size=MOST_FILE_BYTES,
)  # fmt: skip
async def make_coupon_issue(
    call: Call, request: StrictRequest, of_template: OfTemplate = None, reason: CsvReason = None,
    idempotency_key: IdempotencyKey = None,
) -> IssueView:  # fmt: skip
    """Preview an issue: who would get a coupon, and which lines are faulty. A CSV file has the column `member_id`, and
    its template and reason stand in the query. Nothing is issued before it is started."""
    try:
        body = await request.body()
    except HTTPException:
        raise BodyTooLarge(most_bytes=MOST_FILE_BYTES) from None
    # A thread of its own: a long file is read for a while, while other requests go on.
    told, whom = await asyncio.to_thread(_read, request.media_type, body, of_template, reason)
    digest = hashlib.blake2b(body, digest_size=16).digest()
    own = (f"{call.caller.name}:{idempotency_key}", digest) if idempotency_key is not None else None

    async def work(conn: Connection) -> IssueView:
        made = await flow.make(
            conn, told[0], whom, told[1], call.stamp, by=call.caller.name, request=own
        )  # fmt: skip
        return await _view(conn, made)

    return await call.run(work)


def _read(media_type: str, body: bytes, template_id: str | None, reason: str | None) -> tuple[tuple[str, str], Whom]:
    """((template, why), whom). Raises Invalid, MalformedJson, UnsupportedContent, and what `read_members` raises."""
    if media_type.lower() == CSV:
        said = {"template_id": template_id, "reason": reason}
        if missing := [name for name, value in said.items() if value is None]:
            raise Invalid(errors=[{"place": f"query.{name}", "detail": "needed with a CSV file"} for name in missing])
        return (template_id or "", reason or ""), Whom(read_members(body))
    if not is_json(media_type):
        raise UnsupportedContent(content_type=media_type[:100], supported=["application/json", CSV])
    asked: NewIssue = decode(body, NewIssue)
    filtered = asked.city is not None or asked.tier is not None
    # All members by an oversight would be dear: whoever means it says so.
    if [asked.member_ids is not None, filtered, asked.everybody].count(True) != 1:
        raise Invalid(errors=[{"place": "$", "detail": "either `member_ids`, or `city` and `tier`, or `everybody`"}])
    return (asked.template_id, asked.reason), Whom(asked.member_ids, asked.city, asked.tier)


@get("/", opt=needs("points:read"))
async def list_coupon_issues(
    call: Call, in_state: InState = None, of_template: OfTemplate = None, cursor: Cursor = None, limit: Limit = 20
) -> Issues:
    """Issues, newest first."""
    before = decode_cursor("coupon.issues", cursor, UUID)

    async def work(conn: Connection) -> Issues:
        found = await issues.issues(conn, state=in_state, template_id=of_template, before=before, limit=limit + 1)
        items, more = page("coupon.issues", found, limit, lambda one: one.issue_id)
        return Issues([await _view(conn, one) for one in items], more)

    return await call.run(work)


@get("/{issue_id:str}", opt=needs("points:read", IssueNotFound))
async def get_coupon_issue(call: Call, issue_id: UUID) -> IssueView:
    """One issue, and how far it has come."""

    async def work(conn: Connection) -> IssueView:
        return await _view(conn, await issues.get(conn, issue_id))

    return await call.run(work)


@get("/{issue_id:str}/lines", opt=needs("points:read", IssueNotFound))
async def list_coupon_issue_lines(
    call: Call, issue_id: UUID, in_state: LineInState = None, cursor: Cursor = None, limit: Limit = 50
) -> IssueLines:
    """The lines of an issue in their order: who got which coupon, or why none."""
    after = decode_cursor("coupon.issue.lines", cursor, Annotated[int, Meta(ge=0, le=2**31 - 1)]) or 0

    async def work(conn: Connection) -> list[IssueLine]:
        await issues.get(conn, issue_id)
        return await issues.lines(conn, issue_id, state=in_state, after=after, limit=limit + 1)

    items, more = page("coupon.issue.lines", await call.run(work), limit, lambda line: line.no)
    return IssueLines([_line(line, call.language) for line in items], more)


@post("/{issue_id:str}/start", status_code=200, opt=needs("coupons:write", *_ONE, NobodyToIssueTo))
async def start_coupon_issue(call: Call, issue_id: UUID) -> IssueView:
    """Have a preview issued by the worker, or go on with a stopped issue."""
    return await _move(call, issue_id, "start")


@post("/{issue_id:str}/stop", status_code=200, opt=needs("coupons:write", *_ONE))
async def stop_coupon_issue(call: Call, issue_id: UUID) -> IssueView:
    """Stop after the chunk in hand. What is issued is issued."""
    return await _move(call, issue_id, "stop")


@post("/{issue_id:str}/cancel", status_code=200, opt=needs("coupons:write", *_ONE))
async def cancel_coupon_issue(call: Call, issue_id: UUID) -> IssueView:
    """Give up an issue that is not under way. What a stopped one has issued stays."""
    return await _move(call, issue_id, "cancel")


_ACTS = {"start": flow.start, "stop": flow.stop, "cancel": flow.cancel}


async def _move(call: Call, issue_id: UUID, act: str) -> IssueView:
    async def work(conn: Connection) -> IssueView:
        moved = await _ACTS[act](conn, issue_id)
        await call.note(conn, f"coupon_issue.{act}", str(issue_id), moved.reason)
        return await _view(conn, moved)

    return await call.run(work)


async def _view(conn: Connection, found: Issue) -> IssueView:
    told = {name: getattr(found, name) for name in IssueView.__struct_fields__ if name != "left"}
    return IssueView(**told, left=_left(await coupons.get_template(conn, found.template_id)))


def _left(template: Template) -> int | None:
    terms, found = template.terms, list[int]()
    if terms.pieces is not None:
        found.append(terms.pieces - template.live)
    if terms.budget_fen is not None and terms.worth_fen:
        found.append(terms.budget_fen // terms.worth_fen - template.live)
    return min(found) if found else None


def _line(line: IssueLine, language: Language) -> IssueLineView:
    fault = line.fault and IssueFault(line.fault.code, hint(line.fault.code, line.fault.fields, language))
    return IssueLineView(line.no, line.member_id, line.state, fault, line.coupon_id)


routes = Router(
    "/v1/coupons/issues",
    route_handlers=[
        make_coupon_issue, list_coupon_issues, get_coupon_issue, list_coupon_issue_lines, start_coupon_issue,
        stop_coupon_issue, cancel_coupon_issue,
    ],
    guards=[authorize],
    tags=["coupons"],
)  # fmt: skip
