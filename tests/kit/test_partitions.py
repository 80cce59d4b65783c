"""Months are made ahead, once, beside living traffic; rows that came too early stay where they are."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from linli.kit.db import Connection, Pool, fetch_all, make_pool
from linli.kit.partitions import ensure_months

MARCH, APRIL, MAY = date(2026, 3, 9), date(2026, 4, 30), date(2026, 5, 1)


@pytest.fixture
async def pool(empty_database_url: str):  # no schema is needed here
    async with make_pool(empty_database_url) as opened:
        await _create(opened)
        yield opened


async def _create(pool: Pool) -> None:
    async with pool.connection() as conn:
        await conn.execute("CREATE TABLE owner (id int PRIMARY KEY)")
        await conn.execute(
            "CREATE TABLE entry (id bigint GENERATED ALWAYS AS IDENTITY, owner int REFERENCES owner,"
            " made_on date NOT NULL, points int NOT NULL DEFAULT 5 CHECK (points > 0),"
            " twice int GENERATED ALWAYS AS (points * 2) STORED,"
            " PRIMARY KEY (id, made_on)) PARTITION BY RANGE (made_on)"
        )
        await conn.execute("CREATE INDEX ON entry (points)")
        await conn.execute("CREATE TABLE entry_default PARTITION OF entry DEFAULT")


async def homes(conn: Connection) -> list[tuple[object, ...]]:
    return await fetch_all(conn, "SELECT tableoid::regclass::text, made_on FROM entry ORDER BY made_on")


async def test_each_month_gets_a_partition_once(conn: Connection) -> None:
    assert await ensure_months(conn, "entry", MARCH, MAY) == ["entry_y2026m03", "entry_y2026m04", "entry_y2026m05"]
    assert await ensure_months(conn, "entry", MARCH, date(2026, 6, 1)) == ["entry_y2026m06"]
    assert await ensure_months(conn, "entry", date(2026, 12, 31), date(2027, 1, 1)) == [
        "entry_y2026m12",
        "entry_y2027m01",
    ]
    assert await ensure_months(conn, "entry", MAY, APRIL) == []
    days = [
        date(2026, 2, 28),
        date(2026, 3, 1),
        date(2026, 3, 31),
        date(2026, 4, 1),
        date(2026, 12, 31),
        date(2027, 2, 1),
    ]
    for day in days:
        await conn.execute("INSERT INTO entry (made_on) VALUES (%s)", (day,))
    names = ["entry_default", "entry_y2026m03", "entry_y2026m03", "entry_y2026m04", "entry_y2026m12", "entry_default"]
    assert await homes(conn) == list(zip(names, days, strict=True))


async def test_a_partition_has_all_that_the_table_has(conn: Connection) -> None:
    await ensure_months(conn, "entry", MARCH, MARCH)
    [row] = await fetch_all(conn, "INSERT INTO entry_y2026m03 (made_on) VALUES ('2026-03-09') RETURNING points, twice")
    assert row == (5, 10)
    of_each = await fetch_all(
        conn,
        "SELECT (SELECT count(*) FROM pg_index WHERE indrelid = c.oid),"
        " (SELECT array_agg(contype::text ORDER BY contype) FROM pg_constraint"
        "  WHERE conrelid = c.oid AND contype <> 'n')"
        " FROM pg_class c WHERE relname IN ('entry_default', 'entry_y2026m03')",
    )
    assert of_each == [(2, ["c", "f", "p"])] * 2


async def test_a_month_with_rows_in_the_default_partition_stays_there(conn: Connection) -> None:
    await conn.execute("INSERT INTO entry (made_on) VALUES (%s)", (APRIL,))
    assert await ensure_months(conn, "entry", MARCH, MAY) == ["entry_y2026m03", "entry_y2026m05"]
    assert await ensure_months(conn, "entry", MARCH, MAY) == []
    assert await homes(conn) == [("entry_default", APRIL)]
    await conn.execute("DELETE FROM entry")
    assert await ensure_months(conn, "entry", MARCH, MAY) == ["entry_y2026m04"], "nothing of the attempt was left"


async def test_many_may_ask_at_once(pool: Pool) -> None:
    async def ask() -> list[str]:
        async with pool.connection() as conn:
            return await ensure_months(conn, "entry", MARCH, MAY)

    made = await asyncio.gather(*(ask() for _ in range(4)))
    assert sorted(made) == [[], [], [], ["entry_y2026m03", "entry_y2026m04", "entry_y2026m05"]]


async def test_others_write_to_their_month_meanwhile(pool: Pool) -> None:
    async with pool.connection() as conn:
        await ensure_months(conn, "entry", MARCH, MARCH)
    async with pool.connection() as writer, pool.connection() as conn:
        await writer.execute("INSERT INTO entry (made_on) VALUES (%s)", (MARCH,))
        await conn.execute("SET LOCAL lock_timeout = '2s'")
        assert await ensure_months(conn, "entry", MARCH, APRIL) == ["entry_y2026m04"], "it waits for no writer"
        await writer.execute("SET LOCAL lock_timeout = '2s'")
        await writer.execute("INSERT INTO entry (made_on) VALUES (%s)", (MARCH,))
