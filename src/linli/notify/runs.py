"""Runs that tell members something: one for each kind and business date, which can be stopped, and gone on with."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from linli.kit.db import Connection, fetch_all, fetch_one
from linli.kit.errors import NotFound
from linli.notify import store

NoticeRunKind: TypeAlias = Literal["remind", "wake_up"]


class NoticeRunNotFound(NotFound):
    """No run of that kind was started for that business date. Fields: `kind`, `run_on`."""

    code = "notice_run_not_found"


class NoticeRun(msgspec.Struct, frozen=True):
    """A run of one business date. `items` of the `due` members that it found at its start were looked at; `members` of
    them were told, of so many `points` together.

    `running`: under way, or to be gone on with by the worker. `stopped`: somebody asked for it, and must for more.
    """

    kind: NoticeRunKind
    run_on: date
    state: Literal["running", "stopped", "finished"]
    due: int
    members: int
    items: int
    points: int
    started_at: datetime
    finished_at: datetime | None


class Span(NamedTuple):
    """The dates after `since` (None: from ever on) up to `until`, and the last member that was looked at."""

    since: date | None
    until: date
    after: str


async def start_run(
    conn: Connection, kind: NoticeRunKind, on: date, until: date, at: datetime, *, resume: bool = True
) -> tuple[NoticeRun, bool]:
    """(the run, whether it is new): it goes on from where the last finished one ended, up to `until`.

    One that was stopped goes on only if it is to `resume`.
    """
    which = {"kind": kind, "on": on, "at": at}
    new = await fetch_one(conn, store.START_RUN, {**which, "until": until}) is not None
    if not new and resume:
        await conn.execute(store.RESUME_RUN, which)
    return await get_run(conn, kind, on), new


async def expect(conn: Connection, kind: NoticeRunKind, on: date, due: int) -> NoticeRun:
    """Note how many members are due."""
    await conn.execute(store.EXPECT_OF_RUN, {"kind": kind, "on": on, "due": due})
    return await get_run(conn, kind, on)


async def span(conn: Connection, kind: NoticeRunKind, on: date) -> Span:
    """What the run has to look at, and how far it has come."""
    row = await fetch_one(conn, store.SPAN, {"kind": kind, "on": on})
    assert row is not None, "it was started"
    return Span(*row)


async def lock_run(conn: Connection, kind: NoticeRunKind, on: date) -> tuple[str, bool]:
    """(the last member that was looked at, whether the run is to go on); nobody else counts until the commit."""
    row = await fetch_one(conn, store.LOCK_RUN, {"kind": kind, "on": on})
    assert row is not None, "it was started"
    return row[0], row[1]


async def count_run(
    conn: Connection, kind: NoticeRunKind, on: date, *, after: str, items: int, members: int, points: int
) -> None:  # fmt: skip
    """Add what a chunk did, in its transaction."""
    told = {"items": items, "members": members, "points": points, "after": after}
    await conn.execute(store.COUNT_RUN, {"kind": kind, "on": on, **told})


async def finish_run(conn: Connection, kind: NoticeRunKind, on: date, at: datetime) -> None:
    """Close the run."""
    await conn.execute(store.FINISH_RUN, {"kind": kind, "on": on, "at": at})


async def stop_run(conn: Connection, kind: NoticeRunKind, on: date, at: datetime) -> NoticeRun:
    """Let the run stop after the chunk in hand; a finished one stays as it is. Raises NoticeRunNotFound."""
    await conn.execute(store.STOP_RUN, {"kind": kind, "on": on, "at": at})
    return await get_run(conn, kind, on)


async def get_run(conn: Connection, kind: NoticeRunKind, on: date) -> NoticeRun:
    """The run. Raises NoticeRunNotFound."""
    run = await find_run(conn, kind, on)
    if run is None:
        raise NoticeRunNotFound(kind=kind, run_on=on.isoformat())
    return run


async def find_run(conn: Connection, kind: NoticeRunKind, on: date) -> NoticeRun | None:
    """The run, or None where it was never started."""
    row = await fetch_one(conn, store.RUN, {"kind": kind, "on": on})
    return NoticeRun(*row) if row else None


async def runs(conn: Connection, kind: NoticeRunKind, *, before: date, limit: int) -> list[NoticeRun]:
    """A page of runs, newest first."""
    rows = await fetch_all(conn, store.RUNS, {"kind": kind, "before": before, "limit": limit})
    return [NoticeRun(*row) for row in rows]
