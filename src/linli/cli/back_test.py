"""`linli back-test`: a programme tried on stored events. Stopped with ctrl-C, it goes on where it was."""

from __future__ import annotations

import asyncio
import getpass
import signal
import sys
from datetime import date
from pathlib import Path
from typing import Annotated
from uuid import UUID

from cyclopts import App, Parameter
from rich.table import Table

from linli import backtests
from linli.backtests import BackTest, Result
from linli.cli.common import console, open_pool, progress_bar
from linli.cli.night import STOPPED
from linli.flows.back_test import request, run
from linli.kit.db import Connection, Pool, in_transaction
from linli.kit.memory import let_rest
from linli.ledger import Stamp
from linli.settings import Settings


async def back_test(
    file: Path | None = None, *, from_on: Annotated[date | None, Parameter("--from")] = None,
    to_on: Annotated[date | None, Parameter("--to")] = None, against: int | None = None, resume: UUID | None = None,
) -> None:  # fmt: skip
    """Try a document on stored events, beside the programme that held. Nothing is granted.

    Parameters
    ----------
    file
        The document (JSON or YAML).
    from_on
        The first business date whose events count, as 2026-11-01; what came before is known to both.
    to_on
        The last one.
    against
        Beside this version; left out, beside what held at each event's time.
    resume
        Go on with this back-test, which was stopped.
    """
    settings = Settings()
    if resume is None and (file is None or from_on is None or to_on is None or from_on > to_on):
        raise ValueError("name FILE, --from and --to, the first date not after the last; or --resume")
    document = _read(file) if file else None
    now = settings.clock()
    stamp = Stamp(at=now, on=settings.calendar.date_of(now), actor=getpass.getuser())

    async def asked(conn: Connection) -> BackTest:
        if resume is not None:
            return await backtests.resume(conn, resume)
        assert document is not None and from_on is not None and to_on is not None
        return (await request(conn, document, from_on, to_on, against, stamp))[0]

    let_rest()
    async with open_pool(settings) as pool:
        found = await in_transaction(pool, asked)
        done = await _run(pool, found, settings)
    if done.result is None:
        console.print(f"{done.state}{f': {done.fault}' if done.fault else ''}; --resume {done.back_test_id} goes on")
        sys.exit(STOPPED)
    _show(done, done.result)


def _read(file: Path) -> bytes:
    return file.read_bytes()


async def _run(pool: Pool, found: BackTest, settings: Settings) -> BackTest:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    with progress_bar() as bar:
        task = bar.add_task(found.title, total=found.members_due or None, note="")

        def tell(now: BackTest) -> None:
            bar.update(task, completed=now.members_done, total=now.members_due, note=f"{now.events_done:,} events")

        return await run(pool, found.back_test_id, settings.clock, progress=tell, stop=stop)


def _show(done: BackTest, result: Result) -> None:
    table = Table(title=f"{done.title} · {done.from_on} – {done.to_on}")
    for heading in ("", "live", "draft"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name in ("points", "grants", "members"):
        table.add_row(name, f"{getattr(result.live, name):,}", f"{getattr(result.draft, name):,}")
    for line in result.by_rule:
        table.add_row(line.rule, f"{line.live_points:,}", f"{line.draft_points:,}")
    for month in result.by_month:
        table.add_row(month.month, f"{month.live_points:,}", f"{month.draft_points:,}")
    console.print(table)
    sign = "-" if result.difference_fen < 0 else "+"
    yuan, fen = divmod(abs(result.difference_fen), 100)
    console.print(
        f"difference {result.difference_points:+,} points ({sign}¥{yuan:,}.{fen:02}); "
        f"{result.members_gain:,} members gain, {result.members_lose:,} lose, {result.members_same:,} stay",
        highlight=False,
    )
    if result.draft_failed:
        console.print(f"[red]{result.draft_failed:,} events could not be judged by the draft[/]")


def add_to(app: App) -> None:
    """Add this command."""
    app.command(back_test)
