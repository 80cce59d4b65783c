"""A back-test: a programme tried on stored events, a chunk of members at a time, in the worker or by hand.

Each chunk is read on a snapshot of its own and counted in a transaction together with how far the run has come. So it
may be stopped between chunks or killed within one, and the same call goes on with the rest.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import aclosing
from datetime import date
from functools import partial
from uuid import UUID

import msgspec

from linli import backtests, inbox, members, programmes, rules
from linli.backtests import BackTest, Chunk, Plan, Sums
from linli.flows import dry_run
from linli.flows.back_test_result import told
from linli.flows.others import Others
from linli.flows.publish import LiveProgrammes
from linli.flows.two_lives import Trial, TwoLives
from linli.kit.clock import Clock
from linli.kit.db import RETRIABLE, Connection, Pool, in_snapshot, in_transaction
from linli.kit.jobs import defer
from linli.ledger import Stamp

BACK_TEST = "linli.back_test"
"""The worker's task."""
CHUNK = 200
"""Members of one transaction."""
SLICE = 40_000
"""Events after which a job makes room for others: the worker does one at a time."""

Progress = Callable[[BackTest], None]


async def request(
    conn: Connection, document: bytes, from_on: date, to_on: date, against_version: int | None, stamp: Stamp,
    *, title: str | None = None,
) -> tuple[BackTest, bool]:  # fmt: skip
    """(a back-test of `document`, whether it is new): asked for again while it is open, it is the same one.

    Raises rules.FaultyProgramme, programmes.VersionNotFound.
    """
    programme = rules.decode_programme(document)
    canonical = rules.encode_programme(programme)
    if against_version is not None:
        await programmes.get_version(conn, against_version)
    asked = msgspec.json.encode([from_on, to_on, against_version])
    digest = hashlib.blake2b(canonical + asked, digest_size=16).digest()
    return await backtests.request(
        conn, canonical, digest, title=title or programme.title.zh, from_on=from_on, to_on=to_on,
        against_version=against_version, by=stamp.actor or "", at=stamp.at,
    )  # fmt: skip


async def enqueue(conn: Connection, back_test_id: UUID) -> None:
    """Let the worker do it, or go on with it."""
    await defer(conn, BACK_TEST, lock=f"back-test:{back_test_id}", back_test_id=str(back_test_id))


async def work_on(pool: Pool, back_test_id: UUID, clock: Clock) -> None:
    """One job's part of it; the rest is a job of its own, behind those that wait already."""
    done = await run(pool, back_test_id, clock, most_events=SLICE)
    if done.state == "running":
        await in_transaction(pool, lambda conn: enqueue(conn, back_test_id))


async def run(
    pool: Pool, back_test_id: UUID, clock: Clock, *, progress: Progress = lambda done: None,
    stop: asyncio.Event | None = None, most_events: int | None = None,
) -> BackTest:  # fmt: skip
    """Do it, from where it was left. Returns it as it stands then: `running` only after `most_events`.

    `progress` is told after each chunk. When `stop` is set, it stops after the chunk in hand, as by `backtests.stop`.
    """
    due = await in_transaction(pool, members.count_members)
    await in_transaction(pool, lambda conn: backtests.begin(conn, back_test_id, clock(), due))
    plan = await in_transaction(pool, lambda conn: backtests.plan_of(conn, back_test_id))
    try:
        if plan is not None:
            trial = await in_transaction(pool, partial(_trial, plan=plan))
            await _live_on(pool, back_test_id, plan, trial, clock, progress, stop, most_events)
    except RETRIABLE:
        raise  # the database was away: the job is done again
    except Exception as failure:
        fault = f"{type(failure).__name__}: {failure}"[:1_000]
        await in_transaction(pool, lambda conn: backtests.fail(conn, back_test_id, fault))
        raise
    return await in_transaction(pool, lambda conn: backtests.get(conn, back_test_id))


async def _live_on(
    pool: Pool, back_test_id: UUID, plan: Plan, trial: Trial, clock: Clock, progress: Progress,
    stop: asyncio.Event | None, most_events: int | None,
) -> None:  # fmt: skip
    after, events = plan.after, 0
    while chunk := await in_snapshot(pool, partial(chunk_of, trial=trial, until=plan.to_on, after=after)):
        goes_on = await in_transaction(
            pool, partial(backtests.count, back_test_id=back_test_id, after=after, chunk=chunk)
        )
        after, events = chunk.last, events + chunk.events
        if stop is not None and stop.is_set():
            await in_transaction(pool, lambda conn: backtests.stop(conn, back_test_id))
            goes_on = False
        progress(await in_transaction(pool, lambda conn: backtests.get(conn, back_test_id)))
        if not goes_on or (most_events is not None and events >= most_events):
            return

    async def finish(conn: Connection) -> None:
        draft = rules.decode_programme(plan.document)
        others = await _others(conn, plan.against_version)
        await backtests.finish(conn, back_test_id, after, clock(), partial(told, draft=draft, others=others))

    await in_transaction(pool, finish)


async def chunk_of(conn: Connection, trial: Trial, until: date, after: str) -> Chunk | None:
    """The next members' lives; None where there is nobody left."""
    ids = await members.ids_after(conn, after, CHUNK)
    if not ids:
        return None
    sums, claims, points, events = Sums(), [], [], 0
    life: TwoLives | None = None
    others = Others(trial.held, until)

    def over(life: TwoLives | None) -> None:
        if life is not None and (own := life.reckon(sums, claims)):
            points.append(own)

    async with aclosing(inbox.lives(conn, ids, until)) as fetched:
        async for part in fetched:
            events += len(part)
            await others.look(conn, part)
            for event in part:
                if life is None or life.member_id != event.member_id:
                    over(life)
                    life = TwoLives(event.member_id, trial, others)
                life.take(event)
    over(life)
    return Chunk(ids[-1], len(ids), events, sums, points, claims)


async def _trial(conn: Connection, plan: Plan) -> Trial:
    live = LiveProgrammes()
    await live.refresh(conn)
    against = live
    if plan.against_version is not None:
        against = dry_run.published(await programmes.get_version(conn, plan.against_version))
    draft = await dry_run.draft(conn, plan.document)
    return Trial(plan.from_on, live, against, draft)


async def _others(conn: Connection, against_version: int | None) -> list[rules.Programme]:
    """The programmes of the other arm, newest first: there a rule that the draft does not have has its name."""
    if against_version is not None:
        found = [await programmes.get_version(conn, against_version)]
    else:
        found = await programmes.since(conn, 0)
    return [rules.decode_programme(published.document) for published in reversed(found)]
