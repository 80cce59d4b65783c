"""What travels together and goes wrong: no error is lost, no write is lost, and the connection serves on."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import Any

import psycopg
import pytest

from linli.kit.connection import Connection
from linli.kit.db import Pool, fetch_all, fetch_one, in_transaction, later, together


async def _pid(conn: Connection) -> int:
    (pid,) = await fetch_one(conn, "SELECT pg_backend_pid()") or (0,)
    return pid


@pytest.fixture
async def rides(pool: Pool) -> None:
    """A table to write to."""
    async with pool.connection() as conn:
        await conn.execute("CREATE TABLE rides (n int PRIMARY KEY)")


async def _written(pool: Pool) -> list[int]:
    async with pool.connection() as conn:
        return [n for (n,) in await fetch_all(conn, "SELECT n FROM rides ORDER BY n")]


async def test_a_value_that_cannot_be_sent_costs_its_savepoint_and_nothing_else(pool: Pool, rides: None) -> None:
    async with pool.connection() as conn:
        pid = await _pid(conn)
        await conn.execute("INSERT INTO rides VALUES (1)")
        with pytest.raises(psycopg.DataError):
            async with conn.transaction():
                later(conn, fetch_all(conn, "INSERT INTO rides VALUES (2)"))
                await together(conn, fetch_one(conn, "SELECT 1"), fetch_one(conn, "SELECT %s::text", ("\0",)))
        assert await _pid(conn) == pid
    assert await _written(pool) == [1]


async def test_a_value_that_cannot_be_sent_first_thing_leaves_no_transaction_open(pool: Pool, rides: None) -> None:
    async with pool.connection() as conn:
        with pytest.raises(psycopg.DataError):
            await fetch_one(conn, "SELECT %s::text", ("\0",))
        await conn.execute("INSERT INTO rides VALUES (1)")
    assert await _written(pool) == [1]


async def test_work_whose_connection_was_lost_before_the_commit_is_done_again(pool: Pool, rides: None) -> None:
    times = 0

    async def work(conn: Connection) -> None:
        nonlocal times
        times += 1
        await conn.execute("INSERT INTO rides VALUES (1)")
        if times == 1:
            conn.pgconn.finish()  # and nobody notices before the commit

    await in_transaction(pool, work)
    assert (times, await _written(pool)) == (2, [1])


async def test_an_error_that_was_swallowed_is_told_at_the_commit(pool: Pool, rides: None) -> None:
    async def careless(conn: Connection) -> str:
        await conn.execute("INSERT INTO rides VALUES (1)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            await conn.execute("INSERT INTO rides VALUES (1)")
        return "done"

    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        await in_transaction(pool, careless)
    assert await _written(pool) == []


@pytest.mark.parametrize("meanwhile", ["DEALLOCATE ALL", "ALTER TABLE rides ALTER n TYPE bigint"])
async def test_what_was_prepared_and_holds_no_more_is_prepared_anew(pool: Pool, rides: None, meanwhile: str) -> None:
    times = 0

    async def work(conn: Connection) -> list[Any]:
        nonlocal times
        times += 1
        found = await fetch_all(conn, "SELECT n FROM rides")
        if times == 1:
            async with pool.connection() if meanwhile.startswith("ALTER") else nullcontext(conn) as other:
                await conn.commit()
                await other.execute(meanwhile)
                await other.commit()
            found = await fetch_all(conn, "SELECT n FROM rides")
        return found

    assert await in_transaction(pool, work) == []
    assert times == 2


async def test_pieces_after_one_that_failed_are_ended(pool: Pool) -> None:
    ended: list[str] = []

    async def piece(conn: Connection, name: str, *, fails: str = "") -> None:
        try:
            if fails == "before":
                raise ValueError(name)
            await fetch_one(conn, "SELECT 1")
            if fails == "after":
                raise ValueError(name)
            await fetch_one(conn, "SELECT 2")
        finally:
            ended.append(name)

    async with pool.connection() as conn:
        for fails in ("after", "before"):
            ended.clear()
            with pytest.raises(ValueError, match="bad"):
                await together(conn, piece(conn, "bad", fails=fails), piece(conn, "next"), piece(conn, "last"))
            assert ended[0] == "bad"
            assert "next" in ended or fails == "before"  # what never began needs no end
            assert await fetch_one(conn, "SELECT 3") == (3,)


async def test_cancelled_anywhere_it_is_all_or_nothing_and_the_pool_stays_whole(pool: Pool, rides: None) -> None:
    """One step of the event loop further each time, until the work is done before it is cancelled."""

    async def work(conn: Connection, n: int) -> None:
        await together(conn, fetch_one(conn, "SELECT pg_sleep(0.001)"), conn.execute("SAVEPOINT s"))
        await conn.execute("INSERT INTO rides VALUES (%s)", (3 * n,))
        async with conn.transaction():
            later(conn, fetch_all(conn, "INSERT INTO rides VALUES (%s)", (3 * n + 1,)))
        later(conn, fetch_all(conn, "INSERT INTO rides VALUES (%s)", (3 * n + 2,)))

    done = steps = 0
    while done < 3:
        task = asyncio.create_task(in_transaction(pool, lambda conn, n=steps: work(conn, n)))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        done += not (await asyncio.gather(task, return_exceptions=True))[0]
        steps += 1
        async with pool.connection() as conn:  # it is as new
            assert conn.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE
            assert not conn._riding
            assert await fetch_one(conn, "SELECT 3") == (3,)
    written = await _written(pool)
    assert [n // 3 for n in written[::3]] == [n // 3 for n in written[1::3]] == [n // 3 for n in written[2::3]]
    async with pool.connection() as conn:
        left = await fetch_one(
            conn,
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND state LIKE 'idle in transaction%%'",
            (),
        )
    assert left == (0,)
