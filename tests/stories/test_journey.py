"""The journey of the owner's first document (A §七), through HTTP, day by day, with the points that it names.

The tiers of its later lines come with issues of their own.
"""

from __future__ import annotations

from typing import Any

import pytest

from linli.kit.audit import checks_in, run_audit
from linli.kit.resources import resource
from tests.api.conftest import Api
from tests.api.conftest import api as api
from tests.api.mine import Mine, at
from tests.mall.goods import TISSUES


@pytest.fixture
def more_settings() -> dict[str, Any]:
    """Cash is taken, by a demonstration."""
    return {"payments": "fake"}


@pytest.fixture
def preset() -> str:
    """A is the neighbours' document."""
    return "neighbours"


async def _points(api: Api) -> tuple[int, int]:
    """(available, pending) of A."""
    found = await api.balance("a")
    return found["available"], sum(part["points"] for part in found["pending"])


async def test_from_the_first_order_to_a_hundred_and_eighty_points(api: Api) -> None:
    """¥30 → 30; a neighbour's first order → +100; seven days of check-in → +50: 180 in all."""
    mine = Mine(api, "a")
    await at(api, "2026-03-02T09:00:00+08:00")
    await api.tell("member.registered", "reg-a", "2026-03-02T08:50:00+08:00", member_id="a", city="杭州")
    paid = {"member_id": "a", "order_id": "o1", "paid_fen": 3_000}
    told = (await api.tell("order.paid", "paid-o1", "2026-03-02T08:58:00+08:00", **paid)).json()
    assert [(g["rule"], g["points"], g["settle_on"]) for g in told["granted"]] == [("base", 30, "2026-03-03")]
    assert await _points(api) == (0, 30)
    await mine.check_in()

    # The next day: T+1 has come, and neighbour B joins through A's invitation.
    await at(api, "2026-03-03T09:00:00+08:00", "settle")
    assert await _points(api) == (30, 0)
    await mine.check_in()
    b = {"member_id": "b"}
    await api.tell("member.registered", "reg-b", "2026-03-03T08:00:00+08:00", **b, inviter_id="a")
    await api.tell("group.joined", "join-b", "2026-03-03T08:10:00+08:00", **b, group_id="g1", opener_id="a")
    order = {**b, "order_id": "o2", "paid_fen": 1_990, "group_id": "g1"}
    await api.tell("order.paid", "paid-o2", "2026-03-03T08:11:00+08:00", **order)
    assert await _points(api) == (30, 0), "an invitation counts once the first order is completed"

    await at(api, "2026-03-04T20:00:00+08:00", "settle")
    await mine.check_in()
    told = (await api.tell("order.completed", "done-o2", "2026-03-04T19:00:00+08:00", **order)).json()
    assert [(g["member_id"], g["rule"], g["points"]) for g in told["granted"]] == [("a", "invitation", 100)]
    assert await _points(api) == (30, 100)

    await at(api, "2026-03-05T09:00:00+08:00", "settle")
    assert await _points(api) == (130, 0)
    for day in (5, 6, 7):
        await at(api, f"2026-03-{day:02}T21:00:00+08:00", "settle")
        assert (await mine.check_in())["granted"] == []
        assert await _points(api) == (130, 0)

    # The seventh day in a row.
    await at(api, "2026-03-08T21:00:00+08:00", "settle")
    assert [granted["points"] for granted in (await mine.check_in())["granted"]] == [50]
    assert await _points(api) == (130, 50)
    await at(api, "2026-03-09T09:00:00+08:00", "settle")
    assert await _points(api) == (180, 0)
    statement = (await api.get("/v1/members/a/statement")).json()["items"]
    assert [(line["kind"], line["points"]) for line in statement] == [("settle", 50), ("settle", 100), ("settle", 30)]

    # 100 points and ¥2 for a pack of tissues, paid for by WeChat, collected at the pickup point.
    tissues = {**TISSUES, "price_points": 100, "price_fen": 200}
    item_id = (await api.post("/v1/mall/items", tissues)).json()["item_id"]
    await api.post(f"/v1/mall/items/{item_id}/list")
    (shown,) = (await mine.get("/mall/items", affordable=True))["items"]
    assert (shown["price_points"], shown["price_fen"], shown["obstacles"]) == (100, 200, [])
    answer = await mine.ask("POST", "/mall/orders", json={"item_id": item_id}, headers={"idempotency-key": "tissues"})
    bought = answer.json()
    assert (bought["state"], bought["payment"]["state"]) == ("held", "unpaid"), bought
    assert await _points(api) == (80, 0)
    path, query = bought["payment"]["fake_pay_url"].split("?")
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert (await api.client.post(path, content=query, headers=form)).status_code == 200
    paid_order = await mine.get(f"/mall/orders/{bought['order_id']}")
    assert (paid_order["state"], paid_order["payment"]["state"]) == ("paid", "paid")
    collected = await api.post("/v1/mall/collect", {"code": paid_order["code"]})
    assert collected.json()["state"] == "collected" and await _points(api) == (80, 0)

    # And were B to give the first order back, the invitation was for nothing.
    told = (await api.tell("order.cancelled", "gone-o2", "2026-03-09T08:30:00+08:00", **b, order_id="o2")).json()
    assert told["withdrawn"] == ["invite:invitation:b"] and await _points(api) == (0, 0)
    assert (await api.balance("a"))["debt"] == 20, "80 points were left of the 100; what comes in next pays the rest"
    async with api.pool.connection() as conn:
        await conn.rollback()
        assert await run_audit(conn, checks_in(resource("db") / "audit")) == []
