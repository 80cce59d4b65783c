"""`linli programme show|check|publish`."""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path

from cyclopts import App
from rich.table import Table

from linli import programmes, rules
from linli.cli.common import console, open_pool
from linli.flows.publish import publish as publish_document
from linli.kit.db import in_transaction
from linli.settings import Settings

programme = App(name="programme", help="The rules in force: show, check, publish.")


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
    """Publish a document as the next version.

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
    async with open_pool(settings) as pool:
        published = await in_transaction(
            pool,
            lambda conn: publish_document(
                conn,
                file.read_bytes(),
                now=settings.clock(),
                by=getpass.getuser(),
                effective_from=start,
                note=note,
            ),
        )
    console.print(f"version {published.version} published" if published else "nothing changed, nothing published")


def add_to(app: App) -> None:
    """Add these commands."""
    app.command(programme)
