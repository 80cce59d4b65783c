"""The night's work: settle what is due, let lapse what has lapsed, free holds whose time is over.

A sweep is many transactions, a chunk of members each, so it is given the pool and not a connection. It may be stopped
between chunks or killed within one: what is done is done, and the same call again goes on with the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import date
from functools import partial

from linli import ledger
from linli.flows.screen import screen
from linli.kit.clock import BusinessCalendar, Clock
from linli.kit.db import Connection, Pool, in_transaction
from linli.ledger import Run, Stamp, SweepKind, Tally

CHUNK = 2_000
LANES = 2
"""Chunks under way at once: one for each core of the smallest machine that is worth having."""

Progress = Callable[[Tally], None]


async def sweep(
    pool: Pool, kind: SweepKind, on: date, clock: Clock,
    *, progress: Progress = lambda tally: None, stop: asyncio.Event | None = None, resume: bool = True,
) -> Run:  # fmt: skip
    """Settle or expire for business date `on`, once for ever: a finished run is returned as it stands.

    `progress` is told each chunk's tally. When `stop` is set, or `ledger.stop_run` was called by whomever, the chunks
    in hand are finished and the run is left, to be resumed. One that was stopped goes on only if it is to `resume`.
    """
    run = await in_transaction(pool, lambda conn: ledger.start_run(conn, kind, on, clock(), resume=resume))
    if run.state != "running":
        return run
    if kind == "settle":
        await screen(pool, on, clock)
    halt = stop or asyncio.Event()
    chunks: asyncio.Queue[list[str] | None] = asyncio.Queue(maxsize=2 * LANES)

    async def lane() -> bool:
        done = True
        while (members := await chunks.get()) is not None:
            if halt.is_set():
                done = False
                continue
            stamp = Stamp(at=clock(), on=on, actor=f"sweep:{kind}")
            chunk = partial(_chunk, kind=kind, stamp=stamp, on=on, members=members)
            tally, goes_on = await in_transaction(pool, chunk)
            progress(tally)
            if not goes_on:
                halt.set()
            _heed_cancellation()
        return done

    async def feed() -> bool:
        # Closed here and now, whatever happens: left to the collector, the cursor would be closed at some later time,
        # on a connection that the pool may have given to somebody else.
        done = True
        async with (
            pool.connection() as conn,
            conn.transaction(),
            aclosing(ledger.members_due(conn, kind, on, CHUNK)) as due,
        ):
            async for members in due:
                if halt.is_set():
                    done = False
                    break
                _heed_cancellation()
                await chunks.put(members)
        for _ in range(LANES):
            await chunks.put(None)
        return done

    async with asyncio.TaskGroup() as tasks:
        parts = [tasks.create_task(work) for work in (feed(), *(lane() for _ in range(LANES)))]
    if all(part.result() for part in parts):
        await in_transaction(pool, lambda conn: ledger.finish_run(conn, kind, on, clock()))
    return await in_transaction(pool, lambda conn: ledger.get_run(conn, kind, on))


def _heed_cancellation() -> None:
    """Raise CancelledError where this task was cancelled and nobody noticed.

    psycopg waits by `asyncio.wait_for`, which in Python 3.11 swallows a cancellation that comes together with the
    answer. A lane that went on would wait for ever for a feed that has ended, and the night would never be over.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _chunk(
    conn: Connection, *, kind: SweepKind, stamp: Stamp, on: date, members: list[str]
) -> tuple[Tally, bool]:
    """(what was done, whether the run is to go on)"""
    work = ledger.settle_members if kind == "settle" else ledger.expire_members
    tally = await work(conn, stamp, on, members)
    return tally, await ledger.count_run(conn, kind, on, tally)


async def release_holds(pool: Pool, clock: Clock, calendar: BusinessCalendar, *, limit: int = 1_000) -> int:
    """Free holds whose time is over, `limit` wallets at the most. Returns the points that became available."""
    at = clock()
    stamp = Stamp(at=at, on=calendar.date_of(at), actor="sweep:holds")
    wallets = await in_transaction(pool, lambda conn: ledger.members_with_lapsed_holds(conn, at, limit))
    points = 0
    for member_id, wallet in wallets:
        points += await in_transaction(
            pool, partial(ledger.release_lapsed, stamp=stamp, member_id=member_id, wallet=wallet)
        )
    return points
