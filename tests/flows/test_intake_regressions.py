"""Faults that review found in the intake, each told as the smallest story that shows it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from linli.flows.publish import LiveProgrammes, publish
from linli.kit.db import Connection, fetch_all
from linli.kit.resources import resource
from linli.words.events import Event
from tests.flows.world import NOW, event, findings, open_programme, send, settle_all, state_digest

DAY = datetime(2026, 3, 1, 4, tzinfo=UTC)


def check_in(day: int) -> Event:
    return event("check_in", f"c{day:02}", DAY + timedelta(days=day), member_id="m1")


def registered(event_id: str, hour: int, inviter_id: str) -> Event:
    return event("member.registered", event_id, DAY + timedelta(hours=hour), member_id="m1", inviter_id=inviter_id)


def order(kind: str, event_id: str = "e1", *, hour: int = 9, paid_fen: int = 1_000, **data: Any) -> Event:
    body = {"member_id": "m1", "order_id": "o1", "paid_fen": paid_fen, **data}
    return event(f"order.{kind}", event_id, DAY + timedelta(hours=hour), **body)


@pytest.fixture
async def live(conn: Connection) -> LiveProgrammes:
    return await open_programme(conn, "neighbours")


async def keys(conn: Connection) -> set[str]:
    return {key for (key,) in await fetch_all(conn, "SELECT key FROM ledger_grant")}


async def test_a_streak_told_backwards_in_one_batch_keeps_all_its_rewards(
    conn: Connection, live: LiveProgrammes
) -> None:
    """Seven days give a reward on the last; earlier days then move it away, and at fourteen it is due there again."""
    days = [*range(7, 14), *range(6, -1, -1)]
    await send(conn, live, [check_in(day) for day in days])
    assert await keys(conn) == {"streak:check_in_streak:2026-03-07", "streak:check_in_streak:2026-03-14"}


async def test_an_inviter_who_was_replaced_and_came_back_within_one_batch_is_rewarded(
    conn: Connection, live: LiveProgrammes
) -> None:
    """The latest registration names a, an earlier one b, the earliest a again: a brought the member."""
    told = [order("completed"), registered("r3", 3, "a"), registered("r2", 2, "b"), registered("r1", 1, "a")]
    await send(conn, live, told)
    found = await fetch_all(conn, "SELECT member_id FROM ledger_grant WHERE key LIKE 'invite:%'")
    assert found == [("a",)]


async def test_the_audit_knows_that_another_inviter_was_found(conn: Connection, live: LiveProgrammes) -> None:
    """The reward was promised to one inviter by one event, and taken back by an event of the invitee."""
    await send(conn, live, [registered("r2", 2, "b"), order("completed")], [registered("r1", 1, "a")])
    assert await findings(conn) == {}


async def test_an_event_that_was_parked_and_sent_again_waits_no_longer(conn: Connection) -> None:
    """Before the first programme it is parked; afterwards its sender, and not the operator, tries it again."""
    before = await send(conn, LiveProgrammes(), [order("paid")])
    assert before[0].code == "no_programme"
    after = await send(conn, await open_programme(conn, "neighbours"), [order("paid")])
    assert after[0].outcome == "accepted"
    assert await findings(conn) == {}
    assert await fetch_all(conn, "SELECT state, resolved_at FROM inbox_parked") == [("replayed", NOW)]


async def test_a_duplicate_is_known_though_its_body_was_removed_from_the_archive(
    conn: Connection, live: LiveProgrammes
) -> None:
    """Keys are for ever, whatever happens to the archive of bodies."""
    await send(conn, live, [order("paid")])
    await conn.execute("DELETE FROM inbox_event")
    same, other = await send(conn, live, [order("paid")], [order("paid", paid_fen=999)])
    assert (same.outcome, same.id, same.source, same.member_id) == ("duplicate", "e1", "//platform", "m1")
    assert other.outcome == "conflict"


async def _all_orders(conn: Connection, live: LiveProgrammes, told: list[Event]) -> set[str]:
    """The states that the orders of `told`, in one batch or one by one, end in: there should be one."""
    found = set()
    for ordering in permutations(told):
        for batches in ([list(ordering)], [[single] for single in ordering]):
            await conn.execute("SAVEPOINT before")
            await send(conn, live, *batches)
            found.add(await state_digest(conn))
            await conn.execute("ROLLBACK TO before")
    return found


async def test_two_orders_paid_at_one_instant_leave_one_profile(conn: Connection, live: LiveProgrammes) -> None:
    """One payment for two orders of two leaders: the profile does not depend on which came first."""
    told = [
        order("paid", "e1", city="hz", leader_id="l1"),
        order("paid", "e2", order_id="o2", city="hz", leader_id="l2"),
        order("paid", "e3", order_id="o3", city="hz"),
    ]
    assert len(await _all_orders(conn, live, told)) == 1


async def test_what_was_paid_is_what_order_paid_says(conn: Connection, live: LiveProgrammes) -> None:
    """The platform completes an order with what is left of the price: what may be refunded does not depend on order."""
    told = [order("paid"), order("completed", "e2", hour=20, paid_fen=400)]
    assert len(await _all_orders(conn, live, told)) == 1
    later = DAY + timedelta(hours=21)
    cancelled = event("order.cancelled", "e3", later, member_id="m1", order_id="o1")
    assert len(await _all_orders(conn, live, [*told, cancelled])) == 1
    # More than the completion says was paid: it waits for the payment, whichever came first.
    refunded = event("order.refunded", "e4", later, member_id="m1", order_id="o1", refund_id="r1", refund_fen=600)
    assert len(await _all_orders(conn, live, [*told, refunded])) == 1


async def test_months_are_kept_in_one_order(conn: Connection, live: LiveProgrammes) -> None:
    """Facts are sums by month: their text does not tell which month was told first."""
    told = [order("paid", "e1"), order("paid", "e2", hour=9 + 24 * 40, order_id="o2")]
    assert len(await _all_orders(conn, live, told)) == 1


@pytest.mark.parametrize("factor", [2, 5])
async def test_a_refund_is_reckoned_by_the_rates_of_its_order(
    conn: Connection, live: LiveProgrammes, factor: int
) -> None:
    """The rule changed twice since the order was paid: what remains of the grant follows the rate that it had."""
    text = (resource("presets") / "neighbours.yaml").read_text()
    for points, since in ((factor, DAY), (factor + 1, DAY + timedelta(days=2))):
        changed = text.replace("    points: 1\n    per_fen: 100", f"    points: {points}\n    per_fen: 100")
        await publish(conn, changed.encode(), now=NOW, by="test", effective_from=since)
    await live.refresh(conn)
    back = {"member_id": "m1", "order_id": "o1", "refund_id": "r1", "refund_fen": 400}
    refunded = event("order.refunded", "e2", DAY + timedelta(days=3), **back)
    await send(conn, live, [order("paid")], [refunded])
    found = await fetch_all(conn, "SELECT rule_version, promised, points FROM ledger_grant")
    assert found == [(2, 10 * factor, 6 * factor)]


async def test_one_invitation_is_rewarded_once(conn: Connection, live: LiveProgrammes) -> None:
    """An earlier inviter is found after the other was credited: the reward is taken from one and goes to the other."""
    await send(conn, live, [registered("r2", 2, "b"), order("completed")])
    await settle_all(conn, date(2026, 4, 1))
    late = (await send(conn, live, [registered("r1", 1, "a")]))[0]
    assert [granted.member_id for granted in late.granted] == ["a"] and late.reversed_points == 100
    left = "SELECT member_id, state, points - reversed FROM ledger_grant ORDER BY member_id"
    assert await fetch_all(conn, left) == [("a", "pending", 100), ("b", "settled", 0)]
    assert await findings(conn) == {}


async def test_a_conflict_leaves_no_trace_in_the_profile_of_its_member(conn: Connection, live: LiveProgrammes) -> None:
    """Members are enrolled before it is known which events are new; what is refused must be undone."""
    await send(conn, live, [order("paid", city="hangzhou")])
    mixed = [order("paid", hour=10, city="chengdu"), order("completed", "e2", hour=8)]
    told = await send(conn, live, mixed)
    assert [outcome.outcome for outcome in told] == ["conflict", "accepted"]
    assert await fetch_all(conn, "SELECT city FROM members_member") == [("hangzhou",)]
    other = event("order.paid", "e1", DAY, member_id="m2", order_id="o9", paid_fen=5)
    assert [outcome.outcome for outcome in await send(conn, live, [other])] == ["conflict"]
    assert await fetch_all(conn, "SELECT member_id FROM members_member") == [("m1",)]
