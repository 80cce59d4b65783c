"""Back-tests: a programme tried on stored events by the worker; asked for, watched, stopped, gone on with."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Router, get, post
from msgspec import Meta

from linli import backtests, programmes
from linli.api.call import Call, authorize, needs
from linli.api.paging import decode_cursor, page
from linli.api.programmes import Document, Number, document_text
from linli.api.strict import PLAIN_LINE, Cursor, Input, Limit
from linli.backtests import BackTest, BackTestNotFound
from linli.flows import back_test, drafts
from linli.kit.db import Connection
from linli.kit.errors import Invalid
from linli.programmes import DraftNotFound, VersionNotFound
from linli.rules import FaultyProgramme

_EARLIEST = date(2000, 1, 1)
Title = Annotated[str, Meta(min_length=1, max_length=100, pattern=PLAIN_LINE)]


class NewBackTest(Input, frozen=True, kw_only=True, rename={"from_on": "from", "to_on": "to"}):
    """What is tried, a document, a draft as it stands now or a version; on which business dates, both included; beside
    which version, or (left out) beside what held at each event's time."""

    from_on: date
    to_on: date
    document: Document | msgspec.UnsetType = msgspec.UNSET
    draft_id: UUID | None = None
    version: Number | None = None
    against_version: Number | None = None
    title: Title | None = None


class BackTests(msgspec.Struct, frozen=True):
    """A page of back-tests, newest first."""

    items: list[BackTest]
    next_cursor: str | None


@post("/", status_code=202, opt=needs("programme:write", VersionNotFound, DraftNotFound, FaultyProgramme))
async def start_back_test(call: Call, data: NewBackTest) -> BackTest:
    """Let the worker try a programme on stored events. Asked for again while it is open, it is the same back-test.

    Events before `from` are lived through as they were judged, so that what members had by then is known; only what is
    earned by events of the span counts, less what refunds and failed groups of the span took back. Budgets, caps and
    rollouts are left out, and what awaits a milestone counts as promised. Nothing is granted.
    """
    if not _EARLIEST <= data.from_on <= data.to_on:
        detail = f"two business dates from {_EARLIEST} on, the first not after the last"
        raise Invalid(errors=[{"place": "$.from", "detail": detail}])
    if (data.document is not msgspec.UNSET) + (data.draft_id is not None) + (data.version is not None) != 1:
        raise Invalid(errors=[{"place": "$", "detail": "name `document`, `draft_id` or `version`, one of them"}])

    async def work(conn: Connection) -> BackTest:
        document = await _document(conn, data)
        found, new = await back_test.request(
            conn, document, data.from_on, data.to_on, data.against_version, call.stamp, title=data.title
        )
        if new:
            await back_test.enqueue(conn, found.back_test_id)
            await call.note(conn, "back_test.start", str(found.back_test_id), found.title)
        return found

    return await call.run(work)


async def _document(conn: Connection, data: NewBackTest) -> bytes:
    if data.document is not msgspec.UNSET:
        return document_text(data.document)
    if data.draft_id is not None:
        return drafts.document_of(await programmes.get_draft(conn, data.draft_id))
    assert data.version is not None, "one of them is named"
    return (await programmes.get_version(conn, data.version)).document


@get("/", opt=needs("points:read"))
async def list_back_tests(call: Call, cursor: Cursor = None, limit: Limit = 20) -> BackTests:
    """All back-tests, newest first."""
    before = decode_cursor("back-tests", cursor, UUID)

    async def work(conn: Connection) -> list[BackTest]:
        return await backtests.newest(conn, before=before, limit=limit + 1)

    return BackTests(*page("back-tests", await call.run(work), limit, lambda found: found.back_test_id))


@get("/{back_test_id:str}", opt=needs("points:read", BackTestNotFound))
async def get_back_test(call: Call, back_test_id: UUID) -> BackTest:
    """One back-test: how far it has come, and, once it is finished, its result."""
    return await call.run(lambda conn: backtests.get(conn, back_test_id))


@post("/{back_test_id:str}/stop", status_code=200, opt=needs("programme:write", BackTestNotFound))
async def stop_back_test(call: Call, back_test_id: UUID) -> BackTest:
    """Stop it after the chunk of members in hand. What is done is kept: it can be gone on with."""

    async def work(conn: Connection) -> BackTest:
        await _note(call, conn, "back_test.stop", back_test_id, ("queued", "running"))
        return await backtests.stop(conn, back_test_id)

    return await call.run(work)


@post("/{back_test_id:str}/resume", status_code=200, opt=needs("programme:write", BackTestNotFound))
async def resume_back_test(call: Call, back_test_id: UUID) -> BackTest:
    """Go on with one that was stopped, or that failed, where it was left. One that is open or over stays as it is."""

    async def work(conn: Connection) -> BackTest:
        await _note(call, conn, "back_test.resume", back_test_id, ("stopped", "failed"))
        found = await backtests.resume(conn, back_test_id)
        if found.state == "queued":
            await back_test.enqueue(conn, back_test_id)
        return found

    return await call.run(work)


async def _note(call: Call, conn: Connection, act: str, back_test_id: UUID, states: Any) -> None:
    found = await backtests.get(conn, back_test_id)
    if found.state in states:
        await call.note(conn, act, str(back_test_id), found.title)


routes = Router(
    "/v1/programme/back-tests",
    route_handlers=[start_back_test, list_back_tests, get_back_test, stop_back_test, resume_back_test],
    guards=[authorize], tags=["programme"],
)  # fmt: skip
