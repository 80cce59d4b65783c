"""`linli settle`, `expire`, `remind`, `wake-up`: the night's work, by hand. Stopped, it goes on later."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import date

from cyclopts import App

from linli import ledger
from linli.cli.common import console, open_pool, progress_bar
from linli.flows.remind import tell
from linli.flows.sweep import release_holds, sweep
from linli.kit.db import in_transaction
from linli.kit.errors import Invalid
from linli.ledger import SweepKind, Tally
from linli.notify import NoticeRunKind
from linli.settings import Settings

STOPPED = 130
"""Exit status of a run that ctrl-C left unfinished, so that `linli settle && linli expire` does not go on."""


async def settle(*, on: date | None = None) -> None:
    """Credit all points that are due by a business date (today), once for ever.

    Parameters
    ----------
    on
        The business date of the run, today or earlier, as 2026-11-22.
    """
    await _sweep("settle", on)


async def expire(*, on: date | None = None) -> None:
    """Let all points lapse whose date has come by a business date (today), and free holds whose time is over.

    Parameters
    ----------
    on
        The business date of the run, today or earlier, as 2026-11-22.
    """
    await _sweep("expire", on)


async def remind(*, on: date | None = None) -> None:
    """Remind members of points that lapse soon, for a business date (today), once for ever.

    Parameters
    ----------
    on
        The business date of the run, as 2026-11-22.
    """
    await _tell("remind", on)


async def wake_up(*, on: date | None = None) -> None:
    """Call members back of whom nothing came for long, for a business date (today), once for ever.

    Parameters
    ----------
    on
        The business date of the run, as 2026-11-22.
    """
    await _tell("wake_up", on)


async def _tell(kind: NoticeRunKind, on: date | None) -> None:
    settings = Settings()
    on = on or settings.calendar.date_of(settings.clock())
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    async with open_pool(settings) as pool:
        with progress_bar() as bar:
            task = bar.add_task(f"{kind} {on}", total=None, note="")
            run = await tell(
                pool, kind, on, settings.clock, settings.calendar,
                progress=lambda members: bar.update(task, advance=members), stop=stop,
            )  # fmt: skip
    state = "done" if run.finished_at else "stopped: run it again to go on"
    console.print(f"{kind} {on}: {run.members:,} of {run.items:,} members told, {run.points:,} points — {state}")
    if run.finished_at is None:
        sys.exit(STOPPED)


async def _sweep(kind: SweepKind, on: date | None) -> None:
    settings = Settings()
    today = settings.calendar.date_of(settings.clock())
    on = on or today
    if on > today:  # what is due only then would be credited, or gone, before its day; nothing brings it back
        raise Invalid(place="--on", detail=f"{on} is yet to come: a business date up to today, {today}, is wanted")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    async with open_pool(settings) as pool:
        if kind == "expire":
            await release_holds(pool, settings.clock, settings.calendar)
        total = await in_transaction(pool, lambda conn: ledger.count_due(conn, kind, on))
        with progress_bar() as bar:
            task = bar.add_task(f"{kind} {on}", total=total, note="")
            points = 0

            def tell(tally: Tally) -> None:
                nonlocal points
                points += tally.points
                bar.update(task, advance=tally.items, note=f"{points:,} points")

            run = await sweep(pool, kind, on, settings.clock, progress=tell, stop=stop)
    state = "done" if run.finished_at else "stopped: run it again to go on"
    console.print(f"{kind} {on}: {run.items:,} items, {run.points:,} points, {run.members:,} members — {state}")
    if run.finished_at is None:
        sys.exit(STOPPED)


def add_to(app: App) -> None:
    """Add these commands."""
    app.command(settle)
    app.command(expire)
    app.command(remind)
    app.command(wake_up)
