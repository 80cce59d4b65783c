"""A year of real baskets, 155,848 orders of 2,469 members, lived twice by a back-test of another programme."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bench.world import Figure, World
from linli import inbox
from linli.flows.back_test import request
from linli.flows.back_test import run as back_test
from linli.flows.intake import take_in
from linli.flows.publish import LiveProgrammes, publish
from linli.kit.clock import BusinessCalendar
from linli.kit.db import Connection, Pool, in_transaction, make_pool
from linli.kit.resources import resource
from linli.ledger import Stamp
from linli.replay.grocery import Journey
from linli.settings import Settings
from linli.startup import ensure_partitions
from linli.words.events import Event

MOST_SECONDS = 60.0
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def run(world: World, tell: Callable[[str], None]) -> list[Figure]:
    """The neighbours' programme held; Fresh Life's is tried on the whole year."""
    return asyncio.run(_run(world.database("back_test"), tell))


async def _run(url: str, tell: Callable[[str], None]) -> list[Figure]:
    calendar = Settings().calendar
    journey = Journey(calendar.zone)
    async with make_pool(url, max_size=4) as pool:
        await _fill(pool, journey, calendar, tell)
        tell("back-test")
        now = datetime.now(UTC)
        stamp = Stamp(at=now, on=calendar.date_of(now), actor="bench")
        document = (resource("presets") / "fresh-life.yaml").read_bytes()
        asked, _ = await in_transaction(
            pool, lambda conn: request(conn, document, journey.first, journey.last, None, stamp)
        )
        began = time.perf_counter()
        done = await back_test(pool, asked.back_test_id, lambda: now)
        seconds = time.perf_counter() - began
    assert done.result is not None, done.fault
    assert (done.events_done, done.result.draft_failed) == (journey.events, 0), "every order was lived, twice"
    raw: dict[str, object] = {
        "members": done.members_done, "live_points": done.result.live.points, "draft_points": done.result.draft.points,
    }  # fmt: skip
    return [
        Figure(f"back-test of {journey.events:,} orders", f"{seconds:.1f} s", f"{MOST_SECONDS:.0f} s",
               seconds / MOST_SECONDS, "≤ 1.0", seconds <= MOST_SECONDS, raw=raw)
    ]  # fmt: skip


async def _fill(pool: Pool, journey: Journey, calendar: BusinessCalendar, tell: Callable[[str], None]) -> None:
    """Take the year in, each date on its own evening."""
    document = (resource("presets") / "neighbours.yaml").read_bytes()
    live, reader = LiveProgrammes(), inbox.Reader(calendar)

    async def begin(conn: Connection) -> None:
        await ensure_partitions(conn, journey.first, until=journey.last)
        await publish(conn, document, now=_LONG_AGO, by="bench", effective_from=None)
        await live.refresh(conn)

    await in_transaction(pool, begin)
    on = journey.first
    while on <= journey.last:
        tell(f"back-test: {on}")
        stamp = Stamp(at=calendar.starts_at(on + timedelta(days=1)) - timedelta(seconds=1), on=on)
        for batch in journey.day(on).batches:
            events = reader.batch(batch, stamp.at)
            assert isinstance(events, list)
            taken = [event for event in events if isinstance(event, Event)]
            assert len(taken) == len(events)

            async def take(conn: Connection, taken: list[Event] = taken, stamp: Stamp = stamp) -> None:
                await take_in(conn, taken, stamp, live, reader)

            await in_transaction(pool, take)
        on += timedelta(days=1)
