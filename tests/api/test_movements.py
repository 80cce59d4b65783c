"""One movement explained: which rule, which event, which lots; whatever kind it is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from tests.api.conftest import Api

from linli.flows.sweep import sweep


async def _detail(api: Api, seq: int, member_id: str = "m1") -> dict[str, Any]:
    answer = await api.get(f"/v1/members/{member_id}/movements/{seq}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _night(api: Api, on: str, kind: Any = "settle") -> None:
    at = f"{on}T00:30:00+08:00"
    await sweep(api.pool, kind, date.fromisoformat(on), lambda: datetime.fromisoformat(at))
    api.set_clock(at)


def _lots(found: dict[str, Any]) -> list[tuple[str, int]]:
    return [(lot["expires_on"], lot["points"]) for lot in found["lots"]]


async def test_a_settled_order_names_its_rule_and_event(api: Api) -> None:
    await api.tell("order.paid", "e1", member_id="m1", order_id="o1", paid_fen=3_600)
    await _night(api, "2026-11-22")
    found = await _detail(api, 1)
    assert (found["movement"]["kind"], found["movement"]["points"]) == ("settle", 36)
    (grant,) = found["grants"]
    assert (grant["rule"], grant["order_id"], grant["rule_name"]["zh"]) == ("base", "o1", "消费积分")
    assert grant["sentence"]["zh"].startswith("支付订单后，每实付1元得1积分")
    assert found["event"] == {"source": "shop", "event_id": "e1", "type": "order.paid"}
    assert (_lots(found), found["hold"]) == ([("2027-11-21", 36)], None)


async def test_a_grant_keeps_the_words_of_its_own_version(api: Api) -> None:
    await api.tell("order.paid", "e1", member_id="m1", order_id="o1", paid_fen=3_600)
    await api.post("/v1/programme/versions", {"document": {"name": "new", "title": {"zh": "新", "en": "New"}}})
    await _night(api, "2026-11-22")
    assert (await _detail(api, 1))["grants"][0]["rule_name"]["en"] == "Points for orders"


async def test_a_streak_has_no_single_event(api: Api) -> None:
    for day in range(15, 22):
        await api.tell("check_in", f"c{day}", time=f"2026-11-{day}T02:00:00Z", member_id="m1")
    await _night(api, "2026-11-22")
    found = [await _detail(api, seq) for seq in range(1, 9)]
    (streak,) = [one for one in found if one["grants"][0]["rule"] == "check_in_streak"]
    assert streak["event"] is None
    assert sum(one["event"] is not None for one in found) == 7


async def test_what_is_spent_held_captured_and_given_back(api: Api) -> None:
    for n, day in enumerate(("2026-11-19", "2026-11-20")):
        at = f"{day}T02:00:00Z"
        await api.tell("order.paid", f"e{n}", time=at, member_id="m1", order_id=f"o{n}", paid_fen=1_000)
    await _night(api, "2026-11-21")
    hold = (await api.post("/v1/members/m1/holds", {"points": 15, "order_id": "o9"}, key="h")).json()
    held = await _detail(api, 3)
    assert (held["movement"]["kind"], held["hold"]["hold_id"]) == ("hold", hold["hold_id"])
    assert _lots(held) == [("2027-11-19", 10), ("2027-11-20", 5)]
    await api.post(f"/v1/members/m1/holds/{hold['hold_id']}/capture", {"points": 12}, key="c")
    captured, released = await _detail(api, 4), await _detail(api, 5)
    assert (captured["movement"]["kind"], _lots(captured)) == ("capture", [("2027-11-19", 10), ("2027-11-20", 2)])
    assert (released["movement"]["kind"], _lots(released)) == ("release", [("2027-11-20", 3)])


async def test_what_a_refund_took_back_names_the_grant(api: Api) -> None:
    await api.tell("order.paid", "e1", member_id="m1", order_id="o1", paid_fen=3_600)
    await _night(api, "2026-11-22")
    told = await api.tell(
        "order.refunded", time="2026-11-21T16:00:00Z", member_id="m1", order_id="o1", refund_id="r", refund_fen=600
    )
    assert told.json()["reversed_points"] == 6
    found = await _detail(api, 2)
    assert (found["movement"]["kind"], found["grants"][0]["reversed"], _lots(found)) == (
        "reverse",
        6,
        [("2027-11-21", 6)],
    )
    assert found["event"]["event_id"] == "e1"


async def test_what_lapsed_and_what_was_corrected(api: Api) -> None:
    body = {"points": 9, "reason": "sorry", "expires_on": "2026-11-23"}
    await api.enrol("m1")
    await api.post("/v1/members/m1/adjustments", body, key="a")
    corrected = await _detail(api, 1)
    assert (corrected["movement"]["reason"], corrected["grants"], corrected["lots"]) == ("sorry", [], [])
    await _night(api, "2026-11-23", "expire")
    lapsed = await _detail(api, 2)
    assert (lapsed["movement"]["kind"], _lots(lapsed)) == ("expire", [("2026-11-23", 9)])
    assert (lapsed["event"], lapsed["hold"]) == (None, None)


async def test_movements_that_are_not_there(api: Api) -> None:
    await api.enrol("m1", 5)
    for path, status, code in (
        ("m1/movements/2", 404, "movement_not_found"), ("nobody/movements/1", 404, "member_not_found"),
        ("m1/movements/0", 422, "invalid"), ("m1/movements/x", 422, "invalid"),
        (f"m1/movements/{2**63}", 422, "invalid"), ("m1/movements/1?wallet=team", 404, "movement_not_found"),
        ("m1/movements/1?wallet=nope", 404, "unknown_wallet"),
    ):  # fmt: skip
        answer = await api.client.get(f"/v1/members/{path}")
        assert (answer.status_code, answer.json()["code"]) == (status, code), path
