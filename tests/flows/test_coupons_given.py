"""Coupons that come by themselves: in the month of birth, once a year; with a call to who has gone silent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from linli import coupons
from linli.coupons import issues
from linli.flows import coupons_birthday as birthday_module
from linli.flows import coupons_issue as module
from linli.flows.coupons_birthday import give_birthday_coupons
from linli.flows.intake import take_in
from linli.flows.publish import LiveProgrammes, publish
from linli.flows.remind import send
from linli.kit.audit import run_audit
from linli.kit.db import Pool, in_transaction
from linli.ledger import Stamp
from linli.notify import Notice, Outgoing
from linli.notify import publish as tell_members
from tests.flows.test_coupons import count, template
from tests.flows.test_remind import with_reminders
from tests.flows.world import CHECKS, NOW, READER, SHANGHAI, event

MARCH = date(2026, 3, 1)
EARLIER = datetime(2026, 1, 5, 4, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
async def audited(pool: Pool) -> AsyncIterator[None]:
    """Whatever a test did, the audit finds nothing."""
    yield
    async with pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []


@pytest.fixture
async def live(pool: Pool) -> LiveProgrammes:
    """A programme that gives birthday coupons."""
    found = LiveProgrammes()

    async def work(conn: Any) -> None:
        await publish(conn, with_reminders(b"birthday_coupon: CAKE"), now=NOW, by="test", effective_from=None)
        await found.refresh(conn)

    await in_transaction(pool, work)
    return found


async def born(pool: Pool, live: LiveProgrammes, member_id: str, month: int) -> None:
    told = event("member.registered", f"r-{member_id}", EARLIER, member_id=member_id, birth_month=month)
    stamp = Stamp(at=EARLIER, on=SHANGHAI.date_of(EARLIER))
    await in_transaction(pool, lambda conn: take_in(conn, [told], stamp, live, READER))


async def night(pool: Pool, on: date) -> tuple[Any, ...] | None:
    """(state, lines, done) of the night's issue."""
    found = await give_birthday_coupons(
        pool, on, lambda: SHANGHAI.starts_at(on) + timedelta(hours=1), SHANGHAI
    )  # fmt: skip
    return found and (found.state, found.lines, found.done)


async def held(pool: Pool) -> list[tuple[str, str]]:
    page = coupons.Page(MARCH, template_id="CAKE")
    found = await in_transaction(pool, lambda conn: coupons.coupons(conn, page, 99))
    return sorted((one.member_id, one.cause) for one in found)


async def test_one_in_the_month_of_birth_whenever_it_is_heard_of(
    pool: Pool, live: LiveProgrammes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(birthday_module, "PART", 2)
    for n in range(5):
        await born(pool, live, f"m{n}", 3)
    await born(pool, live, "other", 4)
    assert await night(pool, MARCH) is None  # there is no such template yet
    await template(pool, "CAKE", purpose="birthday")
    assert await night(pool, MARCH) == ("finished", 5, 5)
    assert await held(pool) == [(f"m{n}", "birthday:2026") for n in range(5)]
    assert await night(pool, MARCH) == ("finished", 5, 5)
    assert await night(pool, MARCH + DAY) == ("finished", 0, 0)
    await born(pool, live, "late", 3)
    assert await night(pool, MARCH + DAY) == ("finished", 0, 0)  # the night was done
    assert await night(pool, MARCH + 2 * DAY) == ("finished", 1, 1)
    assert await night(pool, date(2027, 3, 31)) == ("finished", 6, 6)
    assert await count(pool, "CAKE") == 12
    shown = await in_transaction(
        pool, lambda conn: issues.issues(conn, state=None, template_id=None, before=None, limit=9)
    )  # fmt: skip
    assert [(one.kind, one.lines) for one in shown] == [("birthday", 6), ("birthday", 1), ("birthday", 5)]


async def test_killed_amid_the_night_it_goes_on(
    pool: Pool, live: LiveProgrammes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK", 2)
    for n in range(5):
        await born(pool, live, f"m{n}", 3)
    await template(pool, "CAKE")

    class Killed(Exception):
        """As by a signal."""

    chunk, seen = module._chunk, 0  # pyright: ignore[reportPrivateUsage]

    async def dying(*given: Any) -> int:
        nonlocal seen
        seen += 1
        done = await chunk(*given)
        if seen == 2:
            raise Killed
        return done

    monkeypatch.setattr(module, "_chunk", dying)
    with pytest.raises(Killed):
        await night(pool, MARCH)
    assert len(await held(pool)) == 2
    assert await night(pool, MARCH) == ("finished", 5, 5)
    assert len(await held(pool)) == 5


async def test_none_without_a_template_of_it(pool: Pool) -> None:
    async with pool.connection() as conn:
        await publish(conn, with_reminders(b"expiry_days_ahead: 15"), now=NOW, by="test", effective_from=None)
    assert await night(pool, MARCH) is None


async def test_who_is_called_back_gets_the_coupon_with_the_call(pool: Pool) -> None:
    await template(pool, "BACK", pieces=2)
    sent: list[Outgoing] = []

    class Kept:
        async def send(self, outgoing: Any) -> None:
            """Keeps it."""
            sent.extend(outgoing)

    def called(member_id: str, coupon: str) -> Notice:
        return Notice(member_id, "wake_up", MARCH, None, None, coupon, NOW)

    async with pool.connection() as conn:
        await tell_members(conn, [called(member_id, "BACK") for member_id in ("m1", "m2", "m3")])
        await tell_members(conn, [called("m4", "THEIRS")])
    assert await send(pool, lambda: NOW, SHANGHAI, Kept()) == 8
    assert await send(pool, lambda: NOW, SHANGHAI, Kept()) == 0
    # Notices all go out; of the coupons, ours are issued here as far as there are any, others are another system's.
    assert [(one.topic, one.member_id) for one in sent] == [
        ("notice", "m1"), ("notice", "m2"), ("notice", "m3"), ("notice", "m4"), ("coupon_wanted", "m4"),
    ]  # fmt: skip
    page = coupons.Page(MARCH, template_id="BACK")
    found = await in_transaction(pool, lambda conn: coupons.coupons(conn, page, 9))
    assert sorted((one.member_id, one.source, one.cause) for one in found) == [
        ("m1", "wake_up", f"wake_up:{MARCH}"), ("m2", "wake_up", f"wake_up:{MARCH}"),
    ]  # fmt: skip
