"""邀请: a code of one's own, what it means in a registration, and what came of each friend."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from typing import Any

import pytest
from tests.api.conftest import NOW, Api
from tests.api.mine import Mine, at

from linli.flows.publish import publish
from linli.kit.resources import resource
from linli.members.invite import ALPHABET, CODE_LENGTH


async def code_of(api: Api, member_id: str) -> str:
    return (await Mine(api, member_id).get("/invitations"))["code"]


async def outcome(api: Api, event_id: str, **data: Any) -> dict[str, Any]:
    """Of a registration."""
    answer = await api.tell("member.registered", event_id, **data)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def complete(api: Api, friend: str, order_id: str = "o1") -> None:
    await api.tell("order.paid", member_id=friend, order_id=order_id, paid_fen=5000)
    await api.tell("order.completed", member_id=friend, order_id=order_id, paid_fen=5000)


async def test_a_code_is_short_unguessable_and_ones_own_for_ever(api: Api) -> None:
    for member_id in ("m1", "m2"):
        await api.enrol(member_id)
    codes = {member_id: await code_of(api, member_id) for member_id in ("m1", "m2")}
    assert len(set(codes.values())) == 2
    assert all(re.fullmatch(f"[{ALPHABET}]{{{CODE_LENGTH}}}", code) for code in codes.values())
    found = await Mine(api, "m1").get("/invitations")
    assert (found["code"], found["link"]) == (codes["m1"], f"/m/#/pages/enter/enter?invite={codes['m1']}")
    assert found["rules"] == [
        section["sentence"]
        for section in (await Mine(api, "m1").get("/rules"))["sections"]
        if section["kind"] == "invitation"
    ]
    assert found["totals"] == {"friends": 0, "rewarded": 0, "points": 0, "pending_points": 0}


async def test_who_asks_many_times_at_once_has_one_code(api: Api) -> None:
    await api.enrol("m1")
    token = await Mine(api, "m1").token()

    async def ask(_: int) -> str:
        answer = await api.client.get("/v1/me/invitations", headers={"authorization": f"Bearer {token}"})
        return answer.json()["code"]

    assert len(set(await asyncio.gather(*map(ask, range(8))))) == 1


@pytest.mark.parametrize("typed", ["{0}", "{1}", " {2}-{3} "])
async def test_a_code_names_its_owner_however_it_was_typed(api: Api, typed: str) -> None:
    await api.enrol("m1")
    code = await code_of(api, "m1")
    typed = typed.format(code, code.lower(), code[:4], code[4:])
    told = await outcome(api, "r1", member_id="f1", invite_code=typed)
    assert (told["outcome"], told.get("code")) == ("accepted", None)
    event = (await api.get("/v1/events/r1", source="shop")).json()
    # Whoever reads the archive without the codes, a back-test, sees who was meant.
    assert event["data"] == {"member_id": "f1", "inviter_id": "m1", "invite_code": typed}
    again = await outcome(api, "r1", member_id="f1", invite_code=typed)
    assert again["outcome"] == "duplicate"
    await complete(api, "f1")
    friends = (await Mine(api, "m1").get("/invitations"))["items"]
    assert [(friend["state"], friend["points"]) for friend in friends] == [("ordered", 200)]


async def test_a_code_of_nobody_is_told_and_the_registration_counts(api: Api) -> None:
    told = await outcome(api, "r1", member_id="f1", invite_code="22222222")
    assert (told["outcome"], told["code"]) == ("accepted", "invite_code_unknown")
    assert "22222222" in told["detail"]
    await complete(api, "f1")
    # Once it is told whose friend this is, the order that came before counts.
    assert (await outcome(api, "r2", member_id="f1", inviter_id="m1"))["granted"]


async def test_inviter_and_code_together_are_refused(api: Api) -> None:
    answer = await api.tell("member.registered", member_id="f1", inviter_id="m1", invite_code="22222222")
    assert answer.json()["code"] == "inviter_told_twice"


async def test_ones_own_code_invites_nobody(api: Api) -> None:
    await api.enrol("m1")
    await outcome(api, "r1", member_id="m1", invite_code=await code_of(api, "m1"))
    await complete(api, "m1")
    assert (await Mine(api, "m1").get("/invitations"))["items"] == []


async def test_what_came_of_each_friend(api: Api) -> None:
    await api.enrol("m1")
    mine, code = Mine(api, "m1"), await code_of(api, "m1")
    for hour, friend in enumerate(("奶奶:👵🏽", "f2", "f3")):
        time = f"2026-11-20T{hour:02}:00:00+00:00"
        await api.tell("member.registered", time=time, member_id=friend, invite_code=code)
    profile = {"nickname": "小雨", "avatar": "face-3"}
    assert (await api.client.put("/v1/members/f2/profile", json=profile)).status_code == 200
    await complete(api, "奶奶:👵🏽")
    await at(api, "2026-11-22T10:00:00+08:00", "settle")
    await complete(api, "f2")
    found = await mine.get("/invitations")
    assert found["totals"] == {"friends": 3, "rewarded": 1, "points": 200, "pending_points": 200}
    assert [(friend["nickname"], friend["state"], friend["points"]) for friend in found["items"]] == [
        (None, "joined", 0), ("小雨", "ordered", 200), (None, "rewarded", 200),
    ]  # fmt: skip
    assert {friend["joined_on"] for friend in found["items"]} == {"2026-11-20"}
    # Friends are shown as they show themselves; who they are to the platform is nobody's business.
    assert "f2" not in str(found["items"])
    assert "👵🏽" not in str(found["items"])
    pages: list[Any] = []
    cursor = None
    while True:
        part = await mine.get("/invitations", limit=1, **({"cursor": cursor} if cursor else {}))
        pages += part["items"]
        if (cursor := part["next_cursor"]) is None:
            break
    assert pages == found["items"]


async def test_a_reward_that_was_taken_back_says_why(api: Api) -> None:
    await api.enrol("m1")
    await api.tell("member.registered", member_id="f1", inviter_id="m1")
    await complete(api, "f1")
    await at(api, "2026-11-22T10:00:00+08:00", "settle")
    body = {"grant_key": "invite:invitation:f1", "points": 200, "reason": "test"}
    answer = await api.post("/v1/members/m1/reversals", body, key="k")
    assert answer.status_code == 201, answer.text
    (friend,) = (await Mine(api, "m1").get("/invitations"))["items"]
    assert (friend["state"], friend["points"], friend["reason"]) == ("refused", 0, "taken_back")
    assert friend["text"]["zh"]


async def test_a_friend_without_a_reward_says_why(api: Api) -> None:
    document = (resource("presets") / "fresh-life.yaml").read_text().replace("inviter_points: 200", "inviter_points: 0")
    async with api.pool.connection() as conn:
        await publish(conn, document.encode(), now=datetime.fromisoformat(NOW), by="test", effective_from=None)
    await api.tell("member.registered", member_id="f1", inviter_id="m1")
    await complete(api, "f1")
    (friend,) = (await Mine(api, "m1").get("/invitations"))["items"]
    assert (friend["state"], friend["points"], friend["reason"]) == ("ordered", 0, "no_reward")


async def test_inviters_are_a_function_of_the_set_of_registrations(api: Api) -> None:
    for member_id in ("m1", "m2"):
        await api.enrol(member_id)
    late, early = await code_of(api, "m1"), await code_of(api, "m2")
    await api.tell("member.registered", time="2026-11-20T08:00:00+00:00", member_id="f1", invite_code=late)
    assert len((await Mine(api, "m1").get("/invitations"))["items"]) == 1
    await api.tell("member.registered", time="2026-11-19T08:00:00+00:00", member_id="f1", invite_code=early)
    assert (await Mine(api, "m1").get("/invitations"))["items"] == []
    assert len((await Mine(api, "m2").get("/invitations"))["items"]) == 1
