"""Operators sign in: the cookie, the CSRF token, what ends a session, and how often one may guess."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import logging
import re
from datetime import datetime

import pytest
import structlog
from argon2 import PasswordHasher
from tests.api.conftest import NOW, Api
from tests.api.operators import PASSWORD, add_user, browser, sign_in, told

from linli import access
from linli.access import passwords


async def test_a_session_is_a_cookie_that_no_script_reads(api: Api) -> None:
    await add_user(api, "lin")
    async with browser(api) as client:
        answer = await client.post("/v1/session", json={"name": " Lin ", "password": PASSWORD})
        body = answer.json()
        assert (body["user"]["name"], body["user"]["last_sign_in_at"]) == ("lin", "2026-11-21T04:00:00Z")
        assert body["permissions"] == [
            "events:read", "events:write", "points:read", "points:write", "points:adjust", "programme:write",
            "mall:write", "coupons:write", "lottery:write",
        ]  # fmt: skip
        assert body["expires_at"] == "2026-11-21T06:00:00Z"
        cookie = answer.headers["set-cookie"]
        assert re.fullmatch(r"linli_session=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax", cookie), cookie
        assert answer.headers["cache-control"] == "no-store"
        assert (await client.get("/v1/session")).json() == body
    async with browser(api, scheme="https") as client:
        secure = await client.post("/v1/session", json={"name": "lin", "password": PASSWORD})
        assert "; Secure" in secure.headers["set-cookie"]


async def test_a_session_opens_by_permission_and_its_name_is_the_actor(api: Api) -> None:
    await api.enrol("m1")
    await add_user(api, "lin")
    async with browser(api) as client:
        assert told(await client.get("/v1/members/m1")) == (401, "unauthorized")
        await sign_in(client, "lin")
        body = {"points": 7, "reason": "sorry"}
        answer = await client.post("/v1/members/m1/adjustments", json=body, headers={"idempotency-key": "k"})
        assert answer.status_code == 201, answer.text
        line = (await client.get("/v1/members/m1/statement")).json()["items"][0]
        assert (line["actor"], line["reason"]) == ("lin", "sorry")
        assert told(await client.get("/v1/users")) == (403, "forbidden")
        event = {
            "specversion": "1.0", "id": "e1", "source": "console", "type": "vote.cast", "time": NOW,
            "data": {"member_id": "m2", "vote_id": "v"},
        }  # fmt: skip
        headers = {"content-type": "application/cloudevents+json"}
        assert (await client.post("/v1/events", json=event, headers=headers)).status_code == 200
        assert told(
            await client.post("/v1/events", json=event, headers={**headers, "x-csrf-token": "x"})
        ) == (403, "csrf_failed")  # fmt: skip


async def test_an_auditor_reads_and_changes_nothing(api: Api) -> None:
    await api.enrol("m1")
    await add_user(api, "audit", "auditor")
    async with browser(api) as client:
        assert (await sign_in(client, "audit"))["permissions"] == ["events:read", "points:read", "acts:read"]
        assert (await client.get("/v1/members/m1")).status_code == 200
        for method, path in (
            ("POST", "/v1/members/m1/holds"), ("POST", "/v1/members/m1/adjustments"),
            ("POST", "/v1/programme/versions"), ("POST", "/v1/events"), ("POST", "/v1/members/m1/tokens"),
            ("GET", "/v1/users"), ("POST", "/v1/users"),
        ):  # fmt: skip
            assert told(await client.request(method, path, json={})) == (403, "forbidden"), path


async def test_what_changes_something_wants_the_csrf_token(api: Api) -> None:
    await api.enrol("m1", 100)
    await add_user(api, "lin")
    await add_user(api, "mei")
    async with browser(api) as client, browser(api) as other:
        await sign_in(client, "lin")
        foreign = (await sign_in(other, "mei"))["csrf_token"]
        for wrong in ("", "x", foreign, "é".encode(), client.headers["x-csrf-token"] + "A"):
            for method, path in (
                ("POST", "/v1/members/m1/holds"), ("POST", "/v1/events"), ("DELETE", "/v1/session"),
                ("PUT", "/v1/session/password"), ("POST", "/api/points/redeem"),
            ):  # fmt: skip
                answer = await client.request(method, path, json={}, headers={"x-csrf-token": wrong})
                assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed"), (wrong, path)
        del client.headers["x-csrf-token"]
        assert told(await client.delete("/v1/session")) == (403, "csrf_failed")
        assert (await client.get("/v1/session")).status_code == 200


async def test_a_session_ends_when_it_is_not_used_and_in_any_case(api: Api) -> None:
    await add_user(api, "lin")
    async with browser(api) as client:
        await sign_in(client, "lin")
        api.set_clock("2026-11-21T05:59:59+00:00")
        assert (await client.get("/v1/session")).json()["expires_at"] == "2026-11-21T07:59:59Z"
        api.set_clock("2026-11-21T07:59:59+00:00")
        assert told(await client.get("/v1/session")) == (401, "unauthorized")
        api.set_clock("2026-11-21T08:00:00+00:00")
        await sign_in(client, "lin")
        for hour in range(9, 20):
            api.set_clock(f"2026-11-21T{hour:02}:00:00+00:00")
            assert (await client.get("/v1/session")).status_code == 200
        assert (await client.get("/v1/session")).json()["expires_at"] == "2026-11-21T20:00:00Z"
        api.set_clock("2026-11-21T20:00:00+00:00")
        assert told(await client.get("/v1/session")) == (401, "unauthorized")


async def test_sign_out_and_a_new_sign_in_end_the_session(api: Api) -> None:
    await add_user(api, "lin")
    async with browser(api) as client:
        await sign_in(client, "lin")
        first = client.cookies["linli_session"]
        await sign_in(client, "lin")
        second = client.cookies["linli_session"]
        assert (await client.delete("/v1/session")).status_code == 204
        assert "linli_session" not in client.cookies
        for gone in (first, second, "x" * 43, "x", "x" * 9_000, 'x"; linli_session=y'):
            answer = await client.get("/v1/session", headers={"cookie": f"linli_session={gone}"})
            assert told(answer) == (401, "unauthorized")


async def test_who_is_disabled_is_out_at_once(api: Api) -> None:
    lin = await add_user(api, "lin", "admin")
    await add_user(api, "boss", "admin")
    async with browser(api) as client, browser(api) as boss:
        await sign_in(client, "lin")
        await sign_in(boss, "boss")
        path = f"/v1/users/{lin.user_id}"
        answer = await boss.patch(path, json={"disabled": True, "reason": "left"})
        assert answer.json()["disabled"] is True
        assert told(await client.get("/v1/users")) == (401, "unauthorized")
        answer = await client.post("/v1/session", json={"name": "lin", "password": PASSWORD})
        assert told(answer) == (401, "sign_in_failed")
        assert (await boss.patch(path, json={"disabled": False, "reason": "back"})).status_code == 200
        assert told(await client.get("/v1/users")) == (401, "unauthorized"), "the old session stays ended"
        await sign_in(client, "lin")
        assert (await boss.patch(path, json={"role": "auditor", "reason": "new job"})).status_code == 200
        assert told(await client.get("/v1/users")) == (403, "forbidden"), "a role counts at once"


async def test_ones_own_password(api: Api) -> None:
    await add_user(api, "lin")
    async with browser(api) as client, browser(api) as phone:
        await sign_in(client, "lin")
        await sign_in(phone, "lin")
        path, new = "/v1/session/password", "another long one"
        answer = await client.put(path, json={"old_password": "wrong wrong wrong", "new_password": new})
        assert told(answer) == (422, "wrong_password")
        answer = await client.put(path, json={"old_password": PASSWORD, "new_password": "short"})
        assert told(answer) == (422, "invalid")
        assert (await client.put(path, json={"old_password": PASSWORD, "new_password": new})).status_code == 204
        assert (await client.get("/v1/session")).status_code == 200
        assert told(await phone.get("/v1/session")) == (401, "unauthorized")
        assert told(await phone.post("/v1/session", json={"name": "lin", "password": PASSWORD}))[0] == 401
        await sign_in(phone, "lin", new)


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id all the same, with parameters that let a test guess a hundred times."""
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", hasher)
    monkeypatch.setattr(passwords, "DECOY", hasher.hash("nobody's"))


@pytest.mark.usefixtures("cheap_hashes")
async def test_guessing_is_limited_by_name(api: Api) -> None:
    await add_user(api, "lin")
    async with browser(api) as client:
        wrong = {"name": "lin", "password": "wrong"}
        many = await asyncio.gather(*(client.post("/v1/session", json=wrong) for _ in range(25)))
        codes = sorted(answer.json()["code"] for answer in many)
        assert codes == ["sign_in_failed"] * 10 + ["too_many_attempts"] * 15
        right = {"name": "LIN", "password": PASSWORD}
        refused = await client.post("/v1/session", json=right)
        assert told(refused) == (429, "too_many_attempts")
        assert refused.json()["retry_after_seconds"] == 900
        assert refused.headers["retry-after"] == "900"
        api.set_clock("2026-11-21T04:14:59.500+00:00")
        assert (await client.post("/v1/session", json=right)).json()["retry_after_seconds"] == 1
        api.set_clock("2026-11-21T04:15:00+00:00")
        await sign_in(client, "lin")
        for _ in range(10):
            assert told(await client.post("/v1/session", json=wrong)) == (401, "sign_in_failed")
        assert told(await client.post("/v1/session", json=wrong)) == (429, "too_many_attempts")


@pytest.mark.usefixtures("cheap_hashes")
async def test_guessing_is_limited_by_address(api: Api) -> None:
    await add_user(api, "lin")
    async with browser(api, "2001:db8:1:2::1") as client, browser(api, "2001:db8:1:2:ffff::9") as near:
        for n in range(50):
            answer = await client.post("/v1/session", json={"name": f"nobody{n}", "password": "x"})
            assert told(answer) == (401, "sign_in_failed")
        for closed in (client, near):
            answer = await closed.post(
                "/v1/session", json={"name": "lin", "password": PASSWORD},
                headers={"x-forwarded-for": "203.0.113.9"},
            )  # fmt: skip
            assert told(answer) == (429, "too_many_attempts")
    async with browser(api, "2001:db8:1:3::1") as elsewhere:
        for _ in range(60):
            await sign_in(elsewhere, "lin")  # what does not fail does not count
            elsewhere.cookies.clear()


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [(0, "198.51.100.7", "192.0.2.1"), (1, "198.51.100.7", "198.51.100.7"),
     (1, "10.0.0.1, 198.51.100.7", "198.51.100.7"),
     (2, "198.51.100.7, 10.0.0.1", "198.51.100.7"), (2, "198.51.100.7", "192.0.2.1"), (1, "", "192.0.2.1")],
)  # fmt: skip
async def test_an_address_is_believed_of_our_own_proxies_only(
    api: Api, proxies: int, header: str, address: str
) -> None:
    process = api.app.framework.state.process
    settings = process.settings.model_copy(update={"proxies": proxies})
    api.app.framework.state.process = dataclasses.replace(process, settings=settings)
    async with browser(api, "192.0.2.1") as client:
        body = {"name": "nobody", "password": "x"}
        await client.post("/v1/session", json=body, headers={"x-forwarded-for": header})
    async with api.pool.connection() as conn:
        subject = hashlib.sha256(access.by_address(address).encode()).digest()
        cursor = await conn.execute("SELECT attempts FROM access_attempt WHERE subject = %s", (subject,))
        assert await cursor.fetchone() == (1,)


@pytest.mark.parametrize("name", ["lin", "nobody", "gone", "x" * 200, "\ud7ff", "'; --"])
async def test_each_name_costs_one_hash(api: Api, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await add_user(api, "lin")
    gone = await add_user(api, "gone")
    async with api.pool.connection() as conn:
        await access.change_user(
            conn, gone.user_id, access.Change(disabled=True), by="t", reason="r", now=datetime.fromisoformat(NOW)
        )
    verified: list[str] = []
    hasher = passwords._HASHER

    class Counting:
        def verify(self, kept: str, password: bytes) -> bool:
            verified.append(kept.rsplit("$", 2)[0])
            return hasher.verify(kept, password)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    async with browser(api) as client:
        answer = await client.post("/v1/session", json={"name": name, "password": "wrong wrong"})
    assert told(answer) == (401, "sign_in_failed")
    assert verified == [passwords.DECOY.rsplit("$", 2)[0]]
    assert not hasher.check_needs_rehash(passwords.DECOY), "the decoy costs what a hash of today costs"


async def test_no_secret_in_a_log_an_error_or_the_database(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await add_user(api, "lin", password="a very secret word")
    with structlog.testing.capture_logs() as logs:
        async with browser(api) as client:
            wrong = await client.post("/v1/session", json={"name": "lin", "password": "another secret word"})
            long = await client.post("/v1/session", json={"name": "lin", "password": "another secret word" * 20})
            kind = await client.post("/v1/session", json={"name": "lin", "password": ["another secret word"]})
            swapped = await client.post("/v1/session", json={"name": "another secret word", "password": "lin"})
            await sign_in(client, "lin", "a very secret word")
            cookie = client.cookies["linli_session"]
    async with api.pool.connection() as conn:
        rows = []
        for table in ("access_user", "access_session", "access_attempt", "access_act"):
            rows += await (await conn.execute(f"SELECT t::text FROM {table} t")).fetchall()
    said = str([logs, caplog.text, rows, wrong.text, long.text, kind.text, swapped.text])
    for secret in ("secret word", cookie):
        assert secret not in said
    assert "$argon2id$v=19$m=65536,t=3,p=4$" in said
