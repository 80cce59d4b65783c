"""Every kind of bonus, arriving at once: causes come and go as ever, and what passes on is there at once too."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.flows.publish import LiveProgrammes, publish
from linli.kit.db import Connection, fetch_all
from linli.words.events import Event
from tests.flows.lives import lives, moment
from tests.flows.test_loss import SEARCH, held, order, sums
from tests.flows.world import EVERYTHING, NOW, event, findings, send
from tests.flows.world import __file__ as world


@pytest.fixture
async def live(conn: Connection) -> LiveProgrammes:
    text = (Path(world).parent / f"{EVERYTHING}.yaml").read_text()
    text = re.sub(r", arrives: \w+", "", text).replace(", name: {", ", arrives: at_once, name: {")
    assert text.count("at_once") == text.count("- {")
    await publish(conn, text.encode(), now=NOW, by="test", effective_from=None)
    found = LiveProgrammes()
    await found.refresh(conn)
    await conn.commit()
    return found


async def pending(conn: Connection) -> int:
    ((count,),) = await fetch_all(conn, "SELECT count(*) FROM ledger_grant WHERE state = 'pending'")
    return count


@SEARCH
@given(told=lives(), data=st.data())
async def test_nothing_waits_and_no_order_of_arrival_changes_a_sum(
    conn: Connection, live: LiveProgrammes, told: list[Event], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(told))
    try:
        await send(conn, live, told)
        straight = await sums(conn)
        assert (await findings(conn), await pending(conn)) == ({}, 0)
    finally:
        await conn.rollback()
    try:
        for one in shuffled:
            await send(conn, live, [one])
            assert (await findings(conn), await pending(conn)) == ({}, 0)
        assert await sums(conn) == straight
    finally:
        await conn.rollback()


async def test_what_passes_to_the_next_cause_is_there_at_once(conn: Connection, live: LiveProgrammes) -> None:
    await send(conn, live, [order("paid", "a", 1), order("paid", "b", 5)])
    before = await sums(conn)
    (told,) = await send(conn, live, [order("cancelled", "a", 6)])
    assert (await held(conn))["once:first_order"] == ("settled", 70)
    (again,) = [granted for granted in told.granted if granted.key.endswith("once:first_order")]
    assert (again.key, again.points, again.settle_on) == ("again:2:once:first_order", 70, NOW.date())
    # What was earned for its amount, by two rules, and the bonus of its day went with it.
    assert before["m1"] - (await sums(conn))["m1"] == 10 + 1 + 7
    registered = event("member.registered", "r", moment(0, timedelta(0)), member_id="m1", inviter_id="m9")
    await send(conn, live, [registered, order("cancelled", "b", 7)])
    assert await sums(conn) == {} and await pending(conn) == 0
    assert await findings(conn) == {}
