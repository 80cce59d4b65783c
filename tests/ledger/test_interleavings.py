"""Two transactions in one exact interleaving: what one of them reads may be old when it writes."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from linli import ledger
from linli.kit.audit import run_audit
from linli.kit.db import Connection, Pool, fetch_all, fetch_one, in_transaction
from linli.ledger import sweeps
from linli.words.grants import Grant
from tests.flows.world import CHECKS, stamp

EARNED_ON, LAPSES_ON, UNTIL = date(2026, 3, 1), date(2026, 3, 2), date(2027, 1, 1)
HOLD = UUID(int=1)


async def blocked_or_done(pool: Pool, task: asyncio.Task[Any]) -> None:
    """Wait until the task has ended, or its statement waits for a lock of another transaction."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while not task.done():
        row = await in_transaction(pool, lambda conn: fetch_one(conn, waiting))
        if row and row[0]:
            return


async def credit(conn: Connection) -> None:
    """Ten points of a grant that lapse tomorrow, all of them held until then, and fifty that stay."""
    at = stamp(EARNED_ON)
    promise = Grant(
        member_id="m", key="g", rule="r", rule_version=1, points=10, wallet="points", funder="platform",
        occurred_at=at.at, earned_on=EARNED_ON, settle_on=EARNED_ON, expires_on=LAPSES_ON, event_type="check_in",
        source="linli", event_id="e",
    )  # fmt: skip
    await ledger.grant(conn, [promise])
    await ledger.settle_members(conn, at, EARNED_ON, ["m"])
    await ledger.hold(conn, at, "m", "points", 10, HOLD, at.at + timedelta(days=9))
    await ledger.adjust(conn, at, "m", "points", 50, "a", reason="start", expires_on=UNTIL)


async def test_points_that_come_back_lapsed_while_expiry_is_under_way(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Expiry has taken its locks; then a hold is released, and a grant reversed, whose lot has lapsed by now."""
    await in_transaction(pool, credit)
    now = stamp(LAPSES_ON)
    reversed_, committed = asyncio.Event(), asyncio.Event()

    async def interfere() -> None:
        await in_transaction(pool, lambda conn: ledger.release(conn, now, "m", HOLD))
        async with pool.connection() as conn, conn.transaction():
            await ledger.reverse(conn, now, "m", "g", 4, "v")
            reversed_.set()
            await committed.wait()

    locked, going_on = asyncio.Event(), asyncio.Event()

    async def between(conn: Connection, sql: str, params: Any = None) -> Any:
        locked.set()
        await going_on.wait()  # the locks are taken, the chunk is about to be read
        return await fetch_one(conn, sql, params)

    monkeypatch.setattr(sweeps, "fetch_one", between)
    expiry = asyncio.create_task(
        in_transaction(pool, lambda conn: ledger.expire_members(conn, now, LAPSES_ON, ["m"]), attempts=1)
    )
    await locked.wait()
    other = asyncio.create_task(interfere())
    await blocked_or_done(pool, asyncio.create_task(reversed_.wait()))
    going_on.set()
    await blocked_or_done(pool, expiry)
    committed.set()
    await asyncio.gather(expiry, other)
    async with pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []
    await in_transaction(pool, lambda conn: ledger.expire_members(conn, now, LAPSES_ON, ["m"]))
    found = await in_transaction(pool, lambda c: fetch_all(c, "SELECT points, remaining, lapsed FROM ledger_lot"))
    assert sorted(found) == [(10, 0, 6), (50, 50, 0)]


async def test_settlement_waits_for_a_spending_under_way(pool: Pool) -> None:
    """Its lines follow those of the spending, though its statement began before that was committed."""
    await in_transaction(pool, credit)
    due = Grant(
        member_id="m", key="g2", rule="r", rule_version=1, points=7, wallet="points", funder="platform",
        occurred_at=stamp(EARNED_ON).at, earned_on=EARNED_ON, settle_on=LAPSES_ON, expires_on=UNTIL,
        event_type="check_in", source="linli", event_id="e2",
    )  # fmt: skip
    await in_transaction(pool, lambda conn: ledger.grant(conn, [due]))
    now = stamp(LAPSES_ON)
    settle = partial(ledger.settle_members, stamp=now, on=LAPSES_ON, members=["m"])
    async with pool.connection() as conn, conn.transaction():
        await ledger.spend(conn, now, "m", "points", 20, "s1")
        settlement = asyncio.create_task(in_transaction(pool, settle, attempts=1))
        await blocked_or_done(pool, settlement)
        assert not settlement.done()
    assert (await settlement).points == 7
    async with pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []
        lines = await ledger.statement(conn, "m", "points", kinds=None, from_on=EARNED_ON, to_on=LAPSES_ON, limit=2)
    assert [(line.kind, line.available_after) for line in lines] == [("settle", 37), ("spend", 30)]


async def test_a_grant_is_reversed_once_by_two_at_once(pool: Pool) -> None:
    """The second reads the grant under its lock, and finds that nothing is left of it."""
    await in_transaction(pool, credit)
    now = stamp(EARNED_ON)
    async with pool.connection() as conn, conn.transaction():
        await ledger.reverse(conn, now, "m", "g", 10, "v1")
        second = asyncio.create_task(
            in_transaction(pool, lambda other: ledger.reverse(other, now, "m", "g", 10, "v2"), attempts=1)
        )
        await blocked_or_done(pool, second)
    with pytest.raises(ledger.ReverseTooLarge):
        await second
    async with pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []
