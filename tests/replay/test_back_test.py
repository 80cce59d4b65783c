"""Two weeks of real baskets, lived through the API, and lived again by a back-test: the same points, to the point."""

from __future__ import annotations

from datetime import date, timedelta

from linli.backtests import BackTest
from linli.flows.back_test import request, run
from linli.kit.db import in_transaction
from linli.kit.resources import resource
from linli.ledger import Stamp
from linli.replay.grocery import Journey
from tests.replay.conftest import START, ZONE, Street
from tests.replay.test_grocery import LAST, Slice, sliced

__all__ = ["sliced"]


async def _tried(street: Street, preset: str, first: date, last: date) -> BackTest:
    document = (resource("presets") / f"{preset}.yaml").read_bytes()
    clock = street.settings.clock
    stamp = Stamp(at=clock(), on=last, actor="test")
    asked, _ = await in_transaction(street.pool, lambda conn: request(conn, document, first, last, None, stamp))
    done = await run(street.pool, asked.back_test_id, clock)
    assert done.result is not None, done.fault
    return done


async def test_the_live_arm_is_what_the_ledger_granted(street: Street, sliced: Slice) -> None:
    journey = Journey(ZONE, sliced.folder)
    await street.live(journey, LAST + timedelta(days=1))
    middle = START + timedelta(days=7)
    for first, last in ((START, LAST), (START, middle), (middle, LAST)):
        done = await _tried(street, "fresh-life", first, last)
        assert done.result is not None
        granted = await street.rows(
            "SELECT count(*), sum(points)::bigint, count(DISTINCT member_id) FROM ledger_grant "
            f"WHERE points > 0 AND earned_on BETWEEN '{first}' AND '{last}'"
        )
        live = done.result.live
        assert (live.grants, live.points, live.members) == granted[0]
        earned = sum(points for (_, on), points in sliced.earned().items() if first <= on <= last)
        assert live.points == earned, "and what pandas makes of the columns"
        assert done.result.draft.points > live.points
        sales = sum(month.sales_fen for month in done.result.by_month)
        dates = sliced.lines.transaction_timestamp.dt.date
        assert sales == round(sliced.lines.sales_value[(dates >= first) & (dates <= last)].sum() * 100)


async def test_what_held_tried_again_changes_nothing(street: Street, sliced: Slice) -> None:
    journey = Journey(ZONE, sliced.folder)
    await street.live(journey, LAST + timedelta(days=1))
    result = (await _tried(street, "neighbours", START, LAST)).result
    assert result is not None
    assert (result.live, result.difference_points) == (result.draft, 0)
    assert (result.members_gain, result.members_lose, len(result.distribution)) == (0, 0, 1)
