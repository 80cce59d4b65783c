"""What was earned goes with its cause, credited or not, and comes back where another cause gives a right to it."""

from __future__ import annotations

import os
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli import ledger
from linli.flows.publish import LiveProgrammes
from linli.kit.db import Connection, fetch_all
from linli.replay.groups import BuyingGroup, read_groups
from linli.words.events import Event
from tests.flows.lives import lives, moment
from tests.flows.world import EVERYTHING, event, findings, open_programme, send, settle_all, stamp

SEARCH = settings(
    max_examples=int(os.environ.get("LINLI_ORDER_EXAMPLES", "50")),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
BEIBEI = Path(__file__).parents[1] / "replay" / "beibei"
LATE = date(2027, 1, 1)
"""All that does not wait is due."""


@pytest.fixture
async def live(conn: Connection) -> LiveProgrammes:
    found = await open_programme(conn, EVERYTHING)
    await conn.commit()
    return found


def order(kind: str, name: str, day: int, *, hour: int = 9, **data: Any) -> Event:
    body = {"member_id": "m1", "order_id": name, **({} if kind == "cancelled" else {"paid_fen": 1_000}), **data}
    return event(f"order.{kind}", f"{kind}-{name}", moment(day, timedelta(hours=hour)), **body)


async def sums(conn: Connection) -> dict[str, int]:
    """Member → what they have, less what they owe, with what is on its way."""
    rows = await fetch_all(
        conn,
        "SELECT member_id, sum(points)::bigint FROM (SELECT member_id, available - debt AS points FROM ledger_balance "
        "UNION ALL SELECT member_id, points FROM ledger_grant WHERE state = 'pending') AS p "
        "GROUP BY member_id HAVING sum(points) <> 0 ORDER BY member_id",
    )
    return dict(rows)


async def held(conn: Connection) -> dict[str, tuple[str, int]]:
    """Claim → (state, points left) of what m1 holds."""
    rows = await fetch_all(
        conn,
        "SELECT coalesce(claim, key), state, points - reversed FROM ledger_grant "
        "WHERE member_id = 'm1' AND claim IS DISTINCT FROM '' AND points > reversed",
    )
    return {claim: (state, points) for claim, state, points in rows}


@SEARCH
@given(told=lives(), data=st.data())
async def test_settlements_in_between_change_no_sum(
    conn: Connection, live: LiveProgrammes, told: list[Event], data: st.DataObject
) -> None:
    """However causes come and go, before and after their points were credited: all have the same in the end."""
    shuffled = data.draw(st.permutations(told))
    after = data.draw(st.lists(st.booleans(), min_size=len(shuffled), max_size=len(shuffled)))
    try:
        await send(conn, live, told)
        straight = await sums(conn)
        await settle_all(conn, LATE)
        assert await sums(conn) == straight
    finally:
        await conn.rollback()
    try:
        for one, settled in zip(shuffled, after, strict=True):
            await send(conn, live, [one])
            if settled:
                await settle_all(conn, LATE)
                assert await findings(conn) == {}
        assert await findings(conn) == {}
        assert await sums(conn) == straight
    finally:
        await conn.rollback()


@pytest.mark.parametrize("settled", [False, True])
async def test_a_streak_loses_what_it_was_given_for(conn: Connection, live: LiveProgrammes, settled: bool) -> None:
    """Two days in a row are rewarded; the one of two orders of the first day may go, both may not."""
    paid = [order("paid", "a", 1), order("paid", "b", 1, hour=10), order("paid", "c", 2)]
    await send(conn, live, paid)
    if settled:
        await settle_all(conn, LATE)
    streak = "streak:shopping:2026-02-06"
    await send(conn, live, [order("cancelled", "a", 3)])
    assert (await held(conn))[streak] == ("settled" if settled else "pending", 20)
    told = await send(conn, live, [order("cancelled", "b", 3)])
    assert streak not in await held(conn) and streak in told[0].withdrawn
    assert (told[0].reversed_points >= 20) is settled
    again = await send(conn, live, [order("paid", "d", 1, hour=20)])
    assert (await held(conn))[streak] == ("pending", 20)
    assert any(granted.key.endswith(streak) for granted in again[0].granted)
    await settle_all(conn, LATE)
    assert (await held(conn))[streak] == ("settled", 20)
    assert await findings(conn) == {}


async def test_the_next_order_is_the_first_when_the_first_is_given_back(conn: Connection, live: LiveProgrammes) -> None:
    """Of the earliest order's bonus, of the day's and of the invitation: each passes on, and ends with the last."""
    told = [event("member.registered", "r", moment(0, timedelta(0)), member_id="m1", inviter_id="m9")]
    for name, day in (("a", 1), ("b", 5), ("c", 9)):
        told += [order("paid", name, day), order("completed", name, day + 1)]
    await send(conn, live, told)
    await settle_all(conn, LATE)
    before = await sums(conn)
    refunded = {"member_id": "m1", "order_id": "a", "refund_id": "r1", "refund_fen": 1_000}
    await send(conn, live, [event("order.refunded", "ra", moment(12, timedelta(0)), **refunded)])
    after = await sums(conn)
    # The order's own points, the bonus of its day and of its completion go; what one order is enough for stays.
    assert (before["m1"] - after["m1"], after["m9"]) == (10 + 1 + 7 + 11, 200)
    assert (await held(conn))["once:first_order"] == ("pending", 70)
    await send(conn, live, [order("cancelled", "b", 13), order("cancelled", "c", 13)])
    assert await sums(conn) == {}
    assert await findings(conn) == {}


async def test_what_was_spent_is_owed_and_repaid(conn: Connection, live: LiveProgrammes) -> None:
    """The bonus was spent before its order was given back: the debt is paid by what comes in next."""
    await send(conn, live, [order("paid", "a", 1)])
    await settle_all(conn, LATE)
    await ledger.spend(conn, stamp(LATE), "m1", "points", 70, "s1")
    await send(conn, live, [order("cancelled", "a", 2)])
    balance = await ledger.get_balance(conn, "m1", "points", LATE)
    assert (balance.available, balance.debt) == (0, 70)
    await send(conn, live, [order("paid", "b", 5)])
    await settle_all(conn, LATE)
    balance = await ledger.get_balance(conn, "m1", "points", LATE)
    assert (balance.available, balance.debt) == (1, 0)
    assert await findings(conn) == {}


async def test_a_share_is_worth_nothing_without_the_friends_order(conn: Connection, live: LiveProgrammes) -> None:
    """The sharer's points wait for the friend to collect, and go when the friend gives the order back."""
    about = {"member_id": "m2", "share_id": "h", "friend_id": "m1", "order_id": "a"}
    await send(conn, live, [event("share.converted", "s", moment(1, timedelta(hours=10)), **about)])
    await settle_all(conn, LATE)
    assert await sums(conn) == {"m1": 4, "m2": 40}
    assert await fetch_all(conn, "SELECT DISTINCT state, settle_on FROM ledger_grant") == [
        ("pending", date(9999, 12, 31))
    ]
    await send(conn, live, [order("paid", "a", 1), order("completed", "a", 3)])
    found = await fetch_all(conn, "SELECT member_id, settle_on FROM ledger_grant WHERE rule = 'share' ORDER BY 1")
    assert found == [("m1", date(2026, 2, 8)), ("m2", date(2026, 2, 8))]
    await settle_all(conn, LATE)
    await send(conn, live, [order("cancelled", "a", 5)])
    assert await sums(conn) == {}
    assert await findings(conn) == {}


def of_group(kind: str, member: str, day: int, group: str = "g1", **data: Any) -> Event:
    at = moment(day, timedelta(hours=8))
    return event(f"group.{kind}", f"{kind}-{group}-{member}", at, member_id=member, group_id=group, **data)


@pytest.mark.parametrize("settled", [False, True])
async def test_a_group_that_fails_leaves_nobody_anything(conn: Connection, live: LiveProgrammes, settled: bool) -> None:
    """Opener, those who joined, and all that their orders counted for; but for what the failure itself is worth."""
    told = [of_group("opened", "m1", 1), of_group("joined", "m2", 1, opener_id="m1"), of_group("formed", "m1", 1)]
    told += [order("paid", "a", 1, group_id="g1"), order("paid", "c", 2)]
    told += [event("order.paid", "p2", moment(1, timedelta(hours=9)), member_id="m2", order_id="b", paid_fen=90_000,
                   group_id="g1")]  # fmt: skip
    await send(conn, live, told)
    if settled:
        await settle_all(conn, LATE)
    assert (await sums(conn)).keys() == {"m1", "m2"}
    failed = (await send(conn, live, [of_group("failed", "m1", 3)]))[0]
    assert bool(failed.reversed_points) and bool(failed.withdrawn)
    # What is left is the order that was in no group, the first of its member and of its day, and a consolation.
    left = 10 + 1 + 70 + 7 + 1
    assert await sums(conn) == {"m1": left}
    late = of_group("joined", "m3", 1, opener_id="m1")
    assert [skip.reason for skip in (await send(conn, live, [late]))[0].skipped] == ["group_failed"]
    assert await sums(conn) == {"m1": left}
    assert await findings(conn) == {}


async def test_another_group_takes_the_place_of_the_first_that_failed(conn: Connection, live: LiveProgrammes) -> None:
    """First group formed: the first failed afterwards, so the second was the first."""
    await send(conn, live, [of_group("formed", "m1", 1), of_group("formed", "m1", 2, "g2")])
    await settle_all(conn, LATE)
    await send(conn, live, [of_group("failed", "m1", 3)])
    assert (await held(conn))["once:first_group"] == ("pending", 50)
    await send(conn, live, [of_group("failed", "m1", 4, "g2")])
    assert await sums(conn) == {"m1": 2}, "two consolations"
    assert await findings(conn) == {}


async def test_points_arrive_at_their_milestones(conn: Connection, live: LiveProgrammes) -> None:
    """Orders when their return window has closed, groups when they have formed."""
    await send(conn, live, [order("paid", "a", 1, group_id="g1")])

    async def dates() -> dict[str, date]:
        rows = await fetch_all(conn, "SELECT rule, settle_on FROM ledger_grant WHERE order_id = 'a'")
        return dict(rows)

    far = date(9999, 12, 31)
    assert await dates() == {
        "base": far, "formed_base": far, "first_order": date(2026, 2, 6), "of_the_day": far,
    }  # fmt: skip
    await send(conn, live, [of_group("formed", "m1", 4)])
    assert (await dates())["formed_base"] == date(2026, 2, 9)
    await send(conn, live, [order("completed", "a", 6)])
    found = await dates()
    assert (found["base"], found["of_the_day"]) == (date(2026, 2, 17), date(2026, 2, 11))
    assert await findings(conn) == {}


def invited(member: str, inviter: str, hour: int) -> Event:
    at = moment(0, timedelta(hours=hour))
    return event("member.registered", f"reg-{member}", at, member_id=member, inviter_id=inviter)


def completed(member: str) -> Event:
    body = {"member_id": member, "order_id": f"o-{member}", "paid_fen": 1_000}
    return event("order.completed", f"done-{member}", moment(2, timedelta(hours=1)), **body)


@pytest.mark.parametrize("size", [2, 3])
async def test_a_ring_of_invitations_is_worth_nothing_where_it_closes(
    conn: Connection, live: LiveProgrammes, size: int
) -> None:
    """Each invited the next, the last one the first: in whichever order it is told, the last one's is refused."""
    ring = ["m1", "m2", "m3"][:size]
    told = [invited(member, ring[at - 1], hour=at) for at, member in enumerate(ring)]
    orders = [completed(member) for member in ring]
    found = set()
    for events in map(list, permutations(told)):
        for batches in (
            [[*orders, *events]],
            [[one] for one in (*orders, *events)],
            [[one] for one in (*events, *orders)],
        ):
            await conn.execute("SAVEPOINT before")
            await send(conn, live, *batches)
            assert await findings(conn) == {}
            rows = await fetch_all(
                conn, "SELECT member_id, key FROM ledger_grant WHERE rule = 'invitation' ORDER BY 1, 2"
            )
            found.add(tuple(rows))
            await conn.execute("ROLLBACK TO before")
    [rewards] = found
    assert [key for _, key in rewards if key.startswith("invite:")] == [
        f"invite:invitation:{member}" for member in ring[1:]
    ]


async def test_a_ring_that_closes_after_the_reward_was_credited(conn: Connection, live: LiveProgrammes) -> None:
    """The inviter turns out to have been brought later than whom they brought: both sides lose what they had."""
    await send(conn, live, [invited("m1", "m2", 5), completed("m1")])
    await settle_all(conn, LATE)
    assert (await sums(conn))["m2"] == 200
    last = (await send(conn, live, [invited("m2", "m1", 6)]))[0]
    assert last.withdrawn == ["invite:invitation:m1", "invited:invitation"] and last.reversed_points == 230
    assert "m2" not in await sums(conn)
    # It was not so late after all.
    earlier = event("member.registered", "reg-m2-first", moment(0, timedelta(hours=1)), member_id="m2", inviter_id="m9")
    await send(conn, live, [earlier])
    assert (await sums(conn))["m2"] == 200
    assert await findings(conn) == {}


@pytest.mark.parametrize("settled", [False, True])
async def test_an_earlier_inviter_takes_the_place(conn: Connection, live: LiveProgrammes, settled: bool) -> None:
    """Who was told first, and credited, gives back what is another's; with the first order it goes for good."""
    await send(conn, live, [invited("m1", "m8", 5), completed("m1")])
    if settled:
        await settle_all(conn, LATE)
    assert (await sums(conn))["m8"] == 200
    earlier = event("member.registered", "reg-m1-first", moment(0, timedelta(hours=1)), member_id="m1", inviter_id="m9")
    told = (await send(conn, live, [earlier]))[0]
    assert told.withdrawn == ["invite:invitation:m1"] and told.reversed_points == (200 if settled else 0)
    found = await sums(conn)
    assert "m8" not in found and found["m9"] == 200
    gone = event("order.cancelled", "x", moment(9, timedelta(0)), member_id="m1", order_id="o-m1")
    await send(conn, live, [gone])
    assert await sums(conn) == {}
    assert await findings(conn) == {}


def bought(group: BuyingGroup, at: datetime) -> list[Event]:
    """A group of BeiBei with an order of each who is in it; it is told to have formed, and perhaps to have failed."""
    everybody = (group.opener, *group.joined)
    about: dict[str, Any] = {"paid_fen": 2_000}
    told = [("order.paid", member, {**about, "order_id": f"{group.group_id}-{member}"}) for member in everybody]
    told += [("group.joined", member, {"opener_id": group.opener}) for member in group.joined]
    told += [("group.opened", group.opener, {}), ("group.formed", group.opener, {})]
    if not group.formed:
        told.append(("group.failed", group.opener, {}))
    return [
        event(kind, f"{kind}-{group.group_id}-{member}", at, member_id=member, group_id=group.group_id, **data)
        for kind, member, data in told
    ]


@pytest.mark.parametrize("chance", range(3))
async def test_failed_groups_of_beibei_give_nothing_in_the_end(
    conn: Connection, live: LiveProgrammes, chance: int
) -> None:
    """Their members have what the groups that formed gave them, as if the others had never been, in any order."""
    groups = read_groups(BEIBEI)
    events = {group: bought(group, moment(1 + place, timedelta(hours=9))) for place, group in enumerate(groups)}
    await conn.execute("SAVEPOINT before")
    await send(conn, live, [one for group in groups if group.formed for one in events[group]])
    wanted = await sums(conn)
    await conn.execute("ROLLBACK TO before")
    told = [one for group in groups for one in events[group]]
    Random(chance).shuffle(told)
    half = len(told) // 2
    await send(conn, live, told[:half])
    await settle_all(conn, LATE)
    await send(conn, live, *([one] for one in told[half:]))
    consolations = Counter(group.opener for group in groups if not group.formed)
    found = {member: points - consolations[member] for member, points in (await sums(conn)).items()}
    assert {member: points for member, points in found.items() if points} == wanted
    assert await findings(conn) == {}
