"""补签: a day of check-in is made up for with points, once, within limits, and all or nothing."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from linli import ledger, members
from linli.flows.make_up import MadeUp, MakeUpNotOffered, MakeUpOutOfReach, MakeUpsUsedUp, days_open, make_up
from linli.flows.publish import LiveProgrammes, publish
from linli.kit.db import Connection, Pool, fetch_all, in_transaction
from linli.kit.resources import resource
from linli.ledger import InsufficientPoints, Stamp
from linli.rules import MakeUp
from linli.words.facts import Days, MemberFacts
from tests.flows.test_intake_regressions import check_in
from tests.flows.world import NOW, READER, SHANGHAI, event, findings, raw, send, stamp

TODAY = date(2026, 3, 8)
OFFERED = "make_up: { points: 20, days_back: 7, per_month: 3 }"
OFFER = "make_up: { points: 30, days_back: 3, per_month: 2 }"


@pytest.fixture
async def live(conn: Connection) -> LiveProgrammes:
    """Check-ins on the 1st to the 4th and on the 6th and 7th of March, and 100 points."""
    live = await _offering(conn, OFFER)
    await send(conn, live, [check_in(day) for day in (0, 1, 2, 3, 5, 6)])
    await ledger.adjust(conn, stamp(TODAY), "m1", "points", 100, "a1", reason="t", expires_on=date(2027, 1, 1))
    await conn.commit()
    return live


async def _offering(conn: Connection, offer: str) -> LiveProgrammes:
    text = (resource("presets") / "neighbours.yaml").read_text()
    assert OFFERED in text
    await publish(conn, text.replace(OFFERED, offer).encode(), now=NOW, by="test", effective_from=None)
    live = LiveProgrammes()
    await live.refresh(conn)
    return live


async def ask(conn: Connection, live: LiveProgrammes, on: date) -> MadeUp:
    member = await members.get_member(conn, "m1")
    at = SHANGHAI.starts_at(TODAY)
    return await make_up(conn, member, on, Stamp(at=at, on=TODAY, actor="m1"), live, READER)


async def test_a_day_that_was_made_up_for_closes_the_gap(conn: Connection, live: LiveProgrammes) -> None:
    """1 to 7 March are a run by now, so its seventh day is rewarded; the points are spent, once."""
    done = await ask(conn, live, date(2026, 3, 5))
    assert (done.spent_points, done.already) == (30, False)
    assert done.outcome and [granted.key for granted in done.outcome.granted] == ["streak:check_in_streak:2026-03-07"]
    assert await ask(conn, live, date(2026, 3, 5)) == MadeUp(0, already=True)
    assert (await ledger.get_balance(conn, "m1", "points", TODAY)).available == 70
    assert await fetch_all(conn, "SELECT key, reason FROM ledger_movement WHERE kind = 'spend'") == [
        ("make_up:2026-03-05", "make_up")
    ]
    assert await findings(conn) == {}


async def test_limits_are_held(conn: Connection, live: LiveProgrammes) -> None:
    for beyond in (date(2026, 3, 4), TODAY, date(2026, 3, 9)):
        with pytest.raises(MakeUpOutOfReach):
            await ask(conn, live, beyond)
    terms = MakeUp(points=30, days_back=3, per_month=2)
    facts = MemberFacts(made_up=Days().with_day(date(2026, 3, 1)), check_in_days=Days().with_day(date(2026, 3, 6)))
    assert days_open(facts, terms, TODAY) == [date(2026, 3, 5), date(2026, 3, 7)]
    for day in (2, 3):
        made = event("check_in.made_up", f"x{day}", NOW, member_id="m1", on=date(2026, 3, day + 10))
        await send(conn, live, [made])
    with pytest.raises(MakeUpsUsedUp):
        await ask(conn, live, date(2026, 3, 5))


async def test_nothing_is_made_up_for_where_points_do_not_suffice(pool: Pool, live: LiveProgrammes) -> None:
    """All or nothing: neither event nor spending stays."""
    await in_transaction(pool, lambda conn: ledger.spend(conn, stamp(TODAY), "m1", "points", 71, "s1"))
    with pytest.raises(InsufficientPoints):
        await in_transaction(pool, lambda conn: ask(conn, live, date(2026, 3, 5)))

    async def look(conn: Connection) -> None:
        assert await fetch_all(conn, "SELECT FROM inbox_key WHERE source = 'linli:app'") == []
        assert await findings(conn) == {}

    await in_transaction(pool, look)


async def test_of_many_requests_at_once_one_spends(pool: Pool, live: LiveProgrammes) -> None:
    asked = [in_transaction(pool, lambda conn: ask(conn, live, date(2026, 3, 5))) for _ in range(8)]
    done = await asyncio.gather(*asked)
    assert sorted(one.spent_points for one in done) == [0] * 7 + [30]


async def test_who_offers_nothing_sells_nothing(conn: Connection) -> None:
    live = await _offering(conn, "make_up: null")
    await send(conn, live, [check_in(0)])
    with pytest.raises(MakeUpNotOffered):
        await ask(conn, live, date(2026, 3, 5))


async def test_the_order_of_check_ins_and_make_ups_does_not_matter(conn: Connection, live: LiveProgrammes) -> None:
    """A gap that is closed by an event of the platform's own, told before the days around it."""
    made = event("check_in.made_up", "x", SHANGHAI.starts_at(date(2026, 3, 20)), member_id="m2", on=date(2026, 3, 11))
    days = [event("check_in", f"d{day}", SHANGHAI.starts_at(date(2026, 3, day)), member_id="m2")
            for day in (8, 9, 10, 12, 13, 14)]  # fmt: skip
    for told in ([made, *days], [*days, made], [*days[:3], made, *days[3:]]):
        await conn.execute("SAVEPOINT before")
        await send(conn, live, *([one] for one in told))
        rewards = await fetch_all(conn, "SELECT key FROM ledger_grant WHERE member_id = 'm2'")
        assert rewards == [("streak:check_in_streak:2026-03-14",)]
        await conn.execute("ROLLBACK TO before")


@pytest.mark.parametrize(
    ("kind", "on", "code"),
    [
        ("check_in", "2026-03-07", "check_in_other_day"),
        ("check_in", "2026-03-09", "check_in_other_day"),
        ("check_in.made_up", "2026-03-08", "made_up_not_past"),
        ("check_in", "2026-03-08", None),
        ("check_in.made_up", "2026-03-07", None),
    ],
)
def test_a_date_that_contradicts_the_time_is_refused(kind: str, on: str, code: str | None) -> None:
    found = READER.one(raw(kind, "e", SHANGHAI.starts_at(TODAY), member_id="m1", on=on), NOW)
    assert getattr(found, "code", None) == code
