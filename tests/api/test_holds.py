"""Holds through HTTP: reserve, capture, release; once for each key, however many ask at once."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from tests.api.conftest import Api

HOLDS = "/v1/members/m1/holds"


async def _hold(api: Api, points: int = 100, key: str = "k", **more: object) -> str:
    answer = await api.post(HOLDS, {"points": points, **more}, key=key)
    assert answer.status_code == 201, answer.text
    return answer.json()["hold_id"]


async def test_a_hold_reserves_points_for_the_programmes_time(api: Api) -> None:
    await api.enrol("m1", 500)
    hold_id = await _hold(api, 200, order_id="o1", reason="checkout")
    balance = await api.balance("m1")
    assert (balance["available"], balance["held"]) == (300, 200)
    found = (await api.get(f"{HOLDS}/{hold_id}")).json()
    assert (found["state"], found["order_id"], found["lapses_at"]) == ("held", "o1", "2026-11-21T04:30:00Z")
    short = await api.post(HOLDS, {"points": 1, "ttl_seconds": 60}, key="short")
    assert short.json()["lapses_at"] == "2026-11-21T04:01:00Z"


async def test_more_than_there_is_cannot_be_held(api: Api) -> None:
    await api.enrol("m1", 50)
    answer = await api.post(HOLDS, {"points": 51}, key="k")
    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_points")
    assert (answer.json()["available"], answer.json()["wanted"]) == (50, 51)
    # A refusal uses up no key.
    assert (await api.post(HOLDS, {"points": 50}, key="k")).status_code == 201


async def test_a_capture_spends_and_gives_back_the_rest(api: Api) -> None:
    await api.enrol("m1", 500)
    hold_id = await _hold(api, 200)
    captured = await api.post(f"{HOLDS}/{hold_id}/capture", {"points": 150})
    assert (captured.json()["state"], captured.json()["captured"]) == ("captured", 150)
    balance = await api.balance("m1")
    assert (balance["available"], balance["held"]) == (350, 0)
    again = await api.post(f"{HOLDS}/{hold_id}/capture", {"points": 150})
    assert (again.status_code, again.content) == (200, captured.content)
    assert again.headers["idempotency-replayed"] == "true"
    other = await api.post(f"{HOLDS}/{hold_id}/capture", {"points": 10})
    assert (other.status_code, other.json()["code"]) == (409, "hold_closed")
    closed = await api.post(f"{HOLDS}/{hold_id}/release")
    assert closed.json() | {"state": "captured"} == closed.json()


async def test_a_capture_is_bounded_by_its_hold_and_its_time(api: Api) -> None:
    await api.enrol("m1", 500)
    hold_id = await _hold(api, 200)
    answer = await api.post(f"{HOLDS}/{hold_id}/capture", {"points": 201})
    assert answer.json()["code"] == "capture_too_large"
    api.set_clock("2026-11-21T04:30:00+00:00")
    answer = await api.post(f"{HOLDS}/{hold_id}/capture")
    assert (answer.status_code, answer.json()["code"]) == (409, "hold_lapsed")


async def test_a_release_gives_all_back_once(api: Api) -> None:
    await api.enrol("m1", 500)
    hold_id = await _hold(api, 200)
    first = await api.post(f"{HOLDS}/{hold_id}/release")
    assert (await api.post(f"{HOLDS}/{hold_id}/release")).content == first.content
    # Under a key of one's own it is another request, which comes too late.
    assert (await api.post(f"{HOLDS}/{hold_id}/release", key="mine")).json()["code"] == "hold_closed"
    assert (await api.balance("m1"))["available"] == 500


async def test_the_first_capture_for_an_order_brings_the_bonus_once(api: Api) -> None:
    await api.enrol("m1", 500)
    for n in range(2):
        hold_id = await _hold(api, 10, key=f"k{n}", order_id=f"o{n}")
        assert (await api.post(f"{HOLDS}/{hold_id}/capture")).status_code == 200
    (grant,) = (await api.get("/v1/members/m1/grants")).json()["items"]
    assert (grant["key"], grant["points"], grant["settle_on"]) == ("once:first_deduction", 50, "2026-11-22")


async def test_holds_of_others_are_not_found(api: Api) -> None:
    await api.enrol("m1", 100)
    await api.enrol("m2", 100)
    hold_id = await _hold(api, 10)
    others = f"/v1/members/m2/holds/{hold_id}"
    for answer in (await api.get(others), await api.post(f"{others}/capture"), await api.post(f"{others}/release")):
        assert (answer.status_code, answer.json()["code"]) == (404, "hold_not_found")
    assert (await api.get(f"{HOLDS}/{uuid4()}")).json()["code"] == "hold_not_found"
    assert (await api.get(f"{HOLDS}/17")).json()["code"] == "invalid"


async def test_the_key_is_required_and_names_one_request(api: Api) -> None:
    await api.enrol("m1", 500)
    missing = await api.post(HOLDS, {"points": 5})
    assert (missing.status_code, missing.json()["code"]) == (400, "idempotency_key_missing")
    for key in ("", "x" * 201, "a\tb"):
        assert (await api.post(HOLDS, {"points": 5}, key=key)).status_code == 422
    first = await api.post(HOLDS, {"points": 5}, key="k")
    same = await api.client.post(
        HOLDS, content=b'{"wallet": "points",  "points": 5}',
        headers={"idempotency-key": "k", "content-type": "application/json; charset=utf-8"},
    )  # fmt: skip
    assert (same.status_code, same.content) == (201, first.content)
    other = await api.post(HOLDS, {"points": 6}, key="k")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    # The same key for another kind of request is another body; for another member it is another key.
    adjusted = await api.post("/v1/members/m1/adjustments", {"points": 5, "reason": "r"}, key="k")
    assert adjusted.json()["code"] == "idempotency_key_reused"
    await api.enrol("m2", 500)
    assert (await api.post("/v1/members/m2/holds", {"points": 5}, key="k")).status_code == 201


async def test_fifty_at_once_with_one_key_have_one_effect(api: Api) -> None:
    await api.enrol("m1", 500)
    answers = await asyncio.gather(*(api.post(HOLDS, {"points": 100}, key="k") for _ in range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert (await api.balance("m1"))["held"] == 100


async def test_twenty_keys_at_once_never_hold_more_than_there_is(api: Api) -> None:
    await api.enrol("m1", 500)
    answers = await asyncio.gather(*(api.post(HOLDS, {"points": 100}, key=f"k{n}") for n in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 15
    balance = await api.balance("m1")
    assert (balance["available"], balance["held"]) == (0, 500)
