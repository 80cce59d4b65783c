"""`linli issue-coupons`: a coupon for each member of a CSV file, previewed and issued. Stopped, it goes on later."""

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

from linli.access import note_act
from linli.api.errors import hint
from linli.cli.common import console, open_pool, progress_bar
from linli.coupons import Issue, issues
from linli.flows import coupons_issue as flow
from linli.flows.coupons_issue import Whom
from linli.kit.db import Connection, Pool, in_transaction
from linli.ledger import Stamp
from linli.settings import Settings

STOPPED = 130
SHOWN_FAULTS = 20


async def issue_coupons(file: Path, *, template: str, reason: str, yes: bool = False) -> None:
    """Preview whom a CSV file (member_id) gives a coupon, and issue them.

    Parameters
    ----------
    file
        The file, in UTF-8; its first row names the column.
    template
        The template of the coupons.
    reason
        Why.
    yes
        Issue them without asking.
    """
    settings = Settings()
    members = issues.read_members(await asyncio.to_thread(file.read_bytes))
    async with open_pool(settings) as pool:
        stamp, by = _stamp(settings), getpass.getuser()
        work = partial(flow.make, template_id=template, whom=Whom(members), reason=reason, stamp=stamp, by=by)
        made = await in_transaction(pool, work)
        await _show(pool, made)
        if not yes and not Confirm.ask("Issue them?", console=console):
            await in_transaction(pool, lambda conn: flow.cancel(conn, made.issue_id))
            console.print("cancelled: nothing was issued")
            return
        await in_transaction(pool, partial(_start, made=made, stamp=stamp, by=by))
        found = await _apply(pool, made.issue_id, made.lines - made.faulty, settings)
    console.print(f"{found.done:,} issued, {found.failed:,} failed, {found.faulty:,} faulty — {found.state}")
    if found.state != "finished":
        sys.exit(STOPPED)


def _stamp(settings: Settings) -> Stamp:
    at = settings.clock()
    return Stamp(at=at, on=settings.calendar.date_of(at), actor=getpass.getuser())


async def _start(conn: Connection, *, made: Issue, stamp: Stamp, by: str) -> None:
    await flow.start(conn, made.issue_id)
    await note_act(conn, by, "coupon_issue.start", str(made.issue_id), made.reason, stamp.at)


async def _show(pool: Pool, made: Issue) -> None:
    console.print(f"{made.lines:,} members · {made.faulty:,} faulty")
    faulty = await in_transaction(
        pool, lambda conn: issues.lines(conn, made.issue_id, state="faulty", after=0, limit=SHOWN_FAULTS)
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


async def _apply(pool: Pool, issue_id: UUID, total: int, settings: Settings) -> Issue:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    with progress_bar() as bar:
        task = bar.add_task("issue", total=total, note="")
        return await flow.apply_issue(
            pool, issue_id, settings.clock, settings.calendar,
            progress=lambda lines: bar.update(task, advance=lines), stop=stop,
        )  # fmt: skip


def add_to(app: App) -> None:
    """Add these commands."""
    app.command(issue_coupons)
