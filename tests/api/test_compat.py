"""Document B's two calls, as published, without the document's faults."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tests.api.conftest import Api

from linli.api.compat import fen_of, yuan_of
from linli.kit.errors import Invalid

CALCULATE, REDEEM = "/api/points/calculate", "/api/points/redeem"


async def _calculate(api: Api, **more: Any) -> dict[str, Any]:
    body = {"user_id": "m1", "product_id": "p1", "product_price": 100, **more}
    answer = await api.post(CALCULATE, body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_documents_example(api: Api) -> None:
    await api.enrol("m1", 1500)
    body = {"user_id": "m1", "product_id": "p1", "product_price": 100, "product_type": "high_margin"}
    answer = await api.post(CALCULATE, body)
    assert answer.json() == {
        "available_points": 1500,
        "max_deduction": 30.0,
        "suggested_points": 1500,
        "suggestion": "建议使用1500积分，可抵扣30.00元",
    }
    assert b'"max_deduction":30.00' in answer.content
    english = await api.post(CALCULATE, body, headers={"accept-language": "en"})
    assert english.json()["suggestion"] == "Use 1500 points to take ¥30.00 off"


async def test_the_rate_follows_the_product_and_the_day(api: Api) -> None:
    await api.enrol("m1", 1000)
    assert (await _calculate(api))["max_deduction"] == 10.0
    assert (await _calculate(api, is_promotion=True))["max_deduction"] == 20.0
    assert (await _calculate(api, tags=["high_margin"]))["max_deduction"] == 20.0
    assert (await _calculate(api, product_type="fresh"))["max_deduction"] == 20.0  # a Saturday
    assert (await _calculate(api, category="fresh", product_price="10.00"))["suggested_points"] == 150
    api.set_clock("2026-11-23T04:00:00+00:00")
    assert (await _calculate(api, product_type="fresh"))["max_deduction"] == 10.0


async def test_no_points_no_suggestion(api: Api) -> None:
    await api.enrol("m1")
    assert await _calculate(api) == {
        "available_points": 0, "max_deduction": 0.0, "suggested_points": 0, "suggestion": "暂无可抵扣的积分"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fen"),
    [("100", 10_000), ("0.01", 1), ("0.1", 10), ("0.29", 29), ('"12.30"', 1230), ("1e2", 10_000), ("100.00", 10_000),
     ("100000000", 10_000_000_000), ("0", 0), ("-0.00", 0)],
)  # fmt: skip
def test_amounts_are_read_exactly(text: str, fen: int) -> None:
    assert fen_of(json_raw(text)) == fen


@pytest.mark.parametrize(
    "text",
    ["-1", "0.001", "1e-3", "100000000.01", "1e99", "1e999999999999", '"NaN"', '"Infinity"', '"1e2"', '""', '" 1"',
     '"１２"', '"1_0"', "null", "true", "[]", "{}", "0." + "0" * 5_000 + "1", "9" * 5_000],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        fen_of(json_raw(text))


def json_raw(text: str) -> Any:
    """JSON as the decoder hands it on."""
    import msgspec

    return msgspec.json.decode(text, type=msgspec.Raw)


def test_yuan_have_two_decimals() -> None:
    assert [yuan_of(fen) for fen in (0, 5, 50, 3000, 123_456_789)] == ["0.00", "0.05", "0.50", "30.00", "1234567.89"]


async def test_an_order_is_redeemed_once(api: Api) -> None:
    await api.enrol("m1", 1500)
    body = {"user_id": "m1", "order_id": "o1", "points_to_redeem": 1500}
    first = await api.post(REDEEM, body)
    assert first.json() == {"success": True, "deducted_amount": 15.0, "remaining_points": 0, "bonus_points": 50}
    assert (await api.post(REDEEM, body)).content == first.content
    other = await api.post(REDEEM, body | {"points_to_redeem": 1})
    assert other.status_code == 409
    assert (other.json()["success"], other.json()["code"]) == (False, "idempotency_key_reused")
    (line, _) = (await api.get("/v1/members/m1/statement")).json()["items"]
    assert (line["kind"], line["key"], line["order_id"]) == ("spend", "redeem:o1", "o1")


async def test_the_first_deduction_brings_the_bonus_once(api: Api) -> None:
    await api.enrol("m1", 1000)
    bonuses = []
    for n in range(3):
        body = {"user_id": "m1", "order_id": f"o{n}", "points_to_redeem": 100}
        bonuses.append((await api.post(REDEEM, body)).json()["bonus_points"])
    assert bonuses == [50, 0, 0]
    (grant,) = (await api.get("/v1/members/m1/grants")).json()["items"]
    assert (grant["key"], grant["rule"], grant["state"]) == (
        "once:first_deduction", "first_deduction_bonus", "pending"
    )  # fmt: skip
    assert (grant["points"], grant["settle_on"]) == (50, "2026-11-22")


async def test_a_redemption_at_the_products_rate_gives_what_was_calculated(api: Api) -> None:
    await api.enrol("m1", 2000)
    product = {"product_price": 100, "product_type": "high_margin"}
    quote = await _calculate(api, **product)
    body = {"user_id": "m1", "order_id": "o1", "points_to_redeem": quote["suggested_points"], **product}
    assert (await api.post(REDEEM, body)).json()["deducted_amount"] == quote["max_deduction"] == 30.0
    too_much = await api.post(REDEEM, body | {"order_id": "o2", "points_to_redeem": 1501})
    assert (too_much.status_code, too_much.json()["code"]) == (409, "deduction_too_large")


async def test_errors_have_the_documents_shape(api: Api) -> None:
    await api.enrol("m1", 10)
    redeem = {"user_id": "m1", "order_id": "o1", "points_to_redeem": 11}
    cases: list[tuple[str, Any, int, str]] = [
        (REDEEM, redeem, 409, "insufficient_points"),
        (REDEEM, redeem | {"user_id": "nobody"}, 404, "member_not_found"),
        (REDEEM, redeem | {"points_to_redeem": 0}, 422, "invalid"),
        (REDEEM, redeem | {"points_to_redeem": 2**70}, 422, "invalid"),
        (REDEEM, redeem | {"order_id": "a\0"}, 422, "invalid"),
        (REDEEM, {"user_id": "m1"}, 422, "invalid"),
        (CALCULATE, {"user_id": "nobody", "product_id": "p", "product_price": 1}, 404, "member_not_found"),
        (CALCULATE, {"user_id": "m1", "product_id": "p", "product_price": 1.005}, 422, "invalid"),
        (CALCULATE, {"user_id": "m1", "product_id": "p", "product_price": -1}, 422, "invalid"),
    ]
    for path, body, status, code in cases:
        answer = await api.post(path, body)
        told = answer.json()
        assert (answer.status_code, told["success"], told["code"]) == (status, False, code), body
        assert told["error"]
        assert answer.headers["content-type"] == "application/json"
    malformed = await api.client.post(REDEEM, content=b"{", headers={"content-type": "application/json"})
    assert (malformed.status_code, malformed.json()["code"]) == (400, "malformed_json")
    nobody = await api.client.post(REDEEM, json=redeem, headers={"authorization": ""})
    assert (nobody.status_code, nobody.json()["success"]) == (401, False)


async def test_fifty_redemptions_of_one_order_at_once_spend_once(api: Api) -> None:
    await api.enrol("m1", 1000)
    body = {"user_id": "m1", "order_id": "o1", "points_to_redeem": 100}
    answers = await asyncio.gather(*(api.post(REDEEM, body) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert {json.dumps(answer.json()) for answer in answers} == {json.dumps(answers[0].json())}
    assert (await api.balance("m1"))["available"] == 900
