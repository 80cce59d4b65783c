"""A whole replay: a place, a server, the history lived, the figures, the audit."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from linli.kit.audit import Finding, checks_in, run_audit
from linli.kit.db import Pool, in_transaction, make_pool
from linli.kit.resources import resource
from linli.replay.client import Api
from linli.replay.clock import SimulatedClock, next_day
from linli.replay.driver import Driver, Progress
from linli.replay.history import History
from linli.replay.parked import replay_waiting
from linli.replay.place import Place, alone, given_place, make_database, own_place
from linli.replay.server import own_server
from linli.replay.show import Report, note_of, progress_bar, show, write_json
from linli.replay.store import Reward, Totals, count_waiting, read_rewards, read_totals
from linli.settings import Settings
from linli.startup import database_url, development_key, ensure_partitions, prepare

Expect = Callable[[Totals, list[Reward]], dict[str, bool]]
"""What must hold at the end of a whole history, beside the audit."""


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where a replay takes place.

    Parameters
    ----------
    home
        Home of the embedded database (LINLI_HOME).
    fresh
        Drop the replay's own database and begin anew.
    url
        A server that runs already, instead of one of the replay's own. It and this command must be given the same
        database and the same LINLI_CLOCK_FILE.
    key
        Its API key; left out, the development key.
    json
        Write the figures into this file too.
    """

    home: Path | None = None
    fresh: bool = False
    url: str | None = None
    key: str | None = None
    json: Path | None = None


async def replay(history: History, until: date, where: Where, expect: Expect) -> bool:
    """Live `history` and show what came out. Returns whether all is as it must be (so far, if it was stopped)."""
    place = given_place(history.name, where.home) if where.url else own_place(history.name, where.home)
    with alone(place):
        clock = SimulatedClock(place.clock_file, place.settings.calendar.zone, history.first)
        if not where.url:
            make_database(place, fresh=where.fresh)
        await prepare(place.settings, place.url)
        key = where.key or development_key(place.settings)
        async with open_pool(place.url) as pool:
            async with pool.connection() as conn, conn.transaction():
                await ensure_partitions(conn, history.first, until=next_day(until))
            began = time.monotonic()
            async with _url(place, where) as url, Api(url, key) as api:
                driver = Driver(api, pool, clock, place.settings.calendar)
                progress = await _live(driver, history, until)
            seconds = time.monotonic() - began
            report, findings = await reckon(pool, history, progress, seconds, expect)
    show(report, findings)
    if where.json:
        write_json(report, where.json)
    return report.good


async def _live(driver: Driver, history: History, until: date) -> Progress:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def asked_to_stop() -> None:
        stop.set()
        # Whoever asks twice means it: the next ctrl-C ends the driver at once, which harms nothing.
        loop.remove_signal_handler(signal.SIGINT)

    loop.add_signal_handler(signal.SIGINT, asked_to_stop)
    try:
        with progress_bar() as bar:
            task = bar.add_task("", total=(until - history.first).days, note="")

            def tell(progress: Progress) -> None:
                done = progress.skipped + progress.nights
                bar.update(task, completed=done, description=f"{progress.on}", note=note_of(progress))

            return await driver.live(history, until, tell=tell, stop=stop)
    finally:
        loop.remove_signal_handler(signal.SIGINT)


async def reckon(
    pool: Pool, history: History, progress: Progress, seconds: float, expect: Expect
) -> tuple[Report, list[Finding]]:
    """The figures, and what the audit found."""
    checks = checks_in(resource("db") / "audit")
    async with pool.connection() as conn:
        findings = await run_audit(conn, checks)
        totals, rewards = await read_totals(conn), await read_rewards(conn)
    expected = {"each point is accounted for": totals.adds_up, "nothing is parked": not totals.parked}
    if progress.finished and progress.on > history.last:
        expected["all events are in"] = totals.events == history.events
        expected |= expect(totals, rewards)
    sent = progress.events + progress.duplicates
    report = Report(
        name=history.name, finished=progress.finished, totals=totals, rewards=rewards, seconds=round(seconds, 2),
        events=sent, events_per_second=round(sent / seconds, 1), sending_seconds=round(progress.sending_seconds, 2),
        sweeping_seconds=round(progress.sweeping_seconds, 2), nights=progress.nights, checks=len(checks),
        violations=sum(finding.rows for finding in findings), expected=expected,
    )  # fmt: skip
    return report, findings


async def parked_again(reason: str | None) -> Counter[str]:
    """Take parked events of the database that the settings name in again. Returns how many ended how."""
    settings = Settings()
    async with open_pool(database_url(settings)) as pool:
        waiting = await in_transaction(pool, lambda conn: count_waiting(conn, reason))
        with progress_bar() as bar:
            task = bar.add_task("parked", total=waiting, note=reason or "")
            return await replay_waiting(pool, settings, reason, tell=lambda: bar.advance(task))


@asynccontextmanager
async def open_pool(url: str) -> AsyncIterator[Pool]:
    """A pool on `url`, as large as the driver needs."""
    pool = make_pool(url, min_size=2, max_size=8)
    await pool.open(wait=True)
    try:
        yield pool
    finally:
        await pool.close()


def _url(place: Place, where: Where) -> contextlib.AbstractAsyncContextManager[str]:
    return contextlib.nullcontext(where.url) if where.url else own_server(place)
