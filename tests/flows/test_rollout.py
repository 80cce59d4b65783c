"""Rollouts beneath the API: what shadows note, what guardrails undo, and that arms lose and double nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli import inbox, programmes
from linli.flows import rollout, trials
from linli.flows.live import LiveProgrammes
from linli.flows.rollout import Wish
from linli.flows.trials import arm_of, breach, guard
from linli.insights import Figures
from linli.kit.db import Connection, Pool, fetch_all, in_transaction
from linli.kit.resources import resource
from linli.programmes import Guardrails
from linli.rules import DeductionPolicy
from linli.words.events import Event
from tests.flows.world import NOW, event, findings, open_programme, send

AT = datetime(2026, 5, 31, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _document(change: Any = None) -> bytes:
    """The preset's document, changed."""
    from linli import rules

    text = (resource("presets") / "neighbours.yaml").read_bytes()
    document = msgspec.json.decode(rules.encode_programme(rules.decode_programme(text)))
    if change:
        change(document)
    return msgspec.json.encode(document)


def _rule(document: dict[str, Any], rule_id: str) -> dict[str, Any]:
    return next(rule for rule in document["rules"] if rule["id"] == rule_id)


def _double(document: dict[str, Any]) -> None:
    _rule(document, "base")["points"] *= 2


async def _release(
    conn: Connection, document: bytes, wish: Wish, *, at: datetime = AT, guardrails: Guardrails | None = None
) -> int:
    """Draft, approval and release in one go."""
    draft_id = uuid4()
    await programmes.add_draft(conn, draft_id, "t", document, "", author="lin", now=at)
    await programmes.set_state(conn, draft_id, "approved", by="mei", now=at)
    return await rollout.release(
        conn, draft_id, wish, guardrails or Guardrails(), "r", revision=None, effective_from=None, by="lin", now=at
    )


def _paid(member_id: str, number: int, at: datetime = AT, fen: int = 10_000, **more: Any) -> Event:
    return event(
        "order.paid", f"p{number}", at, member_id=member_id, order_id=f"o{number}", paid_fen=fen, lines=[], **more
    )


def _granted(outcomes: Sequence[inbox.Outcome]) -> dict[str, int]:
    return {f"{o.id}:{g.rule}": g.points for o in outcomes for g in o.granted}


async def test_a_shadow_grants_nothing_and_counts_each_new_promise_once(conn: Connection) -> None:
    live = await open_programme(conn, "neighbours")

    def change(document: dict[str, Any]) -> None:
        _double(document)
        document["rules"].append(
            {"id": "hello", "kind": "fixed", "name": {"zh": "你好", "en": "Hello"}, "on": "order.paid", "points": 7,
             "limit": "life"}
        )  # fmt: skip

    version = await _release(conn, _document(change), Wish("shadow"))
    batch = [_paid("m1", 1), _paid("m1", 2), _paid("m2", 3)]
    outcomes = await send(conn, live, batch, [_paid("m1", 4)], [_paid("m1", 1)])
    assert {outcome.programme_version for outcome in outcomes} == {1}
    assert not any("hello" in key for key in _granted(outcomes))
    sums = (await programmes.shadow_sums(conn, [version]))[version]
    assert (sums[""].events, sums[""].changed, sums[""].failed) == (4, 4, 0)
    assert (sums["base"].live_points, sums["base"].shadow_points) == (400, 800)
    assert (sums["hello"].live_points, sums["hello"].shadow_points) == (0, 14), "once in a life"
    assert sum(s.shadow_points for rule, s in sums.items() if rule) == sums[""].shadow_points
    samples = await programmes.shadow_samples(conn, version)
    assert {(sample.event_id, sample.live["base"], sample.shadow["base"]) for sample in samples} == {
        (f"p{n}", 100, 200) for n in (1, 2, 3, 4)
    }
    assert await findings(conn) == {}


async def test_the_same_programme_in_the_shadow_finds_no_difference(conn: Connection) -> None:
    live = await open_programme(conn, "neighbours")
    version = await _release(conn, _document(lambda d: d.update(hold_minutes=31)), Wish("shadow"))
    days = [AT - timedelta(days=n) for n in range(9, -1, -1)]
    for day, at in enumerate(days):
        await send(conn, live, [
            event("check_in", f"c{day}", at, member_id="m1"),
            _paid("m1", day, at), event("group.opened", f"g{day}", at, member_id="m1", group_id=f"g{day}"),
        ])  # fmt: skip
    # A day that comes late moves the streak's reward.
    await send(conn, live, [event("check_in", "late", days[0] - timedelta(days=1), member_id="m1")])
    rows = await fetch_all(conn, "SELECT stage, at FROM programmes_step WHERE version = 2")
    assert rows == [("shadow", AT)]
    sums = (await programmes.shadow_sums(conn, [version])).get(version, {})
    assert sums[""].events == 3 and all(found.live_points == found.shadow_points for found in sums.values()), sums
    assert sums[""].changed == 0 and await programmes.shadow_samples(conn, version) == []


async def test_a_shadow_that_fails_is_a_figure_and_parks_nothing(conn: Connection) -> None:
    live = await open_programme(conn, "neighbours")

    def fail(document: dict[str, Any]) -> None:
        _rule(document, "base")["when"] = "paid_fen / (paid_fen - 7600 - 54) > 0"

    version = await _release(conn, _document(fail), Wish("shadow"))
    outcomes = await send(conn, live, [_paid("m1", 1, fen=7_654), _paid("m2", 2, fen=20_000)])
    assert [outcome.outcome for outcome in outcomes] == ["accepted", "accepted"]
    sums = (await programmes.shadow_sums(conn, [version]))[version]
    assert (sums[""].events, sums[""].failed, sums["base"].live_points) == (2, 1, 200)
    (sample,) = [s for s in await programmes.shadow_samples(conn, version) if s.failure]
    assert sample.event_id == "p1" and sample.failure and sample.failure.startswith("base: ")


async def test_what_a_rolled_back_version_could_not_judge_the_one_beneath_does(conn: Connection) -> None:
    live = await open_programme(conn, "neighbours")

    def fail(document: dict[str, Any]) -> None:
        _rule(document, "base")["when"] = "paid_fen / (paid_fen - 7600 - 54) > 0"

    version = await _release(conn, _document(fail), Wish("percent", percent=100))
    (parked,) = await send(conn, live, [_paid("m1", 1, fen=7_654)])
    assert (parked.outcome, parked.code) == ("parked", "rule_failed")
    await rollout.end(conn, version, "rolled_back", "r", by="mei", now=AT + HOUR)
    (taken,) = await send(conn, live, [_paid("m1", 1, fen=7_654)])
    assert (taken.outcome, taken.programme_version) == ("accepted", 1)
    assert await findings(conn) == {}


async def test_streaks_and_goals_go_on_from_one_arm_to_the_other(conn: Connection) -> None:
    live = await open_programme(conn, "neighbours")
    start = AT - timedelta(days=6)
    before = [event("check_in", f"c{n}", start + timedelta(days=n), member_id="m1") for n in range(6)]
    await send(conn, live, before)

    def change(document: dict[str, Any]) -> None:
        for rule in document["rules"]:
            if rule["kind"] == "streak" and rule["activity"] == "check_in":
                rule["points"] = 77

    await _release(conn, _document(change), Wish("percent", percent=100))
    (seventh,) = await send(conn, live, [event("check_in", "c6", AT, member_id="m1")])
    assert seventh.programme_version == 2
    assert [(g.points, g.rule_version) for g in seventh.granted if g.points == 77] == [(77, 2)]


async def _world(pool: Pool, guardrails: Guardrails, wish: Wish) -> LiveProgrammes:
    live = await in_transaction(pool, partial(open_programme, preset="neighbours"))
    await in_transaction(pool, lambda conn: _release(conn, _document(_double), wish, guardrails=guardrails))
    return live


async def _sell(pool: Pool, live: LiveProgrammes, first: int, count: int, at: datetime) -> list[inbox.Outcome]:
    told = [_paid(f"m{n}", n, at) for n in range(first, first + count)]
    return await in_transaction(pool, lambda conn: send(conn, live, told, at=at))


async def test_guardrails_roll_back_what_costs_too_much(pool: Pool) -> None:
    # Two points for a yuan, at a hundred points the yuan: 200 basis points of sales; other rules cost nothing here.
    guards = Guardrails(max_cost_basis_points=199, least_orders=10)
    live = await _world(pool, guards, Wish("percent", percent=50))
    judged = {o.member_id: o.programme_version for o in await _sell(pool, live, 0, 12, AT)}
    later = AT + timedelta(minutes=10)
    candidate = [member for member, version in judged.items() if version == 2]
    assert 1 < len(candidate) < 10, "of twelve, too few have bought yet"
    assert await guard(pool, lambda: later) == []
    await _sell(pool, live, 12, 30, later)
    assert await guard(pool, lambda: later) == [], "what came just now may still be on its way"
    end = later + timedelta(minutes=5)
    assert await guard(pool, lambda: end) == [2]
    assert await guard(pool, lambda: end) == []
    found = await in_transaction(pool, lambda conn: trials.get_rollout(conn, 2, NOW))
    assert (found.stage, found.steps[-1].actor, found.steps[-1].at) == ("rolled_back", trials.GUARD, end)
    assert found.candidate.cost_basis_points == 200 and found.live.cost_basis_points == 100
    assert found.candidate.orders + found.live.orders == 42
    acts = await in_transaction(pool, lambda conn: fetch_all(conn, "SELECT actor, act, reason FROM access_act"))
    told = [act for act in acts if act[0] == trials.GUARD]
    assert [act[:2] for act in told] == [(trials.GUARD, "rollout.rolled_back")] and "200" in told[0][2]
    # From that instant on nobody is on it.
    after = await _sell(pool, live, 100, 30, end)
    assert {outcome.programme_version for outcome in after} == {1}


async def test_guardrails_count_what_is_given_back_where_it_was_sold(pool: Pool) -> None:
    guards = Guardrails(max_refund_basis_points=4_999, least_orders=2)
    live = await _world(pool, guards, Wish("cities", ("hz",)))
    told = [_paid("m1", 1, city="hz"), _paid("m2", 2, city="hz"), _paid("m3", 3, city="nb")]
    await in_transaction(pool, lambda conn: send(conn, live, told, at=AT))
    later = AT + HOUR

    async def give_back(*events: Event, at: datetime = later) -> None:
        await in_transaction(pool, lambda conn: send(conn, live, events, at=at))

    back = {"member_id": "m3", "order_id": "o3", "refund_id": "r3", "refund_fen": 10_000}
    await give_back(event("order.refunded", "r3", later, **back))
    back = {"member_id": "m1", "order_id": "o1", "refund_id": "r1", "refund_fen": 4_000}
    await give_back(event("order.refunded", "r1", later, **back))
    assert await guard(pool, lambda: later + HOUR) == []
    found = await in_transaction(pool, lambda conn: trials.get_rollout(conn, 2, NOW))
    assert (found.candidate.refunded_fen, found.candidate.refund_basis_points) == (4_000, 2_000)
    assert (found.candidate.granted_points, found.live.granted_points) == (320, 0)
    assert (found.live.refunded_fen, found.live.cost_basis_points) == (10_000, None)
    cancelled = event("order.cancelled", "x1", later, member_id="m1", order_id="o1")
    await give_back(cancelled, at=later + HOUR)
    assert await guard(pool, lambda: later + HOUR + HOUR) == [2]
    found = await in_transaction(pool, lambda conn: trials.get_rollout(conn, 2, NOW))
    assert (found.candidate.refunded_fen, found.candidate.granted_points) == (10_000, 200)


async def test_figures_are_the_same_whenever_they_are_added_up(pool: Pool) -> None:
    live = await _world(pool, Guardrails(), Wish("percent", percent=50))
    for hour in range(20):
        await _sell(pool, live, hour * 6, 6, AT + hour * HOUR)
        if hour % 7 == 0:
            await guard(pool, lambda hour=hour: AT + hour * HOUR)
    now = await in_transaction(pool, lambda conn: trials.get_rollout(conn, 2, NOW))
    end = AT + 60 * HOUR
    await guard(pool, lambda: end)
    rolled = await in_transaction(pool, lambda conn: trials.rollouts(conn, NOW, before=9, limit=9))
    assert rolled == [now]
    assert now.live.members + now.candidate.members == 120 == now.live.orders + now.candidate.orders


def test_a_breach_needs_enough_orders_and_is_exact() -> None:
    guards = Guardrails(max_cost_basis_points=200, max_refund_basis_points=1_000, least_orders=10)

    def found(**figures: int) -> Any:
        broken = breach(arm_of(Figures(members=1, **figures), DeductionPolicy()), guards)
        return broken and broken["guardrail"]

    assert found(orders=10, sales_fen=100_000, refunded_fen=0, granted_points=2_000) is None
    assert found(orders=10, sales_fen=100_000, refunded_fen=0, granted_points=2_001) == "cost"
    assert found(orders=9, sales_fen=100_000, refunded_fen=0, granted_points=9_000) is None
    assert found(orders=10, sales_fen=100_000, refunded_fen=10_000, granted_points=0) is None
    assert found(orders=10, sales_fen=100_000, refunded_fen=10_001, granted_points=0) == "refund"
    assert found(orders=10, sales_fen=100_000, refunded_fen=100_000, granted_points=1) == "cost"
    assert found(orders=10, sales_fen=0, refunded_fen=0, granted_points=0) is None


STAGES = st.sampled_from(["shadow", "cities", "percent", "all", "retired", "rolled_back", "publish", "release"])


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(STAGES, st.integers(0, 3), st.integers(1, 100)), min_size=1, max_size=10))
async def test_one_version_holds_for_each_member_at_each_instant(pool: Pool, acts: list[tuple[str, int, int]]) -> None:
    """Whatever operators do: rollouts never meet, what is over judges nobody, and a process that saw each step lays
    out the same as one that starts late."""
    async with pool.connection() as conn, conn.transaction(force_rollback=True):
        live = await open_programme(conn, "neighbours")
        for hour, (act, which, percent) in enumerate(acts):
            await _act(conn, act, which, percent, AT + hour * HOUR)
            await live.refresh(conn)
        late = LiveProgrammes()
        await late.refresh(conn)
        assert "21_rollouts_share_no_member" not in await findings(conn)
        steps = await rollout.last_steps(conn)
        over = {version: told[-1].at for version, told in steps.items() if told[-1].stage in programmes.OVER}
        salts = {found.salt for found in await programmes.rollouts(conn, limit=50)}
        for hour in range(-1, len(acts) + 1):
            at = AT + hour * HOUR
            for number in range(12):
                homes = {(salt, f"m{number}"): ("hz", "nb", "sh")[number % 3] for salt in salts}
                judge = live.at(at, f"m{number}", homes).version
                assert judge == late.at(at, f"m{number}", homes).version
                assert not (judge in over and at >= over[judge])


async def _act(conn: Connection, act: str, which: int, percent: int, at: datetime) -> None:
    from linli.flows.publish import publish
    from linli.kit.errors import Refusal

    document = _document(lambda d: d.update(hold_minutes=percent))
    city = ("hz", "nb", "sh", "hz")[which]
    try:
        async with conn.transaction():
            if act == "publish":
                await publish(conn, document, now=at, by="adm", effective_from=None)
            elif act == "release":
                await _release(conn, document, Wish("cities", (city,), percent), at=at)
            elif act in programmes.OVER:
                await rollout.end(conn, which + 2, act, "r", by="lin", now=at)  # pyright: ignore[reportArgumentType]
            else:
                wish = {
                    "shadow": Wish("shadow"), "cities": Wish("cities", (city,), percent),
                    "percent": Wish("percent", percent=percent), "all": Wish("all"),
                }[act]  # fmt: skip
                await rollout.take_step(conn, which + 2, wish, "r", by="lin", now=at)
    except Refusal:
        pass


async def test_steps_are_never_changed(conn: Connection) -> None:
    await open_programme(conn, "neighbours")
    for statement in ("UPDATE programmes_step SET stage = 'all'", "DELETE FROM programmes_step",
                      "TRUNCATE programmes_step"):  # fmt: skip
        with pytest.raises(Exception, match="append-only"):
            async with conn.transaction():
                await conn.execute(statement)


async def test_homes_are_read_only_while_a_rollout_asks_for_them(
    conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    homes = programmes.homes

    async def counted(conn: Connection, member_ids: Sequence[str]) -> Any:
        asked.append(member_ids)
        return await homes(conn, member_ids)

    monkeypatch.setattr(programmes, "homes", counted)
    live = await open_programme(conn, "neighbours")
    await send(conn, live, [_paid("m1", 1, city="hz")])
    version = await _release(conn, _document(_double), Wish("percent", percent=40))
    await send(conn, live, [_paid("m1", 2, city="hz")])
    assert asked == []
    await rollout.take_step(conn, version, Wish("cities", ("hz",)), "r", by="lin", now=AT)
    # The very first batch after the step already knows, though its process has not heard of it before.
    (first,) = await send(conn, live, [_paid("m1", 3, city="hz")])
    assert first.programme_version == 2 and len(asked) == 1
    (second,) = await send(conn, live, [_paid("m1", 4, city="nb")])
    assert second.programme_version == 2 and len(asked) == 2
