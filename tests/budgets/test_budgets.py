"""Budgets: what rests, for whom, since when; at the edge each grant is whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest

from linli import budgets, insights
from linli.budgets import Figures, assess
from linli.flows import budget
from linli.flows.intake import take_in
from linli.flows.publish import LiveProgrammes, publish
from linli.inbox import Outcome
from linli.insights import MonthSum
from linli.kit.audit import run_audit
from linli.kit.db import Connection, Pool, fetch_all, in_transaction
from linli.ledger import Stamp
from linli.rules.programme import Budget
from linli.words.events import Event
from tests.flows.world import CHECKS, NOW, READER, SHANGHAI, event

MONTH = date(2026, 3, 1)
NAME = {"zh": "规则", "en": "Rule"}
BASE = {"id": "base", "kind": "per_amount", "points": 1, "per_fen": 100}
DOUBLE = {"id": "double", "kind": "multiplier", "of": "base", "factor": {"times": 3}}
VOTE = {"id": "vote", "kind": "fixed", "on": "vote.cast", "points": 50}
STREAK = {"id": "streak", "kind": "streak", "activity": "check_in", "days": 3, "points": 30}


@pytest.fixture(autouse=True)
async def audited(pool: Pool) -> Any:
    """Whatever a test did, the audit finds nothing."""
    yield
    async with pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []


async def programme(pool: Pool, *rules: dict[str, Any], at: datetime | None = None, **terms: Any) -> LiveProgrammes:
    """Publish a programme with a budget; the first holds from ever on, a later one from `at`."""
    named = [{"name": NAME, **rule} for rule in rules or (BASE, DOUBLE, VOTE, STREAK)]
    document = msgspec.json.encode({"name": "test", "title": NAME, "rules": named, "budget": terms})

    async def work(conn: Connection) -> LiveProgrammes:
        await publish(conn, document, now=NOW, by="test", effective_from=at)
        live = LiveProgrammes()
        await live.refresh(conn)
        return live

    return await in_transaction(pool, work)


def at(minute: int, on: date = MONTH) -> datetime:
    return SHANGHAI.starts_at(on) + timedelta(minutes=minute)


async def tell(pool: Pool, live: LiveProgrammes, *events: Event) -> list[Outcome]:
    now = max(told.occurred_at for told in events)
    stamp = Stamp(at=now, on=SHANGHAI.date_of(now))
    return await in_transaction(pool, lambda conn: take_in(conn, events, stamp, live, READER))


def paid(number: int, yuan: int, **place: Any) -> Event:
    return event("order.paid", f"e{number}", at(number), member_id="m", order_id=f"o{number}", paid_fen=100 * yuan,
                 **place)  # fmt: skip


def vote(number: int, *, on: date = MONTH, **place: Any) -> Event:
    return event("vote.cast", f"v{number}", at(number, on), member_id="m", vote_id=f"v{number}", **place)


async def refresh(pool: Pool, live: LiveProgrammes, minute: int = 3, on: date = MONTH) -> int:
    """As of a minute; what is received later must lie after it, as it does in life."""
    return await budget.refresh(pool, lambda: at(minute, on), SHANGHAI, live)


def got(outcome: Outcome) -> tuple[dict[str, int], list[str]]:
    """(rule → points granted, rules that rested)"""
    skipped = [skip if isinstance(skip, dict) else msgspec.to_builtins(skip) for skip in outcome.skipped]
    rested = [skip["rule"] for skip in skipped if skip["reason"] == "budget_exhausted"]
    return {granted.rule: granted.points for granted in outcome.granted}, rested


async def states(pool: Pool, month: date = MONTH) -> dict[tuple[str, str], str]:
    found = await in_transaction(pool, partial(budgets.kept, months=[month]))
    return {(scope, name): kept.state for (_, scope, name), kept in found.items()}


# --- the decision ---


def test_what_is_allowed_used_and_rests() -> None:
    terms = Budget(sales_basis_points=200, cities={"hz": 100}, rules={"vote": 300}, floor_fen=500)
    told = [
        Figures("hz", "", 60_000, 0), Figures(None, "", 40_000, -10), Figures("hz", "base", 0, 600),
        Figures("hz", "vote", 0, 250), Figures("sz", "vote", 0, 50),
    ]  # fmt: skip
    lines = {(line.scope, line.id): line for line in assess(terms, told)}
    everything = lines["all", None]
    assert (everything.sales_fen, everything.allowance_fen) == (100_000, 2_000)
    assert (everything.issued_points, everything.issued_fen) == (890, 890)
    assert (everything.used_basis_points, everything.state) == (4_450, "ok")
    city = lines["city", "hz"]
    assert (city.allowance_fen, city.issued_fen, city.used_basis_points, city.state) == (600, 850, 14_166, "paused")
    rule = lines["rule", "vote"]
    assert (rule.allowance_fen, rule.issued_fen, rule.state) == (300, 300, "paused")
    assert (lines["city", "sz"].allowance_fen, lines["city", "sz"].state) == (0, "ok")
    assert lines["rule", "base"].issued_points == 600


@pytest.mark.parametrize(
    ("points", "state"), [(159, "ok"), (160, "warning"), (199, "warning"), (200, "paused"), (0, "ok")]
)
def test_the_edges_of_states(points: int, state: str) -> None:
    (line, *_) = assess(Budget(), [Figures(None, "", 10_000, 0), Figures(None, "vote", 0, points)])
    assert line.state == state


def test_nothing_sold_and_anything_issued_rests_but_for_the_floor() -> None:
    told = [Figures(None, "vote", 0, 1)]
    assert assess(Budget(), told)[0].state == "paused"
    assert assess(Budget(floor_fen=2), told)[0].state == "ok"
    assert assess(Budget(points_per_yuan=1_000, floor_fen=1), told)[0].issued_fen == 1


# --- what it does ---


async def test_bonus_rules_rest_and_go_on_when_sales_grow(pool: Pool) -> None:
    live = await programme(pool, sales_basis_points=1_000)
    (first,) = await tell(pool, live, paid(1, 5))  # 500 fen of sales: 50 fen may be issued; 5 + 10 points are
    assert got(first) == ({"base": 5, "double": 10}, [])
    await tell(pool, live, vote(2))
    assert await refresh(pool, live) == 1 and await states(pool) == {("all", ""): "paused"}
    second, third = await tell(pool, live, paid(3, 1), vote(4))
    assert got(second) == ({"base": 1}, ["double"]) and got(third) == ({}, ["vote"])
    assert await refresh(pool, live) == 0  # 66 of 60 fen
    (more,) = await tell(pool, live, paid(5, 50))
    assert got(more) == ({"base": 50}, ["double"])
    assert await refresh(pool, live, 7) == 1 and await states(pool) == {("all", ""): "ok"}
    assert got((await tell(pool, live, vote(6)))[0]) == ({"vote": 50}, [])
    acts = await in_transaction(pool, lambda c: fetch_all(c, "SELECT act, subject, reason FROM access_act ORDER BY at"))
    assert acts == [("budget.paused", "2026-03 all", "ok"), ("budget.ok", "2026-03 all", "paused")]


async def test_a_city_and_a_rule_rest_by_themselves(pool: Pool) -> None:
    live = await programme(pool, sales_basis_points=10_000, cities={"hz": 100}, rules={"double": 20})
    await tell(pool, live, paid(1, 10, city="hz"))  # 30 points: 10 fen are allowed in hz, 20 for the rule
    await refresh(pool, live)
    assert await states(pool) == {("city", "hz"): "paused", ("rule", "double"): "paused"}
    hz, sz, nowhere = await tell(pool, live, vote(2, city="hz"), vote(3, city="sz"), vote(4))
    assert [got(one)[0] for one in (hz, sz, nowhere)] == [{}, {"vote": 50}, {"vote": 50}]
    assert got((await tell(pool, live, paid(5, 10, city="sz")))[0]) == ({"base": 10}, ["double"])


async def test_an_event_is_judged_by_its_own_month(pool: Pool) -> None:
    live = await programme(pool)
    await tell(pool, live, vote(1))
    april = date(2026, 4, 1)
    await refresh(pool, live, 1, april)
    late, new = await tell(pool, live, vote(3), vote(4, on=april))
    assert (got(late), got(new)) == (({}, ["vote"]), ({"vote": 50}, []))


async def test_what_rests_gives_nothing_new_and_takes_back_what_no_longer_holds(pool: Pool) -> None:
    """A streak's reward moves with a day that came late, though the rule rests."""
    live = await programme(pool, {**VOTE, "id": "other"}, STREAK)
    check_in = [event("check_in", f"c{day}", at(0, MONTH + timedelta(days=day)), member_id="m") for day in range(7)]
    await tell(pool, live, *check_in[1:4])  # days 2 to 4: the reward stands on the 4th
    await refresh(pool, live, 1, MONTH + timedelta(days=5))
    assert await states(pool) == {("all", ""): "paused"}
    (first,) = await tell(pool, live, check_in[0])
    rows = await in_transaction(pool, lambda c: fetch_all(c, "SELECT key, points FROM ledger_grant"))
    assert rows == [("streak:streak:2026-03-03", 30)]
    *_, sixth = await tell(pool, live, *check_in[4:6])
    assert got(sixth) == ({}, ["streak"]) and first.outcome == "accepted"


async def test_essential_rules_never_rest_and_others_do_where_they_say_so(pool: Pool) -> None:
    live = await programme(pool, {**BASE, "essential": False}, {**VOTE, "essential": True}, DOUBLE)
    await tell(pool, live, vote(1))
    await refresh(pool, live)
    order, second = await tell(pool, live, paid(2, 10), vote(3))
    assert got(order)[0] == {} and "base" in got(order)[1] and got(second) == ({"vote": 50}, [])


async def test_at_the_edge_each_grant_is_whole_or_not_at_all(pool: Pool) -> None:
    """Sixteen senders while the budget runs out and is refreshed again and again."""
    live = await programme(pool, VOTE, floor_fen=1_000)
    outcomes: list[Outcome] = []

    async def send(client: int) -> None:
        for turn in range(6):
            number = 10 * client + turn + 10
            told = event("vote.cast", f"v{number}", at(number), member_id=f"m{client}", vote_id=f"v{number}")
            outcomes.extend(await tell(pool, live, told))

    async def look() -> None:
        for _ in range(12):
            await refresh(pool, live)

    await asyncio.gather(look(), *(send(client) for client in range(16)))
    await refresh(pool, live)
    assert await states(pool) == {("all", ""): "paused"}
    (last,) = await tell(pool, live, event("vote.cast", "last", at(999), member_id="m99", vote_id="last"))
    outcomes.append(last)
    given = [one for one in outcomes if got(one) == ({"vote": 50}, [])]
    rested = [one for one in outcomes if got(one) == ({}, ["vote"])]
    assert len(given) + len(rested) == len(outcomes) == 97 and len(given) >= 20 and last in rested
    rows = await in_transaction(pool, lambda c: fetch_all(c, "SELECT count(*), sum(points)::int FROM ledger_grant"))
    assert rows == [(len(given), 50 * len(given))]


# --- the sums ---


async def test_sums_are_the_same_rolled_up_and_reckoned_on_the_spot(pool: Pool) -> None:
    live = await programme(pool, sales_basis_points=10_000)
    refund = event("order.refunded", "r", at(8), member_id="m", order_id="o1", refund_id="r", refund_fen=400, city="hz")
    cancel = event("order.cancelled", "x", at(9), member_id="m", order_id="o1", city="hz")
    again = event("order.paid", "e1-again", at(1), member_id="m", order_id="o1", paid_fen=1_000, city="hz")
    await tell(pool, live, paid(1, 10, city="hz"), paid(2, 7), vote(3, city="hz"))
    await tell(pool, live, refund, again)
    before = await month_sums(pool)
    assert before == [
        MonthSum(MONTH, None, "", 700, 0), MonthSum(MONTH, None, "base", 0, 7), MonthSum(MONTH, None, "double", 0, 14),
        MonthSum(MONTH, "hz", "", 600, -12), MonthSum(MONTH, "hz", "base", 0, 10),
        MonthSum(MONTH, "hz", "double", 0, 20), MonthSum(MONTH, "hz", "vote", 0, 50),
    ]  # fmt: skip
    await refresh(pool, live, 9)
    assert await month_sums(pool) == before
    await tell(pool, live, cancel)
    hz = MonthSum(MONTH, "hz", "", 0, -30)
    assert hz in await month_sums(pool)
    await refresh(pool, live, 1_400)
    assert hz in await month_sums(pool)
    await in_transaction(pool, insights.forget)
    assert hz in await month_sums(pool)


async def month_sums(pool: Pool) -> Sequence[MonthSum]:
    found = await in_transaction(pool, partial(insights.month_sums, first=MONTH, last=MONTH))
    return sorted(found, key=lambda one: (one.city or "", one.rule))
