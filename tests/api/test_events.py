"""Events in by HTTP, explained, parked, replayed."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from tests.api.conftest import NOW, Api

from linli.kit.db import fetch_all

BATCH = {"content-type": "application/cloudevents-batch+json"}
SINGLE = {"content-type": "application/cloudevents+json"}


def _event(type_: str = "check_in", **over: Any) -> dict[str, Any]:
    data = over.pop("data", {"member_id": "m1"})
    return {"specversion": "1.0", "id": uuid4().hex, "source": "shop", "type": type_, "time": NOW, "data": data, **over}


async def test_one_event_is_taken_in_once(api: Api) -> None:
    event = _event(id="e1")
    first = await api.client.post("/v1/events", json=event, headers=SINGLE)
    assert (first.status_code, first.json()["outcome"]) == (200, "accepted")
    assert first.json()["granted"][0]["rule"] == "daily_check_in"
    again = await api.client.post("/v1/events", json=event, headers=SINGLE)
    assert (again.status_code, again.json()["outcome"]) == (200, "duplicate")
    other = await api.client.post("/v1/events", json=event | {"data": {"member_id": "m2"}}, headers=SINGLE)
    assert (other.status_code, other.json()["outcome"]) == (409, "conflict")


async def test_a_batch_says_each_outcome(api: Api) -> None:
    events = [_event(id="a"), _event(id="b", data={"member_id": "m1", "nope": 1}), _event(id="a")]
    answer = await api.client.post("/v1/events", json=events, headers=BATCH)
    assert answer.status_code == 200
    assert [outcome["outcome"] for outcome in answer.json()["outcomes"]] == ["accepted", "invalid", "duplicate"]


async def test_what_cannot_be_read_says_why_and_where(api: Api) -> None:
    cases: list[tuple[Any, dict[str, str], int, str]] = [
        (b"{", SINGLE, 400, "malformed_json"),
        (b"{}", {"content-type": "application/json"}, 415, "unsupported_content_type"),
        (b"[" + b"{}," * 1000 + b"{}]", BATCH, 413, "batch_too_large"),
        (b"x" * (8 * 1024 * 1024 + 1), SINGLE, 413, "body_too_large"),
        (_event(data={"member_id": "m1", "paid_fen": 1}), SINGLE, 422, "invalid_event"),
        (_event(time="9999-12-31T23:59:59-12:00"), SINGLE, 422, "time_in_future"),
        (_event(time="0001-01-01T00:00:00+12:00"), SINGLE, 422, "time_too_old"),
        (_event(data={"member_id": "m\0"}), SINGLE, 422, "nul_in_text"),
        (_event("order.paid", data={"member_id": "m1", "order_id": "o", "paid_fen": 2**64}), SINGLE, 422,
         "invalid_event"),
    ]  # fmt: skip
    for body, headers, status, code in cases:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = await api.client.post("/v1/events", content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text[:300]


async def test_an_event_is_explained_with_its_grants_as_they_stand(api: Api) -> None:
    await api.tell("order.paid", "e1", member_id="m1", order_id="o1", paid_fen=3680)
    await api.tell("order.refunded", member_id="m1", order_id="o1", refund_id="r1", refund_fen=680)
    found = (await api.get("/v1/events/e1", source="shop")).json()
    assert (found["type"], found["member_id"], found["data"]["paid_fen"]) == ("order.paid", "m1", 3680)
    assert found["outcome"]["granted"][0]["points"] == 36
    assert {skip["rule"] for skip in found["outcome"]["skipped"]}
    (grant,) = found["grants"]
    assert (grant["promised"], grant["points"], grant["state"]) == (36, 30, "pending")
    missing = await api.get("/v1/events/e1", source="elsewhere")
    assert (missing.status_code, missing.json()["code"]) == (404, "event_not_found")
    assert (await api.get("/v1/events/e1")).json()["code"] == "invalid"


async def _park_refund(api: Api, event_id: str = "r") -> str:
    answer = await api.tell(
        "order.refunded", event_id, member_id="m1", order_id="o1", refund_id=event_id, refund_fen=100
    )
    assert (answer.status_code, answer.json()["outcome"]) == (202, "parked")
    (item,) = [p for p in (await api.get("/v1/parked")).json()["items"] if p["event_id"] == event_id]
    return item["parked_id"]


async def test_a_parked_event_is_listed_found_and_tried_again(api: Api) -> None:
    parked_id = await _park_refund(api)
    (item,) = (await api.get("/v1/parked", reason="order_unknown")).json()["items"]
    assert (item["awaits"], item["attempts"], json.loads(item["raw"])["id"]) == ("order:o1", 1, "r")
    assert (await api.get("/v1/events/r", source="shop")).json()["parked_id"] == parked_id
    failed = await api.post(f"/v1/parked/{parked_id}/replay")
    assert (failed.status_code, failed.json()["outcome"]) == (200, "parked")
    (item,) = (await api.get("/v1/parked")).json()["items"]
    assert (item["attempts"], item["state"]) == (2, "waiting")


async def test_a_replay_that_succeeds_resolves_the_event(api: Api) -> None:
    parked_id = await _park_refund(api)
    async with api.pool.connection() as conn:  # as if the order had come by a way that sets nothing free
        await conn.execute("UPDATE inbox_parked SET awaits = NULL")
    await api.tell("order.paid", "e1", member_id="m1", order_id="o1", paid_fen=1000)
    done = await api.post(f"/v1/parked/{parked_id}/replay")
    assert done.json()["outcome"] == "accepted"
    assert done.json()["reversed_points"] == 1
    assert (await api.get("/v1/parked")).json()["items"] == []
    (item,) = (await api.get("/v1/parked", state="replayed")).json()["items"]
    assert item["parked_id"] == parked_id
    again = await api.post(f"/v1/parked/{parked_id}/replay")
    assert (again.status_code, again.json()["code"], again.json()["state"]) == (409, "parked_closed", "replayed")


async def test_a_parked_event_is_discarded_once(api: Api) -> None:
    parked_id = await _park_refund(api)
    reason = {"reason": "a test of the shop"}
    assert (await api.post(f"/v1/parked/{parked_id}/discard")).status_code in (415, 422)
    assert (await api.post(f"/v1/parked/{parked_id}/discard", {"reason": ""})).json()["code"] == "invalid"
    assert (await api.post(f"/v1/parked/{parked_id}/discard", reason)).status_code == 204
    assert (await api.post(f"/v1/parked/{parked_id}/discard", reason)).json()["code"] == "parked_closed"
    async with api.pool.connection() as conn:
        acts = await fetch_all(conn, "SELECT actor, act, subject, reason FROM access_act")
    assert acts == [("test", "parked.discard", parked_id, "a test of the shop")]
    assert (await api.get("/v1/parked", state="discarded")).json()["items"][0]["parked_id"] == parked_id
    for missing in (str(uuid4()), "17"):
        assert (await api.post(f"/v1/parked/{missing}/discard", reason)).status_code in (404, 422)


async def test_parked_events_are_walked_page_by_page(api: Api) -> None:
    for n in range(5):
        await _park_refund(api, f"r{n}")
    first = (await api.get("/v1/parked", limit=3)).json()
    rest = (await api.get("/v1/parked", limit=3, cursor=first["next_cursor"])).json()
    assert [item["event_id"] for item in first["items"] + rest["items"]] == [f"r{n}" for n in range(5)]
    assert rest["next_cursor"] is None
