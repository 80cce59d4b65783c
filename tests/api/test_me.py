"""The member's own pages: home, rules, hints; nobody else's, and nothing without a member's token."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.conftest import KEY, Api
from tests.api.mine import Mine, at

READS = ("", "/home", "/statement", "/pending", "/check-in", "/messages", "/rules", "/statement/1")


def codes(home: Any) -> dict[str, Any]:
    """Code → hint, of a home page."""
    return {hint["code"]: hint for hint in home["hints"]}


async def test_who_i_am(api: Api) -> None:
    await api.tell("member.registered", member_id="m1", city="杭州", community_id="c1")
    me = await Mine(api, "m1").get()
    assert (me["member_id"], me["city"], me["community_id"]) == ("m1", "杭州", "c1")
    assert me["business_on"] == "2026-11-21"
    assert me["programme"] == {"name": "fresh-life", "title": {"zh": "鲜生活积分", "en": "Fresh Life points"}}


@pytest.mark.parametrize("member_id", ["奶奶👵🏽", "a/b ?#%2F", "x" * 128, "ملكة", "me"])
async def test_any_name_is_a_member(api: Api, member_id: str) -> None:
    await api.tell("order.paid", member_id=member_id, order_id="o1", paid_fen=3680)
    mine = Mine(api, member_id)
    assert (await mine.get())["member_id"] == member_id
    assert (await mine.check_in())["already"] is False
    assert (await mine.check_in())["already"] is True
    await at(api, "2026-11-22T10:00:00+08:00", "settle")
    assert (await mine.get("/home"))["available"] == 46


async def test_only_a_members_token_opens_these_pages(api: Api) -> None:
    await api.enrol("m1")
    for path in READS:
        by_key = await api.get(f"/v1/me{path}")
        assert (by_key.status_code, by_key.json()["code"]) == (403, "forbidden"), path
    token = await Mine(api, "m1").token()
    elsewhere = await api.client.get("/v1/members/m1", headers={"authorization": f"Bearer {token}"})
    assert elsewhere.status_code == 403
    nobody = await api.client.get("/v1/me/home", headers={"authorization": f"Bearer lm_{KEY}"})
    assert nobody.status_code == 401


async def test_other_members_lines_are_out_of_reach(api: Api) -> None:
    await api.enrol("rich", 500)
    await api.tell("order.paid", member_id="rich", order_id="o1", paid_fen=9900)
    await api.enrol("poor")
    poor = Mine(api, "poor")
    assert (await poor.get("/statement"))["items"] == []
    assert (await poor.get("/pending"))["items"] == []
    assert (await poor.get("/messages"))["items"] == []
    assert (await poor.ask("GET", "/statement/1")).json()["code"] == "movement_not_found"
    assert (await Mine(api, "rich").get("/statement/1"))["line"]["points"] == 500
    # Nothing in a query names another member.
    assert (await poor.get("/home", member_id="rich"))["available"] == 0


async def test_a_member_who_never_did_anything(api: Api) -> None:
    await api.tell("member.registered", member_id="host", inviter_id="new")  # enrolled by name only
    mine = Mine(api, "new")
    home = await mine.get("/home")
    assert (home["available"], home["pending"], home["pending_points"], home["held"], home["debt"]) == (0, [], 0, 0, 0)
    assert (home["expiring"], home["next_expiry"], home["unread"], home["streak_days"]) == ([], None, 0, 0)
    assert (await mine.get("/statement"))["totals"] == {"earned": 0, "spent": 0, "expired": 0}
    assert (await mine.get())["city"] is None
    state = await mine.get("/check-in")
    assert (state["checked_in_today"], state["days"], state["points_today"]) == (False, [], 10)


async def test_home_shows_what_is_there_and_what_is_on_its_way(api: Api) -> None:
    await api.enrol("m1", 300)
    await api.tell("order.paid", member_id="m1", order_id="o1", paid_fen=3680)
    assert (await api.post("/v1/members/m1/holds", {"points": 100}, key="h")).status_code == 201
    home = await Mine(api, "m1").get("/home")
    assert (home["available"], home["held"], home["pending_points"]) == (200, 100, 36)
    assert home["pending"] == [{"settle_on": "2026-11-22", "points": 36}]
    assert home["next_expiry"] == {"on": "2027-11-21", "points": 200}
    assert home["expiring"] == []  # not within thirty days


async def test_points_lapse_by_their_date_though_no_sweep_has_run(api: Api) -> None:
    await api.enrol("m1")
    for days, on in enumerate(("2026-11-22", "2026-12-21", "2026-12-22")):
        body = {"points": 10 + days, "reason": "r", "expires_on": on}
        assert (await api.post("/v1/members/m1/adjustments", body, key=on)).status_code == 201
    mine = Mine(api, "m1")
    home = await mine.get("/home")
    assert (home["available"], home["expiring"]) == (
        33, [{"on": "2026-11-22", "points": 10}, {"on": "2026-12-21", "points": 11}],
    )  # fmt: skip
    api.set_clock("2026-11-21T15:59:59+00:00")
    assert (await mine.get("/home"))["available"] == 33
    api.set_clock("2026-11-21T16:00:00+00:00")  # midnight in Shanghai
    home = await mine.get("/home")
    assert home["business_on"] == "2026-11-22"
    assert (home["available"], home["next_expiry"]) == (23, {"on": "2026-12-21", "points": 11})
    assert [part["on"] for part in home["expiring"]] == ["2026-12-21", "2026-12-22"]


async def test_hints_follow_what_was_done(api: Api) -> None:
    await api.enrol("m1")
    mine = Mine(api, "m1")
    home = await mine.get("/home")
    assert [hint["code"] for hint in home["hints"]][:3] == ["check_in", "check_in_streak", "monthly_goal"]
    found = codes(home)
    assert found["check_in"]["points"] == 10
    assert found["check_in"]["text"] == {"zh": "今天签到可得10积分", "en": "Check in today for 10 points"}
    goal = found["monthly_goal"]
    assert (goal["remaining"], goal["unit"], goal["points"], goal["rule"]) == (50000, "fen", 100, "monthly_goal")
    assert goal["text"]["zh"] == "本月再消费500元，可得100积分"
    assert (found["invitation"]["action"], found["invitation"]["points"]) == ("invite", 200)
    assert "first_order" not in found  # nobody invited m1
    assert (found["shop"]["points"], found["shop"]["text"]["en"]) == (None, "1 point for every ¥1 you spend")
    await mine.check_in()
    await api.tell("order.paid", member_id="m1", order_id="o1", paid_fen=49950)
    found = codes(await mine.get("/home"))
    assert "check_in" not in found
    assert (found["check_in_streak"]["remaining"], found["shopping_streak"]["remaining"]) == (6, 6)
    assert found["monthly_goal"]["text"]["en"] == "Spend ¥0.50 more this month for 100 points"
    await api.tell("order.paid", member_id="m1", order_id="o2", paid_fen=200)
    assert "monthly_goal" not in codes(await mine.get("/home"))


async def test_who_was_invited_is_told_of_the_first_order(api: Api) -> None:
    await api.tell("member.registered", member_id="m1", inviter_id="m0")
    mine = Mine(api, "m1")
    assert codes(await mine.get("/home"))["first_order"]["points"] == 200
    await api.tell("order.completed", member_id="m1", order_id="o1", paid_fen=1000)
    assert "first_order" not in codes(await mine.get("/home"))


async def test_the_rules_that_hold_now_in_words(api: Api) -> None:
    await api.enrol("m1")
    rules = await Mine(api, "m1").get("/rules")
    found = {section["rule"]: section for section in rules["sections"]}
    assert rules["title"]["en"] == "Fresh Life points"
    assert "weekend" not in found  # paused
    assert "spring_festival_2027" not in found  # not yet
    assert found["base"]["kind"] == "per_amount"
    assert found["base"]["name"] == {"zh": "消费积分", "en": "Points for orders"}
    assert "1" in found["base"]["sentence"]["zh"]
    assert found["base"]["sentence"]["en"]


async def test_without_a_programme_that_holds(api: Api) -> None:
    await api.enrol("m1")
    async with api.pool.connection() as conn:
        await conn.execute("ALTER TABLE programmes_step DISABLE TRIGGER USER")
        await conn.execute("UPDATE programmes_step SET at = '2030-01-01'")
    # This process knows the version; one that starts now does not.
    assert (await Mine(api, "m1").ask("GET", "/home")).status_code == 200
