"""Deductions through HTTP: a cart quoted, held, captured or released, redeemed at once, and given back line by line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.api.conftest import Api
from tests.api.mine import Mine, at

from linli.kit.audit import checks_in, run_audit
from linli.kit.resources import resource

CHECKS = checks_in(resource("db") / "audit")
M1 = "/v1/members/m1/deductions"
HIGH = {"sku": "oil", "price_fen": 10_000, "tags": ["high_margin"]}
PLAIN = {"sku": "rice", "price_fen": 6_000}


@pytest.fixture(autouse=True)
async def audited(api: Api) -> AsyncIterator[None]:
    """Whatever a test did, the audit finds nothing."""
    yield
    async with api.pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []


async def _made(api: Api, path: str = M1, key: str | None = None, **body: Any) -> dict[str, Any]:
    answer = await api.post(path, {"order_id": "o1", "lines": [HIGH, PLAIN], **body}, key=key)
    assert answer.status_code == 201, answer.text
    return answer.json()


def _refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return answer.json()


async def _quote(api: Api, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = await api.post(f"{M1}/quote", {"lines": lines or (HIGH, PLAIN), **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_example_cart_of_document_b(api: Api) -> None:
    await api.enrol("m1", 1500)
    quote = await _quote(api, HIGH)
    assert (quote["points"], quote["deduct_fen"], quote["cap_fen"]) == (1500, 3000, 3000)
    assert quote["suggestion"] == {
        "zh": "建议使用1500积分，可抵扣30.00元", "en": "Use 1500 points to take ¥30.00 off"
    }  # fmt: skip
    (line,) = quote["lines"]
    assert (line["pay_fen"], line["rate"]["id"], line["reason"]["code"]) == (7000, "high_margin", "line_cap")
    assert line["reason"]["text"]["zh"] == "已到这件商品的抵扣上限"
    assert (await api.balance("m1"))["available"] == 1500


async def test_points_go_first_where_they_are_worth_most(api: Api) -> None:
    await api.enrol("m1", 2000)
    quote = await _quote(api, PLAIN, HIGH)
    assert [(line["points"], line["deduct_fen"]) for line in quote["lines"]] == [(500, 500), (1500, 3000)]
    assert [line["reason"]["code"] for line in quote["lines"]] == ["points_used_up", "line_cap"]
    some = await _quote(api, PLAIN, HIGH, points=100)
    assert (some["deduct_fen"], some["most_points"], some["most_fen"]) == (200, 2000, 3500)
    money = await _quote(api, PLAIN, HIGH, fen=3_200)
    assert (money["points"], money["deduct_fen"], money["lines"][0]["reason"]) == (1700, 3200, None)


async def test_a_deduction_is_held_captured_and_brings_the_bonus(api: Api) -> None:
    await api.enrol("m1", 2000)
    held = await _made(api, points=1600)
    assert (held["state"], held["points"], held["deduct_fen"]) == ("held", 1600, 3100)
    assert held["lapses_at"] == "2026-11-21T04:30:00Z"
    assert ((await api.balance("m1"))["available"], (await api.balance("m1"))["held"]) == (400, 1600)
    one = f"{M1}/{held['deduction_id']}"
    assert (await api.get(one)).json() == held
    captured = await api.post(f"{one}/capture")
    assert (captured.json()["state"], captured.json()["bonus_points"]) == ("captured", 50)
    assert (await api.balance("m1"))["held"] == 0
    again = await api.post(f"{one}/capture")
    assert (again.content, again.headers["idempotency-replayed"]) == (captured.content, "true")
    assert _refused(await api.post(f"{one}/capture", key="mine"), 409, "deduction_closed")["state"] == "captured"
    assert _refused(await api.post(f"{one}/release"), 409, "deduction_closed")["state"] == "captured"


async def test_a_release_gives_the_points_back_once(api: Api) -> None:
    await api.enrol("m1", 2000)
    one = f"{M1}/{(await _made(api))['deduction_id']}"
    released = await api.post(f"{one}/release")
    assert (released.json()["state"], (await api.balance("m1"))["available"]) == ("released", 2000)
    assert (await api.post(f"{one}/release")).content == released.content
    assert _refused(await api.post(f"{one}/capture"), 409, "deduction_closed")["state"] == "released"
    _refused(await api.post(f"{one}/refunds", {"refund_id": "r", "all": True}), 409, "deduction_not_spent")


async def test_what_is_not_paid_in_time_lapses(api: Api) -> None:
    await api.enrol("m1", 2000)
    held = await _made(api, ttl_seconds=60)
    api.set_clock("2026-11-21T04:01:00+00:00")
    one = f"{M1}/{held['deduction_id']}"
    for verb in ("capture", "release"):
        assert _refused(await api.post(f"{one}/{verb}"), 409, "deduction_closed")["state"] == "lapsed"
    found = (await api.get(M1, state="lapsed")).json()["items"]
    assert [line["deduction_id"] for line in found] == [held["deduction_id"]]
    assert (await api.get(M1, state="held")).json()["items"] == []
    # Its points are the member's again at once, though no sweep has come by.
    assert (await _made(api, key="again", order_id="o2"))["points"] == held["points"]


async def test_redeemed_at_once_and_given_back_line_by_line(api: Api) -> None:
    await api.enrol("m1", 5000)
    made = await _made(api, f"{M1}/redeem")
    assert (made["state"], made["points"], made["deduct_fen"], made["bonus_points"]) == ("captured", 3300, 4800, 50)
    assert (await api.balance("m1"))["available"] == 1700
    one = f"{M1}/{made['deduction_id']}/refunds"
    part = {"refund_id": "r1", "lines": [{"line_id": "1", "refund_fen": 3_333}]}
    back = await api.post(one, part)
    assert back.status_code == 201, back.text
    line = back.json()["lines"][0]
    assert (line["refunded_points"], line["refunded_fen"], line["refunded_price_fen"]) == (499, 999, 3_333)
    assert (await api.balance("m1"))["available"] == 2199
    assert (await api.post(one, part)).content == back.content
    _refused(await api.post(one, {**part, "all": True, "lines": None}), 409, "idempotency_key_reused")
    too_much = {"refund_id": "r2", "lines": [{"line_id": "1", "refund_fen": 6_668}]}
    assert _refused(await api.post(one, too_much), 409, "deduction_refund_too_large")["refundable_fen"] == 6_667
    unknown = {"refund_id": "r2", "lines": [{"line_id": "9", "refund_fen": 1}]}
    _refused(await api.post(one, unknown), 404, "deduction_line_not_found")
    rest = (await api.post(one, {"refund_id": "r3", "all": True})).json()
    assert (rest["refunded_points"], rest["refunded_fen"]) == (3300, 4800)
    # The whole first deduction went back, and the bonus with it: the next one is a first one.
    assert (await api.balance("m1"))["available"] == 5000
    assert (await api.get("/v1/members/m1/grants")).json()["items"] == []
    assert (await _made(api, f"{M1}/redeem", order_id="o2", points=10))["bonus_points"] == 50


async def test_a_bonus_that_was_credited_is_taken_back_too(api: Api) -> None:
    await api.enrol("m1", 5000)
    made = await _made(api, f"{M1}/redeem")
    await at(api, "2026-11-22T04:00:00+00:00", "settle")
    assert (await api.balance("m1"))["available"] == 1750
    await api.post(f"{M1}/{made['deduction_id']}/refunds", {"refund_id": "r", "all": True})
    assert (await api.balance("m1"))["available"] == 5000
    assert (await _made(api, f"{M1}/redeem", order_id="o2", points=10))["bonus_points"] == 50
    assert (await _made(api, f"{M1}/redeem", order_id="o3", points=10))["bonus_points"] == 0


async def test_one_order_is_deducted_once_whatever_is_sent_again(api: Api) -> None:
    await api.enrol("m1", 5000)
    body = {"order_id": "o1", "lines": [HIGH], "points": 100}
    first = await api.post(M1, body)
    again = await api.post(M1, body)
    assert (again.status_code, again.content) == (201, first.content)
    _refused(await api.post(M1, {**body, "points": 200}), 409, "idempotency_key_reused")
    _refused(await api.post(f"{M1}/redeem", body), 409, "idempotency_key_reused")
    assert (await api.balance("m1"))["held"] == 100


async def test_what_cannot_be_is_refused_by_name(api: Api) -> None:
    await api.enrol("m1", 500)
    body = {"order_id": "o1", "lines": [HIGH]}
    assert _refused(await api.post(M1, {**body, "points": 501}), 409, "insufficient_points")["available"] == 500
    free = {"sku": "gift", "price_fen": 0}
    assert _refused(await api.post(M1, {**body, "lines": [free]}), 409, "nothing_to_deduct")["reasons"] == ["no_price"]
    for faulty in (
        {"lines": [{**HIGH, "price_fen": -1}]}, {"lines": []}, {"lines": [HIGH] * 201}, {"points": 0},
        {"points": 5, "fen": 5}, {"lines": [{**HIGH, "line_id": "a"}] * 2},
        {"lines": [{**HIGH, "price_fen": 10**10}] * 2},
        {"fen": 0}, {"order_id": ""}, {"lines": [{**HIGH, "line_id": "2"}, PLAIN]},
    ):  # fmt: skip
        for path in (M1, f"{M1}/redeem"):
            assert (await api.post(path, {**body, **faulty})).status_code == 422, faulty
    await api.enrol("m2", 500)
    made = await _made(api)
    for verb in ("capture", "release"):
        _refused(await api.post(f"/v1/members/m2/deductions/{made['deduction_id']}/{verb}"), 404, "deduction_not_found")
    _refused(await api.post("/v1/members/nobody/deductions", body), 404, "member_not_found")
    assert (await api.balance("m1"))["held"] == made["points"]


async def test_its_hold_and_its_spending_are_closed_to_other_doors(api: Api) -> None:
    await api.enrol("m1", 5000)
    held = await _made(api)
    for verb in ("capture", "release"):
        found = _refused(await api.post(f"/v1/members/m1/holds/{held['hold_id']}/{verb}"), 409, "of_deduction")
        assert found["deduction_id"] == held["deduction_id"]
    made = await _made(api, f"{M1}/redeem", order_id="o2", points=10)
    spending = {"spending_key": f"deduct:{made['deduction_id']}"}
    _refused(await api.post("/v1/members/m1/refunds", spending, key="k"), 409, "of_deduction")
    _refused(await api.post("/v1/members/m1/refunds", {"hold_id": held["hold_id"]}, key="k"), 409, "of_deduction")


async def test_lists_of_one_member_and_of_all(api: Api) -> None:
    for member in ("m1", "m2"):
        await api.enrol(member, 5000)
        for number in range(3):
            await _made(api, f"/v1/members/{member}/deductions/redeem", order_id=f"{member}-{number}", points=100)
    first = (await api.get(M1, limit=2)).json()
    rest = (await api.get(M1, limit=2, cursor=first["next_cursor"])).json()
    assert [one["order_id"] for one in first["items"] + rest["items"]] == ["m1-2", "m1-1", "m1-0"]
    assert rest["next_cursor"] is None
    assert len((await api.get("/v1/deductions")).json()["items"]) == 6
    one = (await api.get("/v1/deductions", order_id="m2-1")).json()["items"]
    assert [(found["member_id"], len(found["lines"])) for found in one] == [("m2", 2)]
    assert len((await api.get("/v1/deductions", member_id="m2", state="captured")).json()["items"]) == 3
    assert (await api.get("/v1/deductions", state="held")).json()["items"] == []
    mine = Mine(api, "m1")
    assert [found["order_id"] for found in await mine.walk("/deductions", 2)] == ["m1-2", "m1-1", "m1-0"]
    asked = await mine.ask("POST", "/deductions/quote", json={"lines": [HIGH], "points": 10})
    assert asked.json()["deduct_fen"] == 20
    # Which segment a member is in, the platform says.
    refused = await mine.ask("POST", "/deductions/quote", json={"lines": [HIGH], "segment": "vip"})
    assert refused.status_code == 422


async def test_a_policy_is_tried_before_it_is_saved(api: Api) -> None:
    policy = {
        "cap_percent": 50, "cap_per": "product", "step_points": 100,
        "rates": [{"id": "vip", "name": {"zh": "贵宾", "en": "VIP"}, "points": 50, "fen": 100, "segments": ["vip"]}],
    }  # fmt: skip
    body = {"deduction": policy, "lines": [{"sku": "a", "price_fen": 2_500}]}
    plain = (await api.post("/v1/programme/deduction/try", body)).json()
    assert (plain["points"], plain["deduct_fen"], plain["rates_version"]) == (1200, 1200, 0)
    vip = (await api.post("/v1/programme/deduction/try", {**body, "segment": "vip", "points": 450})).json()
    assert (vip["points"], vip["deduct_fen"], vip["lines"][0]["rate"]["name"]["en"]) == (400, 800, "VIP")
    faulty = {**policy, "rates": [{**policy["rates"][0], "arms": ["a"]}]}
    answer = await api.post("/v1/programme/deduction/try", {**body, "deduction": faulty})
    found = _refused(answer, 422, "faulty_programme")["faults"]
    assert [(one["place"], one["code"]) for one in found] == [("/deduction/rates/0/arms", "unknown_arm")]


async def test_concurrent_redemptions_are_gathered_and_each_has_its_own_answer(api: Api) -> None:
    for number in range(30):
        await api.enrol(f"u{number}", 100 if number % 3 else 0)

    async def redeem(number: int, again: int) -> httpx.Response:
        body = {"order_id": f"o{number}", "lines": [HIGH], "points": 60 + again}
        return await api.post(f"/v1/members/u{number}/deductions/redeem", body, key=f"k{again}")

    answers = await asyncio.gather(*(redeem(number, again) for number in range(30) for again in (0, 1)))
    by_member = [answers[at : at + 2] for at in range(0, 60, 2)]
    for number, pair in enumerate(by_member):
        codes = sorted(answer.status_code for answer in pair)
        assert codes == ([201, 409] if number % 3 else [409, 409]), [answer.text for answer in pair]
        if number % 3:
            (made,) = [answer.json() for answer in pair if answer.status_code == 201]
            assert (made["member_id"], made["bonus_points"]) == (f"u{number}", 50)
            assert (await api.balance(f"u{number}"))["available"] == 100 - made["points"]
        # A refusal uses up no key: the member with points now is not told of what was before.
        await api.enrol(f"u{number}", 200)
        assert (await redeem(number, 0)).status_code == 201


async def test_one_key_at_once_has_one_effect(api: Api) -> None:
    await api.enrol("m1", 1000)
    body = {"order_id": "o1", "lines": [HIGH], "points": 100}
    others = {**body, "points": 101}
    answers = await asyncio.gather(*(api.post(f"{M1}/redeem", body) for _ in range(20)))
    answers += await asyncio.gather(*(api.post(f"{M1}/redeem", others) for _ in range(3)))
    assert [answer.status_code for answer in answers] == [201] * 20 + [409] * 3
    assert len({answer.content for answer in answers[:20]}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers[:20]) == 1
    assert (await api.balance("m1"))["available"] == 900


async def test_the_plain_way_and_the_quick_way_answer_alike(api: Api) -> None:
    await api.enrol("m1", 1000)
    await api.enrol("m/1")
    points = {"points": 1000, "reason": "test"}
    assert (await api.post("/v1/members/m%2F1/adjustments", points, key="k")).status_code == 201
    body = {"order_id": "o1", "lines": [HIGH], "points": 100}
    quick = await api.post(f"{M1}/redeem", body)
    odd = {"content-type": "application/json; charset=utf-8"}
    plain = await api.post(f"{M1}/redeem", body, headers=odd)
    assert (plain.status_code, plain.content) == (201, quick.content)
    assert (await api.post("/v1/members/m%2F1/deductions/redeem", body)).json()["member_id"] == "m/1"
    for wrong in ({**body, "points": 0}, {**body, "more": 1}, [], {"order_id": "o"}):
        answers = [await api.post(f"{M1}/redeem", wrong, headers=one) for one in ({}, odd)]
        assert [answer.status_code for answer in answers] == [422, 422]
        assert answers[0].json() == answers[1].json()
    for path in ("/v1/members/nobody/deductions/redeem", "/v1/members/nobody%20/deductions/redeem"):
        _refused(await api.post(path, body), 404, "member_not_found")
    answer = await api.post(f"{M1}/redeem", body, headers={"authorization": "Bearer lk_wrong"})
    assert answer.status_code == 401
