"""Refunds, reversals and adjustments through HTTP."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Api

M1 = "/v1/members/m1"


async def _spent(api: Api, points: int = 200) -> str:
    await api.enrol("m1", 500)
    hold = (await api.post(f"{M1}/holds", {"points": points, "order_id": "o1"}, key="h")).json()["hold_id"]
    assert (await api.post(f"{M1}/holds/{hold}/capture")).status_code == 200
    return hold


async def test_a_captured_hold_is_refunded_in_parts_and_no_further(api: Api) -> None:
    hold = await _spent(api)
    first = await api.post(f"{M1}/refunds", {"hold_id": hold, "points": 50, "reason": "partial"}, key="r1")
    assert (first.status_code, first.json()) == (201, {"wallet": "points", "points": 50, "available": 350})
    assert (await api.post(f"{M1}/refunds", {"hold_id": hold, "points": 50, "reason": "partial"}, key="r1")
            ).content == first.content  # fmt: skip
    too_much = await api.post(f"{M1}/refunds", {"hold_id": hold, "points": 151}, key="r2")
    assert (too_much.json()["code"], too_much.json()["refundable"]) == ("refund_too_large", 150)
    rest = await api.post(f"{M1}/refunds", {"hold_id": hold}, key="r3")
    assert (rest.json()["points"], rest.json()["available"]) == (150, 500)
    none_left = await api.post(f"{M1}/refunds", {"hold_id": hold}, key="r4")
    assert none_left.json()["code"] == "refund_too_large"
    (line, *_) = (await api.get(f"{M1}/statement", kind="refund")).json()["items"]
    assert (line["order_id"], line["actor"]) == ("o1", "test")


async def test_a_redemption_is_refunded_by_its_key(api: Api) -> None:
    await api.enrol("m1", 500)
    body = {"user_id": "m1", "order_id": "o1", "points_to_redeem": 120}
    assert (await api.post("/api/points/redeem", body)).status_code == 200
    answer = await api.post(f"{M1}/refunds", {"spending_key": "redeem:o1", "points": 20}, key="r")
    assert answer.json() == {"wallet": "points", "points": 20, "available": 400}
    rest = await api.post(f"{M1}/refunds", {"spending_key": "redeem:o1"}, key="s")
    assert rest.json()["points"] == 100
    none_left = await api.post(f"{M1}/refunds", {"spending_key": "redeem:o1"}, key="t")
    assert (none_left.json()["code"], none_left.json()["refundable"]) == ("refund_too_large", 0)


async def test_a_refund_names_one_spending_that_was(api: Api) -> None:
    await api.enrol("m1", 500)
    hold_id = "0193a1c2-8f00-7000-8000-000000000001"
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({}, 422, "invalid"),
        ({"hold_id": hold_id, "spending_key": "x"}, 422, "invalid"),
        ({"hold_id": hold_id}, 404, "hold_not_found"),
        ({"spending_key": "redeem:never"}, 404, "spending_not_found"),
        ({"spending_key": f"hold:{hold_id}"}, 404, "spending_not_found"),
        ({"spending_key": "x", "points": 0}, 422, "invalid"),
    ]
    for body, status, code in cases:
        answer = await api.post(f"{M1}/refunds", body, key="r")
        assert (answer.status_code, answer.json()["code"]) == (status, code), body


async def test_a_hold_that_was_not_captured_cannot_be_refunded(api: Api) -> None:
    await api.enrol("m1", 500)
    hold = (await api.post(f"{M1}/holds", {"points": 5}, key="h")).json()["hold_id"]
    answer = await api.post(f"{M1}/refunds", {"hold_id": hold}, key="r")
    assert answer.json()["code"] == "spending_not_found"


async def test_a_pending_grant_is_reversed_in_parts(api: Api) -> None:
    await api.tell("order.paid", member_id="m1", order_id="o1", paid_fen=3680)
    body = {"grant_key": "order:o1:base", "points": 6, "reason": "wrong"}
    answer = await api.post(f"{M1}/reversals", body, key="r1")
    assert (answer.status_code, answer.json()) == (201, {"grant_key": "order:o1:base", "points": 6})
    assert (await api.balance("m1"))["pending"][0]["points"] == 30
    too_much = await api.post(f"{M1}/reversals", body | {"points": 31}, key="r2")
    assert too_much.json()["code"] == "reverse_too_large"
    unknown = await api.post(f"{M1}/reversals", body | {"grant_key": "order:no:base"}, key="r3")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "grant_not_found")


async def test_an_adjustment_adds_or_takes_with_a_reason(api: Api) -> None:
    await api.enrol("m1")
    body = {"points": 300, "reason": "gift", "expires_on": "2026-12-31"}
    added = await api.post(f"{M1}/adjustments", body, key="a")
    assert (added.status_code, added.json()) == (201, {"wallet": "points", "points": 300, "available": 300})
    taken = await api.post(f"{M1}/adjustments", {"points": -100, "reason": "mistake"}, key="b")
    assert taken.json()["available"] == 200
    too_much = await api.post(f"{M1}/adjustments", {"points": -201, "reason": "mistake"}, key="c")
    assert too_much.json()["code"] == "insufficient_points"
    (last, _) = (await api.get(f"{M1}/statement")).json()["items"]
    assert (last["kind"], last["reason"], last["actor"]) == ("adjust", "mistake", "test")


FAULTY_ADJUSTMENTS: list[Any] = [
    {"points": 0, "reason": "r"}, {"points": 1}, {"points": 1, "reason": ""}, {"points": 1.5, "reason": "r"},
    {"points": 10**13, "reason": "r"}, {"points": 2**64, "reason": "r"}, {"points": -(2**64), "reason": "r"},
    {"points": 1, "reason": "r", "expires_on": "2026-11-21"}, {"points": 1, "reason": "a\0b"},
    {"points": 1, "reason": " \n"},
    {"points": -1, "reason": "r", "expires_on": "2027-01-01"}, {"points": 1, "reason": "r", "wallet": "NO"},
    {"points": 1, "reason": "r", "expires_on": "2027-02-30"}, {"points": 1, "reason": "r", "note": "x"},
    {"points": True, "reason": "r"}, {"points": "1", "reason": "r"}, [], None, "x",
]  # fmt: skip


async def test_adjustments_that_are_refused(api: Api) -> None:
    await api.enrol("m1", 10)
    for body in FAULTY_ADJUSTMENTS:
        answer = await api.post(f"{M1}/adjustments", body, key="k")
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), (body, answer.text)
        assert answer.json()["errors"][0]["place"].startswith("$")
    assert (await api.balance("m1"))["available"] == 10


async def test_nobody_is_enrolled_by_a_posting(api: Api) -> None:
    bodies = {
        "holds": {"points": 1},
        "refunds": {"spending_key": "x"},
        "reversals": {"grant_key": "x", "reason": "r"},
        "adjustments": {"points": 1, "reason": "r"},
    }
    for what, body in bodies.items():
        answer = await api.post(f"/v1/members/nobody/{what}", body, key="k")
        assert (answer.status_code, answer.json()["code"]) == (404, "member_not_found"), what
