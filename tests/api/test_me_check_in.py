"""签到： a real event, once a business date by the server's clock; runs over midnight and month's end; double taps."""

from __future__ import annotations

import asyncio

import pytest
from tests.api.conftest import Api
from tests.api.mine import Mine, at

from linli.flows.publish import publish


async def test_checking_in_is_an_event_like_any_other(api: Api) -> None:
    await api.tell("member.registered", member_id="m1", city="杭州", leader_id="l1", community_id="c1")
    mine = Mine(api, "m1")
    found = await mine.check_in()
    assert found["already"] is False
    (granted,) = found["granted"]
    assert (granted["rule"], granted["points"], granted["settle_on"]) == ("daily_check_in", 10, "2026-11-22")
    state = found["state"]
    assert (state["checked_in_today"], state["streak_days"], state["points_today"]) == (True, 1, 10)
    assert state["week"][5] == {"on": "2026-11-21", "checked": True}  # a Saturday
    assert [day["checked"] for day in state["week"]].count(True) == 1
    assert state["next_reward"] == {"at_days": 7, "points": 50, "days_to_go": 6}
    event = (await api.get("/v1/events/check_in:m1:2026-11-21", source="linli:app")).json()
    assert (event["type"], event["occurred_at"]) == ("check_in", "2026-11-21T04:00:00Z")
    assert event["data"] == {"member_id": "m1", "city": "杭州", "leader_id": "l1", "community_id": "c1"}
    assert (await mine.get("/check-in")) == state


async def test_a_second_tap_tells_the_same_and_changes_nothing(api: Api) -> None:
    await api.enrol("m1")
    mine = Mine(api, "m1")
    first = await mine.check_in()
    api.set_clock("2026-11-21T04:00:03+00:00")
    second = await mine.check_in()
    assert second == {**first, "already": True}
    assert [item["points"] for item in (await mine.get("/pending"))["items"]].count(10) == 1


async def test_many_taps_at_once_have_one_effect(api: Api) -> None:
    await api.enrol("m1")
    mine = Mine(api, "m1")
    token = await mine.token()

    async def tap(n: int) -> bool:
        api.set_clock(f"2026-11-21T04:00:{n:02}+00:00")  # each brings its own time, so none is a duplicate by its bytes
        answer = await api.client.post("/v1/me/check-in", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 200, answer.text
        assert [granted["points"] for granted in answer.json()["granted"]] == [10]
        return answer.json()["already"]

    assert sorted(await asyncio.gather(*(tap(n) for n in range(8)))) == [False] + [True] * 7
    assert (await mine.get("/home"))["pending_points"] == 10
    assert (await api.get("/v1/parked")).json()["items"] == []


async def test_who_checked_in_elsewhere_has_checked_in(api: Api) -> None:
    await api.tell("check_in", "shop-1", member_id="m1")
    found = await Mine(api, "m1").check_in()
    assert (found["already"], [granted["points"] for granted in found["granted"]]) == (True, [10])
    assert (await api.get("/v1/events/check_in:m1:2026-11-21", source="linli:app")).status_code == 404


async def test_midnight_is_the_servers(api: Api) -> None:
    await api.enrol("m1")
    mine = Mine(api, "m1")
    api.set_clock("2026-11-30T15:59:59.999999+00:00")
    assert (await mine.check_in())["state"]["today"] == "2026-11-30"
    api.set_clock("2026-11-30T16:00:00+00:00")
    state = await mine.get("/check-in")
    assert (state["today"], state["checked_in_today"], state["streak_days"]) == ("2026-12-01", False, 1)
    found = await mine.check_in()
    assert (found["already"], found["state"]["streak_days"]) == (False, 2)
    assert found["state"]["days"] == ["2026-12-01"]
    assert (await mine.get("/check-in", month="2026-11"))["days"] == ["2026-11-30"]
    # The week strip goes over the month's end.
    assert [day["on"] for day in found["state"]["week"] if day["checked"]] == ["2026-11-30", "2026-12-01"]


async def test_a_streak_over_the_months_end(api: Api) -> None:
    await api.enrol("m1")
    mine = Mine(api, "m1")
    for place, day in enumerate(["11-27", "11-28", "11-29", "11-30", "12-01", "12-02"], 1):
        api.set_clock(f"2026-{day}T23:30:00+08:00")
        state = (await mine.check_in())["state"]
        assert state["streak_days"] == place
        assert state["next_reward"] == {"at_days": 7, "points": 50, "days_to_go": 7 - place}
    api.set_clock("2026-12-03T00:00:00+08:00")
    state = await mine.get("/check-in")
    assert (state["streak_days"], state["points_today"]) == (6, 60)  # the day's ten and the seventh day's fifty
    assert state["next_reward"] == {"at_days": 7, "points": 50, "days_to_go": 1}
    found = await mine.check_in()
    assert {granted["rule"]: granted["points"] for granted in found["granted"]} == {
        "daily_check_in": 10, "check_in_streak": 50,
    }  # fmt: skip
    assert found["state"]["points_today"] == 60
    assert found["state"]["next_reward"] == {"at_days": 14, "points": 50, "days_to_go": 7}
    again = await mine.check_in()
    assert (again["already"], again["granted"]) == (True, found["granted"])


async def test_a_missed_day_ends_the_run(api: Api) -> None:
    await api.enrol("m1")
    mine = Mine(api, "m1")
    await mine.check_in()
    api.set_clock("2026-11-23T00:00:00+08:00")
    state = await mine.get("/check-in")
    assert (state["streak_days"], state["next_reward"]["days_to_go"], state["next_reward"]["at_days"]) == (0, 7, 7)
    assert (await mine.check_in())["state"]["streak_days"] == 1


@pytest.mark.parametrize("preset", ["neighbours"])
async def test_a_programme_without_a_daily_reward_promises_none(api: Api, preset: str) -> None:
    await api.enrol("m1")
    mine = Mine(api, "m1")
    assert (await mine.get("/check-in"))["points_today"] == 0
    (hint,) = [hint for hint in (await mine.get("/home"))["hints"] if hint["code"] == "check_in"]
    assert (hint["points"], hint["text"]["zh"]) == (None, "今天还没有签到")
    found = await mine.check_in()
    assert (found["granted"], found["already"], found["state"]["checked_in_today"]) == ([], False, True)


async def test_a_check_in_that_a_rule_cannot_judge_is_kept(api: Api) -> None:
    await api.enrol("m1")
    document = """{"name": "broken", "title": {"zh": "坏", "en": "Broken"}, "rules": [{"id": "r", "kind": "fixed",
        "name": {"zh": "一", "en": "One"}, "on": "check_in", "points": 1, "when": "100 / (day - 20) > 0"}]}"""
    mine = Mine(api, "m1")
    now = await at(api, "2026-11-20T12:00:00+08:00")
    async with api.pool.connection() as conn:
        await publish(conn, document.encode(), now=now, by="test", effective_from=now)
    assert (await mine.get("/check-in"))["points_today"] == 0
    for _ in range(2):
        answer = await mine.ask("POST", "/check-in")
        assert (answer.status_code, answer.json()["code"]) == (409, "check_in_waiting"), answer.text
    (parked,) = (await api.get("/v1/parked")).json()["items"]
    assert (parked["event_id"], parked["reason"]) == ("check_in:m1:2026-11-20", "rule_failed")
    assert (await mine.get("/check-in"))["checked_in_today"] is False


async def test_what_was_given_once_for_ever_is_not_promised_again(api: Api) -> None:
    await api.enrol("m1")
    document = """{"name": "once", "title": {"zh": "一次", "en": "Once"}, "rules": [{"id": "first", "kind": "fixed",
        "name": {"zh": "首次签到", "en": "First check-in"}, "on": "check_in", "points": 99, "limit": "life"}]}"""
    mine = Mine(api, "m1")
    now = await at(api, "2026-11-22T12:00:00+08:00")
    async with api.pool.connection() as conn:
        await publish(conn, document.encode(), now=now, by="test", effective_from=now)
    assert (await mine.get("/check-in"))["points_today"] == 99
    assert [granted["points"] for granted in (await mine.check_in())["granted"]] == [99]
    assert (await mine.get("/check-in"))["points_today"] == 99
    api.set_clock("2026-11-23T12:00:00+08:00")
    assert (await mine.get("/check-in"))["points_today"] == 0
    found = await mine.check_in()
    assert (found["granted"], found["already"], found["state"]["points_today"]) == ([], False, 0)
