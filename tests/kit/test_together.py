"""`together`: several pieces of work on one connection, answered in one round trip."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import psycopg
import pytest

from linli.kit.connection import Connection
from linli.kit.db import Pool, fetch_all, fetch_one, later, make_pool, together


async def test_each_piece_sees_what_was_sent_before_it_and_answers_in_its_place(pool: Pool) -> None:
    async with pool.connection() as conn:
        await conn.execute("CREATE TEMP TABLE seen (n int)")
        added, counted, listed = await together(
            conn,
            fetch_all(conn, "INSERT INTO seen SELECT generate_series(1, 3) RETURNING n"),
            fetch_one(conn, "SELECT count(*) FROM seen"),
            fetch_all(conn, "SELECT n FROM seen ORDER BY n DESC"),
        )
    assert added == [(1,), (2,), (3,)]
    assert counted == (3,)
    assert listed == [(3,), (2,), (1,)]


async def test_more_than_the_buffers_hold_goes_there_and_back(pool: Pool) -> None:
    long = "x" * 3_000_000
    async with pool.connection() as conn:
        back = await together(conn, *(fetch_one(conn, "SELECT %s::text", (long + str(n),)) for n in range(4)))
    assert [row[0][len(long) :] for row in back] == ["0", "1", "2", "3"]


async def test_what_failed_first_is_raised_and_the_connection_serves_on(pool: Pool) -> None:
    async with pool.connection() as conn:
        with pytest.raises(psycopg.errors.DivisionByZero):
            async with conn.transaction():
                await together(
                    conn,
                    fetch_one(conn, "SELECT 1"),
                    fetch_one(conn, "SELECT 1 / %s", (0,)),
                    fetch_one(conn, "SELECT 2"),
                )
        assert await fetch_one(conn, "SELECT 3") == (3,)


async def test_what_rides_along_leaves_with_the_commit(pool: Pool) -> None:
    async with pool.connection() as conn:
        await conn.execute("CREATE TABLE rides (n int)")
    async with pool.connection() as conn:
        later(conn, fetch_all(conn, "INSERT INTO rides VALUES (1)"))
        assert await fetch_one(conn, "SELECT count(*) FROM rides") == (1,), "a later statement sees it"
        later(conn, fetch_all(conn, "INSERT INTO rides VALUES (2)"), fetch_all(conn, "INSERT INTO rides VALUES (3)"))
    async with pool.connection() as conn:
        assert await fetch_one(conn, "SELECT count(*) FROM rides") == (3,)


async def test_what_rides_along_goes_nowhere_when_the_work_fails(pool: Pool) -> None:
    async with pool.connection() as conn:
        await conn.execute("CREATE TABLE rides (n int PRIMARY KEY)")
    with pytest.raises(RuntimeError):
        async with pool.connection() as conn:
            later(conn, fetch_all(conn, "INSERT INTO rides VALUES (1)"))
            raise RuntimeError
    with pytest.raises(psycopg.errors.UniqueViolation):
        async with pool.connection() as conn:
            later(conn, *(fetch_all(conn, "INSERT INTO rides VALUES (%(n)s)", {"n": n}) for n in (1, 2, 2)))
    with pytest.raises(psycopg.errors.UniqueViolation):
        async with pool.connection() as conn, conn.transaction():
            later(conn, *(fetch_all(conn, "INSERT INTO rides VALUES (%(n)s)", {"n": n}) for n in (4, 4)))
    async with pool.connection() as conn:
        assert await fetch_one(conn, "SELECT count(*) FROM rides") == (0,)


async def test_a_piece_may_need_more_after_its_first_answer(pool: Pool) -> None:
    async def twice(conn: Connection) -> tuple:
        (first,) = await fetch_one(conn, "SELECT 1") or ()
        (second,) = await fetch_one(conn, "SELECT 1 + %(first)s::int", {"first": first}) or ()
        return first, second

    async with pool.connection() as conn:
        assert await together(conn, twice(conn), fetch_one(conn, "SELECT '%'"), twice(conn)) == [(1, 2), ("%",), (1, 2)]


async def test_a_cancelled_statement_leaves_no_broken_connection_behind(pool: Pool) -> None:
    async def wait_long() -> None:
        async with pool.connection() as conn:
            await fetch_one(conn, "SELECT 1")
            begun.set()
            await fetch_one(conn, "SELECT pg_sleep(600)")

    begun = asyncio.Event()
    task = asyncio.create_task(wait_long())
    await begun.wait()
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with pool.connection() as conn:
        assert await fetch_one(conn, "SELECT 3") == (3,)


async def test_statements_of_one_group_are_one_round_trip(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    syncs = 0
    async with pool.connection() as conn:
        original = Connection._travel

        def counted(self: Connection, group: list) -> object:
            nonlocal syncs
            syncs += self is conn  # the pool may open others meanwhile
            return original(self, group)

        monkeypatch.setattr(Connection, "_travel", counted)
        await together(conn, fetch_one(conn, "SELECT 1"), fetch_one(conn, "SELECT 2"))
        later(conn, fetch_one(conn, "SELECT 3"))
        await conn.commit()
    assert syncs == 2


async def test_a_savepoint_that_fails_takes_nothing_along_that_was_told_before(pool: Pool) -> None:
    async with pool.connection() as conn:
        await conn.execute("CREATE TABLE rides (n int)")
    async with pool.connection() as conn:
        later(conn, fetch_all(conn, "INSERT INTO rides VALUES (1)"))
        with pytest.raises(RuntimeError):
            async with conn.transaction():
                later(conn, fetch_all(conn, "INSERT INTO rides VALUES (2)"))
                raise RuntimeError
    async with pool.connection() as conn:
        assert await fetch_all(conn, "SELECT n FROM rides") == [(1,)]


async def test_a_rollback_by_psycopg_leaves_our_prepared_statements_alone(conn: Connection) -> None:
    """psycopg drops every prepared statement of the session on a rollback, if it prepared any itself."""
    assert await fetch_all(conn, "SELECT %(n)s::int", {"n": 1}) == [(1,)]
    with suppress(ZeroDivisionError):
        async with conn.transaction():
            async with conn.cursor() as cursor:  # as procrastinate writes jobs
                for _ in range(3):
                    await cursor.execute("SELECT %(n)s::int + 1", {"n": 1})
            raise ZeroDivisionError
    for n in (2, 3):
        assert await fetch_all(conn, "SELECT %(n)s::int", {"n": n}) == [(n,)]


async def test_no_statement_goes_out_of_a_connection_that_commits_each_by_itself(pool: Pool) -> None:
    """Half of a batch might stay: psycopg_pool's own check once left a connection so."""
    async with pool.connection() as conn:
        await conn.set_autocommit(True)
        with pytest.raises(AssertionError):
            await fetch_one(conn, "SELECT 1")
        await conn.set_autocommit(False)


async def test_a_connection_that_rested_is_looked_at_and_is_in_no_transaction(database_url: str) -> None:
    async with make_pool(database_url, max_size=1) as pool:
        async with pool.connection() as conn:
            first = conn
        first.used_at -= 10
        async with pool.connection() as conn:
            assert conn is first and not conn.autocommit
            assert conn.pgconn.transaction_status == 0
            assert await fetch_one(conn, "SELECT 3") == (3,)
