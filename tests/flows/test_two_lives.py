"""A back-test under the programme that held grants what the ledger was told to grant, to the point."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli import inbox
from linli.flows import back_test
from linli.flows.others import Others
from linli.flows.publish import LiveProgrammes
from linli.flows.two_lives import Trial
from linli.kit.db import Connection, fetch_all
from linli.words.events import Event
from tests.flows.lives import FIRST, moment
from tests.flows.test_intake_order import SEARCH, tellings
from tests.flows.world import EVERYTHING, PRESETS, event, open_programme, send

EVER, FOR_EVER = date(2000, 1, 1), date(2100, 1, 1)
_GRANTS = "SELECT member_id, key, rule, points, earned_on, occurred_at, event_id FROM ledger_grant ORDER BY 1, 2"


@pytest.fixture(params=[*PRESETS, EVERYTHING])
async def live(request: pytest.FixtureRequest, conn: Connection) -> LiveProgrammes:
    """A preset, published for good: examples are rolled back, it is not."""
    found = await open_programme(conn, request.param)
    await conn.commit()
    return found


@SEARCH
@given(telling=tellings(), made_up=st.sets(st.integers(0, 20), max_size=4), first=st.booleans())
async def test_what_is_simulated_is_what_was_granted(
    conn: Connection,
    live: LiveProgrammes,
    telling: tuple[list[Event], list[list[Event]]],
    made_up: set[int],
    first: bool,
) -> None:
    """Events come in any order and batches; the archive is lived again in the order of business time.

    Orders are given back, groups fail, shares and invitations come to nothing, check-ins are made up for.
    """
    days = [_made_up(day) for day in sorted(made_up)]
    try:
        await send(conn, live, *([days] if first else []), *telling[1], *([] if first else [days]))
        granted = await fetch_all(conn, _GRANTS)
        trial = Trial(EVER, live, live, live)
        chunk = await back_test.chunk_of(conn, trial, FOR_EVER, "")
        kept = await _held(conn, trial)
    finally:
        await conn.rollback()
    assert kept == granted
    if chunk is None:
        assert not granted
        return
    own = {points.member_id: points for points in chunk.points}
    assert all(points.live_points == points.draft_points for points in own.values())
    claimed = {claim[:4] for claim in chunk.claims if claim.arm == "draft"}
    told = sum(points.draft_points for points in own.values()) + sum(points for *_, points in claimed)
    assert told == sum(row[3] for row in granted)
    assert chunk.sums.live_failed == chunk.sums.draft_failed == 0


def _made_up(day: int) -> Event:
    on = FIRST + timedelta(days=day)
    return event("check_in.made_up", f"u{day}", moment(day + 2, timedelta(hours=9)), member_id="m1", on=str(on))


@pytest.mark.parametrize("backwards", [False, True])
async def test_what_others_undo_is_undone_in_a_life(conn: Connection, backwards: bool) -> None:
    """A share whose friend's order is cancelled, an invitation in a ring: what random lives seldom come to."""
    live = await open_programme(conn, EVERYTHING)
    noon = timedelta(hours=12)

    def tell(kind: str, day: int, member: str, **data: Any) -> Event:
        return event(kind, f"{kind}-{member}-{day}", moment(day, noon), member_id=member, **data)

    told = [
        tell("order.paid", 1, "m2", order_id="o1", paid_fen=5_000),
        tell("share.converted", 2, "m1", share_id="h1", friend_id="m2", order_id="o1"),
        tell("order.cancelled", 3, "m2", order_id="o1"),
        tell("member.registered", 4, "m3", inviter_id="m4"),
        tell("member.registered", 5, "m4", inviter_id="m3"),
        tell("order.completed", 6, "m3", order_id="o3", paid_fen=5_000),
        tell("order.completed", 6, "m4", order_id="o4", paid_fen=5_000),
    ]
    await send(conn, live, *([one] for one in (reversed(told) if backwards else told)))
    granted = await fetch_all(conn, _GRANTS)
    assert not any(row[2] == "share" for row in granted)
    assert {row[0] for row in granted if row[2] == "invitation"} == {"m3", "m4"}
    assert len([row for row in granted if row[2] == "invitation"]) == 2, "one of the two is refused"
    assert await _held(conn, Trial(EVER, live, live, live)) == granted


async def _held(conn: Connection, trial: Trial) -> list[Any]:
    """The grants of all simulated lives, as the ledger would list them."""
    ids = [row[0] for row in await fetch_all(conn, "SELECT member_id FROM members_member ORDER BY 1")]
    lives: dict[str, Any] = {}
    others = Others(trial.held, FOR_EVER)
    async for part in inbox.lives(conn, ids, FOR_EVER):
        await others.look(conn, part)
        for one in part:
            life = lives.setdefault(one.member_id, back_test.TwoLives(one.member_id, trial, others))
            life.take(one)
    best: dict[tuple[str, str], Any] = {}
    for life in lives.values():
        for (member_id, key), held in life.draft.held.items():
            grant = held.grant
            row = (
                member_id, key, grant.rule, held.points, grant.earned_on, grant.occurred_at, grant.event_id,
            )  # fmt: skip
            best[member_id, key] = min(best.get((member_id, key), row), row, key=lambda one: one[5:])
    return [best[key] for key in sorted(best)]
