"""Notices: what members were told of by themselves, and the runs that tell it: listed, started, stopped."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import Router, get, post
from litestar.params import Parameter

from linli import notify
from linli.api.call import Call, authorize, needs
from linli.api.me_messages import text_of
from linli.api.me_words import Bilingual
from linli.api.paging import decode_cursor, page
from linli.api.runs import RunOn, Stop
from linli.api.strict import NO_NUL, Cursor, Input, Limit, Reason
from linli.flows import remind
from linli.flows.publish import NoProgramme
from linli.kit.db import Connection
from linli.kit.errors import Invalid
from linli.notify import Notice, NoticeKind, NoticeRun, NoticeRunKind, NoticeRunNotFound

_EARLIEST = date(2000, 1, 1)
OfMember = Annotated[
    str | None, Parameter(query="member_id", min_length=1, max_length=128, pattern=NO_NUL, description="Of a member.")
]


class NoticeView(msgspec.Struct, frozen=True):
    """A notice and its words. `points` and `lapses_on`: of `expiring`, as it was when it was told."""

    notice_id: str
    member_id: str
    kind: NoticeKind
    on: date
    points: int | None
    lapses_on: date | None
    text: Bilingual
    coupon: str | None
    read: bool
    created_at: datetime


class Notices(msgspec.Struct, frozen=True):
    """A page of notices, newest first."""

    items: list[NoticeView]
    next_cursor: str | None


class NoticeRuns(msgspec.Struct, frozen=True):
    """A page of runs, newest first."""

    items: list[NoticeRun]
    next_cursor: str | None


class NewNoticeRun(Input, frozen=True, kw_only=True):
    """A run to start, or to go on with. `run_on` is today's business date or an earlier one."""

    kind: NoticeRunKind
    run_on: date
    reason: Reason


@get("/", opt=needs("points:read"))
async def list_notices(
    call: Call, member_id: OfMember = None, kind: NoticeKind | None = None, cursor: Cursor = None, limit: Limit = 20
) -> Notices:
    """What members were told, newest first; of one member, or of one kind."""
    before = decode_cursor("notices", cursor, tuple[date, str, str]) or notify.NEWEST

    async def work(conn: Connection) -> list[Notice]:
        return await notify.notices(conn, notify.Page(member_id, kind, before), limit + 1)

    items, next_cursor = page("notices", await call.run(work), limit, lambda notice: notice.place)
    return Notices([_view(notice) for notice in items], next_cursor)


def _view(notice: Notice) -> NoticeView:
    return NoticeView(
        notice.key, notice.member_id, notice.kind, notice.on, notice.points, notice.lapses_on, text_of(notice.note),
        notice.coupon, notice.read, notice.created_at,
    )  # fmt: skip


@get("/runs", opt=needs("points:read"))
async def list_notice_runs(
    call: Call, kind: NoticeRunKind = "remind", cursor: Cursor = None, limit: Limit = 20
) -> NoticeRuns:
    """The runs of a kind, newest first: one for each business date, with how far it has come."""
    before = decode_cursor("notice.runs", cursor, date) or date.max

    async def work(conn: Connection) -> list[NoticeRun]:
        return await notify.runs(conn, kind, before=before, limit=limit + 1)

    return NoticeRuns(*page("notice.runs", await call.run(work), limit, lambda run: run.run_on))


@post("/runs", status_code=202, opt=needs("points:write", NoProgramme))
async def start_notice_run(call: Call, data: NewNoticeRun) -> NoticeRun:
    """Let the worker do a run, or go on with one that was stopped. A finished run is answered as it stands."""
    if not _EARLIEST <= data.run_on <= call.stamp.on:
        detail = f"a business date from {_EARLIEST} to today, {call.stamp.on}"
        raise Invalid(errors=[{"place": "$.run_on", "detail": detail}])

    async def work(conn: Connection) -> NoticeRun:
        reminders = (await call.programme(conn)).programme.reminders
        telling = remind.Telling(data.kind, data.run_on, reminders, call.process.settings.calendar)
        run = await remind.start(conn, telling, call.stamp)
        if run.state != "finished":
            await call.note(conn, "notice_run.start", f"{data.kind} {data.run_on}", data.reason)
        return run

    return await call.run(work)


@post("/runs/{kind:str}/{run_on:str}/stop", status_code=200, opt=needs("points:write", NoticeRunNotFound))
async def stop_notice_run(call: Call, kind: NoticeRunKind, run_on: RunOn, data: Stop) -> NoticeRun:
    """Stop a run after the chunk in hand. Who was told was told; started again, it goes on with the rest."""

    async def work(conn: Connection) -> NoticeRun:
        run = await notify.stop_run(conn, kind, run_on, call.stamp.at)
        if run.state != "finished":
            await call.note(conn, "notice_run.stop", f"{kind} {run_on}", data.reason)
        return run

    return await call.run(work)


routes = Router(
    "/v1/notices",
    route_handlers=[list_notices, list_notice_runs, start_notice_run, stop_notice_run],
    guards=[authorize],
    tags=["notices"],
)
