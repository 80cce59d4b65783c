"""`together`: several pieces of work on one connection, answered in one round trip."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import AsyncPipeline

from linli.kit.db import Pool, fetch_all, fetch_one, together


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


async def test_statements_leave_with_the_first_that_wants_its_answer(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """psycopg would wake the server for each; should it rename what `together` reaches into, this tells."""
    woken = 0
    original = AsyncPipeline._communicate_gen

    def counted(self: AsyncPipeline) -> object:
        nonlocal woken
        woken += 1
        return original(self)

    monkeypatch.setattr(AsyncPipeline, "_communicate_gen", counted)
    async with pool.connection() as conn:
        await together(conn, fetch_one(conn, "SELECT 1"), fetch_one(conn, "SELECT 2"))
    assert woken == 0
