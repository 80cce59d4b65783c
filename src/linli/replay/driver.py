"""Lives a history again: each business date's events and spending, then its night."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime

import msgspec

from linli import ledger
from linli.flows.sweep import release_holds, sweep
from linli.kit.clock import BusinessCalendar
from linli.kit.db import Connection, Pool, in_transaction
from linli.replay.client import Api
from linli.replay.clock import SimulatedClock, next_day
from linli.replay.history import Day, History

IN_FLIGHT = 4
"""Batches under way at once: the API must never wait for the driver."""
WALLET = "points"
SPEND_FROM, SPEND_MOST = 100, 500
"""Who has fewer points keeps them; nobody spends more of them in a day."""
_ALL_RUNS = 1_000_000


class Progress(msgspec.Struct):
    """How far this session came. An earlier one finished the nights `skipped`, and had sent `duplicates`."""

    on: date
    nights: int = 0
    skipped: int = 0
    events: int = 0
    duplicates: int = 0
    granted: int = 0
    settled: int = 0
    spent: int = 0
    expired: int = 0
    sending_seconds: float = 0.0
    sweeping_seconds: float = 0.0
    finished: bool = False


Tell = Callable[[Progress], None]


class Driver:
    """One pass over a history. Where to begin is read from the database: nights that are over stay over.

    A date is sent whole and answered whole before its night begins; so if the night's runs are finished, all of the
    date is in, and if they are not, sending it once more is harmless.
    """

    def __init__(self, api: Api, pool: Pool, clock: SimulatedClock, calendar: BusinessCalendar) -> None:
        self._api, self._pool, self._clock, self._calendar = api, pool, clock, calendar

    async def live(self, history: History, until: date, *, tell: Tell, stop: asyncio.Event) -> Progress:
        """From the history's first date to the night that begins `until`. `stop` ends it after a night."""
        over = await in_transaction(self._pool, nights_over)
        progress = Progress(history.first)
        on = history.first
        while on < until and next_day(on) in over:
            on = next_day(on)
            progress.skipped += 1
        progress.on = on
        tell(progress)
        day = history.day(on)
        while on < until and not stop.is_set():
            # Encoded beside the sending of the date before: the driver shares two cores with all that it drives.
            later = asyncio.create_task(asyncio.to_thread(history.day, next_day(on)))
            await self.send(day, progress)
            await self.night(next_day(on), progress)
            day = await later
            on = progress.on = next_day(on)
            tell(progress)
        progress.finished = on >= until
        return progress

    async def send(self, day: Day, progress: Progress, *, at: datetime | None = None) -> None:
        """Send the date's events and spend its points, late in its evening, or `at`."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._clock.set(at) if at else self._clock.evening(day.on)
        places = asyncio.Semaphore(IN_FLIGHT)

        async def send(batch: bytes) -> None:
            async with places:
                sent = await self._api.send(batch)
            progress.events += sent.accepted
            progress.duplicates += sent.duplicates
            progress.granted += sent.points

        async def spend(member_id: str) -> None:
            async with places:
                points = await self._spend(member_id, day.on)
            progress.spent += points  # not in one line with `await`: others add to it meanwhile

        try:
            async with asyncio.TaskGroup() as tasks:
                for batch in day.batches:
                    tasks.create_task(send(batch))
                for member_id in day.spenders:
                    tasks.create_task(spend(member_id))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None  # one reason to stop is enough
        progress.sending_seconds += loop.time() - began

    async def _spend(self, member_id: str, on: date) -> int:
        """Spend what the member may; what an unfinished session spent already is asked for once more, unchanged."""
        order_id = f"coupon-{member_id}-{on}"
        points = await in_transaction(self._pool, lambda conn: to_spend(conn, member_id, order_id, on))
        if points:
            await self._api.redeem(member_id, order_id, points)
        return points

    async def night(self, on: date, progress: Progress) -> None:
        """Settle and let lapse, early on business date `on`."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._clock.night(on)
        await release_holds(self._pool, self._clock, self._calendar)
        progress.settled += (await sweep(self._pool, "settle", on, self._clock)).points
        progress.expired += (await sweep(self._pool, "expire", on, self._clock)).points
        progress.nights += 1
        progress.sweeping_seconds += loop.time() - began


async def nights_over(conn: Connection) -> set[date]:
    """Business dates of which both sweeps are finished."""
    settled = await ledger.runs(conn, "settle", before=date.max, limit=_ALL_RUNS)
    expired = await ledger.runs(conn, "expire", before=date.max, limit=_ALL_RUNS)
    return {run.run_on for run in settled if run.finished_at} & {run.run_on for run in expired if run.finished_at}


async def to_spend(conn: Connection, member_id: str, order_id: str, on: date) -> int:
    """Points that the member spends on the order: what was spent on it, else what may be."""
    today = await ledger.statement(conn, member_id, WALLET, kinds=["spend"], from_on=on, to_on=on, limit=1_000)
    for movement in today:
        if movement.order_id == order_id:
            return movement.points
    available = (await ledger.get_balance(conn, member_id, WALLET, on)).available
    return min(available, SPEND_MOST) if available >= SPEND_FROM else 0
