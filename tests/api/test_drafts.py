"""Drafts through HTTP: said in words, compared, and tried on an event of which nothing stays."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.conftest import NOW, Api
from tests.flows.world import state_digest

from linli.kit.resources import resource

VERSIONS = "/v1/programme/versions"
DRY = "/v1/programme/dry-run"
NAME = {"zh": "规则", "en": "Rule"}
VOTE = {"id": "vote", "name": NAME, "kind": "fixed", "on": "vote.cast", "points": 7}
DRAFT = {"name": "trial", "title": {"zh": "试用", "en": "Trial"}, "rules": [VOTE]}


def _event(type_: str, event_id: str = "try", time: str = NOW, **data: Any) -> dict[str, Any]:
    return {"specversion": "1.0", "id": event_id, "source": "shop", "type": type_, "time": time, "data": data}


async def _state(api: Api) -> str:
    async with api.pool.connection() as conn:
        return await state_digest(conn)


async def test_a_version_says_its_rules_in_words(api: Api) -> None:
    found = (await api.get(f"{VERSIONS}/1")).json()
    said = {sentence["rule"]: sentence for sentence in found["sentences"]}
    assert list(said) == [rule["id"] for rule in found["document"]["rules"]]
    assert said["daily_check_in"]["zh"].startswith("签到后，得10积分")
    assert (await api.get("/v1/programme")).json()["sentences"] == found["sentences"]


async def test_a_draft_is_said_in_words_as_far_as_it_can_be_read(api: Api) -> None:
    faulty = {"id": "bad", "kind": "nope"}
    unknown = {**VOTE, "id": "odd", "on": "order.eaten"}
    document = {**DRAFT, "rules": [VOTE, faulty, unknown, VOTE]}
    found = (await api.post("/v1/programme/check", {"document": document})).json()
    assert {fault["place"] for fault in found["faults"]} >= {"/rules/1/kind", "/rules/2/on", "/rules/3/id"}
    assert [said["rule"] for said in found["sentences"]] == ["vote", "odd", "vote"]
    assert "order.eaten" in found["sentences"][1]["en"]
    for hopeless in ({**DRAFT, "timezone": "Mars/Olympus"}, {**DRAFT, "wallets": []}, "a: [", "[]"):
        found = (await api.post("/v1/programme/check", {"document": hopeless})).json()
        assert found["faults"] and found["sentences"] == []


async def test_versions_are_compared(api: Api) -> None:
    await api.post(VERSIONS, {"document": DRAFT})
    await api.post(VERSIONS, {"document": {**DRAFT, "rules": [{**VOTE, "points": 9}]}})
    assert (await api.get(f"{VERSIONS}/3/diff")).json()["changes"] == [
        {"rule": "vote", "place": "/points", "kind": "changed", "before": 7, "after": 9}
    ]
    assert (await api.get(f"{VERSIONS}/3/diff", **{"from": 3})).json() == {"changes": []}
    (back,) = (await api.get(f"{VERSIONS}/2/diff", **{"from": 3})).json()["changes"]
    assert (back["before"], back["after"]) == (9, 7)
    first = (await api.get(f"{VERSIONS}/1/diff")).json()["changes"]
    assert {change["kind"] for change in first} == {"added"}
    for version, since in ((9, 8), (2, 9)):
        missing = await api.get(f"{VERSIONS}/{version}/diff", **{"from": since})
        assert (missing.status_code, missing.json()["code"]) == (404, "version_not_found")


@pytest.mark.parametrize(
    "tried",
    [
        _event("order.paid", member_id="m1", order_id="o9", paid_fen=5_000),
        _event("order.paid", member_id="new", order_id="o9", paid_fen=50_000),
        _event("order.refunded", member_id="m1", order_id="o1", refund_id="r", refund_fen=1_000),
        _event("order.refunded", member_id="m1", order_id="unknown", refund_id="r", refund_fen=1_000),
        _event("check_in", member_id="m1"),
        _event("member.registered", member_id="m2", inviter_id="m1"),
        _event("order.paid", "e1", member_id="m1", order_id="o1", paid_fen=3_000),
        _event("order.paid", "e1", member_id="m1", order_id="o1", paid_fen=3_001),
        _event("check_in", time="2027-01-01T00:00:00Z", member_id="m1"),
        _event("eaten", member_id="m1"),
        {"id": "no event at all"},
    ],
    ids=lambda tried: f"{tried.get('type')} {tried.get('id')}",
)
async def test_a_dry_run_tells_what_the_event_is_told_and_nothing_stays(api: Api, tried: dict[str, Any]) -> None:
    await api.tell("order.paid", "e1", member_id="m1", order_id="o1", paid_fen=3_000)
    for day in range(15, 21):
        await api.tell("check_in", f"c{day}", time=f"2026-11-{day}T02:00:00Z", member_id="m1")
    before = await _state(api)
    answer = await api.post(DRY, {"event": tried})
    assert answer.status_code == 200, answer.text
    assert await _state(api) == before
    headers = {"content-type": "application/cloudevents+json"}
    real = await api.client.post("/v1/events", json=tried, headers=headers)
    told = answer.json()
    assert told["outcome"] == real.json()
    assert told["programme_version"] == real.json().get("programme_version")


async def test_a_seventh_day_is_judged_on_real_facts(api: Api) -> None:
    for day in range(15, 21):
        await api.tell("check_in", f"c{day}", time=f"2026-11-{day}T02:00:00Z", member_id="m1")
    found = (await api.post(DRY, {"event": _event("check_in", member_id="m1")})).json()["outcome"]
    assert {granted["rule"]: granted["points"] for granted in found["granted"]} == {
        "daily_check_in": 10, "check_in_streak": 50
    }  # fmt: skip


async def test_a_draft_and_an_old_version_are_tried(api: Api) -> None:
    await api.post(VERSIONS, {"document": {**DRAFT, "rules": []}})
    vote = _event("vote.cast", member_id="m1", vote_id="v")
    check_in = _event("check_in", member_id="m1")
    draft = (await api.post(DRY, {"event": vote, "document": DRAFT})).json()
    assert (draft["programme_version"], draft["outcome"]["granted"][0]["points"]) == (None, 7)
    text = (resource("presets") / "neighbours.yaml").read_text()
    assert (await api.post(DRY, {"event": vote, "document": text})).json()["outcome"]["granted"][0]["points"] == 5
    old = (await api.post(DRY, {"event": check_in, "version": 1})).json()
    assert (old["programme_version"], old["outcome"]["granted"][0]["rule"]) == (1, "daily_check_in")
    live = (await api.post(DRY, {"event": check_in})).json()
    assert live["programme_version"] == 2 and "granted" not in live["outcome"]


async def test_dry_runs_that_cannot_be(api: Api) -> None:
    vote = _event("vote.cast", member_id="m1", vote_id="v")
    faulty = {**DRAFT, "rules": [{"id": "x", "kind": "nope"}]}
    refused = await api.post(DRY, {"event": vote, "document": faulty})
    assert (refused.status_code, refused.json()["code"]) == (422, "faulty_programme")
    assert (await api.post(DRY, {"event": vote, "version": 9})).json()["code"] == "version_not_found"
    for body in ({}, {"event": vote, "version": 1, "document": DRAFT}, {"event": vote, "version": 0}):
        assert (await api.post(DRY, body)).json()["code"] == "invalid", body
    for odd in ("text", 5, None, []):
        assert (await api.post(DRY, {"event": odd})).json()["outcome"]["outcome"] == "invalid", odd
