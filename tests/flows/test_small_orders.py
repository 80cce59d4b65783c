"""An order below the programme's least counts nowhere: for no rule, in no history, whatever is told first."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli import earning
from linli.flows.publish import LiveProgrammes, publish
from linli.kit.db import Connection, fetch_all
from linli.words.events import Event
from tests.flows.lives import moment
from tests.flows.test_loss import LATE, sums
from tests.flows.world import EVERYTHING, NOW, event, findings, open_programme, send, settle_all, state_digest
from tests.rules.build import NAME

SEARCH = settings(
    max_examples=int(os.environ.get("LINLI_ORDER_EXAMPLES", "50")),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
Draw = Callable[[st.SearchStrategy[Any]], Any]
AMOUNTS = st.sampled_from([0, 399, 400, 2_000])
"""`everything` wants 400."""
MEMBERS = ("m1", "m2")


@pytest.fixture
async def live(conn: Connection) -> LiveProgrammes:
    found = await open_programme(conn, EVERYTHING)
    await conn.commit()
    return found


@st.composite
def tellings(draw: Draw) -> list[Event]:
    """Orders about the least amount, whose completion may tell another; shares that led to them, invitations."""
    told = []
    for number in range(draw(st.integers(1, 4))):
        about = {"member_id": draw(st.sampled_from(MEMBERS)), "order_id": f"o{number}"}
        about |= draw(st.sampled_from([{}, {}, {"group_id": "g1"}]))
        day, paid = draw(st.integers(0, 3)), draw(AMOUNTS)
        happened = [("paid", paid)] if draw(st.integers(0, 3)) else []
        if draw(st.integers(0, 2)):
            happened.append(("completed", draw(st.just(paid) | AMOUNTS)))
        for kind, fen in happened:
            at = moment(day + draw(st.integers(0, 1)), timedelta(hours=draw(st.integers(1, 3))))
            told.append(event(f"order.{kind}", f"{kind}-{number}", at, paid_fen=fen, **about))
        if draw(st.booleans()):
            share = {"member_id": "m3", "share_id": f"h{number}", "friend_id": about["member_id"]}
            at = moment(day, timedelta(hours=9))
            told.append(event("share.converted", f"s{number}", at, order_id=about["order_id"], **share))
        if not draw(st.integers(0, 4)):
            gone = {key: about[key] for key in ("member_id", "order_id")}
            told.append(event("order.cancelled", f"x{number}", moment(4, timedelta(hours=1)), **gone))
    if not draw(st.integers(0, 3)):
        told.append(event("group.failed", "f", moment(5, timedelta(0)), member_id="m1", group_id="g1"))
    for member in MEMBERS:
        at = moment(0, timedelta(minutes=1))
        told.append(event("member.registered", f"r-{member}", at, member_id=member, inviter_id="m9"))
    return told


@SEARCH
@given(told=tellings(), data=st.data())
async def test_whatever_is_told_first(
    conn: Connection, live: LiveProgrammes, told: list[Event], data: st.DataObject
) -> None:
    """One by one in any order, and settled in between: the same state, and the same sums."""
    shuffled = data.draw(st.permutations(told))
    after = data.draw(st.lists(st.booleans(), min_size=len(shuffled), max_size=len(shuffled)))
    try:
        await send(conn, live, sorted(told, key=lambda one: (one.occurred_at, one.event_id)))
        straight, wanted = await state_digest(conn), await sums(conn)
        assert await findings(conn) == {}
    finally:
        await conn.rollback()
    try:
        await send(conn, live, *([one] for one in shuffled))
        assert await state_digest(conn) == straight
    finally:
        await conn.rollback()
    try:
        for one, settled in zip(shuffled, after, strict=True):
            await send(conn, live, [one])
            if settled:
                await settle_all(conn, LATE)
        assert await sums(conn) == wanted
        assert await findings(conn) == {}
    finally:
        await conn.rollback()


def order(kind: str, name: str, day: int, fen: int, member: str = "m1") -> Event:
    at = moment(day, timedelta(hours=9))
    return event(f"order.{kind}", f"{kind}-{name}", at, member_id=member, order_id=name, paid_fen=fen)


async def test_a_small_order_is_in_no_history(conn: Connection, live: LiveProgrammes) -> None:
    """No shopping day, no first order, nothing of the month's sum; and none of that is taken when it is given back."""
    registered = event("member.registered", "r", moment(0, timedelta(0)), member_id="m1", inviter_id="m9")
    share = {"member_id": "m3", "share_id": "h", "friend_id": "m1", "order_id": "a"}
    shared = event("share.converted", "s", moment(1, timedelta(0)), **share)
    outcomes = await send(
        conn, live, [registered, shared, order("paid", "a", 1, 399), order("completed", "a", 2, 399)]
    )  # fmt: skip
    skips = {skip.reason: skip.detail for skip in outcomes[2].skipped}
    assert skips == {"small_order": {"missing_fen": 1}} and len(outcomes[2].skipped) == 6
    facts = (await earning.read_facts(conn, ["m1"]))["m1"]
    assert (facts.shopping_days.bits, facts.month_fen, facts.first_order) == ("", {}, None)
    assert await sums(conn) == {}
    await send(conn, live, [order("paid", "b", 1, 400), order("completed", "b", 3, 400)])
    earned = await sums(conn)
    back = {"member_id": "m1", "order_id": "a", "refund_id": "r1", "refund_fen": 399}
    told = (await send(conn, live, [event("order.refunded", "ra", moment(4, timedelta(0)), **back)]))[0]
    assert (told.outcome, told.reversed_points, told.withdrawn) == ("accepted", 0, [])
    assert (await earning.read_facts(conn, ["m1"]))["m1"].month_fen == {"2026-02": 400}
    assert await sums(conn) == earned
    # The small one takes no place when the other is gone.
    await send(conn, live, [event("order.cancelled", "x", moment(4, timedelta(0)), member_id="m1", order_id="b")])
    facts = (await earning.read_facts(conn, ["m1"]))["m1"]
    assert (facts.shopping_days.bits, facts.first_order) == ("", None)
    assert await sums(conn) == {} and await findings(conn) == {}


def _document(least_fen: int) -> bytes:
    rules: Sequence[dict[str, Any]] = [
        {"id": "base", "kind": "per_amount", "name": NAME, "points": 1, "per_fen": 100},
        {"id": "goal", "kind": "goal", "name": NAME, "threshold_fen": 500, "points": 50},
    ]
    screening = {"min_order_fen": least_fen}
    return msgspec.json.encode({"name": "test", "title": NAME, "screening": screening, "rules": rules})


@pytest.mark.parametrize("backwards", [False, True])
async def test_an_order_is_judged_by_what_held_at_its_own_time(conn: Connection, backwards: bool) -> None:
    """However late it comes, and however often the least amount has changed by the time it is given back."""
    await publish(conn, _document(0), now=NOW, by="test", effective_from=None)
    for least, on in ((1_000, date(2026, 2, 10)), (0, date(2026, 2, 20))):
        begins = datetime(on.year, on.month, on.day, tzinfo=UTC)
        await publish(conn, _document(least), now=NOW, by="test", effective_from=begins)
    live = LiveProgrammes()
    await live.refresh(conn)
    told = [order("paid", "before", 2, 500), order("paid", "within", 10, 900), order("paid", "after", 20, 300)]
    await send(conn, live, *([one] for one in (reversed(told) if backwards else told)))
    rows = await fetch_all(conn, "SELECT order_id, points FROM ledger_grant WHERE rule = 'base' ORDER BY 1")
    assert rows == [("after", 3), ("before", 5)]
    assert await sums(conn) == {"m1": 58}
    cancelled = [
        event("order.cancelled", f"x-{name}", moment(25, timedelta(0)), member_id="m1", order_id=name)
        for name in ("within", "before")
    ]
    await send(conn, live, cancelled[:1])
    assert await sums(conn) == {"m1": 58}, "it had counted for nothing"
    await send(conn, live, cancelled[1:])
    assert await sums(conn) == {"m1": 3}
    assert await findings(conn) == {}
