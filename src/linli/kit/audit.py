"""Run a folder of SQL files that must each find nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from linli.kit.db import Connection


class Finding(msgspec.Struct, frozen=True):
    """What one check found: its name, its first comment line, how many rows, and some of them."""

    check: str
    promise: str
    rows: int
    columns: list[str]
    sample: list[tuple[str, ...]]


def checks_in(folder: Path) -> list[tuple[str, str]]:
    """(name, SQL) of each check of `folder`, in the order of their names."""
    return [(path.stem, path.read_text()) for path in sorted(folder.glob("*.sql"))]


async def run_audit(
    conn: Connection,
    checks: list[tuple[str, str]],
    *,
    progress: Callable[[str], None] = lambda name: None,
    sample: int = 5,
) -> list[Finding]:
    """All `checks` in one snapshot. Returns those that found something; [] when all is well."""
    findings: list[Finding] = []
    async with conn.transaction():
        await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for name, text in checks:
            cursor = await conn.execute(text.encode())
            rows = await cursor.fetchall()
            progress(name)
            if rows:
                names = [column.name for column in cursor.description or []]
                shown = [tuple(map(str, row)) for row in rows[:sample]]
                findings.append(Finding(name, text.splitlines()[0].removeprefix("-- "), len(rows), names, shown))
    return findings
