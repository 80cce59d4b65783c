"""The mall through HTTP: items, the shelf, orders for points, pickup, what comes back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.api.conftest import NOW, Api
from tests.api.mine import Mine
from tests.mall.goods import TISSUES

from linli.kit.audit import checks_in, run_audit
from linli.kit.resources import resource


async def put_up(api: Api, **more: Any) -> str:
    """An item on the shelf; its id."""
    made = await api.post("/v1/mall/items", {**TISSUES, **more})
    assert made.status_code == 201, made.text
    listed = await api.post(f"/v1/mall/items/{made.json()['item_id']}/list")
    assert listed.status_code == 200, listed.text
    return listed.json()["item_id"]


async def order(mine: Mine, item_id: str, pieces: int = 1, key: str | None = None, **more: Any) -> Any:
    """What came of ordering, refused or not."""
    headers = {"idempotency-key": key or uuid4().hex, "authorization": f"Bearer {await mine.token()}"}
    body = {"item_id": item_id, "pieces": pieces, **more}
    return await mine.api.client.post("/v1/me/mall/orders", json=body, headers=headers)


async def stock(api: Api, item_id: str) -> list[int | None]:
    """(total, reserved, sold, left)"""
    found = (await api.get(f"/v1/mall/items/{item_id}")).json()["stock"]
    return [found[name] for name in ("total", "reserved", "sold", "left")]


@pytest.fixture
async def mine(api: Api) -> Mine:
    await api.enrol("m1", 500)
    return Mine(api, "m1")


@pytest.fixture(autouse=True)
async def audited(api: Api) -> Any:
    """Whatever a test did, nothing is amiss afterwards."""
    yield
    async with api.pool.connection() as conn:
        assert await run_audit(conn, checks_in(resource("db") / "audit")) == []


async def test_an_item_from_draft_to_pickup(api: Api, mine: Mine) -> None:
    made = (await api.post("/v1/mall/items", {**TISSUES, "sku": "T-1", "pictures": ["/v1/mall/pictures/x"]})).json()
    assert (made["state"], made["revision"], made["stock"]["left"]) == ("draft", 1, 10)
    assert (await mine.get("/mall/items"))["items"] == []
    assert (await order(mine, made["item_id"])).json()["code"] == "item_not_listed"
    await api.post(f"/v1/mall/items/{made['item_id']}/list")
    shown = await mine.get("/mall/items")
    (one,) = shown["items"]
    assert (one["affordable"], one["obstacles"], one["left"], one["mine_left"]) == (True, [], 10, None)
    assert "cost_fen" not in one and "funder" not in one
    assert shown["categories"] == [{"category": "daily", "items": 1}] and shown["available"] == {"points": 500}
    answer = await order(mine, one["item_id"], 2, community_id="c9")
    assert answer.status_code == 201, answer.text
    bought = answer.json()
    assert (bought["state"], bought["points"], bought["pieces"], bought["community_id"]) == ("paid", 200, 2, "c9")
    assert len(bought["code"]) == 10 and bought["item"]["title"]["zh"] == "抽纸一提"
    assert (await api.balance("m1"))["available"] == 300
    assert await stock(api, one["item_id"]) == [10, 0, 2, 8]
    place = f"/v1/mall/orders/{bought['order_id']}"
    assert (await api.post(f"{place}/collect", {"code": "0" * 10})).json()["code"] == "pickup_code_unknown"
    assert (await api.post(f"{place}/ready")).json()["state"] == "ready"
    spelled = f"{bought['code'][:4]} {bought['code'][4:7]}-{bought['code'][7:]}"
    for _ in range(2):
        assert (await api.post("/v1/mall/collect", {"code": spelled})).json()["state"] == "collected"
    assert (await api.post(f"{place}/ready")).json()["code"] == "mall_order_in_state"
    assert (await api.post(f"{place}/cancel", {"reason": "late"})).json()["code"] == "mall_order_in_state"
    kept = await mine.get(f"/mall/orders/{bought['order_id']}")
    assert [(step["state"], step["by"]) for step in kept["events"]] == [
        ("paid", "member"), ("ready", "shop"), ("collected", "shop")]  # fmt: skip
    line = (await mine.get("/statement"))["items"][0]
    assert (line["points"], line["order_id"]) == (-200, f"mall:{bought['order_id']}")
    assert line["title"]["zh"] == "积分商城兑换"


async def test_the_same_order_twice_is_one(api: Api, mine: Mine) -> None:
    item_id = await put_up(api)
    first = await order(mine, item_id, key="once")
    again = await order(mine, item_id, key="once")
    assert (first.content, again.headers["idempotency-replayed"]) == (again.content, "true")
    assert (await order(mine, item_id, 2, key="once")).json()["code"] == "idempotency_key_reused"
    missing = await mine.ask("POST", "/mall/orders", json={"item_id": item_id})
    assert missing.json()["code"] == "idempotency_key_missing"
    assert await stock(api, item_id) == [10, 0, 1, 9]


async def test_a_member_cancels_until_it_is_ready_and_has_all_back(api: Api, mine: Mine) -> None:
    item_id = await put_up(api, limits=[{"per": "life", "pieces": 2}])
    first = (await order(mine, item_id, 2)).json()
    assert first["can_cancel"]
    assert (await order(mine, item_id)).json()["code"] == "item_limit_reached"
    (shown,) = (await mine.get("/mall/items"))["items"]
    assert [one["code"] for one in shown["obstacles"]] == ["item_limit_reached"] and shown["mine_left"] == 0
    for _ in range(2):
        cancelled = await mine.ask("POST", f"/mall/orders/{first['order_id']}/cancel")
        assert cancelled.json()["state"] == "cancelled" and not cancelled.json()["can_cancel"]
    assert (await api.balance("m1"))["available"] == 500
    assert await stock(api, item_id) == [10, 0, 0, 10]
    second = (await order(mine, item_id)).json()
    await api.post(f"/v1/mall/orders/{second['order_id']}/ready")
    late = await mine.ask("POST", f"/mall/orders/{second['order_id']}/cancel")
    assert (late.status_code, late.json()["code"]) == (409, "mall_order_in_state")
    strict = await put_up(api, cancel_until="paid")
    bound = (await order(mine, strict)).json()
    assert (await mine.ask("POST", f"/mall/orders/{bound['order_id']}/cancel")).status_code == 409


async def test_what_was_collected_and_refunded_does_not_come_back_into_stock(api: Api, mine: Mine) -> None:
    item_id = await put_up(api)
    one, other = [(await order(mine, item_id)).json() for _ in range(2)]
    await api.post("/v1/mall/collect", {"code": one["code"]})
    for bought in (one, other, other):
        answer = await api.post(f"/v1/mall/orders/{bought['order_id']}/refund", {"reason": "spoilt"})
        assert answer.json()["state"] == "refunded", answer.text
    assert (await api.balance("m1"))["available"] == 500
    assert await stock(api, item_id) == [10, 0, 1, 9]
    costs = (await api.get("/v1/mall/costs", **{"from": "2026-11-21", "to": "2026-11-21"})).json()
    assert costs["total"] == {"orders": 1, "pieces": 1, "points": 0, "price_fen": 0, "cost_fen": 320}


async def test_what_cannot_be_ordered_is_refused_and_costs_nothing(api: Api, mine: Mine) -> None:
    dear = await put_up(api, price_points=501)
    short = await order(mine, dear)
    assert (short.json()["code"], short.json()["available"], short.json()["wanted"]) == (
        "insufficient_points",
        500,
        501,
    )
    few = await put_up(api, total=1)
    assert (await order(mine, few, 2)).json()["code"] == "stock_exhausted"
    away = await put_up(api, cities=["三亚"])
    assert (await order(mine, away)).json()["code"] == "item_not_in_city"
    late = datetime.fromisoformat(NOW) + timedelta(hours=1)
    soon = await put_up(api, listed_from=late.isoformat())
    assert (await order(mine, soon)).json()["code"] == "item_not_yet"
    gold = await put_up(api, tiers=["gold"])
    assert (await order(mine, gold)).json()["code"] == "item_for_tiers"
    assert (await order(mine, str(uuid4()))).json()["code"] == "item_not_found"
    cash = await put_up(api, price_fen=1)
    assert (await order(mine, cash)).json()["code"] == "cash_not_taken"
    assert (await mine.get(f"/mall/items/{cash}"))["obstacles"][0]["code"] == "cash_not_taken"
    assert (await order(mine, few, 0)).json()["code"] == "invalid"
    shown = {one["item_id"]: one for one in (await mine.get("/mall/items"))["items"]}
    assert away not in shown and not shown[dear]["affordable"]
    assert shown[dear]["obstacles"][0]["text"] == {"zh": "还差1积分", "en": "1 point short"}
    assert shown[soon]["obstacles"][0]["text"]["zh"].startswith("11月21日 13:00")
    assert [one["item_id"] for one in (await mine.get("/mall/items", affordable=True))["items"]] == [few]
    assert (await api.balance("m1"))["available"] == 500


async def test_what_is_wrong_with_an_item_is_told(api: Api) -> None:
    answer = await api.post("/v1/mall/items", {**TISSUES, "listed_from": NOW, "listed_until": NOW})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "ends_before_it_begins")
    for wrong in ({"price_points": 0}, {"price_points": -1}, {"worth_fen": -1}, {"total": -1}, {"pieces": 1}):
        assert (await api.post("/v1/mall/items", {**TISSUES, **wrong})).json()["code"] == "invalid", wrong
    assert (await api.post("/v1/mall/items", {**TISSUES, "wallet": "gold"})).json()["code"] == "unknown_wallet"
    coupon = {**TISSUES, "kind": "coupon", "coupon_template_id": "nobody"}
    assert (await api.post("/v1/mall/items", coupon)).json()["code"] == "coupon_template_not_found"
    assert (await api.post("/v1/mall/items", {**TISSUES, "sku": "S"})).status_code == 201
    assert (await api.post("/v1/mall/items", {**TISSUES, "sku": "S"})).json()["code"] == "sku_taken"


async def test_changes_go_by_revisions_and_leave_orders_as_they_were(api: Api, mine: Mine) -> None:
    item_id = await put_up(api)
    bought = (await order(mine, item_id)).json()
    body = {name: value for name, value in TISSUES.items() if name != "total"} | {"price_points": 300}
    stale = await api.client.put(f"/v1/mall/items/{item_id}", json={**body, "revision": 1})
    assert (stale.json()["code"], stale.json()["revision"]) == ("item_changed", 2)
    changed = await api.client.put(f"/v1/mall/items/{item_id}", json={**body, "revision": 2})
    assert (changed.json()["price_points"], changed.json()["revision"]) == (300, 3)
    assert (await mine.get(f"/mall/orders/{bought['order_id']}"))["points"] == 100
    await api.post(f"/v1/mall/items/{item_id}/delist")
    assert (await order(mine, item_id)).json()["code"] == "item_not_listed"
    acts = [act["act"] for act in (await api.get("/v1/acts", act="mall")).json()["items"]]
    assert acts == ["mall.item.delist", "mall.item.edit", "mall.item.list", "mall.item.new"]


async def test_stock_goes_up_and_down_but_never_below_what_went(api: Api, mine: Mine) -> None:
    item_id = await put_up(api, total=None)
    assert (await order(mine, item_id, 3)).status_code == 201
    assert await stock(api, item_id) == [None, 0, 3, None]
    path = f"/v1/mall/items/{item_id}/stock"
    assert (await api.post(path, {"change": 5, "reason": "delivery"})).json()["stock"]["left"] == 5
    below = await api.post(path, {"change": -6, "reason": "broken"})
    assert (below.status_code, below.json()["code"]) == (409, "stock_below_zero")
    assert (await api.post(path, {"change": 0, "reason": "none"})).json()["code"] == "invalid"
    await api.post(path, {"change": -5, "reason": "broken"})
    assert (await order(mine, item_id)).json()["code"] == "stock_exhausted"
    moves = (await api.get(f"{path}-moves")).json()["items"]
    assert [(move["change"], move["total_after"]) for move in moves] == [(-5, 3), (8, 8)]


async def test_lists_are_paged_and_filtered(api: Api, mine: Mine) -> None:
    ids = [await put_up(api, price_points=10 + n, category=f"c{n % 2}", sku=f"S{n}") for n in range(5)]
    found = (await api.get("/v1/mall/items", limit=2)).json()
    assert [one["item_id"] for one in found["items"]] == ids[:2:-1]
    rest = (await api.get("/v1/mall/items", limit=9, cursor=found["next_cursor"])).json()
    assert [one["item_id"] for one in rest["items"]] == ids[2::-1] and rest["next_cursor"] is None
    assert [one["sku"] for one in (await api.get("/v1/mall/items", q="S3")).json()["items"]] == ["S3"]
    assert len((await api.get("/v1/mall/items", category="c1", q="tissues")).json()["items"]) == 2
    shown = await mine.walk("/mall/items", 2)
    assert [one["price_points"] for one in shown] == [10, 11, 12, 13, 14], "more for a point comes first"
    bought = [(await order(mine, item_id)).json()["order_id"] for item_id in ids]
    assert [one["order_id"] for one in await mine.walk("/mall/orders", 2)] == bought[::-1]
    orders = (await api.get("/v1/mall/orders", item_id=ids[1], member_id="m1", state="paid")).json()["items"]
    assert [one["order_id"] for one in orders] == [bought[1]] and orders[0]["cost_fen"] == 320
    assert (await mine.get("/mall/orders", state="collected"))["items"] == []


async def test_another_members_order_is_nobodys(api: Api, mine: Mine) -> None:
    bought = (await order(mine, await put_up(api))).json()
    await api.enrol("m2")
    other = Mine(api, "m2")
    for method, path in (("GET", ""), ("POST", "/cancel")):
        answer = await other.ask(method, f"/mall/orders/{bought['order_id']}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "mall_order_not_found")
