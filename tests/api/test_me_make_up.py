"""补签: a missed day is made up for with points; and points on their way say what they wait for."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest
from tests.api.conftest import NOW, Api
from tests.api.mine import Mine, at

from linli.flows.publish import publish
from linli.kit.resources import resource

TERMS = "check_in: { make_up: { points: 20, days_back: 7, per_month: 2 } }\n"


async def programme(api: Api, text: str) -> None:
    """The preset, with more said before its rules."""
    document = (resource("presets") / "fresh-life.yaml").read_text()
    document = "".join(line for line in document.splitlines(keepends=True) if not line.startswith("check_in:"))
    document = document.replace("\nrules:\n", f"\n{text}rules:\n", 1)
    async with api.pool.connection() as conn:
        await publish(conn, document.encode(), now=datetime.fromisoformat(NOW), by="test", effective_from=None)


async def make_up(api: Api, on: str, member_id: str = "m1") -> Any:
    return await Mine(api, member_id).ask("POST", "/check-in/make-up", json={"on": on})


@pytest.fixture
async def member(api: Api) -> Mine:
    """With points, and check-ins on the 16th to the 19th but for the 18th."""
    await programme(api, TERMS)
    await api.enrol("m1", 100)
    for day in (16, 17, 19, 20):
        await api.tell("check_in", time=f"2026-11-{day}T04:00:00+00:00", member_id="m1")
    return Mine(api, "m1")


async def test_a_missed_day_is_made_up_for_once_and_costs_points(api: Api, member: Mine) -> None:
    before = await member.get("/check-in")
    assert before["streak_days"] == 2
    assert before["make_up"] == {"points": 20, "days": ["2026-11-14", "2026-11-15", "2026-11-18"], "left_this_month": 2}
    done = (await make_up(api, "2026-11-18")).json()
    assert (done["spent_points"], done["already"], done["state"]["streak_days"]) == (20, False, 5)
    assert done["state"]["made_up"] == ["2026-11-18"]
    assert done["state"]["make_up"]["left_this_month"] == 1
    again = (await make_up(api, "2026-11-18")).json()
    assert (again["spent_points"], again["already"]) == (0, True)
    assert (await api.balance("m1"))["available"] == 80


async def test_many_taps_at_once_cost_once(api: Api, member: Mine) -> None:
    token = await member.token()

    async def tap(_: int) -> int:
        answer = await api.client.post(
            "/v1/me/check-in/make-up", json={"on": "2026-11-18"}, headers={"authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["spent_points"]

    assert sorted(await asyncio.gather(*map(tap, range(6)))) == [0] * 5 + [20]
    assert (await api.balance("m1"))["available"] == 80


@pytest.mark.parametrize("on", ["2026-11-13", "2026-11-21", "2026-11-22"])
async def test_a_day_out_of_reach_is_refused(api: Api, member: Mine, on: str) -> None:
    answer = await make_up(api, on)
    assert (answer.status_code, answer.json()["code"]) == (409, "make_up_out_of_reach")
    assert answer.json()["detail"]


async def test_no_more_than_so_many_in_a_month_and_not_without_points(api: Api, member: Mine) -> None:
    assert (await make_up(api, "2026-11-18")).status_code == 200
    assert (await make_up(api, "2026-11-15")).status_code == 200
    assert (await member.get("/check-in"))["make_up"] == {"points": 20, "days": [], "left_this_month": 0}
    assert (await make_up(api, "2026-11-14")).json()["code"] == "make_ups_used_up"
    await api.enrol("m2", 19)
    refused = await make_up(api, "2026-11-20", "m2")
    assert refused.json()["code"] == "insufficient_points"
    assert (await Mine(api, "m2").get("/check-in"))["made_up"] == []


async def test_where_it_is_not_offered(api: Api) -> None:
    await programme(api, "")
    await api.enrol("m1", 100)
    assert (await Mine(api, "m1").get("/check-in"))["make_up"] is None
    assert (await make_up(api, "2026-11-20")).json()["code"] == "make_up_not_offered"


async def test_points_on_their_way_say_what_they_wait_for(api: Api) -> None:
    rules = """
  - { id: grouped, kind: fixed, name: { zh: 成团, en: Formed }, on: group.opened, points: 5, arrives: formed }
  - { id: fetched, kind: fixed, name: { zh: 取货, en: Collected }, on: order.paid, points: 7, arrives: collected }
  - { id: kept, kind: fixed, name: { zh: 不退, en: Kept }, on: order.paid, points: 9, arrives: return_window }
"""
    document = (resource("presets") / "fresh-life.yaml").read_text() + rules
    async with api.pool.connection() as conn:
        await publish(conn, document.encode(), now=datetime.fromisoformat(NOW), by="test", effective_from=None)
    await api.tell("group.opened", member_id="m1", group_id="g1")
    await api.tell("order.paid", member_id="m1", order_id="o1", paid_fen=1000)
    mine = Mine(api, "m1")

    async def waits() -> dict[int, tuple[str, str | None]]:
        return {line["points"]: (line["awaits"], line["settle_on"]) for line in (await mine.get("/pending"))["items"]}

    found = await waits()
    assert found[5] == ("formed", None)
    assert found[7] == ("collected", None)
    assert found[9] == ("return_window", None)
    assert found[10] == ("settlement", "2026-11-22")
    home = await mine.get("/home")
    assert (home["pending_points"], {part["settle_on"] for part in home["pending"]}) == (
        sum(found), {"2026-11-22"},
    )  # fmt: skip
    assistant = await mine.get("/assistant")
    assert {part["points"]: (part["awaits"], part["settle_on"]) for part in assistant["pending"]} == found
    order = await mine.get("/orders/o1/explanation")
    assert {line["points"]: line["awaits"] for line in order["granted"]} == {
        7: "collected",
        9: "return_window",
        10: "settlement",
    }
    await api.tell("order.completed", member_id="m1", order_id="o1", paid_fen=1000)
    found = await waits()
    assert found[7] == ("settlement", "2026-11-22")
    assert found[9] == ("return_window", "2026-11-28")
    await at(api, "2026-11-28T10:00:00+08:00", "settle")
    assert set(await waits()) == {5}
