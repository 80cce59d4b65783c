"""A correction that is undone when what it corrected has gone: nothing comes back that is no longer due."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.api.conftest import Api
from tests.api.mine import at
from tests.api.test_corrections import do, lines, make, work
from tests.flows.world import CHECKS

from linli.kit.audit import run_audit
from linli.kit.db import fetch_all


@pytest.fixture(autouse=True)
async def audited(api: Api) -> AsyncIterator[None]:
    """Whatever a test did, the audit finds nothing."""
    yield
    async with api.pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []


async def _left(api: Api) -> dict[str, int]:
    async with api.pool.connection() as conn:
        return dict(await fetch_all(conn, "SELECT key, points - reversed FROM ledger_grant WHERE member_id = 'm1'"))


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize(("reversed_", "refunded_fen", "left"), [(50, 5_000, 0), (30, 2_500, 20), (20, 1_000, 50)])
async def test_no_more_comes_back_than_refunds_leave(
    api: Api, tmp_path: Any, settled: bool, reversed_: int, refunded_fen: int, left: int
) -> None:
    """Less was left than the refund would have left, so that it changed nothing; of the last, it did nothing at all."""
    await api.tell("order.paid", time="2026-11-21T03:00:00Z", member_id="m1", order_id="o1", paid_fen=5_000)
    await api.tell("order.paid", time="2026-11-21T03:00:00Z", member_id="m1", order_id="o2", paid_fen=100_000)
    if settled:
        await at(api, "2026-11-23T02:00:00+08:00", "settle")
    found = await make(api, {"member_id": "m1", "grant_key": "order:o1:base", "points": reversed_})
    await do(api, found, "submit")
    await work(api, tmp_path)
    if left != 50:
        await api.tell("order.refunded", member_id="m1", order_id="o1", refund_id="r", refund_fen=refunded_fen)
    undone = await do(api, found, "reverse", reason="undone")
    await do(api, undone, "submit")
    await work(api, tmp_path)
    [line] = await lines(api, undone)
    assert line["state"] == ("done" if left == 50 else "failed")
    assert left == 50 or line["fault"]["code"] == "grant_changed"
    assert (await _left(api))["order:o1:base"] == left


async def test_a_reward_whose_cause_has_gone_stays_away(api: Api, tmp_path: Any) -> None:
    """The friend's order is cancelled after all of the reward had been reversed by hand."""
    await api.tell("share.converted", member_id="m1", share_id="h", friend_id="m2", order_id="o1")
    await at(api, "2026-11-23T02:00:00+08:00", "settle")
    found = await make(api, {"member_id": "m1", "grant_key": "share:share:o1"})
    await do(api, found, "submit")
    await work(api, tmp_path)
    await api.tell("order.paid", member_id="m2", order_id="o1", paid_fen=5_000)
    await api.tell("order.cancelled", member_id="m2", order_id="o1")
    undone = await do(api, found, "reverse", reason="undone")
    await do(api, undone, "submit")
    await work(api, tmp_path)
    [line] = await lines(api, undone)
    assert (line["state"], line["fault"]["code"]) == ("failed", "grant_changed")
    assert (await _left(api))["share:share:o1"] == 0
