"""Caps at settlement: the earliest keep, whatever came first; nothing escapes, nothing is cut twice or unseen."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest

from linli import ledger, screening
from linli.flows import screen as screening_flow
from linli.flows.intake import take_in
from linli.flows.publish import LiveProgrammes, publish
from linli.flows.sweep import sweep
from linli.inbox import Outcome
from linli.kit.audit import run_audit
from linli.kit.db import Connection, Pool, fetch_all, in_transaction
from linli.ledger import Run, Stamp
from linli.screening import Cut
from linli.words.events import Event
from tests.flows.world import CHECKS, NOW, READER, SHANGHAI, event

DAY = date(2026, 3, 2)
NEXT = DAY + timedelta(days=1)
NAME = {"zh": "规则", "en": "Rule"}
BASE = {"id": "base", "kind": "per_amount", "points": 1, "per_fen": 100}
REVIEW = {"id": "review", "kind": "fixed", "on": "review.created", "points": 10}


@pytest.fixture(autouse=True)
async def audited(pool: Pool) -> Any:
    """Whatever a test did, the audit finds nothing."""
    yield
    async with pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []


async def programme(
    pool: Pool, *rules: dict[str, Any], caps: Sequence[dict[str, Any]] = (), at: datetime | None = None, **fields: Any
) -> LiveProgrammes:
    """Publish a programme of `rules` and `caps`; the first holds from ever on, a later one from `at`."""
    named = [{"name": NAME, **rule} for rule in rules]
    document = msgspec.json.encode(
        {"name": "test", "title": NAME, "rules": named, "screening": {"caps": list(caps)}, **fields}
    )

    async def work(conn: Connection) -> LiveProgrammes:
        await publish(conn, document, now=NOW, by="test", effective_from=at)
        live = LiveProgrammes()
        await live.refresh(conn)
        return live

    return await in_transaction(pool, work)


async def tell(pool: Pool, live: LiveProgrammes, *events: Event, at: datetime | None = None) -> list[Outcome]:
    now = at or max(told.occurred_at for told in events)
    stamp = Stamp(at=now, on=SHANGHAI.date_of(now))
    return await in_transaction(pool, lambda conn: take_in(conn, events, stamp, live, READER))


def at(minutes: int, on: date = DAY) -> datetime:
    return SHANGHAI.starts_at(on) + timedelta(minutes=minutes)


def paid(number: int, yuan: int, *, minute: int | None = None, member: str = "m", on: date = DAY, **more: Any) -> Event:
    when = at(number if minute is None else minute, on)
    return event("order.paid", f"e{number}", when, member_id=member, order_id=f"o{number}", paid_fen=yuan * 100, **more)


def reviewed(number: int, *, member: str = "m", on: date = DAY, **more: Any) -> Event:
    return event("review.created", f"v{number}", at(number, on), member_id=member, review_id=f"v{number}", **more)


async def settle(pool: Pool, on: date = NEXT) -> Run:
    return await sweep(pool, "settle", on, lambda: SHANGHAI.starts_at(on) + timedelta(hours=1))


async def grants(pool: Pool) -> dict[str, tuple[int, int]]:
    """Key → (points, cut)"""
    rows = await in_transaction(
        pool, lambda c: fetch_all(c, "SELECT key, points, cut FROM ledger_grant ORDER BY member_id, key")
    )
    return {key: (points, cut) for key, points, cut in rows}


async def cuts(pool: Pool, **asked: Any) -> list[Cut]:
    where = {"on": None, "member_id": None, "cap": None, "limit": 100, **asked}
    return await in_transaction(pool, lambda conn: screening.cuts(conn, **where))


async def test_the_earliest_keep_and_the_one_over_the_edge_is_cut_to_fit(pool: Pool) -> None:
    live = await programme(pool, BASE, caps=[{"id": "spree", "of": "purchases", "per": "member", "points": 5_000}])
    await tell(pool, live, paid(3, 900), paid(1, 3_000), paid(2, 1_500))
    run = await settle(pool)
    assert await grants(pool) == {"order:o1:base": (3_000, 0), "order:o2:base": (1_500, 0), "order:o3:base": (500, 400)}
    assert (run.points, run.cut_points) == (5_000, 400)
    (cut,) = await cuts(pool)
    assert cut == Cut(
        member_id="m", key="order:o3:base", rule="base", rule_version=1, cap="spree", per="member", on=DAY,
        promised=900, cut_points=400, limit_points=5_000, run_on=NEXT, at=at(60, NEXT),
    )  # fmt: skip


async def test_a_cap_holds_for_its_date_and_its_kind_alone(pool: Pool) -> None:
    caps = [
        {"id": "spree", "of": "purchases", "per": "member", "points": 100},
        {"id": "chatter", "of": "others", "per": "member", "points": 15},
    ]
    live = await programme(pool, BASE, REVIEW, caps=caps)
    await tell(pool, live, paid(1, 90), reviewed(2), paid(3, 90, on=NEXT), reviewed(4, on=NEXT))
    await settle(pool, NEXT + timedelta(days=1))  # both dates in one run
    assert sum(cut for _, cut in (await grants(pool)).values()) == 0
    await tell(pool, live, paid(5, 90), reviewed(6), at=at(0, NEXT + timedelta(days=1)))
    assert (await settle(pool, NEXT + timedelta(days=2))).cut_points == 80 + 5
    found = await grants(pool)
    assert found["order:o5:base"] == (10, 80) and found["review:v6:review"] == (5, 5)


@pytest.mark.parametrize(("per", "field"), [("device", "device_id"), ("ip", "ip"), ("phone", "phone_hash")])
async def test_members_of_one_device_share_its_cap_and_its_name_is_kept_nowhere(
    pool: Pool, per: str, field: str
) -> None:
    live = await programme(pool, BASE, caps=[{"id": "farm", "per": per, "points": 100}])
    told = [paid(n, 60, member=f"m{n}", **{field: "10.0.0.7x"}) for n in (3, 2, 1)]
    await tell(pool, live, *told, paid(4, 60, member="m4", **{field: "10.0.0.8x"}), paid(5, 60, member="m5"))
    await settle(pool)
    found = {key: points for key, (points, _) in (await grants(pool)).items()}
    assert found == {f"order:o{n}:base": points for n, points in {1: 60, 2: 40, 3: 0, 4: 60, 5: 60}.items()}
    for table in ("ledger_grant", "ledger_movement", "screening_cut"):
        rows = await in_transaction(pool, lambda c, table=table: fetch_all(c, f"SELECT t::text FROM {table} t"))
        assert rows and not any("10.0.0." in row for (row,) in rows)


async def test_a_rules_own_caps_by_day_month_and_life(pool: Pool) -> None:
    caps = [{"per": "day", "points": 25}, {"per": "month", "points": 40}, {"per": "life", "points": 45}]
    live = await programme(pool, {**REVIEW, "caps": caps}, BASE)
    got = []
    for turn, on in enumerate([DAY, NEXT, date(2026, 4, 1)]):
        await tell(pool, live, *(reviewed(10 * turn + n, on=on) for n in range(4)), paid(turn, 1_000, on=on))
        run = await settle(pool, on + timedelta(days=1))
        got.append((run.points - 1_000, run.cut_points))
    assert got == [(25, 15), (15, 25), (5, 35)]
    by_cap: dict[str, int] = {}
    for cut in await cuts(pool):
        by_cap[cut.cap] = by_cap.get(cut.cap, 0) + cut.cut_points
    # Stage by stage: what the day leaves is held to the month, what that leaves to the life.
    assert by_cap == {"rule:day": 3 * 15, "rule:month": 10, "rule:life": 20}


async def test_the_versions_that_promised_tell_the_cap_and_the_most_generous_holds(pool: Pool) -> None:
    live = await programme(pool, {**REVIEW, "caps": [{"per": "month", "points": 15}]})
    await tell(pool, live, reviewed(1), reviewed(2))
    live = await programme(pool, {**REVIEW, "caps": [{"per": "month", "points": 28}]}, at=at(100))
    await tell(pool, live, reviewed(200), reviewed(201))
    assert (await settle(pool)).points == 28
    found = await grants(pool)
    assert [found[f"review:v{n}:review"][0] for n in (1, 2, 200, 201)] == [10, 10, 8, 0]


async def test_the_programmes_cap_is_that_of_the_end_of_the_date(pool: Pool) -> None:
    live = await programme(pool, BASE, caps=[{"id": "all", "per": "member", "points": 10}])
    await tell(pool, live, paid(1, 50), paid(2, 50, on=NEXT))
    await programme(pool, BASE, caps=[{"id": "all", "per": "member", "points": 30}], at=at(1_439))
    await programme(pool, BASE, caps=[], at=at(1_439, NEXT))
    await settle(pool, NEXT + timedelta(days=1))
    assert await grants(pool) == {"order:o1:base": (30, 20), "order:o2:base": (50, 0)}


async def test_the_order_of_arrival_does_not_show(pool: Pool) -> None:
    caps = [{"id": "d", "per": "device", "points": 70}, {"id": "m", "of": "purchases", "per": "member", "points": 50}]
    live = await programme(pool, BASE, {**REVIEW, "caps": [{"per": "day", "points": 25}]}, caps=caps)
    told = [paid(n, 7 * n % 40 + 1, minute=n // 3, member=f"m{n % 3}", device_id=f"d{n % 2}") for n in range(20)]
    told += [reviewed(n, member=f"m{n % 3}", device_id="d1") for n in range(12)]
    seen = set()
    for seed in range(3):
        mixed = random.Random(seed).sample(told, len(told))
        for some in (mixed[:5], mixed[5:17], mixed[17:]):
            await tell(pool, live, *some, at=at(1_000))
        run = await settle(pool)
        seen.add((run.points, run.cut_points, *sorted((await grants(pool)).items())))
        assert run.cut_points > 0
        await forget(pool)
    assert len(seen) == 1


async def forget(pool: Pool) -> None:
    tables = "ledger_grant, ledger_balance, ledger_lot, ledger_run, inbox_key, inbox_event, earning_member, "

    async def work(conn: Connection) -> None:
        await conn.execute("ALTER TABLE ledger_movement DISABLE TRIGGER ALL")
        await conn.execute(f"TRUNCATE {tables} earning_order, screening_cut")
        await conn.execute("DELETE FROM ledger_movement")
        await conn.execute("ALTER TABLE ledger_movement ENABLE TRIGGER ALL")

    await in_transaction(pool, work)


async def test_a_refund_before_the_cut_and_one_after_it_leave_the_order_the_same(pool: Pool) -> None:
    live = await programme(pool, BASE, caps=[{"id": "all", "per": "member", "points": 100}])
    for number, before in ((1, True), (2, False)):
        member = f"m{number}"
        await tell(pool, live, paid(number, 160, member=member))
        back = event("order.refunded", f"r{number}", at(50), member_id=member, order_id=f"o{number}",
                     refund_id=f"r{number}", refund_fen=9_000)  # fmt: skip
        if before:
            await tell(pool, live, back)
        await settle(pool, NEXT + timedelta(days=number))
        if not before:
            await tell(pool, live, back)
    rows = await in_transaction(
        pool, lambda c: fetch_all(c, "SELECT points - reversed, cut FROM ledger_grant ORDER BY key")
    )
    assert rows == [(70, 0), (70, 60)]


async def test_a_refund_between_screening_and_settlement_keeps_all_sums(pool: Pool) -> None:
    """A run that was stopped: the refund lowers what is left, and the cap is not opened again for another grant."""
    live = await programme(pool, BASE, caps=[{"id": "all", "per": "member", "points": 100}])
    await tell(pool, live, paid(1, 80), paid(2, 80))
    await in_transaction(pool, lambda conn: ledger.start_run(conn, "settle", NEXT, at(60, NEXT)))
    await screening_flow.screen(pool, NEXT, lambda: at(60, NEXT))
    assert await grants(pool) == {"order:o1:base": (80, 0), "order:o2:base": (20, 60)}
    await tell(pool, live, event("order.cancelled", "x", at(70, NEXT), member_id="m", order_id="o1"))
    assert (await settle(pool)).points == 20
    assert await grants(pool) == {"order:o1:base": (0, 0), "order:o2:base": (20, 60)}


# --- once, whatever happens ---


class Killed(Exception):
    """The process dies before the commit."""


async def test_killed_while_it_screens_and_done_again(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    live = await programme(pool, BASE, caps=[{"id": "all", "per": "member", "points": 100}])
    await tell(pool, live, paid(1, 80), paid(2, 80), paid(3, 300, member="n"))
    note = ledger.note_screened

    async def dying(*_: Any) -> None:
        raise Killed

    monkeypatch.setattr(ledger, "note_screened", dying)
    with pytest.raises(Killed):
        await settle(pool)
    assert await cuts(pool) == [] and sum(cut for _, cut in (await grants(pool)).values()) == 0
    monkeypatch.setattr(ledger, "note_screened", note)
    monkeypatch.setattr(screening_flow, "CHUNK", 1)
    for _ in range(2):
        assert (await settle(pool)).cut_points == 60 + 200
    assert len(await cuts(pool)) == 2


async def test_what_is_promised_while_the_run_begins_is_screened_or_waits(pool: Pool) -> None:
    """A batch that did not see the run is waited for; one that sees it is credited by the next."""
    live = await programme(pool, BASE, caps=[{"id": "all", "per": "member", "points": 100}])
    await tell(pool, live, paid(1, 80))
    order: list[str] = []

    async def slow(conn: Connection) -> None:
        # The batch has asked for the last settlement, and has not committed.
        await take_in(conn, [paid(2, 80)], Stamp(at=at(99), on=DAY), live, READER)
        task.append(asyncio.create_task(settle(pool)))
        while not await blocked(conn):
            pass
        order.append("promised")

    task: list[asyncio.Task[Run]] = []
    await in_transaction(pool, slow, attempts=1)
    assert (await task[0]).cut_points == 60
    assert order == ["promised"]
    assert await grants(pool) == {"order:o1:base": (80, 0), "order:o2:base": (20, 60)}


async def blocked(conn: Connection) -> bool:
    rows = await fetch_all(conn, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    return rows[0][0] > 0


async def test_a_run_left_behind_is_screened_with_the_next_and_counts_once(pool: Pool) -> None:
    """Two runs, of which the first was screened and never settled."""
    rule = {**REVIEW, "caps": [{"per": "month", "points": 25}]}
    live = await programme(pool, rule)
    await tell(pool, live, reviewed(1), reviewed(2))
    await in_transaction(pool, lambda conn: ledger.start_run(conn, "settle", NEXT, at(60, NEXT)))
    await screening_flow.screen(pool, NEXT, lambda: at(60, NEXT))
    await tell(pool, live, reviewed(3, on=NEXT))
    run = await settle(pool, NEXT + timedelta(days=1))
    assert (run.points, run.cut_points) == (25, 5)


async def test_pages_of_cuts(pool: Pool) -> None:
    live = await programme(pool, BASE, caps=[{"id": "all", "per": "member", "points": 10}])
    for day in range(3):
        on = DAY + timedelta(days=day)
        await tell(pool, live, *(paid(10 * day + n, 50, member=f"m{n}", on=on) for n in range(3)))
        await settle(pool, on + timedelta(days=1))
    everything = await cuts(pool)
    assert [(cut.run_on, cut.member_id) for cut in everything] == [
        (DAY + timedelta(days=day), f"m{n}") for day in (3, 2, 1) for n in range(3)
    ]
    paged: list[Cut] = []
    while page := await cuts(pool, limit=2, **({"after": place_of(paged[-1])} if paged else {})):
        paged += page
    assert paged == everything
    assert await cuts(pool, on=NEXT, member_id="m1") == [everything[4]]
    assert await cuts(pool, cap="none") == []
    found = await in_transaction(pool, partial(screening.cuts_of, grants=[("m1", "order:o11:base")]))
    assert found == [everything[4]]


def place_of(cut: Cut) -> screening.PlacedCut:
    return screening.PlacedCut(cut.run_on, cut.member_id, cut.key, cut.cap)
