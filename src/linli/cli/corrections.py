"""`linli correct`: a CSV file of adjustments and reversals, previewed and applied. Stopped, it goes on later."""

from __future__ import annotations

import asyncio
import getpass
import signal
import sys
from functools import partial
from pathlib import Path
from uuid import UUID

from cyclopts import App
from rich.prompt import Confirm
from rich.table import Table

from linli import corrections
from linli.access import note_act
from linli.api.errors import hint
from linli.cli.common import console, open_pool, progress_bar
from linli.corrections import Asked, Correction
from linli.flows import correct as flow
from linli.flows.apply_correction import apply_correction
from linli.flows.publish import LiveProgrammes
from linli.kit.db import Connection, Pool, in_transaction
from linli.ledger import Stamp
from linli.settings import Settings

STOPPED = 130
SHOWN_FAULTS = 20


async def correct(file: Path, *, reason: str, yes: bool = False) -> None:
    """Preview a CSV file of corrections (member_id, points, reason, wallet, grant_key), and apply it.

    One that moves more points than one person may is left waiting, to be approved in the back office.

    Parameters
    ----------
    file
        The file, in UTF-8; its first row names the columns.
    reason
        Why, for lines that say nothing themselves.
    yes
        Apply it without asking.
    """
    settings = Settings()
    asked = corrections.read_csv(await asyncio.to_thread(file.read_bytes))
    async with open_pool(settings) as pool:
        made = await in_transaction(pool, partial(_make, asked=asked, reason=reason, settings=settings))
        await _show(pool, made)
        if not yes and not Confirm.ask("Apply it?", console=console):
            await in_transaction(pool, lambda conn: flow.cancel(conn, made.correction_id))
            console.print("cancelled: nothing was done")
            return
        found = await in_transaction(pool, partial(_submit, made=made, settings=settings))
        if found.state == "waiting":
            console.print(f"{found.correction_id} waits to be approved in the back office")
            return
        found = await _apply(pool, found.correction_id, found.lines - found.faulty, settings)
    console.print(f"{found.done:,} done, {found.failed:,} failed, {found.faulty:,} faulty — {found.state}")
    if found.state != "finished":
        sys.exit(STOPPED)


async def _make(conn: Connection, *, asked: list[Asked], reason: str, settings: Settings) -> Correction:
    live, stamp = LiveProgrammes(), _stamp(settings)
    await live.refresh(conn)
    return await flow.make(conn, asked, reason, live.at(stamp.at).programme, stamp, by=getpass.getuser())


async def _submit(conn: Connection, *, made: Correction, settings: Settings) -> Correction:
    live, stamp = LiveProgrammes(), _stamp(settings)
    await live.refresh(conn)
    found = await flow.submit(conn, made.correction_id, live.at(stamp.at).programme, stamp)
    await note_act(conn, getpass.getuser(), "correction.submit", str(made.correction_id), made.reason, stamp.at)
    return found


def _stamp(settings: Settings) -> Stamp:
    at = settings.clock()
    return Stamp(at=at, on=settings.calendar.date_of(at), actor=getpass.getuser())


async def _show(pool: Pool, made: Correction) -> None:
    console.print(
        f"{made.lines:,} lines · +{made.credit_points:,} −{made.debit_points:,} points · {made.faulty:,} faulty"
        + (" · needs approval" if made.needs_approval else "")
    )
    faulty = await in_transaction(
        pool, lambda conn: corrections.lines(conn, made.correction_id, state="faulty", after=0, limit=SHOWN_FAULTS)
    )
    if not faulty:
        return
    table = Table()
    for heading in ("line", "member", "fault"):
        table.add_column(heading)
    for line in faulty:
        if line.fault:
            table.add_row(str(line.no), line.member_id, hint(line.fault.code, line.fault.fields, "en"))
    console.print(table)


async def _apply(pool: Pool, correction_id: UUID, total: int, settings: Settings) -> Correction:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    with progress_bar() as bar:
        task = bar.add_task("correct", total=total, note="")
        return await apply_correction(
            pool, correction_id, settings.clock, settings.calendar,
            progress=lambda lines: bar.update(task, advance=lines), stop=stop,
        )  # fmt: skip


def add_to(app: App) -> None:
    """Add these commands."""
    app.command(correct)
