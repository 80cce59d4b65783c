"""The demo: a world that is filled once, however often it is asked for, and that goes on on the next day."""

from __future__ import annotations

import asyncio
import re
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from linli.demo.acts import Acts
from linli.demo.days import World
from linli.demo.fill import begin, fill
from linli.demo.people import FACES, texts
from linli.kit.clock import BusinessCalendar
from linli.replay.driver import Driver, Progress
from linli.startup import ensure_partitions
from tests.replay.conftest import KEY, ZONE, Street

NOW = datetime(2026, 11, 20, 20, 30, tzinfo=ZONE)
"""A Friday evening."""
HOUSEHOLDS, DAYS = 14, 30


@pytest.fixture(scope="module")
def world() -> World:
    return World(ZONE, NOW.date(), DAYS, HOUSEHOLDS)


async def _fill(
    street: Street, world: World, folder: Path, until: datetime = NOW, *, nights: int | None = None
) -> Progress:
    stop = asyncio.Event()

    def tell(progress: Progress) -> None:
        if progress.nights == nights:
            stop.set()

    first = world.dates(until.date())[0]
    async with street.pool.connection() as conn, conn.transaction():
        await ensure_partitions(conn, first, until=until.date() + timedelta(days=40))
    driver = Driver(street.api, street.pool, street.clock, BusinessCalendar(str(ZONE)))
    transport = street.http._transport  # pyright: ignore[reportPrivateUsage]
    async with Acts("http://street", KEY, world, folder, transport=transport) as acts:
        return await fill(world, driver, acts, street.pool, street.clock, until, tell, stop)


async def test_it_fills_every_page_once_stopped_or_not(street: Street, world: World, tmp_path: Path) -> None:
    stopped = await _fill(street, world, tmp_path, nights=20)
    assert not stopped.finished
    done = await _fill(street, world, tmp_path)
    assert done.finished and done.skipped == 20

    totals = await street.totals()
    assert totals.members >= HOUSEHOLDS and totals.orders > DAYS
    assert totals.expired > 0, "points of a year ago lapse on these days"
    assert totals.spendings > 0 and totals.pending > 0 and totals.parked == 3
    types = {row[0] for row in await street.rows("SELECT DISTINCT type FROM inbox_event")}
    assert {"check_in", "group.formed", "review.created", "order.refunded", "member.registered"} <= types
    assert await street.rows("SELECT version FROM programmes_version ORDER BY 1") == [(1,), (2,)]
    assert await street.violations() == []
    states = await street.rows(
        "SELECT state, count(*) FROM coupons_coupon WHERE source = 'claim' GROUP BY 1 ORDER BY 1"
    )
    assert states == [("issued", 1), ("locked", 1), ("used", 1)]
    assert {row[0] for row in await street.rows("SELECT state FROM coupons_template")} == {"draft", "open"}
    assert await street.rows("SELECT state, lines, faulty FROM coupons_issue") == [("preview", 3, 0)]

    lotteries = await street.rows("SELECT draws > 0, seed_hash IS NOT NULL FROM lottery_campaign")
    assert lotteries == [(True, True)] * 2, "one is over, one runs"

    before = await street.standing()
    again = await _fill(street, world, tmp_path)
    assert (again.finished, again.events, again.granted, again.nights) == (True, 0, 0, 0)
    assert await street.standing() == before


async def test_on_the_next_day_it_goes_on(street: Street, world: World, tmp_path: Path) -> None:
    await _fill(street, world, tmp_path)
    before = await street.totals()
    later = await _fill(street, world, tmp_path, NOW + timedelta(days=2))
    after = await street.totals()
    assert later.nights == 2 and later.events > 0
    assert after.orders > before.orders and after.settled > before.settled
    assert await street.violations() == []


def test_the_size_and_the_end_are_kept_until_another_day_comes(tmp_path: Path) -> None:
    begun = begin(tmp_path, NOW, NOW.date(), 30, 14)
    assert begin(tmp_path, NOW + timedelta(hours=2), NOW.date(), 90, 500) == begun
    next_day = NOW + timedelta(days=1)
    later = begin(tmp_path, next_day, next_day.date(), 90, 500)
    assert (later.on, later.days, later.households, later.until) == (NOW.date(), 30, 14, next_day)
    assert begin(tmp_path, next_day.astimezone(UTC), next_day.date(), 30, 14) == later


def test_the_same_date_has_the_same_events_and_none_of_the_future(world: World) -> None:
    on = NOW.date()
    assert world.day(on).batches == World(ZONE, on, DAYS, HOUSEHOLDS).day(on).batches
    some = world.day(on, NOW)
    assert 0 < some.events < world.day(on).events
    hours = list(world.hours(on, NOW))
    assert sum(day.events for _, day in hours) == some.events, "the hours are the day"
    assert len([at for at, day in hours if day.events]) > 6 and hours[-1][0] == NOW
    quiet = {person.member_id for person in world.shown}
    assert not any(f'"check-in-{member_id}-{on}"'.encode() in batch for batch in some.batches for member_id in quiet)
    # The data end; the demo does not.
    assert world.day(on + timedelta(days=400)).events > 0
    assert world.day(date(2026, 3, 1)).events == 0, "between last year's dates and the first there is nothing"


def test_everybody_has_a_name_of_their_own_and_a_face(world: World) -> None:
    names = [person.nickname for person in world.people]
    assert len(set(names)) == len(names) == HOUSEHOLDS + sum(len(city.communities) for city in texts().cities)
    assert all(1 <= len(name) <= 64 for name in names)
    assert {person.avatar for person in world.people} <= {f"face-{n}" for n in range(1, FACES + 1)}
    assert {person.home.city for person in world.people} == {city.name for city in texts().cities}


async def test_operators_and_three_members_can_sign_in(street: Street, world: World, tmp_path: Path) -> None:
    await _fill(street, world, tmp_path)
    transport = street.http._transport  # pyright: ignore[reportPrivateUsage]
    async with Acts("http://street", KEY, world, tmp_path, transport=transport) as acts:
        passwords = await acts.users()
        assert await acts.users() == passwords, "asked for again, they are the same"
        links = await acts.links()
    assert stat.S_IMODE((tmp_path / "passwords.json").stat().st_mode) == 0o600
    assert len(set(passwords.values())) == 3
    for name, password in passwords.items():
        answer = await street.http.post("/v1/session", json={"name": name, "password": password})
        assert answer.status_code == 201 or answer.status_code == 200, answer.text
        assert answer.json()["user"]["role"] == name
    assert len(links) == 3
    assert all(re.fullmatch(r"/m/#/pages/enter/enter\?token=lm_\S+", link.path) for link in links)
    for person in world.shown:
        there = (await street.http.get(f"/v1/members/{person.member_id}")).json()
        assert (there["nickname"], there["avatar"]) == (person.nickname, person.avatar)
