"""The night's work: each business date once, stopped and resumed, killed and done again, counted exactly."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from psycopg.pq import TransactionStatus

from linli import ledger
from linli.flows import sweep as sweeping
from linli.flows.intake import take_in
from linli.flows.publish import LiveProgrammes
from linli.flows.sweep import release_holds, sweep
from linli.kit.audit import run_audit
from linli.kit.clock import add_months
from linli.kit.db import Connection, Pool, fetch_all, in_transaction
from linli.ledger import Run, SweepKind, Tally
from linli.words.events import Event
from linli.words.grants import Grant
from tests.flows.world import CHECKS, READER, SHANGHAI, event, open_programme, stamp

# A cancellation may hit the closing of the cursor itself; its transaction ends all the same.
pytestmark = pytest.mark.filterwarnings("ignore:.*was deleted while still open:ResourceWarning")
FIRST, SECOND, THIRD = date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)
COUNT = 25
POINTS = sum(range(1, COUNT + 1))


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many chunks for few members."""
    monkeypatch.setattr(sweeping, "CHUNK", 3)


@pytest.fixture
async def live(pool: Pool) -> LiveProgrammes:
    return await in_transaction(pool, partial(open_programme, preset="neighbours"))


@pytest.fixture(autouse=True)
async def audited(pool: Pool) -> Any:
    """Whatever a test did, the audit finds nothing."""
    yield
    gc.collect()  # while the filter above still holds
    async with pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []


def clock_at(on: date, hours: float = 1) -> Any:
    return lambda: SHANGHAI.starts_at(on) + timedelta(hours=hours)


def run_of(pool: Pool, kind: SweepKind, on: date, **named: Any) -> Any:
    return sweep(pool, kind, on, clock_at(on), **named)


async def tell(pool: Pool, live: LiveProgrammes, told: Event) -> Any:
    at = told.occurred_at
    now = ledger.Stamp(at=at, on=SHANGHAI.date_of(at))
    return (await in_transaction(pool, lambda conn: take_in(conn, [told], now, live, READER)))[0]


def paid(number: int, at: datetime) -> Event:
    return event("order.paid", f"e{number}", at, member_id="m", order_id=f"o{number}", paid_fen=1_000)


async def promise(pool: Pool, *, expires_on: date = date(2027, 1, 1)) -> None:
    """Member m01 is promised 1 point, m02 2 points, and so on, all due on FIRST."""
    at = SHANGHAI.starts_at(FIRST) - timedelta(hours=1)
    grants = [
        Grant(
            member_id=f"m{n:02}", key="k", rule="r", rule_version=1, points=n, wallet="points", funder="platform",
            occurred_at=at, earned_on=SHANGHAI.date_of(at), settle_on=FIRST, expires_on=expires_on,
            event_type="check_in", source="linli", event_id="e",
        )
        for n in range(1, COUNT + 1)
    ]  # fmt: skip
    assert len(await in_transaction(pool, lambda conn: ledger.grant(conn, grants))) == COUNT


async def available(pool: Pool) -> int:
    found = await in_transaction(
        pool, lambda c: fetch_all(c, "SELECT coalesce(sum(available), 0)::int FROM ledger_balance")
    )
    return found[0][0]


def figures(run: Run) -> tuple[int, int, int, bool]:
    return run.members, run.items, run.points, run.finished_at is not None


# --- each date once ---


async def test_points_of_a_date_are_credited_on_the_next_once(pool: Pool, live: LiveProgrammes) -> None:
    """The last microsecond of a date belongs to it, the first of the next to that."""
    midnight = SHANGHAI.starts_at(SECOND)
    last = await tell(pool, live, paid(1, midnight - timedelta(microseconds=1)))
    first = await tell(pool, live, paid(2, midnight))
    assert [told.granted[0].settle_on for told in (last, first)] == [SECOND, THIRD]
    assert figures(await run_of(pool, "settle", FIRST)) == (0, 0, 0, True)
    run = await run_of(pool, "settle", SECOND)
    assert figures(run) == (1, 1, 10, True)
    assert await run_of(pool, "settle", SECOND) == run
    assert await available(pool) == 10
    assert figures(await run_of(pool, "settle", THIRD)) == (1, 1, 10, True)
    assert await available(pool) == 20


async def test_what_comes_after_the_run_goes_to_the_next_and_says_so(pool: Pool, live: LiveProgrammes) -> None:
    await run_of(pool, "settle", SECOND)
    late = await tell(pool, live, paid(1, SHANGHAI.starts_at(FIRST)))
    assert late.granted[0].settle_on == THIRD
    assert figures(await run_of(pool, "settle", SECOND)) == (0, 0, 0, True)
    assert await available(pool) == 0
    assert figures(await run_of(pool, "settle", THIRD)) == (1, 1, 10, True)


async def test_a_night_that_was_missed_is_made_up_for(pool: Pool) -> None:
    await promise(pool)
    assert figures(await run_of(pool, "settle", THIRD)) == (COUNT, COUNT, POINTS, True)


# --- stopped, cancelled, killed ---


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("kind", ["settle", "expire"])
async def test_stopped_between_chunks_and_resumed(pool: Pool, kind: SweepKind) -> None:
    on = await _due(pool, kind)
    stop, told = asyncio.Event(), Tally()

    def progress(tally: Tally) -> None:
        told.members, told.items, told.points = (
            told.members + tally.members, told.items + tally.items, told.points + tally.points
        )  # fmt: skip
        stop.set()

    stopped = await run_of(pool, kind, on, progress=progress, stop=stop)
    assert stopped.finished_at is None and 0 < stopped.items < COUNT
    assert figures(stopped)[:3] == (told.members, told.items, told.points)
    await _connections_are_sound(pool)
    assert await available(pool) == (stopped.points if kind == "settle" else POINTS - stopped.points)
    assert figures(await run_of(pool, kind, on)) == (COUNT, COUNT, POINTS, True)


async def _connections_are_sound(pool: Pool) -> None:
    """Whoever gets one of the pool's connections next finds it as new: the sweep does nothing with it any more."""
    held = [await pool.getconn() for _ in range(3)]
    for conn in held:
        await conn.execute("SELECT 1")
    for _ in range(20):  # whatever the event loop still has to do, it does now
        await asyncio.sleep(0)
    for conn in held:
        async with conn.transaction():
            await conn.execute("SELECT 1")
        assert conn.info.transaction_status == TransactionStatus.INTRANS
        await conn.rollback()
        await pool.putconn(conn)


async def _due(pool: Pool, kind: SweepKind) -> date:
    """Have COUNT things due, and say when."""
    await promise(pool, expires_on=THIRD)
    if kind == "settle":
        return FIRST
    await run_of(pool, "settle", FIRST)
    return THIRD


class Killed(Exception):
    """A worker dies within a chunk, after its work and before its commit."""


@pytest.fixture(params=[1, 2, 4])
def dies_at(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The chunk whose worker dies."""
    chunk, seen = sweeping._chunk, 0

    async def dying(conn: Connection, **named: Any) -> Tally:
        nonlocal seen
        seen = number = seen + 1  # chunks are under way at once
        tally = await chunk(conn, **named)
        if number == request.param:
            raise Killed
        return tally

    monkeypatch.setattr(sweeping, "_chunk", dying)
    yield request.param
    monkeypatch.setattr(sweeping, "_chunk", chunk)


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("kind", ["settle", "expire"])
async def test_killed_within_a_chunk_and_done_again(pool: Pool, kind: SweepKind, dies_at: int) -> None:
    on = await _due(pool, kind) if kind == "settle" else await _due_by_hand(pool)
    with pytest.raises(ExceptionGroup) as group:
        await run_of(pool, kind, on)
    assert group.group_contains(Killed)
    left = await in_transaction(pool, lambda conn: ledger.get_run(conn, kind, on))
    assert left.finished_at is None and left.items < COUNT
    assert figures(await run_of(pool, kind, on)) == (COUNT, COUNT, POINTS, True)


async def _due_by_hand(pool: Pool) -> date:
    """Lots that lapse, without a sweep before: that one would die."""
    await promise(pool, expires_on=THIRD)
    members = [f"m{n:02}" for n in range(1, COUNT + 1)]
    await in_transaction(pool, lambda conn: ledger.settle_members(conn, stamp(FIRST, 1), FIRST, members))
    return THIRD


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("kind", ["settle", "expire"])
async def test_cancelled_in_the_middle_and_done_again(
    pool: Pool, kind: SweepKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task is cancelled while a chunk is under way: that chunk is undone, what was committed is counted."""
    on = await _due_by_hand(pool) if kind == "expire" else await _due(pool, kind)
    chunk, reached, seen = sweeping._chunk, asyncio.Event(), 0

    async def hanging(conn: Connection, **named: Any) -> Tally:
        nonlocal seen
        seen = number = seen + 1  # chunks are under way at once
        tally = await chunk(conn, **named)
        if number == 3:
            reached.set()
            await asyncio.Event().wait()
        return tally

    monkeypatch.setattr(sweeping, "_chunk", hanging)
    task = asyncio.create_task(run_of(pool, kind, on))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    left = await in_transaction(pool, lambda conn: ledger.get_run(conn, kind, on))
    assert left.finished_at is None and left.items < COUNT
    assert await available(pool) == (left.points if kind == "settle" else POINTS - left.points)
    assert figures(await run_of(pool, kind, on)) == (COUNT, COUNT, POINTS, True)


async def test_a_lane_that_misses_its_cancellation_ends_all_the_same(
    pool: Pool, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`asyncio.wait_for` of Python 3.11, by which psycopg waits, swallows one that comes with the answer."""
    await promise(pool)
    chunk, both = sweeping._chunk, asyncio.Event()
    seen = 0

    async def missing(conn: Connection, **named: Any) -> Tally:
        nonlocal seen
        seen = number = seen + 1
        if number == 1:
            await both.wait()
            raise Killed
        both.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return await chunk(conn, **named)

    monkeypatch.setattr(sweeping, "_chunk", missing)
    task = asyncio.create_task(run_of(pool, "settle", FIRST))
    await asyncio.wait([task], timeout=60)  # without its mend it would never be done
    assert task.done()
    with pytest.raises(ExceptionGroup) as group:
        await task
    assert group.group_contains(Killed)
    monkeypatch.setattr(sweeping, "_chunk", chunk)
    assert figures(await run_of(pool, "settle", FIRST)) == (COUNT, COUNT, POINTS, True)


# --- lapsing ---


async def credit(pool: Pool, points: int, until: date) -> None:
    work = partial(ledger.adjust, reason="start", expires_on=until)
    await in_transaction(pool, lambda conn: work(conn, stamp(FIRST), "m", "points", points, f"a{until}"))


async def shown(pool: Pool, on: date) -> tuple[int, int, int]:
    balance = await in_transaction(pool, lambda conn: ledger.get_balance(conn, "m", "points", on))
    return balance.available, balance.held, balance.expired


async def test_a_lot_can_be_spent_until_the_last_instant_before_its_date(pool: Pool) -> None:
    await credit(pool, 10, THIRD)
    assert figures(await run_of(pool, "expire", SECOND)) == (0, 0, 0, True)
    assert await shown(pool, SECOND) == (10, 0, 0)
    last = ledger.Stamp(at=SHANGHAI.starts_at(THIRD) - timedelta(microseconds=1), on=SECOND)
    await in_transaction(pool, lambda conn: ledger.spend(conn, last, "m", "points", 4, "s1"))
    first = ledger.Stamp(at=SHANGHAI.starts_at(THIRD), on=THIRD)
    with pytest.raises(ledger.InsufficientPoints) as refused:
        await in_transaction(pool, lambda conn: ledger.spend(conn, first, "m", "points", 1, "s2"))
    assert refused.value.fields == {"available": 0, "wanted": 1}
    assert await shown(pool, THIRD) == (0, 0, 6)  # the same before the sweep as after it
    assert figures(await run_of(pool, "expire", THIRD)) == (1, 1, 6, True)
    assert await shown(pool, THIRD) == (0, 0, 6)


async def test_spending_passes_over_what_lapsed_before_the_sweep(pool: Pool) -> None:
    await credit(pool, 5, SECOND)
    await credit(pool, 7, date(2026, 6, 1))
    with pytest.raises(ledger.InsufficientPoints):
        await in_transaction(pool, lambda conn: ledger.spend(conn, stamp(SECOND), "m", "points", 8, "s1"))
    await in_transaction(pool, lambda conn: ledger.spend(conn, stamp(SECOND), "m", "points", 7, "s2"))
    assert figures(await run_of(pool, "expire", SECOND)) == (1, 1, 5, True)


@pytest.mark.parametrize("captured", [10, 6])
async def test_a_lot_that_lapses_while_held_is_honoured(pool: Pool, captured: int) -> None:
    """What is captured counts though it lapsed; what comes back has lapsed."""
    await credit(pool, 10, SECOND)
    await _hold(pool, 10)
    assert figures(await run_of(pool, "expire", SECOND)) == (0, 0, 0, True)
    await in_transaction(pool, lambda c: ledger.capture(c, stamp(SECOND, 11), "m", UUID(int=1), captured))
    assert await shown(pool, SECOND) == (0, 0, 10 - captured)
    assert figures(await run_of(pool, "expire", THIRD))[2] == 10 - captured


@pytest.mark.parametrize("by_hand", [True, False])
async def test_a_lot_that_lapses_while_held_lapses_when_released(pool: Pool, by_hand: bool) -> None:
    await credit(pool, 10, SECOND)
    await _hold(pool, 10)
    if by_hand:
        await in_transaction(pool, lambda conn: ledger.release(conn, stamp(SECOND), "m", UUID(int=1)))
    else:
        # One microsecond before its time is over it still holds.
        over = stamp(SECOND).at
        assert await release_holds(pool, lambda: over - timedelta(microseconds=1), SHANGHAI) == 0
        assert await release_holds(pool, lambda: over, SHANGHAI) == 10
    assert await shown(pool, SECOND) == (0, 0, 10)
    with pytest.raises(ledger.InsufficientPoints):
        await in_transaction(pool, lambda conn: ledger.spend(conn, stamp(SECOND), "m", "points", 1, "s1"))
    assert figures(await run_of(pool, "expire", THIRD)) == (1, 1, 10, True)


async def test_points_that_come_back_after_their_expiry_are_looked_for_by_the_next(pool: Pool) -> None:
    """Each expiry reads the lots whose date has come since the last one, and those it is told of."""
    await credit(pool, 10, SECOND)
    await _hold(pool, 10)
    assert figures(await run_of(pool, "expire", SECOND)) == (0, 0, 0, True)
    await in_transaction(pool, lambda conn: ledger.release(conn, stamp(SECOND), "m", UUID(int=1)))
    assert await _lapsing(pool, THIRD) == 1
    assert figures(await run_of(pool, "expire", THIRD)) == (1, 1, 10, True)
    assert await rows(pool, "SELECT FROM ledger_late_lot") == []
    assert await _lapsing(pool, THIRD + timedelta(days=1)) == 0


async def test_points_settled_after_their_expiry_are_looked_for_by_the_next(pool: Pool) -> None:
    """The night of FIRST failed, and is made up for when its points have lapsed."""
    await promise(pool, expires_on=SECOND)
    assert figures(await run_of(pool, "expire", THIRD)) == (0, 0, 0, True)
    assert figures(await run_of(pool, "settle", FIRST)) == (COUNT, COUNT, POINTS, True)
    assert await _lapsing(pool, THIRD + timedelta(days=1)) == COUNT
    assert figures(await run_of(pool, "expire", THIRD + timedelta(days=1))) == (COUNT, COUNT, POINTS, True)


async def test_points_that_are_committed_while_their_expiry_is_under_way(pool: Pool) -> None:
    """A correction of the last evening is still open when the night reads what lapses, and ends when it has gone by."""
    evening = stamp(SECOND, 23)
    async with pool.connection() as conn, conn.transaction():
        await ledger.adjust(conn, evening, "m", "points", 10, "a", reason="late", expires_on=THIRD)
        assert figures(await run_of(pool, "expire", THIRD)) == (0, 0, 0, True)
    assert figures(await run_of(pool, "expire", THIRD + timedelta(days=1))) == (1, 1, 10, True)


async def test_points_that_come_when_expiry_was_run_ahead_of_the_clock(pool: Pool) -> None:
    far = THIRD + timedelta(days=300)
    await run_of(pool, "expire", far)
    await credit(pool, 10, THIRD + timedelta(days=100))
    await credit(pool, 5, THIRD)
    assert figures(await run_of(pool, "expire", THIRD)) == (1, 1, 5, True)
    assert figures(await run_of(pool, "expire", THIRD + timedelta(days=101))) == (1, 1, 10, True)


async def test_dead_lots_are_not_read_again_and_the_audit_would_tell(pool: Pool) -> None:
    """Without its note, what came back late would be passed over: nothing else looks for it."""
    await credit(pool, 10, SECOND)
    await _hold(pool, 10)
    await run_of(pool, "expire", SECOND)
    await in_transaction(pool, lambda conn: ledger.release(conn, stamp(SECOND), "m", UUID(int=1)))
    async with pool.connection() as conn:
        await conn.execute("DELETE FROM ledger_late_lot")
    assert figures(await run_of(pool, "expire", THIRD)) == (0, 0, 0, True)
    async with pool.connection() as conn:
        assert [found.check for found in await run_audit(conn, CHECKS)] == ["14_expiry_left_nothing"]
        await conn.execute("INSERT INTO ledger_late_lot VALUES ('m', 'points', %s)", (SECOND,))
    assert figures(await run_of(pool, "expire", THIRD + timedelta(days=1))) == (1, 1, 10, True)


async def rows(pool: Pool, sql: str) -> list[Any]:
    return await in_transaction(pool, lambda conn: fetch_all(conn, sql))


async def _lapsing(pool: Pool, on: date) -> int:
    return await in_transaction(pool, lambda conn: ledger.count_due(conn, "expire", on))


async def _hold(pool: Pool, points: int) -> None:
    """From FIRST to noon of SECOND, when its lot has lapsed."""
    until = stamp(SECOND).at
    await in_transaction(pool, lambda c: ledger.hold(c, stamp(FIRST), "m", "points", points, UUID(int=1), until))


async def test_a_leap_years_points_last_to_the_end_of_february(pool: Pool, live: LiveProgrammes) -> None:
    """Twelve months from 29 February are 28 February: on that date the points have lapsed."""
    leap = date(2024, 2, 29)
    await tell(pool, live, paid(1, SHANGHAI.starts_at(leap)))
    await run_of(pool, "settle", date(2024, 3, 1))
    end = add_months(leap, 12)
    assert end == date(2025, 2, 28)
    assert await shown(pool, end - timedelta(days=1)) == (10, 0, 0)
    assert await shown(pool, end) == (0, 0, 10)
    assert figures(await run_of(pool, "expire", end)) == (1, 1, 10, True)
