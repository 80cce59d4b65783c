"""Monthly partitions of tables that are partitioned by range of a date column."""

from __future__ import annotations

from datetime import date

import psycopg
from psycopg import sql

from linli.kit.clock import add_months
from linli.kit.db import Connection, fetch_all


async def ensure_months(conn: Connection, table: str, first: date, last: date) -> list[str]:
    """Have a partition `{table}_y2026m03` for each month from that of `first` to that of `last`; the names of new ones.

    A month of which `{table}_default` holds rows already stays there: its name is not returned, and nothing fails.
    Runs in the caller's transaction and may be called by many at once. Statements that write to other months go on
    meanwhile; those that touch the default partition wait until the caller commits.
    """
    months = {}
    month = first.replace(day=1)
    while month <= last:
        months[f"{table}_y{month:%Y}m{month:%m}"] = month
        month = add_months(month, 1)
    if months.keys() <= await _partitions(conn, table):
        return []  # the usual case takes no lock
    await conn.execute("SELECT pg_advisory_xact_lock(hashtext('linli.kit.partitions'), hashtext(%s))", (table,))
    existing = await _partitions(conn, table)
    made = []
    for name, month in months.items():
        if name not in existing and await _attached(conn, table, name, month):
            made.append(name)
    return made


async def _partitions(conn: Connection, table: str) -> set[str]:
    rows = await fetch_all(
        conn,
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass",
        (table,),
    )
    return {str(name) for (name,) in rows}


async def _attached(conn: Connection, table: str, name: str, month: date) -> bool:
    """Make the partition; False if the default partition has rows of that month."""
    # Made apart and then attached, which lets others write to the table; PARTITION OF would lock all of it.
    # Indexes, foreign keys and triggers come with ATTACH.
    create = sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED)")
    attach = sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})")
    bounds = sql.Literal(month), sql.Literal(add_months(month, 1))
    try:
        async with conn.transaction():
            await conn.execute(create.format(sql.Identifier(name), sql.Identifier(table)))
            await conn.execute(attach.format(sql.Identifier(table), sql.Identifier(name), *bounds))
    except psycopg.errors.CheckViolation:
        return False
    return True
