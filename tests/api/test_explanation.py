"""Orders explained, 积分助手 and carts, through HTTP: what was earned, what was not and why, what is missing."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Api
from tests.api.mine import Mine, at
from tests.flows.world import findings

from linli.kit.db import fetch_all

LINES = [
    {"sku": "leek", "line_id": "1", "paid_fen": 2_000, "category": "fresh"},
    {"sku": "rice", "line_id": "2", "paid_fen": 3_000, "category": "grocery"},
]


async def _ordered(api: Api) -> Any:
    """The order, before anything was given back."""
    await api.tell(
        "order.paid", "p1", time="2026-11-20T04:00:00Z", member_id="m1", order_id="o1", paid_fen=5_000, lines=LINES
    )
    return (await api.get("/v1/members/m1/orders/o1/explanation")).json()


def _by_rule(lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {line["rule"]: line for line in lines}


async def test_an_order_is_explained(api: Api) -> None:
    told = await _ordered(api)
    assert (told["paid_fen"], told["given_back_fen"], told["paid_on"]) == (5_000, 0, "2026-11-20")
    assert told["completed_on"] is None
    assert told["events"] == [{"type": "order.paid", "at": "2026-11-20T04:00:00Z", "outcome": "accepted", "code": None}]
    granted = _by_rule(told["granted"])
    assert {rule: line["points"] for rule, line in granted.items()} == {"base": 50, "double_fresh": 20}
    assert granted["base"]["name"] == {"zh": "消费积分", "en": "Points for orders"}
    assert granted["base"]["sentence"]["zh"]
    assert (granted["base"]["state"], granted["base"]["settle_on"]) == ("pending", "2026-11-21")
    assert told["text"] == {
        "zh": "实付50元，共得70积分，11月21日前全部到账。",
        "en": "¥50 paid: 70 points, all credited by 21 Nov.",
    }
    why = {rule: (line["reason"], line["text"]) for rule, line in _by_rule(told["not_granted"]).items()}
    assert why == {
        "monthly_goal": ("goal_not_reached", {"zh": "当月再消费450元可得", "en": "¥450 more in the month were needed"}),
        "shopping_streak": (
            "streak_incomplete",
            {"zh": "已连续1天，满7天可得，还差6天", "en": "1 of 7 days in a row: 6 more are needed"},
        ),
        "double_daily_goods": (
            "no_line_matches",
            {"zh": "订单里没有日用品类商品", "en": "The order holds none of: daily goods"},
        ),
        "spring_festival_2026": (
            "ended",
            {
                "zh": "已经结束：2026年2月7日至2026年2月23日",
                "en": "It was over: from 7 Feb 2026 to 23 Feb 2026",
            },
        ),
        "mid_autumn_2026": (
            "ended",
            {
                "zh": "已经结束：2026年9月15日至2026年9月27日",
                "en": "It was over: from 15 Sep 2026 to 27 Sep 2026",
            },
        ),
        "spring_festival_2027": (
            "not_started",
            {
                "zh": "还没到时间：2027年1月27日至2027年2月12日",
                "en": "It had not begun: from 27 Jan 2027 to 12 Feb 2027",
            },
        ),
        "mid_autumn_2027": (
            "not_started",
            {
                "zh": "还没到时间：2027年9月5日至2027年9月17日",
                "en": "It had not begun: from 5 Sep 2027 to 17 Sep 2027",
            },
        ),
        "weekend": ("paused", {"zh": "规则已暂停", "en": "The rule is paused"}),
    }


async def test_after_settlement_refund_and_for_the_member(api: Api) -> None:
    await _ordered(api)
    await at(api, "2026-11-21T04:00:00Z", "settle")
    await api.tell(
        "order.refunded", time="2026-11-21T03:00:00Z", member_id="m1", order_id="o1", refund_id="r1",
        refund_fen=2_000, lines=[{"line_id": "1", "refund_fen": 2_000}],
    )  # fmt: skip
    told = (await api.get("/v1/members/m1/orders/o1/explanation")).json()
    granted = _by_rule(told["granted"])
    assert (granted["base"]["points"], granted["base"]["reversed"], granted["base"]["state"]) == (50, 20, "settled")
    assert (granted["double_fresh"]["points"], granted["double_fresh"]["reversed"]) == (20, 20)
    assert told["text"]["zh"] == "实付50元，已退20元，共得30积分，已到账。"
    assert [event["type"] for event in told["events"]] == ["order.paid", "order.refunded"]
    assert await Mine(api, "m1").get("/orders/o1/explanation") == told
    await api.tell("vote.cast", member_id="m2", vote_id="v")
    for answer in (
        await Mine(api, "m2").ask("GET", "/orders/o1/explanation"),
        await api.get("/v1/members/m2/orders/o1/explanation"),
        await api.get("/v1/members/m1/orders/o9/explanation"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "order_not_found")


async def test_an_event_says_in_words_why_rules_gave_nothing(api: Api) -> None:
    await api.tell("order.paid", "small", member_id="m1", order_id="o1", paid_fen=60)
    told = (await api.get("/v1/events/small", source="shop")).json()
    base = _by_rule(told["not_granted"])["base"]
    assert base["reason"] == "small_order"
    assert base["text"] == {"zh": "实付不满1.01元的订单不计积分", "en": "Orders below ¥1.01 do not count"}
    assert _by_rule(told["not_granted"])["shopping_streak"]["text"] == base["text"]
    assert _by_rule(told["not_granted"])["weekend"]["reason"] == "paused"


async def test_the_assistant(api: Api) -> None:
    await _ordered(api)
    told = await Mine(api, "m1").get("/assistant")
    assert told == (await api.get("/v1/members/m1/assistant")).json()
    assert told["hints"][0]["text"]["zh"] == "今天签到可得10积分"
    assert "本月再消费450元，可得100积分" in [hint["text"]["zh"] for hint in told["hints"]]
    assert [(part["reason"]["zh"], part["points"], part["settle_on"]) for part in told["pending"]] == [
        ("消费积分", 50, "2026-11-21"), ("生鲜双倍积分", 20, "2026-11-21"),
    ]  # fmt: skip
    assert told["expiring"] == []


async def test_a_cart_is_asked_of_the_rules_themselves(api: Api) -> None:
    await api.tell("order.paid", time="2026-11-20T04:00:00Z", member_id="m1", order_id="o0", paid_fen=40_000)
    mine = Mine(api, "m1")
    state = "SELECT (SELECT count(*) FROM inbox_key), (SELECT count(*) FROM ledger_grant), (SELECT facts::text FROM "
    state += "earning_member)"
    async with api.pool.connection() as conn:
        before = await fetch_all(conn, state)
    lines = [{"paid_fen": 6_200, "category": "fresh"}, {"paid_fen": 3_000}]
    told = (await mine.ask("POST", "/assistant/cart", json={"lines": lines})).json()
    granted = {line["rule"]: line["points"] for line in told["granted"]}
    assert (told["paid_fen"], told["points"], granted) == (9_200, 154, {"base": 92, "double_fresh": 62})
    assert told["missing"] == [
        {
            "rule": "monthly_goal", "name": {"zh": "月度消费满500元", "en": "Five hundred yuan in a month"},
            "remaining_fen": 800, "points": 100,
            "text": {
                "zh": "再消费8元可得100积分（月度消费满500元）",
                "en": "¥8 more brings 100 points (Five hundred yuan in a month)",
            },
        }
    ]  # fmt: skip
    # ¥8 more, and it is there.
    more = (await mine.ask("POST", "/assistant/cart", json={"lines": [*lines, {"paid_fen": 800}]})).json()
    assert (more["missing"], more["points"]) == ([], 154 + 8 + 100)
    tiny = (await mine.ask("POST", "/assistant/cart", json={"lines": [{"paid_fen": 60}]})).json()
    assert [(line["rule"], line["remaining_fen"], line["points"]) for line in tiny["missing"]] == [
        ("base", 41, 1),
    ]  # fmt: skip
    async with api.pool.connection() as conn:
        assert await fetch_all(conn, state) == before
        assert await findings(conn) == {}
    for body in ({"lines": []}, {"lines": [{"paid_fen": -1}]}, {"lines": [{"paid_fen": 6_000_000_000}] * 2}):
        answer = await mine.ask("POST", "/assistant/cart", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), body
