"""Members sign in: tokens that the platform obtains, WeChat accounts, and how members are shown."""

from __future__ import annotations

import asyncio
import logging
import re

import httpx
import pytest
import structlog
from tests.api.conftest import Api
from tests.api.operators import add_user, app_of, browser, sign_in, told
from tests.api.test_access import _new_key

from linli.access import SCOPES
from linli.fakes.wechat import CALLS_A_MINUTE, SECRET
from linli.settings import Settings
from linli.wechat import Wechat, WechatBusy, WechatUnavailable

OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"


async def _wechat(api: Api, code: str, address: str = "127.0.0.1") -> httpx.Response:
    async with browser(api, address) as phone:
        return await phone.post("/v1/sign-in/wechat", json={"code": code})


async def _bound(api: Api, member_id: str = "m1", openid: str = OPENID) -> None:
    await api.enrol(member_id)
    answer = await api.client.put(f"/v1/members/{member_id}/wechat", json={"openid": openid})
    assert answer.status_code == 204, answer.text


async def test_a_token_opens_no_door_but_the_members_own(api: Api) -> None:
    await api.enrol("m1", 100)
    document = (await api.get("/openapi.json")).json()
    tried = 0
    async with app_of(api, "m1") as app:
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if not operation.get("security") or path.startswith("/v1/me/") or path == "/v1/me":
                    continue
                url = re.sub(r"{[a-z_]+}", "m1", path)
                answer = await app.request(method, url, json={}, headers={"idempotency-key": "k"})
                assert told(answer) == (403, "forbidden"), (method, path)
                tried += 1
    assert tried > 30


async def test_a_token_runs_out_and_can_be_ended(api: Api) -> None:
    await api.enrol("m1")
    await api.enrol("m2")
    answer = await api.post("/v1/members/m1/tokens")
    assert answer.json()["expires_at"] == "2026-11-21T06:00:00Z"
    assert answer.headers["cache-control"] == "no-store"
    async with app_of(api, "m1") as app, app_of(api, "m2") as other:
        api.set_clock("2026-11-21T05:59:59+00:00")
        assert told(await app.get("/v1/members/m1")) == (403, "forbidden")
        assert (await api.client.delete("/v1/members/m1/tokens")).status_code == 204
        assert told(await app.get("/v1/members/m1")) == (401, "unauthorized")
        assert told(await other.get("/v1/members/m1")) == (403, "forbidden"), "other members' tokens stay"
        api.set_clock("2026-11-21T06:00:00+00:00")
        assert told(await other.get("/v1/members/m1")) == (401, "unauthorized")
    for wrong in ("lm_", "lm_x", "lm_" + "x" * 43, "lm_" + "x" * 9_000, "lm_\0"):
        answer = await api.client.get("/v1/members/m1", headers={"authorization": f"Bearer {wrong}"})
        assert told(answer) == (401, "unauthorized")
    assert told(await api.post("/v1/members/nobody/tokens")) == (404, "member_not_found")


async def test_who_may_sign_members_in(api: Api) -> None:
    await api.enrol("m1")
    platform = {"authorization": f"Bearer {await _new_key(api.pool, 'members:sign_in')}"}
    others = [scope for scope in SCOPES if scope not in ("members:sign_in", "admin")]
    other = {"authorization": f"Bearer {await _new_key(api.pool, *others)}"}
    assert (await api.post("/v1/members/m1/tokens", headers=platform)).status_code == 201
    assert told(await api.post("/v1/members/m1/tokens", headers=other)) == (403, "forbidden")
    assert told(await api.client.put("/v1/members/m1/wechat", json={"openid": "o"}, headers=other))[0] == 403
    for key, status in ((platform, 200), (other, 200)):
        answer = await api.client.put("/v1/members/m1/profile", json={"nickname": "小满"}, headers=key)
        assert answer.status_code == status
    reader = {"authorization": f"Bearer {await _new_key(api.pool, 'points:read')}"}
    answer = await api.client.put("/v1/members/m1/profile", json={"nickname": "x"}, headers=reader)
    assert told(answer) == (403, "forbidden")
    await add_user(api, "lin")
    async with browser(api) as client:
        await sign_in(client, "lin")
        assert told(await client.post("/v1/members/m1/tokens")) == (403, "forbidden")


async def test_a_wechat_account_signs_in_as_its_member(api: Api) -> None:
    await _bound(api)
    signed = await _wechat(api, api.wechat.login(OPENID))
    assert (signed.status_code, signed.json()["expires_at"]) == (201, "2026-11-21T06:00:00Z")
    async with api.pool.connection() as conn:
        cursor = await conn.execute("SELECT member_id, made_by FROM access_token")
        assert await cursor.fetchall() == [("m1", "wechat")]
    assert told(await _wechat(api, api.wechat.login("stranger"))) == (404, "wechat_not_bound")


async def test_a_code_is_good_once_however_many_bring_it(api: Api) -> None:
    await _bound(api)
    code = api.wechat.login(OPENID)
    answers = await asyncio.gather(*(_wechat(api, code) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201, *([422] * 7)]
    assert {answer.json()["code"] for answer in answers if answer.status_code != 201} == {"wechat_code_invalid"}
    late = api.wechat.login(OPENID)
    api.set_clock("2026-11-21T04:05:00+00:00")
    for wrong in (late, "made-up"):
        assert told(await _wechat(api, wrong)) == (422, "wechat_code_invalid")
    for odd in ("", "x" * 129, "a b", "\0", "码"):
        assert told(await _wechat(api, odd)) == (422, "invalid")


async def test_wechats_refusals_have_their_types(api: Api) -> None:
    await _bound(api)
    for ails, told_so in (
        (45011, (429, "wechat_busy")), (-1, (503, "wechat_unavailable")), (40226, (403, "wechat_blocked")),
        (40013, (503, "wechat_unavailable")), (99999, (503, "wechat_unavailable")),
    ):  # fmt: skip
        api.wechat.ails = ails
        answer = await _wechat(api, api.wechat.login(OPENID))
        assert told(answer) == told_so
        assert ("retry-after" in answer.headers) == (answer.status_code in (429, 503))
    api.wechat.ails = None
    for _ in range(CALLS_A_MINUTE):
        assert (await _wechat(api, api.wechat.login(OPENID))).status_code == 201
    assert told(await _wechat(api, api.wechat.login(OPENID))) == (429, "wechat_busy")


async def test_only_wrong_codes_are_counted(api: Api) -> None:
    for _ in range(200):
        assert told(await _wechat(api, "guess", "203.0.113.1")) == (422, "wechat_code_invalid")
    assert told(await _wechat(api, "guess", "203.0.113.1")) == (429, "too_many_attempts")
    for _ in range(210):
        assert told(await _wechat(api, api.wechat.login(f"o{_}"), "203.0.113.2")) == (404, "wechat_not_bound")


async def test_a_binding_is_one_to_one(api: Api) -> None:
    await _bound(api)
    await _bound(api)
    await api.enrol("m2")
    taken = await api.client.put("/v1/members/m2/wechat", json={"openid": OPENID})
    assert told(taken) == (409, "wechat_bound_elsewhere")
    assert "m1" not in taken.text
    await _bound(api, "m1", "another-phone")
    assert told(await _wechat(api, api.wechat.login(OPENID))) == (404, "wechat_not_bound")
    await asyncio.gather(*(_bound(api, "m2", f"o{n}") for n in range(6)))
    async with api.pool.connection() as conn:
        cursor = await conn.execute("SELECT member_id, count(*) FROM access_wechat GROUP BY 1 ORDER BY 1")
        assert await cursor.fetchall() == [("m1", 1), ("m2", 1)]
    assert (await api.client.delete("/v1/members/m1/wechat")).status_code == 204
    assert told(await _wechat(api, api.wechat.login("another-phone"))) == (404, "wechat_not_bound")
    assert told(await api.client.put("/v1/members/no/wechat", json={"openid": "o"})) == (404, "member_not_found")


async def test_many_members_at_once_for_one_account_get_one_winner(api: Api) -> None:
    for n in range(6):
        await api.enrol(f"m{n}")
    answers = await asyncio.gather(
        *(api.client.put(f"/v1/members/m{n}/wechat", json={"openid": OPENID}) for n in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [204, *([409] * 5)]


async def test_no_secret_of_wechats_in_any_log(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await _bound(api)
    code = api.wechat.login(OPENID)
    with structlog.testing.capture_logs() as logs:
        assert (await _wechat(api, code)).status_code == 201
        api.wechat.ails = -1
        refused = await _wechat(api, code)
    assert logs[0]["errcode"] == -1
    assert "rid: " in logs[0]["errmsg"]
    assert "jscode2session" in caplog.text, "calls are logged, without what they ask"
    for secret in (SECRET, code, OPENID):
        assert secret not in str([logs, caplog.text, refused.text])


async def test_without_an_app_nobody_signs_in_by_wechat(api: Api) -> None:
    api.app.framework.state.process.wechat.app_id = ""
    assert told(await _wechat(api, "code")) == (503, "wechat_unavailable")
    await api.enrol("m1")
    assert told(await api.client.put("/v1/members/m1/wechat", json={"openid": "o"})) == (503, "wechat_unavailable")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"openid": 1}', b"{}", b'{"errcode": "x"}', b"\xff"])
async def test_an_answer_that_is_none_is_no_bug(body: bytes) -> None:
    settings = Settings(wechat_app_id="a", wechat_secret="s")  # pyright: ignore
    for status in (200, 502):
        transport = httpx.MockTransport(lambda _, status=status: httpx.Response(status, content=body))
        async with Wechat(settings, transport) as wechat:
            with pytest.raises(WechatUnavailable):
                await wechat.sign_in("code")
    busy = httpx.MockTransport(lambda _: httpx.Response(200, content=b'{"errcode":45011,"errmsg":"x, rid: 1"}'))
    async with Wechat(settings, busy) as wechat:
        with pytest.raises(WechatBusy):
            await wechat.sign_in("code")


async def test_a_server_that_is_not_there_is_no_bug() -> None:
    settings = Settings(wechat_app_id="a", wechat_secret="s", wechat_base_url="http://127.0.0.1:9")  # pyright: ignore
    async with Wechat(settings) as wechat:
        with pytest.raises(WechatUnavailable) as refused:
            await wechat.sign_in("code")
    assert refused.value.__suppress_context__


async def test_a_profile_is_shown_with_the_member(api: Api) -> None:
    await api.enrol("m1")
    assert (await api.get("/v1/members/m1")).json()["nickname"] is None
    path = "/v1/members/m1/profile"
    for nickname, avatar in (("小满 👩‍👩‍👧", "face-12"), ("<script>alert(1)</script>", "face-1"), ("x" * 64, None)):
        answer = await api.client.put(path, json={"nickname": nickname, "avatar": avatar})
        assert (answer.json()["nickname"], answer.json()["avatar"]) == (nickname, avatar)
        assert (await api.get("/v1/members/m1")).json() == answer.json()
    assert (await api.client.put(path, json={"nickname": "y"})).json()["avatar"] is None
    bad = [{"nickname": name} for name in ("", "\u3000 ", "x" * 65, "a\tb", "a\0", "\u2066x")]
    bad += [{"nickname": "x", "avatar": avatar} for avatar in ("face-13", "../a", "")]
    for body in bad:
        assert told(await api.client.put(path, json=body)) == (422, "invalid"), body
    assert told(await api.client.put("/v1/members/no/profile", json={"nickname": "x"})) == (404, "member_not_found")
