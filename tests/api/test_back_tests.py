"""Back-tests through HTTP: the worker does them, they are stopped and gone on with, and the figures add up by hand."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.api.conftest import Api
from tests.api.test_runs import _work
from tests.flows.world import findings

from linli import rules
from linli.flows import back_test
from linli.kit.db import fetch_all
from linli.kit.resources import resource

PATH = "/v1/programme/back-tests"
SPAN = {"from": "2026-11-15", "to": "2026-11-20"}


def _draft() -> dict[str, Any]:
    """Two points a yuan, nothing for checking in, half for who invites."""
    text = (resource("presets") / "fresh-life.yaml").read_bytes()
    document = msgspec.json.decode(rules.encode_programme(rules.decode_programme(text)))
    listed = {rule["id"]: rule for rule in document["rules"]}
    listed["base"]["points"] = 2
    listed["invitation"]["inviter_points"] = 100
    del listed["daily_check_in"]
    return {**document, "rules": list(listed.values())}


async def _live(api: Api) -> None:
    """A few days of four neighbours."""
    await api.tell("order.paid", time="2026-11-10T04:00:00Z", member_id="m0", order_id="o0", paid_fen=1_000)
    await api.tell("order.paid", time="2026-11-15T04:00:00Z", member_id="m0", order_id="o1", paid_fen=5_000)
    await api.tell("order.refunded", time="2026-11-15T05:00:00Z", member_id="m0", order_id="o0", refund_id="r0",
                   refund_fen=500)  # fmt: skip
    await api.tell("member.registered", time="2026-11-15T04:00:00Z", member_id="m1", inviter_id="m0")
    await api.tell("order.completed", time="2026-11-16T04:00:00Z", member_id="m1", order_id="o2", paid_fen=2_000)
    await api.tell("order.paid", time="2026-11-16T04:00:00Z", member_id="m2", order_id="o3", paid_fen=3_000, city="hz")
    await api.tell("order.refunded", time="2026-11-17T04:00:00Z", member_id="m2", order_id="o3", refund_id="r1",
                   refund_fen=1_000)  # fmt: skip
    await api.tell("check_in", time="2026-11-15T04:00:00Z", member_id="m3")
    await api.tell("order.paid", time="2026-11-21T03:00:00Z", member_id="m3", order_id="o4", paid_fen=9_000)


async def _ask(api: Api, **more: Any) -> dict[str, Any]:
    answer = await api.post(PATH, {**SPAN, "document": _draft(), **more})
    assert answer.status_code == 202, answer.text
    return answer.json()


async def _one(api: Api, asked: dict[str, Any]) -> dict[str, Any]:
    return (await api.get(f"{PATH}/{asked['back_test_id']}")).json()


async def test_what_a_draft_would_have_cost(api: Api, tmp_path: Any) -> None:
    await _live(api)
    asked = await _ask(api)
    assert (asked["state"], asked["result"], asked["by"], asked["title"]) == ("queued", None, "test", "鲜生活积分")
    await _work(api, tmp_path)
    done = await _one(api, asked)
    assert done["fault"] is None
    assert (done["state"], done["members_due"], done["members_done"], done["events_done"]) == ("finished", 4, 4, 8)
    told = done["result"]
    # m0: 50 and 200 for the friend; m1: 500 and 200; m2: 30 less 10; m3: 10.
    assert told["live"] == {"points": 980, "grants": 6, "members": 4}
    # m0: 100 and 100; m1 the same; m2: 60 less 20; m3: nothing.
    assert told["draft"] == {"points": 940, "grants": 5, "members": 3}
    assert (told["difference_points"], told["difference_fen"]) == (-40, -40)
    assert (told["members_gain"], told["members_lose"], told["members_same"]) == (1, 2, 1)
    assert told["gains"] == [{"member_id": "m2", "live_points": 20, "draft_points": 40}]
    assert told["losses"] == [
        {"member_id": "m0", "live_points": 250, "draft_points": 200},
        {"member_id": "m3", "live_points": 10, "draft_points": 0},
    ]
    buckets = {(one["from_points"], one["to_points"]): one["members"] for one in told["distribution"]}
    assert {bounds: members for bounds, members in buckets.items() if members} == {
        (-99, -50): 1, (-19, -10): 1, (0, 0): 1, (20, 49): 1,
    }  # fmt: skip
    by_rule = {one["rule"]: (one["live_points"], one["draft_points"]) for one in told["by_rule"]}
    assert {rule: points for rule, points in by_rule.items() if any(points)} == {
        "base": (70, 140), "registration": (500, 500), "invitation": (400, 300), "daily_check_in": (10, 0),
    }  # fmt: skip
    assert told["by_rule"][-1]["name"] == {"zh": "每日签到", "en": "Daily check-in"}
    assert [(one["month"], one["sales_fen"], one["live_points"], one["draft_points"]) for one in told["by_month"]] == [
        ("2026-11", 7_000, 980, 940)
    ]
    assert [(one["city"], one["sales_fen"], one["live_points"], one["draft_points"]) for one in told["by_city"]] == [
        (None, 5_000, 960, 900), ("hz", 2_000, 20, 40),
    ]  # fmt: skip


async def test_months_beside_what_the_budget_allows(api: Api, tmp_path: Any) -> None:
    """Of ¥70 that were sold, a part; 940 points cost ¥9.40. Of that to the fen nothing is breached."""
    await _live(api)
    for budget, allowed, breached in (
        (None, None, False),
        ({"sales_basis_points": 200, "floor_fen": 0}, 140, True),
        ({"sales_basis_points": 200, "floor_fen": 939}, 939, True),
        ({"sales_basis_points": 200, "floor_fen": 940}, 940, False),
        ({"sales_basis_points": 200, "floor_fen": 0, "points_per_yuan": 1_000}, 140, False),
    ):
        asked = await _ask(api, document={**_draft(), "budget": budget})
        await _work(api, tmp_path)
        (month,) = (await _one(api, asked))["result"]["by_month"]
        assert (month["draft_points"], month["allowance_fen"], month["breached"]) == (940, allowed, breached)


async def test_a_draft_is_tried_as_it_stands(api: Api, tmp_path: Any) -> None:
    await _live(api)
    kept = (await api.post("/v1/programme/drafts", {"document": _draft()})).json()
    asked = (await api.post(PATH, {**SPAN, "draft_id": kept["draft_id"]})).json()
    assert asked["back_test_id"] == (await _ask(api))["back_test_id"], "it is the same document"
    await _work(api, tmp_path)
    assert (await _one(api, asked))["result"]["draft"]["points"] == 940
    faulty = (await api.post("/v1/programme/drafts", {"document": "name: x"})).json()
    answer = await api.post(PATH, {**SPAN, "draft_id": faulty["draft_id"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "faulty_programme")


async def test_nothing_is_granted_and_nothing_is_left_behind(api: Api, tmp_path: Any) -> None:
    await _live(api)
    grants = "SELECT member_id, key, promised, points, rule FROM ledger_grant ORDER BY member_id, key"
    async with api.pool.connection() as conn:
        before = await fetch_all(conn, grants)
    await _ask(api)
    await _work(api, tmp_path)
    async with api.pool.connection() as conn:
        assert await fetch_all(conn, grants) == before
        for table in ("backtests_member", "backtests_claim", "procrastinate_jobs"):
            assert await fetch_all(conn, f"SELECT * FROM {table}") == [], table
        assert await findings(conn) == {}


async def test_beside_a_version_and_a_version_beside_itself(api: Api, tmp_path: Any) -> None:
    await _live(api)
    body = {**SPAN, "version": 1, "against_version": 1}
    asked = (await api.post(PATH, body)).json()
    await _work(api, tmp_path)
    told = (await _one(api, asked))["result"]
    assert (told["live"], told["difference_points"], told["members_same"]) == (told["draft"], 0, 4)
    assert told["live"]["points"] == 980


async def test_asked_for_again_while_it_is_open_it_is_the_same(api: Api, tmp_path: Any) -> None:
    first, again, other = await _ask(api), await _ask(api), await _ask(api, against_version=1)
    assert first["back_test_id"] == again["back_test_id"] != other["back_test_id"]
    listed = (await api.get(PATH, limit=1)).json()
    assert [one["back_test_id"] for one in listed["items"]] == [other["back_test_id"]]
    rest = (await api.get(PATH, cursor=listed["next_cursor"])).json()
    assert ([one["back_test_id"] for one in rest["items"]], rest["next_cursor"]) == ([first["back_test_id"]], None)
    await _work(api, tmp_path)
    assert (await _ask(api))["back_test_id"] not in (first["back_test_id"], other["back_test_id"])


async def test_stopped_it_waits_and_gone_on_with_it_ends_the_same(
    api: Api, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chunk and a job for each member: stopped after the second, it begins with the third."""
    monkeypatch.setattr(back_test, "CHUNK", 1)
    monkeypatch.setattr(back_test, "SLICE", 1)
    await _live(api)
    whole = await _ask(api)
    await _work(api, tmp_path)
    asked, chunk, seen = await _ask(api), back_test.chunk_of, 0

    async def stopping(*given: Any, **named: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == 2:
            assert (await api.post(f"{PATH}/{asked['back_test_id']}/stop")).json()["state"] == "stopped"
        return await chunk(*given, **named)

    monkeypatch.setattr(back_test, "chunk_of", stopping)
    await _work(api, tmp_path)
    left = await _one(api, asked)
    assert (left["state"], left["members_done"], left["result"], seen) == ("stopped", 2, None, 2)
    await _work(api, tmp_path)
    assert await _one(api, asked) == left
    gone_on = (await api.post(f"{PATH}/{asked['back_test_id']}/resume")).json()
    assert gone_on["state"] == "queued"
    await _work(api, tmp_path)
    done = await _one(api, asked)
    assert (done["state"], done["members_done"], seen) == ("finished", 4, 5)  # the last finds nobody left
    assert done["result"] == (await _one(api, whole))["result"]
    for act in ("stop", "resume"):
        assert (await api.post(f"{PATH}/{asked['back_test_id']}/{act}")).json() == done
    async with api.pool.connection() as conn:
        acts = await fetch_all(conn, "SELECT act FROM access_act ORDER BY act_id")
    assert [act for (act,) in acts] == [*["back_test.start"] * 2, "back_test.stop", "back_test.resume"]


async def test_one_that_fails_says_why_and_can_be_gone_on_with(
    api: Api, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _live(api)
    asked, chunk = await _ask(api), back_test.chunk_of

    async def failing(*_: Any, **__: Any) -> Any:
        raise ValueError("no such luck")

    monkeypatch.setattr(back_test, "chunk_of", failing)
    await _work(api, tmp_path)
    failed = await _one(api, asked)
    assert (failed["state"], failed["fault"]) == ("failed", "ValueError: no such luck")
    monkeypatch.setattr(back_test, "chunk_of", chunk)
    await api.post(f"{PATH}/{asked['back_test_id']}/resume")
    await _work(api, tmp_path)
    done = await _one(api, asked)
    assert (done["state"], done["fault"]) == ("finished", None)


async def test_what_cannot_be_asked_for(api: Api) -> None:
    for body, code in (
        ({**SPAN}, "invalid"),
        ({**SPAN, "version": 1, "document": _draft()}, "invalid"),
        ({"from": "2026-11-20", "to": "2026-11-15", "version": 1}, "invalid"),
        ({"from": "1999-11-20", "to": "2026-11-15", "version": 1}, "invalid"),
        ({**SPAN, "version": 1, "draft_id": "0199a000-0000-7000-8000-000000000000"}, "invalid"),
        ({**SPAN, "draft_id": "0199a000-0000-7000-8000-000000000000"}, "draft_not_found"),
        ({**SPAN, "version": 9}, "version_not_found"),
        ({**SPAN, "version": 1, "against_version": 9}, "version_not_found"),
        ({**SPAN, "document": {"name": "x"}}, "faulty_programme"),
        ({**SPAN, "version": 1, "title": " "}, "invalid"),
    ):
        answer = await api.post(PATH, body)
        assert answer.json()["code"] == code, (body, answer.text)
    for path in ("", "/stop", "/resume"):
        unknown = f"{PATH}/0199a000-0000-7000-8000-000000000000{path}"
        answer = await (api.post(unknown) if path else api.get(unknown))
        assert (answer.status_code, answer.json()["code"]) == (404, "back_test_not_found")
    assert (await api.get(f"{PATH}/x")).status_code in (404, 422)
