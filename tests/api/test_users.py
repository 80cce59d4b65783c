"""Administrators manage users: what is asked of a name, who must remain, and what is noted."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from tests.api.conftest import Api
from tests.api.operators import PASSWORD, add_user, browser, sign_in, told

NEW = {"name": "mei", "display_name": "梅 👩‍🌾 <b>", "role": "operator", "password": PASSWORD}


async def _acts(api: Api) -> list[tuple[Any, ...]]:
    async with api.pool.connection() as conn:
        return await (
            await conn.execute("SELECT actor, act, subject, reason FROM access_act ORDER BY act_id")
        ).fetchall()


async def test_users_are_added_listed_and_changed(api: Api) -> None:
    await add_user(api, "boss", "admin")
    async with browser(api) as client:
        await sign_in(client, "boss")
        added = await client.post("/v1/users", json=NEW)
        assert added.status_code == 201
        mei = added.json()
        assert mei | {"user_id": ""} == {
            "user_id": "", "name": "mei", "display_name": NEW["display_name"], "role": "operator", "disabled": False,
            "created_at": "2026-11-21T04:00:00Z", "last_sign_in_at": None,
        }  # fmt: skip
        assert told(await client.post("/v1/users", json=NEW)) == (409, "user_exists")
        first = (await client.get("/v1/users", params={"limit": 1})).json()
        second = (await client.get("/v1/users", params={"limit": 1, "cursor": first["next_cursor"]})).json()
        assert [first["items"][0]["name"], *(item["name"] for item in second["items"])] == ["boss", "mei"]
        assert second["next_cursor"] is None
        changed = await client.patch(
            f"/v1/users/{mei['user_id']}", json={"display_name": "Mei", "role": "admin", "reason": "promoted"}
        )
        assert changed.json() == {**mei, "display_name": "Mei", "role": "admin"}
        assert "password" not in changed.text
        again = await client.patch(f"/v1/users/{mei['user_id']}", json={"reason": "nothing"})
        assert again.json() == changed.json()
    assert await _acts(api) == [
        ("test", "user.add", "boss", ""), ("boss", "user.add", "mei", ""),
        ("boss", "user.role.admin", "mei", "promoted"), ("boss", "user.change", "mei", "nothing"),
    ]  # fmt: skip


async def test_what_is_no_user_is_refused_with_its_place(api: Api) -> None:
    await api.post("/v1/users", NEW)
    bad = [
        ("name", "Mei"), ("name", ""), ("name", "m"), ("name", "x" * 65), ("name", "a b"), ("name", "梅梅"),
        ("name", "mei\n"), ("display_name", ""), ("display_name", " "), ("display_name", "a\nb"),
        ("display_name", "\u202egnp.exe"), ("display_name", "x" * 101), ("role", "root"), ("password", "short"),
        ("password", "x" * 201), ("password", 1),
    ]  # fmt: skip
    for field, value in bad:
        answer = await api.post("/v1/users", {**NEW, "name": "other", field: value})
        assert told(answer) == (422, "invalid"), (field, value)
        assert answer.json()["errors"][0]["place"] == f"$.{field}"
    assert told(await api.post("/v1/users", {**NEW, "name": "other", "admin": True})) == (422, "invalid")
    for reason in ({}, {"reason": ""}, {"reason": None}):
        answer = await api.client.patch(f"/v1/users/{uuid4()}", json={"disabled": True, **reason})
        assert told(answer) == (422, "invalid")
    unknown = await api.client.patch(f"/v1/users/{uuid4()}", json={"disabled": True, "reason": "r"})
    assert told(unknown) == (404, "user_not_found")
    assert told(await api.client.patch("/v1/users/mei", json={"reason": "r"}))[0] == 422


async def test_an_administrator_sets_a_password_and_ends_the_sessions(api: Api) -> None:
    lin = await add_user(api, "lin")
    async with browser(api) as client:
        await sign_in(client, "lin")
        for _ in range(11):
            last = await client.post("/v1/session", json={"name": "lin", "password": "wrong"})
        assert told(last) == (429, "too_many_attempts")
        body = {"password": "a brand new password", "reason": "forgot it"}
        assert (await api.client.patch(f"/v1/users/{lin.user_id}", json=body)).status_code == 200
        assert told(await client.get("/v1/session")) == (401, "unauthorized")
        await sign_in(client, "lin", "a brand new password")  # who was locked out need not wait
    assert (await _acts(api))[-1] == ("test", "user.password", "lin", "forgot it")


async def test_the_last_administrator_stays(api: Api) -> None:
    boss, vice = await add_user(api, "boss", "admin"), await add_user(api, "vice", "admin")
    for change in ({"disabled": True}, {"role": "auditor"}):
        both = await asyncio.gather(
            *(
                api.client.patch(f"/v1/users/{user.user_id}", json={**change, "reason": "r"})
                for user in (boss, vice)
                for _ in range(3)
            )
        )
        items = (await api.get("/v1/users")).json()["items"]
        left = [item for item in items if item["role"] == "admin" and not item["disabled"]]
        assert len(left) == 1, change
        refused = [answer for answer in both if answer.status_code == 409]
        assert refused
        assert {told(answer) for answer in refused} == {(409, "last_admin")}
        for user in (boss, vice):
            body = {"disabled": False, "role": "admin", "reason": "r"}
            assert (await api.client.patch(f"/v1/users/{user.user_id}", json=body)).status_code == 200


async def test_acts_cannot_be_changed(api: Api) -> None:
    await add_user(api, "boss", "admin")
    for statement in ("UPDATE access_act SET actor = 'x'", "DELETE FROM access_act", "TRUNCATE access_act"):
        async with api.pool.connection() as conn:
            try:
                await conn.execute(statement)
            except Exception as error:
                assert "append-only" in str(error)
                await conn.rollback()
            else:
                raise AssertionError(statement)
