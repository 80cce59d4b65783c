"""A back-test under the programme that held grants what the ledger was told to grant, to the point."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given

from linli import inbox
from linli.flows import back_test
from linli.flows.publish import LiveProgrammes
from linli.flows.two_lives import Trial
from linli.kit.db import Connection, fetch_all
from linli.words.events import Event, GroupFailed, MemberRegistered, ShareConverted
from tests.flows.lives import MEMBERS
from tests.flows.test_intake_order import SEARCH, tellings
from tests.flows.world import PRESETS, open_programme, send

EVER, FOR_EVER = date(2000, 1, 1), date(2100, 1, 1)
_GRANTS = "SELECT member_id, key, rule, points, earned_on, occurred_at, event_id FROM ledger_grant ORDER BY 1, 2"


@pytest.fixture(params=PRESETS)
async def live(request: pytest.FixtureRequest, conn: Connection) -> LiveProgrammes:
    """A preset, published for good: examples are rolled back, it is not."""
    found = await open_programme(conn, request.param)
    await conn.commit()
    return found


@SEARCH
@given(telling=tellings())
async def test_what_is_simulated_is_what_was_granted(
    conn: Connection, live: LiveProgrammes, telling: tuple[list[Event], list[list[Event]]]
) -> None:
    """Events come in any order and batches; the archive is lived again in the order of business time."""
    batches = [list(filter(_concerns_one, batch)) for batch in telling[1]]
    try:
        await send(conn, live, *batches)
        granted = await fetch_all(conn, _GRANTS)
        trial = Trial(EVER, live.at, live.at, live.at)
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


def _concerns_one(event: Event) -> bool:
    """Not what takes from one member for what another did: a back-test lives each life by itself."""
    body = event.body
    if isinstance(body, MemberRegistered):
        return body.inviter_id not in MEMBERS  # who might be in a ring
    return not isinstance(body, GroupFailed | ShareConverted)


async def _held(conn: Connection, trial: Trial) -> list[Any]:
    """The grants of all simulated lives, as the ledger would list them."""
    ids = [row[0] for row in await fetch_all(conn, "SELECT member_id FROM members_member ORDER BY 1")]
    lives: dict[str, Any] = {}
    async for part in inbox.lives(conn, ids, FOR_EVER):
        for event in part:
            life = lives.setdefault(event.member_id, back_test.TwoLives(event.member_id, trial))
            life.take(event)
    best: dict[tuple[str, str], Any] = {}
    for life in lives.values():
        for (member_id, key), held in life.draft.held.items():
            grant = held.grant
            row = (
                member_id, key, grant.rule, held.points, grant.earned_on, grant.occurred_at, grant.event_id,
            )  # fmt: skip
            best[member_id, key] = min(best.get((member_id, key), row), row, key=lambda one: one[5:])
    return [best[key] for key in sorted(best)]
