"""One reward a day, or a month, for sharing: whichever friends' orders last, in whatever order they come and go."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.flows.publish import LiveProgrammes, publish
from linli.kit.db import Connection, Pool, in_transaction
from linli.words.events import Event
from tests.flows.lives import moment
from tests.flows.test_loss import LATE, sums
from tests.flows.world import NOW, event, findings, send, settle_all, state_digest
from tests.rules.build import NAME

SEARCH = settings(
    max_examples=int(os.environ.get("LINLI_ORDER_EXAMPLES", "30")),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
PARTS = ("orders", "grants")
Draw = Callable[[st.SearchStrategy[Any]], Any]
REWARD = {"kind": "fixed", "name": NAME, "on": "share.converted"}
DOCUMENT = {
    "name": "test",
    "title": NAME,
    "screening": {"min_order_fen": 100},
    "rules": [
        {**REWARD, "id": "daily", "points": 5, "limit": "day"},
        {**REWARD, "id": "monthly", "points": 30, "limit": "month", "arrives": "collected"},
    ],
}


@pytest.fixture
async def live(conn: Connection) -> LiveProgrammes:
    await publish(conn, msgspec.json.encode(DOCUMENT), now=NOW, by="test", effective_from=None)
    found = LiveProgrammes()
    await found.refresh(conn)
    await conn.commit()
    return found


def shared(number: int, day: int, hour: int, sharer: str = "s1") -> Event:
    body = {"member_id": sharer, "share_id": f"h{number}", "friend_id": f"f{number}", "order_id": f"o{number}"}
    return event("share.converted", f"s{number}", moment(day, timedelta(hours=hour)), **body)


def order(kind: str, number: int, day: int, **data: Any) -> Event:
    body = {"member_id": f"f{number}", "order_id": f"o{number}", **data}
    return event(f"order.{kind}", f"{kind}-{number}", moment(day, timedelta(hours=12)), **body)


@st.composite
def tellings(draw: Draw) -> list[Event]:
    """Friends of two members; their orders are small, cancelled, refunded, or nothing of the kind."""
    told = []
    for number in range(draw(st.integers(2, 5))):
        day, sharer = draw(st.integers(0, 1)), draw(st.sampled_from(["s1", "s1", "s2", f"f{(number + 1) % 5}"]))
        told.append(shared(number, day, draw(st.integers(1, 3)), sharer))
        paid = draw(st.sampled_from([99, 500, 500]))
        if draw(st.integers(0, 4)):
            told.append(order("paid", number, day, paid_fen=paid))
            if draw(st.booleans()):
                told.append(order("completed", number, day + 1, paid_fen=draw(st.sampled_from([paid, 500]))))
            if not draw(st.integers(0, 2)):
                told.append(order("refunded", number, day + 2, refund_id=f"r{number}", refund_fen=paid))
        if not draw(st.integers(0, 3)):
            told.append(order("cancelled", number, day + 2))
    return told


@SEARCH
@given(told=tellings(), data=st.data())
async def test_the_earliest_share_that_lasts_has_the_reward(
    conn: Connection, live: LiveProgrammes, told: list[Event], data: st.DataObject
) -> None:
    """One by one in any order: the same state; settled in between: the same sums."""
    shuffled = data.draw(st.permutations(told))
    after = data.draw(st.lists(st.booleans(), min_size=len(shuffled), max_size=len(shuffled)))
    try:
        await send(conn, live, sorted(told, key=lambda one: (one.occurred_at, one.event_id)))
        straight, wanted = await state_digest(conn, PARTS), await sums(conn)
        assert await findings(conn) == {}
    finally:
        await conn.rollback()
    try:
        await send(conn, live, *([one] for one in shuffled))
        assert await state_digest(conn, PARTS) == straight
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


async def test_friends_who_cancel_at_once(pool: Pool, conn: Connection, live: LiveProgrammes) -> None:
    """Of twelve shares of a day eleven come to nothing, at one instant: the last has the reward."""
    told = [one for n in range(12) for one in (shared(n, 0, n), order("paid", n, 0, paid_fen=500))]
    await in_transaction(pool, lambda conn: send(conn, live, told))
    gone = [[order("cancelled", n, 1)] for n in range(11)]
    await asyncio.gather(*(in_transaction(pool, lambda conn, one=one: send(conn, live, one)) for one in gone))
    assert await sums(conn) == {"s1": 5 + 30}
    assert await findings(conn) == {}
    await send(conn, live, [order("cancelled", 11, 1)])
    assert await sums(conn) == {}
