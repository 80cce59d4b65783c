"""However events are ordered, repeated and gathered into batches, they end in one state, byte for byte."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli import ledger
from linli.flows.publish import LiveProgrammes
from linli.kit.db import Connection, fetch_all
from linli.words.events import Event
from tests.flows.lives import lives, moment
from tests.flows.world import (
    EVERYTHING,
    LASTING,
    PRESETS,
    again,
    event,
    findings,
    open_programme,
    send,
    settle_all,
    stamp,
    state_digest,
)

SEARCH = settings(
    max_examples=int(os.environ.get("LINLI_ORDER_EXAMPLES", "50")),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
SETTLED_ON = date(2026, 4, 1)


@pytest.fixture(params=[*PRESETS, EVERYTHING])
async def live(request: pytest.FixtureRequest, conn: Connection) -> LiveProgrammes:
    """A preset, published for good: examples are rolled back, it is not."""
    found = await open_programme(conn, request.param)
    await conn.commit()
    return found


async def _state_after(conn: Connection, live: LiveProgrammes, batches: Sequence[Sequence[Event]]) -> tuple[str, str]:
    """The state before and after settlement, with nothing for the audit to find; then all is rolled back."""
    try:
        await send(conn, live, *batches)
        before = await state_digest(conn)
        assert await findings(conn) == {}
        await settle_all(conn, SETTLED_ON)
        assert await findings(conn) == {}
        return before, await state_digest(conn)
    finally:
        await conn.rollback()


@st.composite
def tellings(draw: Any) -> tuple[list[Event], list[list[Event]]]:
    """A set of events in the order of their time, and the same events shuffled, some repeated, in random batches."""
    told: list[Event] = draw(lives())
    repeated = draw(st.lists(st.sampled_from(told), max_size=4)) if told else []
    shuffled = draw(st.permutations([*told, *map(again, repeated)]))
    cuts = sorted(draw(st.sets(st.integers(0, len(shuffled)), max_size=8)) | {0, len(shuffled)})
    batches = [shuffled[start:end] for start, end in pairwise(cuts)]
    return sorted(told, key=lambda e: (e.occurred_at, e.event_id)), batches


@SEARCH
@given(telling=tellings())
async def test_every_order_ends_in_the_same_state(
    conn: Connection, live: LiveProgrammes, telling: tuple[list[Event], list[list[Event]]]
) -> None:
    straight, batches = telling
    assert await _state_after(conn, live, batches) == await _state_after(conn, live, [straight])


@SEARCH
@given(told=lives(), backwards=st.booleans())
async def test_one_by_one_is_as_all_at_once(
    conn: Connection, live: LiveProgrammes, told: list[Event], backwards: bool
) -> None:
    """A batch is no different from its events, from the last to the first too."""
    told.sort(key=lambda e: (e.occurred_at, e.event_id), reverse=backwards)
    assert await _state_after(conn, live, [told]) == await _state_after(conn, live, [[single] for single in told])


PAID = [("fresh", 2_599), ("other", 1_999), ("daily_goods", 402)]


def paid_order(order_id: str = "o1", day: int = 4) -> Event:
    listed = [{"sku": f"s{n}", "category": category, "paid_fen": fen} for n, (category, fen) in enumerate(PAID)]
    return event(
        "order.paid", f"p-{order_id}", moment(day, timedelta(hours=9)), member_id="m1", order_id=order_id,
        paid_fen=5_000, lines=listed,
    )  # fmt: skip


def refund(number: int, fen: int, *by_line: tuple[int, int], order_id: str = "o1") -> Event:
    given_back = [{"line_id": str(place), "refund_fen": part} for place, part in by_line]
    return event(
        "order.refunded", f"r{number}-{order_id}", moment(10, timedelta(hours=number)), member_id="m1",
        order_id=order_id, refund_id=f"r{number}", refund_fen=fen, lines=given_back,
    )  # fmt: skip


@st.composite
def partial_refunds(draw: Any) -> list[Event]:
    """Refunds that give all of the order back: by line, or as parts of the whole, in any order."""
    told = []
    if draw(st.booleans()):
        for place, (_, fen) in enumerate(PAID, 1):
            cuts = sorted(draw(st.sets(st.integers(1, fen - 1), max_size=3)) | {0, fen})
            told += [(end - start, (place, end - start)) for start, end in pairwise(cuts)]
    else:
        cuts = sorted(draw(st.sets(st.integers(1, 4_999), min_size=1, max_size=5)) | {0, 5_000})
        told = [(end - start,) for start, end in pairwise(cuts)]
    return draw(st.permutations([refund(number, *part) for number, part in enumerate(told)]))


@SEARCH
@given(parts=partial_refunds(), spent=st.integers(0, 90), one_batch=st.booleans())
async def test_after_settlement_partial_refunds_are_one_full_refund(
    conn: Connection, live: LiveProgrammes, parts: list[Event], spent: int, one_batch: bool
) -> None:
    """What was spent meanwhile comes from the order's lot, or becomes debt: the same in the end."""
    whole = [refund(99, 5_000)]
    cancelled = [event("order.cancelled", "x", moment(10, timedelta()), member_id="m1", order_id="o1")]
    found = set()
    for given_back in (parts, whole, cancelled):
        try:
            await send(conn, live, [paid_order(), paid_order("o2", day=26)])
            await settle_all(conn, SETTLED_ON)
            await _spend(conn, spent)
            await send(conn, live, *([given_back] if one_batch else [[single] for single in given_back]))
            assert await findings(conn) == {}
            found.add(await state_digest(conn, LASTING))
        finally:
            await conn.rollback()
    assert len(found) == 1


async def _spend(conn: Connection, points: int) -> None:
    balance = await ledger.get_balance(conn, "m1", "points", SETTLED_ON)
    if 0 < points <= balance.available:
        await ledger.spend(conn, stamp(SETTLED_ON), "m1", "points", points, "s1")


async def test_a_refund_above_what_was_paid_is_parked_with_its_reason(conn: Connection, live: LiveProgrammes) -> None:
    await send(conn, live, [paid_order()])
    before = await state_digest(conn, LASTING)
    too_much, too_much_of_a_line = await send(conn, live, [refund(1, 5_001)], [refund(2, 403, (3, 403))])
    assert (too_much.outcome, too_much.code) == ("parked", "refund_exceeds_paid")
    assert (too_much_of_a_line.outcome, too_much_of_a_line.code) == ("parked", "refund_exceeds_paid")
    assert await state_digest(conn, LASTING) == before
    assert await findings(conn) == {}
    waiting = await fetch_all(conn, "SELECT event_id, reason, state FROM inbox_parked ORDER BY event_id")
    assert waiting == [(f"r{n}-o1", "refund_exceeds_paid", "waiting") for n in (1, 2)]


async def test_a_refund_of_an_unknown_order_waits_for_it(conn: Connection, live: LiveProgrammes) -> None:
    """It is freed by the order's coming, and told so; sent again meanwhile, it still waits once."""
    early = refund(1, 2_500)
    first, second = await send(conn, live, [early], [again(early)])
    assert (first.outcome, first.code, second.outcome) == ("parked", "order_unknown", "parked")
    assert await fetch_all(conn, "SELECT awaits FROM inbox_parked") == [("order:o1",)]
    accepted = (await send(conn, live, [paid_order()]))[0]
    assert accepted.outcome == "accepted"
    assert await fetch_all(conn, "SELECT state FROM inbox_parked") == [("replayed",)]
    assert (await send(conn, live, [again(early)]))[0].outcome == "duplicate"
    [(promised, points)] = await fetch_all(conn, "SELECT promised, points FROM ledger_grant WHERE rule = 'base'")
    assert (promised, points) == (50, 25)
    assert await findings(conn) == {}
