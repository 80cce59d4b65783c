"""`linli programme show|check|publish|rollouts|rollback`."""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path

from cyclopts import App
from rich.table import Table

from linli import programmes, rules
from linli.access import note_act
from linli.cli.common import console, open_pool
from linli.flows import rollout, trials
from linli.flows.publish import publish as publish_document
from linli.kit.db import Connection, in_transaction
from linli.kit.errors import Refusal
from linli.settings import Settings

programme = App(name="programme", help="The rules in force: show, check, publish; rollouts.")


@programme.command
async def show(*, version: int | None = None, json: bool = False) -> None:
    """Show the newest version of the programme, or another.

    Parameters
    ----------
    version
        Which version; the newest where left out.
    json
        The document itself.
    """
    settings = Settings()
    async with open_pool(settings) as pool:
        number = version or await in_transaction(pool, programmes.latest_version)
        found = await in_transaction(pool, lambda conn: programmes.version(conn, number))
    if found is None:
        console.print("no such version: publish one with `linli programme publish FILE`")
        sys.exit(1)
    if json:
        sys.stdout.write(found.document.decode() + "\n")
        return
    document = rules.decode_programme(found.document)
    table = Table(title=f"{found.name} · version {found.version} · from {found.effective_from:%Y-%m-%d %H:%M} UTC")
    for heading in ("rule", "kind", "名称", "name", "version"):
        table.add_column(heading)
    for rule in document.rules:
        kind = type(rule).__struct_config__.tag
        table.add_row(rule.id, str(kind), rule.name.zh, rule.name.en, str(found.rule_versions[rule.id]))
    console.print(table)


@programme.command
def check(file: Path) -> None:
    """Check a document (JSON or YAML) without publishing it: each fault with its place and reason.

    Parameters
    ----------
    file
        The document.
    """
    faults = rules.check_programme(file.read_bytes())
    for fault in faults:
        console.print(f"[red]{fault.place}[/] {fault.code}: {fault.reason}", highlight=False)
    console.print(f"{len(faults)} faults" if faults else "no faults")
    sys.exit(1 if faults else 0)


@programme.command
async def publish(file: Path, *, effective_from: datetime | None = None, note: str = "") -> None:
    """Publish a document as the next version, for all at once: for whoever has the server in hand.

    Parameters
    ----------
    file
        The document (JSON or YAML).
    effective_from
        From when on it judges events, by their business time; UTC where no zone is given; now where left out.
    note
        Why it changes.
    """
    settings = Settings()
    start = effective_from.replace(tzinfo=effective_from.tzinfo or UTC) if effective_from else None

    document = file.read_bytes()  # noqa: ASYNC240  (nothing else runs)

    async def work(conn: Connection) -> programmes.Published | None:
        now, by = settings.clock(), getpass.getuser()
        found = await publish_document(conn, document, now=now, by=by, effective_from=start, note=note)
        if found is not None:
            await note_act(conn, by, "programme.publish", f"version {found.version}", note, now)
        return found

    async with open_pool(settings) as pool:
        published = await in_transaction(pool, work)
    console.print(f"version {published.version} published" if published else "nothing changed, nothing published")


@programme.command
async def rollouts() -> None:
    """List rollouts, newest first: their stage, and both arms side by side."""
    settings = Settings()
    now = settings.clock()
    async with open_pool(settings) as pool:
        found = await in_transaction(pool, lambda conn: trials.rollouts(conn, now, before=2**31 - 1, limit=20))
    table = Table()
    for heading in (
        "version",
        "stage",
        "shares",
        "orders",
        "cost ‱",
        "refunds ‱",
        "live: orders",
        "cost ‱",
        "refunds ‱",
    ):
        table.add_column(heading)
    for one in found:
        shares = ", ".join(f"{share.city or '*'} {share.percent} %" for share in one.shares)
        arms = [
            str(figure if figure is not None else "–")
            for arm in (one.candidate, one.live)
            for figure in (arm.orders, arm.cost_basis_points, arm.refund_basis_points)
        ]
        table.add_row(str(one.version), one.stage, shares, *arms)
    console.print(table)


@programme.command
async def rollback(version: int, *, reason: str) -> None:
    """Take a version that was released in steps from everybody who has it, from now on.

    Parameters
    ----------
    version
        Which one.
    reason
        Why; it stands in the log of acts.
    """
    settings = Settings()

    async def work(conn: Connection) -> bool:
        now = settings.clock()
        return await rollout.end(conn, version, "rolled_back", reason, by=getpass.getuser(), now=now)

    async with open_pool(settings) as pool:
        try:
            done = await in_transaction(pool, work)
        except Refusal as refused:
            console.print(f"[red]{refused}[/]", highlight=False)
            sys.exit(1)
    console.print(f"version {version} is rolled back" if done else "it was rolled back before, nothing changed")


def add_to(app: App) -> None:
    """Add these commands."""
    app.command(programme)
