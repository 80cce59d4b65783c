"""Runs that tell members something: points that lapse soon, and a call to those of whom nothing has come for long.

A run is one for each kind and business date. It goes through the members who are due in their order, a chunk a
transaction, and notes in it how far it has come: it may be stopped, killed and gone on with, and tells nobody twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from linli import insights, ledger, notify
from linli.flows.coupons_wanted import fulfil
from linli.flows.publish import LiveProgrammes
from linli.flows.redeem import WALLET
from linli.insights import Quiet
from linli.kit.clock import BusinessCalendar, Clock
from linli.kit.db import Connection, Pool, in_transaction
from linli.kit.jobs import defer
from linli.ledger import Stamp
from linli.notify import LogSink, Notice, NoticeRun, NoticeRunKind, Sink
from linli.rules import Reminders

TELL = "linli.tell"
"""The worker's task."""
CHUNK = 2_000
SENT_AT_ONCE = 500
Progress = Callable[[int], None]
_NEVER = 0


class Telling(NamedTuple):
    """One run: what it tells, on which date, and by which terms of the programme."""

    kind: NoticeRunKind
    on: date
    reminders: Reminders
    calendar: BusinessCalendar

    @property
    def until(self) -> date:
        """Lots up to this date, or silence since this one."""
        terms = self.reminders
        ahead = terms.expiry_days_ahead if self.kind == "remind" else -terms.silent_after_days
        return self.on + timedelta(days=ahead)

    @property
    def ever(self) -> bool:
        """Whether the programme tells this at all."""
        terms = self.reminders
        return (terms.expiry_days_ahead if self.kind == "remind" else terms.silent_after_days) != _NEVER

    @property
    def woken_until(self) -> date:
        """Who was woken up after this date is left in peace."""
        return self.on - timedelta(days=self.reminders.silent_again_days)

    def quiet(self, found: notify.Span) -> Quiet:
        """Who may be silent, of the span."""
        passed = (found.until - found.since) if found.since else timedelta()
        return Quiet(found.since, found.until, self.woken_until - passed, self.woken_until)


async def start(conn: Connection, telling: Telling, stamp: Stamp) -> NoticeRun:
    """Let the worker do the run, or go on with it where it was left; a finished one is returned as it stands."""
    kind, on = telling.kind, telling.on
    run = await _start(conn, telling, stamp, resume=True)
    if run.state != "finished":
        await defer(conn, TELL, lock=f"tell:{kind}:{on}", kind=kind, run_on=on.isoformat())
    return run


async def _start(conn: Connection, telling: Telling, stamp: Stamp, *, resume: bool) -> NoticeRun:
    kind, on = telling.kind, telling.on
    run, new = await notify.start_run(conn, kind, on, telling.until, stamp.at, resume=resume)
    return await notify.expect(conn, kind, on, await _count(conn, telling)) if new else run


async def _count(conn: Connection, telling: Telling) -> int:
    found = await notify.span(conn, telling.kind, telling.on)
    if not telling.ever:
        return 0
    if telling.kind == "remind":
        return await ledger.count_expiring(conn, WALLET, _lots_since(telling, found), found.until)
    return await insights.count_maybe_silent(conn, telling.quiet(found), telling.calendar)


def _lots_since(telling: Telling, found: notify.Span) -> date:
    """Nobody is reminded of what has lapsed already."""
    return max(found.since or telling.on, telling.on)


async def tell(
    pool: Pool, kind: NoticeRunKind, on: date, clock: Clock, calendar: BusinessCalendar,
    *, progress: Progress = lambda members: None, stop: asyncio.Event | None = None, resume: bool = True,
) -> NoticeRun:  # fmt: skip
    """Remind, or wake up, for business date `on`, once for ever. `progress` is told how many members each chunk had.

    `stop` leaves the run after the chunk in hand; one that somebody stopped goes on only if it is to `resume`.
    Raises NoProgramme.
    """
    telling = await in_transaction(pool, partial(telling_of, kind=kind, on=on, clock=clock, calendar=calendar))
    stamp = Stamp(at=clock(), on=on)
    run = await in_transaction(pool, lambda conn: _start(conn, telling, stamp, resume=resume))
    if run.state != "running":
        return run
    # The cursor keeps one snapshot of who is due, on a connection of its own; closed here and now, whatever happens.
    async with pool.connection() as conn, conn.transaction(), aclosing(_due(conn, telling)) as due:
        async for members in due:
            goes_on = await in_transaction(pool, partial(_chunk, telling=telling, clock=clock, members=members))
            progress(len(members))
            if not goes_on or (stop is not None and stop.is_set()):
                return await in_transaction(pool, partial(notify.get_run, kind=kind, on=on))
    await in_transaction(pool, lambda conn: notify.finish_run(conn, kind, on, clock()))
    return await in_transaction(pool, partial(notify.get_run, kind=kind, on=on))


async def telling_of(
    conn: Connection, kind: NoticeRunKind, on: date, clock: Clock, calendar: BusinessCalendar
) -> Telling:
    """The run as the programme that holds now wants it. Raises NoProgramme."""
    live = LiveProgrammes()
    await live.refresh(conn)
    return Telling(kind, on, live.at(clock()).programme.reminders, calendar)


async def _due(conn: Connection, telling: Telling) -> AsyncGenerator[list[str], None]:
    found = await notify.span(conn, telling.kind, telling.on)
    if not telling.ever:
        return
    due = (
        ledger.members_expiring(conn, WALLET, _lots_since(telling, found), found.until, after=found.after, chunk=CHUNK)
        if telling.kind == "remind"
        else insights.maybe_silent(conn, telling.quiet(found), telling.calendar, after=found.after, chunk=CHUNK)
    )
    async with aclosing(due) as chunks:
        async for members in chunks:
            yield members


async def _chunk(conn: Connection, *, telling: Telling, clock: Clock, members: Sequence[str]) -> bool:
    """Tell those of `members` who are still to be told. Returns whether the run is to go on."""
    after, goes_on = await notify.lock_run(conn, telling.kind, telling.on)
    fresh = [member_id for member_id in members if member_id > after]
    if not goes_on or not fresh:  # another process was here
        return goes_on
    found = await notify.span(conn, telling.kind, telling.on)
    stamp = Stamp(at=clock(), on=telling.on)
    notices = await (_reminders if telling.kind == "remind" else _calls)(conn, telling, found, stamp, fresh)
    told = await notify.publish(conn, notices)
    await notify.count_run(
        conn, telling.kind, telling.on, after=fresh[-1], items=len(fresh), members=len(told),
        points=sum(notice.points or 0 for notice in told),
    )  # fmt: skip
    return True


async def _reminders(
    conn: Connection, telling: Telling, found: notify.Span, stamp: Stamp, members: Sequence[str]
) -> list[Notice]:
    """One a member: the sum of what lapses within the span, as it is now."""
    lots = await ledger.expiring(conn, members, WALLET, on=_lots_since(telling, found), until=found.until)
    return [
        Notice(member_id, "expiring", telling.on, sum(points for _, points in part), part[0][0], None, stamp.at)
        for member_id, part in lots.items()
    ]


async def _calls(
    conn: Connection, telling: Telling, found: notify.Span, stamp: Stamp, members: Sequence[str]
) -> list[Notice]:
    """One to each who is silent now and was not called lately."""
    spoke = await insights.heard_since(conn, members, found.until)
    woken = await notify.woken_since(conn, members, telling.woken_until)
    coupon = telling.reminders.silent_coupon
    return [
        Notice(member_id, "wake_up", telling.on, None, None, coupon, stamp.at)
        for member_id in members
        if member_id not in spoke and member_id not in woken
    ]


async def send(pool: Pool, clock: Clock, calendar: BusinessCalendar, sink: Sink | None = None) -> int:
    """Send all that waits in the outbox; coupons of ours are issued with it. Returns how much that was."""

    async def some(conn: Connection) -> int:
        taken = await notify.take(conn, SENT_AT_ONCE)
        at = clock()
        if rest := await fulfil(conn, Stamp(at=at, on=calendar.date_of(at)), taken):
            await (sink or LogSink()).send(rest)
        return len(taken)

    sent = 0
    while more := await in_transaction(pool, some):
        sent += more
    return sent
