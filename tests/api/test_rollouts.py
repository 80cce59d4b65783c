"""A draft's way through HTTP: written, checked, approved by another, in the shadow, for a city, for some, for all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.api.conftest import Api
from tests.api.operators import add_user, browser, sign_in, told

DRAFTS, ROLLOUTS = "/v1/programme/drafts", "/v1/programme/rollouts"
Team = dict[str, httpx.AsyncClient]


@pytest.fixture
async def team(api: Api) -> AsyncIterator[Team]:
    """Two operators, an administrator and an auditor."""
    async with AsyncExitStack() as stack:
        found: Team = {}
        for name, role in (("lin", "operator"), ("mei", "operator"), ("adm", "admin"), ("aud", "auditor")):
            await add_user(api, name, role)  # pyright: ignore[reportArgumentType]
            found[name] = await stack.enter_async_context(browser(api))
            await sign_in(found[name], name)
        yield found


async def _later(api: Api, team: Team, at: str) -> None:
    """Let it be later. Sessions that nobody uses end, so all sign in again."""
    api.set_clock(at)
    for name, client in team.items():
        client.cookies.clear()
        await sign_in(client, name)


async def _document(api: Api, points: int = 2) -> dict[str, Any]:
    """What holds now, with another base rate."""
    document = (await api.get("/v1/programme")).json()["document"]
    for rule in document["rules"]:
        if rule["id"] == "base":
            rule["points"] = points
    return document


async def _drafted(team: Team, document: Any, note: str = "n") -> str:
    answer = await team["lin"].post(DRAFTS, json={"document": document, "note": note})
    assert answer.status_code == 201, answer.text
    return answer.json()["draft_id"]


async def _approved(team: Team, document: Any) -> str:
    draft_id = await _drafted(team, document)
    assert (await team["lin"].post(f"{DRAFTS}/{draft_id}/check", json={})).json()["state"] == "checked"
    answer = await team["mei"].post(f"{DRAFTS}/{draft_id}/approve", json={"note": "read", "revision": 1})
    assert answer.json()["state"] == "approved", answer.text
    return draft_id


async def _released(team: Team, document: Any, **wish: Any) -> dict[str, Any]:
    draft_id = await _approved(team, document)
    answer = await team["lin"].post(f"{DRAFTS}/{draft_id}/release", json={"reason": "try it", **wish})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def _step(team: Team, version: int, **wish: Any) -> httpx.Response:
    return await team["lin"].post(f"{ROLLOUTS}/{version}/steps", json={"reason": "on", **wish})


async def _order(api: Api, member_id: str, time: str, **more: Any) -> tuple[int, int]:
    """(version that judged, points of the base rule) of an order of ¥100."""
    body = {"member_id": member_id, "order_id": uuid4().hex, "paid_fen": 10_000, "lines": [], **more}
    outcome = (await api.tell("order.paid", time=time, **body)).json()
    assert outcome["outcome"] == "accepted", outcome
    return outcome["programme_version"], sum(g["points"] for g in outcome["granted"] if g["rule"] == "base")


async def test_a_draft_is_checked_and_approved_by_another_person(api: Api, team: Team) -> None:
    document = await _document(api)
    draft_id = await _drafted(team, document)
    path = f"{DRAFTS}/{draft_id}"
    found = (await team["mei"].get(path)).json()
    assert (found["state"], found["author"], found["editor"], found["revision"]) == ("draft", "lin", "lin", 1)
    assert found["document"] == document and found["faults"] == []
    assert [(change["rule"], change["place"]) for change in found["changes"]] == [("base", "/points")]
    assert any(said["rule"] == "base" for said in found["sentences"])
    assert told(await team["mei"].post(f"{path}/approve", json={})) == (409, "draft_state")
    assert (await team["lin"].post(f"{path}/check", json={"revision": 1})).json()["state"] == "checked"

    assert told(await team["lin"].post(f"{path}/approve", json={})) == (409, "four_eyes")
    assert told(await api.post(f"{path}/approve", {})) == (403, "approval_by_person")
    assert told(await team["aud"].post(f"{path}/approve", json={})) == (403, "forbidden")
    # Who changed it last does not approve it either, and what was checked was another text.
    edit = {"document": await _document(api, 3), "note": "more", "revision": 1}
    edited = (await team["mei"].put(path, json=edit)).json()
    assert (edited["state"], edited["revision"], edited["editor"]) == ("draft", 2, "mei")
    assert (await team["mei"].put(path, json=edit)).json()["revision"] == 2
    assert told(await team["lin"].put(path, json={**edit, "note": "mine"})) == (409, "draft_changed")
    await team["mei"].post(f"{path}/check", json={})
    for name in ("lin", "mei"):
        assert told(await team[name].post(f"{path}/approve", json={})) == (409, "four_eyes"), name
    assert told(await team["adm"].post(f"{path}/approve", json={"revision": 1})) == (409, "draft_changed")
    approved = (await team["adm"].post(f"{path}/approve", json={"note": "good"})).json()
    assert (approved["state"], approved["approved_by"]) == ("approved", "adm")
    assert (await team["adm"].post(f"{path}/approve", json={"note": "good"})).json() == approved

    # A change undoes the approval; a rejection sends it back.
    again = (await team["lin"].put(path, json={"document": document, "note": "", "revision": 2})).json()
    assert (again["state"], again["approved_by"], again["approved_at"]) == ("draft", None, None)
    rejected = (await team["mei"].post(f"{path}/reject", json={"reason": "too dear"})).json()
    assert (rejected["state"], rejected["rejected"]) == ("rejected", "too dear")
    assert told(await team["lin"].post(f"{path}/release", json={"stage": "all", "reason": "r"})) == (409, "draft_state")


async def test_a_faulty_draft_is_kept_but_goes_no_further(api: Api, team: Team) -> None:
    for faulty in ({"name": "x", "rules": [{"id": "a", "kind": "nope"}]}, "name: [", "", "[1, 2", {"name": "é\u2028"}):
        draft_id = await _drafted(team, faulty)
        found = (await team["lin"].post(f"{DRAFTS}/{draft_id}/check", json={})).json()
        assert (found["state"], found["document"]) == ("draft", faulty) and found["faults"], faulty
        assert found["changes"] == []
        assert told(await team["mei"].post(f"{DRAFTS}/{draft_id}/approve", json={})) == (409, "draft_state")
    for wrong in (5, None, []):
        assert told(await team["lin"].post(DRAFTS, json={"document": wrong})) == (422, "invalid")
    nobody = f"{DRAFTS}/{uuid4()}"
    assert told(await team["lin"].get(nobody)) == (404, "draft_not_found")
    assert told(await team["lin"].post(f"{nobody}/check", json={})) == (404, "draft_not_found")


async def test_a_draft_sent_twice_is_one(api: Api, team: Team) -> None:
    body = {"document": await _document(api), "note": "n", "draft_id": str(uuid4())}
    first, second = [await team["lin"].post(DRAFTS, json=body) for _ in range(2)]
    assert first.json() == second.json()
    assert told(await team["lin"].post(DRAFTS, json={**body, "document": {}})) == (409, "draft_changed")
    assert told(await team["mei"].post(DRAFTS, json=body)) == (409, "draft_changed")
    for _ in range(2):
        await _drafted(team, {"name": "other"})
    page = (await team["aud"].get(DRAFTS, params={"limit": 2})).json()
    rest = (await team["aud"].get(DRAFTS, params={"limit": 2, "cursor": page["next_cursor"]})).json()
    assert len({item["draft_id"] for item in page["items"] + rest["items"]}) == 3 and rest["next_cursor"] is None
    assert (await team["aud"].get(DRAFTS, params={"state": "checked"})).json()["items"] == []


async def test_from_the_shadow_to_all_and_back(api: Api, team: Team) -> None:
    noon, one, two, three, four = (f"2026-11-21T0{hour}:00:00+00:00" for hour in range(4, 9))
    found = await _released(team, await _document(api), stage="shadow")
    assert (found["version"], found["stage"], found["name"]) == (2, "shadow", "fresh-life")
    assert (await api.get("/v1/programme")).json()["version"] == 1
    assert await _order(api, "u1", noon, city="hz") == (1, 100)
    assert await _order(api, "u2", noon) == (1, 100)
    shadow = (await api.get(f"{ROLLOUTS}/2")).json()["shadow"]
    assert (shadow["events"], shadow["changed_events"], shadow["failed_events"]) == (2, 2, 0)
    assert shadow["shadow_points"] - shadow["live_points"] == 200
    assert [(r["live_points"], r["shadow_points"]) for r in shadow["by_rule"] if r["rule"] == "base"] == [(200, 400)]
    detail = (await api.get(f"{ROLLOUTS}/2/shadow")).json()
    assert [day["changed_events"] for day in detail["days"]] == [2]
    assert {(s["member_id"], s["live"]["base"], s["shadow"]["base"]) for s in detail["samples"]} == {
        ("u1", 100, 200), ("u2", 100, 200),
    }  # fmt: skip

    await _later(api, team, one)
    answer = await _step(team, 2, stage="cities", cities=["hz"])
    assert answer.status_code == 200, answer.text
    piloted = answer.json()
    assert (piloted["stage"], piloted["cities"], piloted["shares"]) == (
        "cities", ["hz"], [{"city": "hz", "percent": 100}],
    )  # fmt: skip
    assert (await _step(team, 2, stage="cities", cities=["hz"])).json()["steps"] == piloted["steps"]
    assert await _order(api, "u1", one, city="hz") == (2, 200)
    assert await _order(api, "u2", one, city="nb") == (1, 100)
    # A journey to a pilot city makes nobody a member of the pilot, nor one from there a stranger to it.
    assert await _order(api, "u2", one, city="hz") == (1, 100)
    assert await _order(api, "u1", one, city="nb") == (2, 200)
    # What happened before the step is judged by what held then, whenever it comes.
    assert await _order(api, "u1", noon, city="hz") == (1, 100)

    await _later(api, team, two)
    for member in range(40):
        await api.tell("vote.cast", member_id=f"p{member}", vote_id="v", time=one)
    wider = (await _step(team, 2, stage="percent", percent=30)).json()
    assert wider["shares"] == [{"city": None, "percent": 30}, {"city": "hz", "percent": 100}]
    judged = {f"p{member}": (await _order(api, f"p{member}", two))[0] for member in range(40)}
    assert 3 <= list(judged.values()).count(2) <= 22
    assert await _order(api, "u1", two) == (2, 200)
    arms = (await api.get(f"{ROLLOUTS}/2")).json()
    in_it = list(judged.values()).count(2)
    assert arms["candidate"]["orders"] == in_it + 3 and arms["live"]["orders"] == 40 - in_it + 5
    assert arms["candidate"]["sales_fen"] == arms["candidate"]["orders"] * 10_000

    await _later(api, team, three)
    assert (await _step(team, 2, stage="percent", percent=60)).json()["percent"] == 60
    again = {member: (await _order(api, member, three))[0] for member in judged}
    assert all(again[member] == 2 for member, version in judged.items() if version == 2)
    assert (await _step(team, 2, stage="all")).json()["stage"] == "all"
    assert (await api.get("/v1/programme")).json()["version"] == 2
    assert await _order(api, "p1", three) == (2, 200)
    assert told(await _step(team, 2, stage="percent", percent=10)) == (409, "rollout_over")
    assert told(await team["lin"].post(f"{ROLLOUTS}/2/retire", json={"reason": "r"})) == (409, "rollout_over")

    await _later(api, team, four)
    back = (await team["mei"].post(f"{ROLLOUTS}/2/rollback", json={"reason": "too dear"})).json()
    assert (back["stage"], back["steps"][-1]["actor"], back["steps"][-1]["reason"]) == (
        "rolled_back",
        "mei",
        "too dear",
    )
    assert (await team["mei"].post(f"{ROLLOUTS}/2/rollback", json={"reason": "twice"})).json() == back
    assert (await api.get("/v1/programme")).json()["version"] == 1
    assert await _order(api, "u1", four) == (1, 100)
    assert await _order(api, "u1", three) == (2, 200)
    assert told(await _step(team, 2, stage="all")) == (409, "rollout_over")


async def test_a_refund_keeps_the_rates_of_the_version_that_promised(api: Api, team: Team) -> None:
    await _released(team, await _document(api), stage="all")
    order = {"member_id": "u1", "order_id": "o1", "paid_fen": 10_000, "lines": []}
    outcome = (await api.tell("order.paid", **order)).json()
    assert [(g["points"], g["rule_version"]) for g in outcome["granted"] if g["rule"] == "base"] == [(200, 2)]
    await _later(api, team, "2026-11-21T05:00:00+00:00")
    await team["mei"].post(f"{ROLLOUTS}/2/rollback", json={"reason": "r"})
    refund = {"member_id": "u1", "order_id": "o1", "refund_id": "r1", "refund_fen": 5_000}
    taken = (await api.tell("order.refunded", time="2026-11-21T05:00:00+00:00", **refund)).json()
    assert (taken["programme_version"], taken["reversed_points"]) == (1, 100)
    arms = (await api.get(f"{ROLLOUTS}/2")).json()["candidate"]
    assert (arms["orders"], arms["sales_fen"], arms["refunded_fen"]) == (1, 10_000, 0), "it came after the end"


async def test_several_rollouts_share_the_members_and_never_more_than_all(api: Api, team: Team) -> None:
    first = await _released(team, await _document(api, 2), stage="cities", cities=["hz"], percent=80)
    draft_id = await _approved(team, await _document(api, 3))
    body = {"stage": "cities", "cities": ["hz", "nb"], "percent": 50, "reason": "r"}
    refused = await team["lin"].post(f"{DRAFTS}/{draft_id}/release", json=body)
    assert told(refused) == (409, "rollout_overlap")
    assert (refused.json()["city"], refused.json()["free_percent"]) == ("hz", 20)
    assert (await api.get("/v1/programme/versions")).json()["items"][0]["version"] == 2, "nothing of it stays"
    second = (await team["lin"].post(f"{DRAFTS}/{draft_id}/release", json={**body, "percent": 20})).json()
    assert (second["version"], second["salt"]) == (3, first["salt"])
    versions = {(await _order(api, f"u{n}", "2026-11-21T04:00:00+00:00", city="hz"))[0] for n in range(25)}
    assert versions == {2, 3}
    assert told(await _step(team, 2, stage="percent", percent=90)) == (409, "rollout_overlap")
    retired = (await team["lin"].post(f"{ROLLOUTS}/3/retire", json={"reason": "seen enough"})).json()
    assert retired["stage"] == "retired"
    assert (await _step(team, 2, stage="percent", percent=90)).status_code == 200
    items = (await api.get(ROLLOUTS, limit=1)).json()
    assert [item["version"] for item in items["items"]] == [3]
    assert [i["version"] for i in (await api.get(ROLLOUTS, cursor=items["next_cursor"])).json()["items"]] == [2]


async def test_what_is_superseded_is_retired(api: Api, team: Team) -> None:
    await _released(team, await _document(api, 2), stage="all")
    await _released(team, await _document(api, 3), stage="all")
    assert [item["stage"] for item in (await api.get(ROLLOUTS)).json()["items"]] == ["all", "retired"]
    await team["lin"].post(f"{ROLLOUTS}/3/rollback", json={"reason": "r"})
    assert [item["stage"] for item in (await api.get(ROLLOUTS)).json()["items"]] == ["rolled_back", "all"]
    assert (await api.get("/v1/programme")).json()["version"] == 2


async def test_wishes_that_are_none(api: Api, team: Team) -> None:
    draft_id = await _approved(team, await _document(api))
    for wish in ({"stage": "cities"}, {"stage": "percent"}, {"stage": "shadow", "percent": 5},
                 {"stage": "all", "cities": ["hz"]}, {"stage": "percent", "percent": 0},
                 {"stage": "percent", "percent": 101}, {"stage": "retired"}, {"stage": "cities", "cities": [""]},
                 {"stage": "all", "effective_from": "2026-11-21T03:59:59+00:00"}):  # fmt: skip
        answer = await team["lin"].post(f"{DRAFTS}/{draft_id}/release", json={"reason": "r", **wish})
        assert told(answer) == (422, "invalid"), wish
    assert told(await team["lin"].get(f"{ROLLOUTS}/1")) == (404, "rollout_not_found")
    assert told(await _step(team, 9, stage="all")) == (404, "rollout_not_found")


async def test_a_release_twice_is_one_and_may_begin_later(api: Api, team: Team) -> None:
    draft_id = await _approved(team, await _document(api))
    body = {"stage": "percent", "percent": 100, "reason": "r", "effective_from": "2026-11-22T00:00:00+08:00"}
    first, second = [await team["lin"].post(f"{DRAFTS}/{draft_id}/release", json=body) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201) and first.json() == second.json()
    other = await team["lin"].post(f"{DRAFTS}/{draft_id}/release", json={**body, "percent": 5})
    assert told(other) == (409, "draft_state")
    assert (await team["lin"].get(f"{DRAFTS}/{draft_id}")).json()["version"] == 2
    assert told(await team["lin"].put(f"{DRAFTS}/{draft_id}", json={"document": {}, "revision": 1})) == (
        409, "draft_state",
    )  # fmt: skip
    assert (await _order(api, "u1", "2026-11-21T04:00:00+00:00"))[0] == 1
    await _later(api, team, "2026-11-21T12:00:00+00:00")
    # Taken back before it began, it never holds.
    await team["lin"].post(f"{ROLLOUTS}/2/rollback", json={"reason": "r"})
    await _later(api, team, "2026-11-22T01:00:00+08:00")
    assert (await _order(api, "u1", "2026-11-22T00:00:00+08:00"))[0] == 1


async def test_straight_to_all_is_for_administrators(api: Api, team: Team) -> None:
    body = {"document": await _document(api), "note": "hurry"}
    assert told(await team["lin"].post("/v1/programme/versions", json=body)) == (403, "forbidden")
    assert (await team["adm"].post("/v1/programme/versions", json=body)).status_code == 201
    acts = (await team["aud"].get("/v1/acts", params={"act": "programme"})).json()["items"]
    assert [(act["actor"], act["act"], act["subject"], act["reason"]) for act in acts] == [
        ("adm", "programme.publish", "version 2", "hurry")
    ]


async def test_the_log_of_acts(api: Api, team: Team) -> None:
    await _released(team, await _document(api), stage="shadow")
    await _step(team, 2, stage="percent", percent=5)
    await team["mei"].post(f"{ROLLOUTS}/2/rollback", json={"reason": "no"})
    acts = (await team["aud"].get("/v1/acts")).json()["items"]
    assert [(act["actor"], act["act"]) for act in acts][:4] == [
        ("mei", "rollout.rolled_back"), ("lin", "rollout.percent"), ("lin", "rollout.shadow"), ("mei", "draft.approve"),
    ]  # fmt: skip
    assert told(await team["lin"].get("/v1/acts")) == (403, "forbidden")

    async def asked(**params: Any) -> list[str]:
        answer = await team["adm"].get("/v1/acts", params=params)
        assert answer.status_code == 200, answer.text
        return [act["act"] for act in answer.json()["items"]]

    assert await asked(actor="mei", act="rollout") == ["rollout.rolled_back"]
    assert await asked(act="rollout.shadow") == ["rollout.shadow"]
    assert await asked(act="roll") == []
    assert await asked(**{"from": "2026-11-22"}) == [] == await asked(to="2026-11-20")
    assert len(await asked(**{"from": "2026-11-21", "to": "2026-11-21", "limit": 3})) == 3
    page = (await team["adm"].get("/v1/acts", params={"limit": 3})).json()
    rest = (await team["adm"].get("/v1/acts", params={"limit": 200, "cursor": page["next_cursor"]})).json()
    assert [act["act_id"] for act in page["items"] + rest["items"]] == [
        act["act_id"] for act in (await team["adm"].get("/v1/acts", params={"limit": 200})).json()["items"]
    ]
    assert told(await team["adm"].get("/v1/acts", params={"from": "0001-01-01"})) == (422, "invalid")


async def test_a_member_reads_the_rules_that_are_theirs(api: Api, team: Team) -> None:
    from tests.api.operators import app_of

    await _order(api, "u1", "2026-11-21T04:00:00+00:00", city="hz")
    await _order(api, "u2", "2026-11-21T04:00:00+00:00", city="nb")
    document = await _document(api)
    document["name"] = "pilot"
    await _released(team, document, stage="cities", cities=["hz"])
    for member_id, name in (("u1", "pilot"), ("u2", "fresh-life")):
        async with app_of(api, member_id) as app:
            assert (await app.get("/v1/me")).json()["programme"]["name"] == name
