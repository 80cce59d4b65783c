"""Sums of what never changes: the same whether they were rolled up, at which step, or reckoned on the spot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from linli import insights, ledger
from linli.flows.intake import take_in
from linli.flows.publish import LiveProgrammes
from linli.flows.roll_up import roll_up
from linli.flows.sweep import sweep
from linli.insights import DayFigures, Period
from linli.kit.db import Pool, fetch_all, in_transaction
from tests.flows.world import READER, SHANGHAI, event, open_programme, stamp

ZONE = "Asia/Shanghai"
FIRST, LAST = date(2026, 2, 27), date(2026, 3, 2)
ALL = Period(FIRST, LAST)
AFTERWARDS = datetime(2026, 3, 10, tzinfo=UTC)


@pytest.fixture
async def live(pool: Pool) -> LiveProgrammes:
    return await in_transaction(pool, partial(open_programme, preset="neighbours"))


async def _paid(pool: Pool, live: LiveProgrammes, name: str, at: datetime, yuan: int, city: str | None) -> None:
    """An order of member `name`, received as it happened."""
    place = {"city": city} if city else {}
    told = event("order.paid", f"e:{name}:{at}", at, member_id=name, order_id=f"{at}", paid_fen=100 * yuan, **place)
    now = ledger.Stamp(at=at, on=SHANGHAI.date_of(at))
    (outcome,) = await in_transaction(pool, lambda conn: take_in(conn, [told], now, live, READER))
    assert outcome.outcome == "accepted"


async def _spend(pool: Pool, name: str, points: int, at: datetime, *, back: int = 0) -> None:
    now = ledger.Stamp(at=at, on=SHANGHAI.date_of(at))
    await in_transaction(pool, lambda conn: ledger.spend(conn, now, name, "points", points, "s"))
    if back:
        await in_transaction(pool, lambda conn: ledger.refund(conn, now, name, "points", "spend:s", back, "r"))


@pytest.fixture
async def world(pool: Pool, live: LiveProgrammes) -> AsyncIterator[Pool]:
    """A month's end in two cities and nowhere: orders around midnight, two nights, spending, a correction."""
    midnight = SHANGHAI.starts_at(date(2026, 3, 1))
    tick = timedelta(microseconds=1)
    await _paid(pool, live, "hana", SHANGHAI.starts_at(FIRST), 10, "hangzhou")
    await _paid(pool, live, "hana", midnight - tick, 20, "hangzhou")
    await _paid(pool, live, "hana", midnight, 40, "hangzhou")
    await _paid(pool, live, "susu", midnight - tick, 80, "suzhou")
    await _paid(pool, live, "noone", midnight, 160, None)
    for day in (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2)):
        at = SHANGHAI.starts_at(day) + timedelta(hours=1)
        await sweep(pool, "settle", day, lambda at=at: at)
    await _spend(pool, "hana", 50, SHANGHAI.starts_at(LAST) + timedelta(hours=5), back=15)
    correct = partial(ledger.adjust, points=-7, key="a", reason="test", expires_on=date(2027, 1, 1))
    await in_transaction(pool, lambda conn: correct(conn, stamp(LAST), "susu", "points"))
    yield pool


def _of(on: date, city: str | None, **points: int) -> DayFigures:
    zero = dict.fromkeys(("granted", "settled", "spent", "expired", "reversed", "adjusted"), 0)
    return DayFigures(on=on, city=city, **{**zero, **points})


FEBRUARY, MARCH = date(2026, 2, 28), date(2026, 3, 1)
EXPECTED = [
    _of(FIRST, "hangzhou", granted=10),
    _of(FEBRUARY, "hangzhou", granted=20, settled=10),
    _of(FEBRUARY, "suzhou", granted=80),
    _of(MARCH, None, granted=160),
    _of(MARCH, "hangzhou", granted=40, settled=20),
    _of(MARCH, "suzhou", settled=80),
    _of(LAST, None, settled=160),
    _of(LAST, "hangzhou", settled=40, spent=35),
    _of(LAST, "suzhou", adjusted=-7),
]


async def _days(pool: Pool, period: Period = ALL) -> list[DayFigures]:
    return await in_transaction(pool, lambda conn: insights.days(conn, period, ZONE))


async def _hours(pool: Pool, period: Period = ALL) -> list[Any]:
    return await in_transaction(pool, lambda conn: insights.hours(conn, period, SHANGHAI))


async def _sums(pool: Pool) -> list[Any]:
    return await in_transaction(pool, lambda conn: fetch_all(conn, "SELECT * FROM insights_hour ORDER BY 1, 2, 3"))


async def _roll(pool: Pool, now: datetime = AFTERWARDS, most_steps: int | None = None) -> int:
    return await roll_up(pool, lambda: now, SHANGHAI, most_steps=most_steps)


async def test_an_empty_world(pool: Pool) -> None:
    assert await _roll(pool) == 1
    assert (await _days(pool), await _hours(pool), await _sums(pool)) == ([], [], [])
    async with pool.connection() as conn:
        assert await insights.liability(conn, None, LAST) == (insights.Liability(0, 0, 0, 0), [])
        assert await insights.people(conn) == []
        assert await insights.counts(conn, AFTERWARDS) == insights.Counts(0, 0, 0)


async def test_days_are_the_same_rolled_up_or_not_at_every_step(world: Pool) -> None:
    assert await _days(world) == EXPECTED
    hours = await _hours(world)
    steps = 0
    while await _roll(world, most_steps=1) and not await _done(world):
        steps += 1
        assert await _days(world) == EXPECTED
        assert await _hours(world) == hours
        async with world.connection() as conn:
            assert (await insights.counts(conn, AFTERWARDS)).events_total == 5
        assert steps < 50
    assert steps > 3, "a step is a day"
    assert await _days(world) == EXPECTED


async def _done(pool: Pool) -> bool:
    async with pool.connection() as conn:
        return await insights.rolled_until(conn) >= AFTERWARDS - timedelta(minutes=2)


async def test_rolled_up_again_it_comes_out_the_same(world: Pool) -> None:
    await _roll(world)
    first = await _sums(world)
    await in_transaction(world, insights.forget)
    assert await _sums(world) == []
    assert await _days(world) == EXPECTED, "without sums everything is reckoned"
    await _roll(world)
    assert await _sums(world) == first


async def test_an_hour_is_rolled_up_in_parts(world: Pool) -> None:
    """Every few minutes, as the worker does: the parts add up."""
    at = SHANGHAI.starts_at(FIRST)
    while at < SHANGHAI.starts_at(LAST) + timedelta(days=1):
        await _roll(world, at)
        at += timedelta(minutes=7 * 60 + 7)
    await _roll(world)
    assert await _days(world) == EXPECTED


async def test_what_is_not_settled_yet_is_left_for_later(world: Pool) -> None:
    """A batch of this very minute may not have committed."""
    now = SHANGHAI.starts_at(LAST) + timedelta(hours=5, minutes=1)
    await _roll(world, now)
    async with world.connection() as conn:
        assert await insights.rolled_until(conn) == now - timedelta(minutes=2)
    assert await _days(world) == EXPECTED


async def test_a_late_run_counts_on_its_own_date(world: Pool, live: LiveProgrammes) -> None:
    """A run of a past date, done today, changes the figures of that date: they are what is booked on it."""
    await _roll(world)
    async with world.connection() as conn:
        late = datetime(2026, 3, 9, 23, tzinfo=UTC) + timedelta(hours=1)
        grant = partial(ledger.Stamp, at=late, on=LAST)
        await ledger.adjust(conn, grant(), "hana", "points", 5, "late", reason="t", expires_on=date(2027, 1, 1))
    expected = [_of(LAST, "hangzhou", settled=40, spent=35, adjusted=5) if d == EXPECTED[-2] else d for d in EXPECTED]
    assert await _days(world) == expected
    await _roll(world, AFTERWARDS + timedelta(days=1))
    assert await _days(world) == expected


async def test_one_city_and_one_day(world: Pool) -> None:
    for rolled in (False, True):
        if rolled:
            await _roll(world)
        assert await _days(world, ALL._replace(city="suzhou")) == [d for d in EXPECTED if d.city == "suzhou"]
        assert await _days(world, Period(FEBRUARY, FEBRUARY)) == [d for d in EXPECTED if d.on == FEBRUARY]
        assert await _days(world, ALL._replace(city="nowhere")) == []


async def test_events_by_hour(world: Pool) -> None:
    for rolled in (False, True):
        if rolled:
            await _roll(world)
        assert [(f"{hour.hour_at:%m-%d %H}", hour.count) for hour in await _hours(world)] == [
            ("02-26 16", 1), ("02-28 15", 2), ("02-28 16", 2)
        ]  # fmt: skip
        assert [hour.count for hour in await _hours(world, Period(MARCH, MARCH))] == [2]
        assert [hour.count for hour in await _hours(world, Period(MARCH, MARCH, "hangzhou"))] == [1]


async def test_what_is_owed(world: Pool) -> None:
    async with world.connection() as conn:
        owed, months = await insights.liability(conn, None, LAST)
        assert (owed.available, owed.pending, owed.held, owed.debt) == (310 - 35 - 7, 0, 0, 0)
        assert sum(month.points for month in months) == owed.available
        assert {month.month for month in months} == {"2027-02", "2027-03"}
        of_city, _ = await insights.liability(conn, "suzhou", LAST)
        assert of_city.available == 73
        lapsed, months = await insights.liability(conn, None, date(2027, 2, 28))  # before any run
        assert (lapsed.available, [month.month for month in months]) == (160 + 40 - 20 + 15, ["2027-03"])
        assert (await insights.liability(conn, None, date(2027, 3, 1)))[0].available == 0
