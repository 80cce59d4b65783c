"""Points that arrive at once: there when the event is answered, and never over their rule's caps."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from linli import ledger
from linli.flows.sweep import sweep
from linli.kit.audit import run_audit
from linli.kit.db import Pool, fetch_all, in_transaction
from tests.flows.world import CHECKS, SHANGHAI, event
from tests.screening.test_caps import BASE, DAY, NEXT, REVIEW, at, cuts, grants, paid, programme, reviewed, settle, tell

NOW = {**REVIEW, "arrives": "at_once"}


@pytest.fixture(autouse=True)
async def audited(pool: Pool) -> Any:
    """Whatever a test did, the audit finds nothing."""
    yield
    async with pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []


async def available(pool: Pool, member: str = "m", on: date = DAY) -> int:
    return (await in_transaction(pool, lambda c: ledger.available_of(c, [member], "points", on)))[member]


async def test_they_are_there_when_the_event_is_answered(pool: Pool) -> None:
    live = await programme(pool, NOW, BASE)
    one, order = await tell(pool, live, reviewed(1), paid(2, 30))
    assert (one.granted[0].points, one.granted[0].settle_on) == (10, DAY)
    assert order.granted[0].settle_on == NEXT and await available(pool) == 10
    (again,) = await tell(pool, live, reviewed(1))
    assert again.outcome == "duplicate" and await available(pool) == 10
    run = await settle(pool)
    assert (run.items, run.points) == (1, 30)


async def test_what_comes_after_its_date_was_settled_is_there_at_once_too(pool: Pool) -> None:
    live = await programme(pool, NOW)
    await settle(pool)
    (late,) = await tell(pool, live, reviewed(1), at=at(90, NEXT))
    assert late.granted[0].settle_on == NEXT and await available(pool, on=NEXT) == 10
    assert (await sweep(pool, "settle", NEXT + timedelta(days=1), lambda: at(0, NEXT + timedelta(days=1)))).items == 0


async def test_caps_hold_within_a_batch_and_across(pool: Pool) -> None:
    live = await programme(pool, {**NOW, "caps": [{"per": "day", "points": 25}, {"per": "life", "points": 38}]})
    told = await tell(pool, live, reviewed(1), reviewed(2), reviewed(3), reviewed(4))
    assert [outcome.granted[0].points for outcome in told] == [10, 10, 5, 0]
    await tell(pool, live, *(reviewed(n, on=NEXT) for n in (5, 6)))
    assert await available(pool) == 38
    assert [(cut.cap, cut.key, cut.cut_points) for cut in await cuts(pool)] == [
        ("rule:life", "review:v6:review", 7), ("rule:day", "review:v3:review", 5), ("rule:day", "review:v4:review", 10),
    ]  # fmt: skip


async def test_sixty_four_at_once_never_exceed_the_cap(pool: Pool) -> None:
    """Each its own event and connection; another's wallet is credited by events of many members."""
    share = {"id": "share", "kind": "share", "sharer_points": 7, "arrives": "at_once",
             "caps": [{"per": "day", "points": 100}]}  # fmt: skip
    live = await programme(pool, {**NOW, "caps": [{"per": "day", "points": 55}]}, share)
    told = [reviewed(n) for n in range(32)]
    told += [
        event("share.converted", f"s{n}", at(n), member_id="m", share_id=f"s{n}", friend_id=f"f{n}", order_id=f"o{n}")
        for n in range(32)
    ]
    await asyncio.gather(*(tell(pool, live, one, at=at(100)) for one in told))
    found = await grants(pool)
    assert len(found) == 64 and await available(pool) == 155
    assert sum(points for key, (points, _) in found.items() if key.startswith("review")) == 55
    rows = await in_transaction(pool, lambda c: fetch_all(c, "SELECT count(*) FROM ledger_grant WHERE NOT at_once"))
    assert rows == [(0,)]


async def test_what_comes_in_pays_debts_and_a_refund_takes_it_back(pool: Pool) -> None:
    live = await programme(pool, {**BASE, "arrives": "at_once"}, NOW)
    await tell(pool, live, paid(1, 30))
    await in_transaction(pool, lambda c: ledger.spend(c, ledger.Stamp(at=at(2), on=DAY), "m", "points", 30, "shop"))
    await tell(pool, live, event("order.cancelled", "x", at(3), member_id="m", order_id="o1"))
    assert await available(pool) == 0
    await tell(pool, live, reviewed(4), reviewed(5), reviewed(6), reviewed(7))
    assert await available(pool) == 10


async def test_what_arrived_at_once_counts_towards_the_days_caps(pool: Pool) -> None:
    live = await programme(pool, NOW, BASE, caps=[{"id": "all", "per": "member", "points": 50}])
    await tell(pool, live, reviewed(1), paid(2, 60))
    run = await sweep(pool, "settle", NEXT, lambda: SHANGHAI.starts_at(NEXT))
    assert (run.points, run.cut_points) == (40, 20)
