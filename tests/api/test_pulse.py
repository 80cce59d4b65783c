"""The pulse: server-sent events through the whole API, and nothing left behind when the client goes away."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any

import httpx
import msgspec
import pytest
from tests.api.conftest import KEY, NOW, Api
from tests.api.operators import add_user, browser, sign_in

from linli import access
from linli.api import pulse


class Ear:
    """One client of `/v1/live`, as a server sees it: what it is sent, and the way to go away."""

    def __init__(self, app: Any, headers: dict[str, str]) -> None:
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.gone = asyncio.Event()
        lines = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": "/v1/live", "raw_path": b"/v1/live", "query_string": b"", "root_path": "", "headers": lines,
            "client": ("127.0.0.1", 1), "server": ("linli", 80), "state": {},
        }  # fmt: skip
        self.task = asyncio.create_task(app(scope, self._receive, self.sent.put))
        self._asked = False

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def pulse(self) -> dict[str, Any]:
        """The next pulse."""
        while True:
            body = (await self.sent.get()).get("body", b"")
            if body.startswith(b"event: pulse\ndata: "):
                assert body.endswith(b"\n\n")
                return msgspec.json.decode(body.split(b"data: ", 1)[1])

    async def ended(self) -> None:
        """The end of the stream, told by the server."""
        while (message := await self.sent.get())["type"] != "http.response.body" or message.get("more_body"):
            pass
        self.gone.set()  # as servers do once all is said

    async def leave(self) -> None:
        """Go away."""
        self.gone.set()
        await self.task


def _app(api: Api) -> Any:
    transport = api.client._transport
    assert isinstance(transport, httpx.ASGITransport)
    return transport.app


@asynccontextmanager
async def _ear(api: Api, **headers: str) -> Any:
    sent = {"authorization": f"Bearer {KEY}", **headers}
    ear = Ear(_app(api), {name: value for name, value in sent.items() if value})
    try:
        yield ear
    finally:
        ear.gone.set()
        await asyncio.wait_for(ear.task, 5)


def _watcher(api: Api) -> Any:
    return _app(api).framework.state.process.pulse


@pytest.fixture(autouse=True)
def tick(api: Api) -> asyncio.Queue[None]:
    """The watcher looks when the test says so, not by the second."""
    ticks: asyncio.Queue[None] = asyncio.Queue()
    _watcher(api)._pause = ticks.get
    return ticks


async def test_the_pulse_comes_at_once_and_when_something_changes(api: Api, tick: asyncio.Queue[None]) -> None:
    async with _ear(api) as ear:
        begun = await ear.sent.get()
        headers = dict(begun["headers"])
        assert (begun["status"], headers[b"content-type"]) == (200, b"text/event-stream; charset=utf-8")
        assert (headers[b"cache-control"], headers[b"x-accel-buffering"]) == (b"no-store", b"no")
        first = await ear.pulse()
        assert first == {
            "business_on": "2026-11-21", "events_total": 0, "events_last_minute": 0, "parked_waiting": 0, "runs": [],
            "budget_state": "ok",
        }  # fmt: skip
        await api.tell("check_in", member_id="m1")
        await api.tell("order.refunded", member_id="m1", order_id="o", refund_id="r", refund_fen=1)
        await api.post("/v1/runs", {"kind": "settle", "run_on": "2026-11-21", "reason": "r"})
        tick.put_nowait(None)
        then = await ear.pulse()
        assert (then["events_total"], then["events_last_minute"], then["parked_waiting"]) == (1, 1, 1)
        assert [(run["kind"], run["state"]) for run in then["runs"]] == [("settle", "running")]
        api.set_clock("2026-11-21T16:00:00+00:00")  # midnight in Shanghai: the minute is over too
        tick.put_nowait(None)
        midnight = await ear.pulse()
        assert (midnight["business_on"], midnight["events_last_minute"]) == ("2026-11-22", 0)


async def test_a_client_that_goes_away_leaves_nothing_behind(api: Api) -> None:
    watcher = _watcher(api)
    async with _ear(api) as one, _ear(api) as other:
        await one.pulse()
        await other.pulse()
        assert watcher.listeners == 2
        await one.leave()
        assert (watcher.listeners, watcher.looking) == (1, True)
    assert (watcher.listeners, watcher.looking) == (0, False)
    pool = _app(api).framework.state.process.pool
    async with AsyncExitStack() as stack:
        for _ in range(pool.max_size):  # one that was not given back would be missed here
            await stack.enter_async_context(pool.connection())


async def test_totals_count_what_is_rolled_up_and_what_is_not(api: Api, tick: asyncio.Queue[None]) -> None:
    await api.tell("check_in", member_id="m1")
    api.set_clock("2026-11-22T04:00:00+00:00")
    await api.get("/v1/insights/dashboard")
    await api.tell("check_in", time="2026-11-22T04:00:00Z", member_id="m1")
    async with _ear(api) as ear:
        assert (await ear.pulse())["events_total"] == 2


async def test_nobody_listens_without_a_key(api: Api) -> None:
    refused = await api.client.get("/v1/live", headers={"authorization": ""})
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")
    assert not _watcher(api).looking


async def test_a_session_that_ends_ends_its_stream(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "HEARTBEAT_SECONDS", 0.01)
    user = await add_user(api, "mei", "auditor")
    async with browser(api) as client:
        for ends in ("sign-out", "disabled"):
            await sign_in(client, "mei")
            cookie = client.cookies["linli_session"]
            async with _ear(api, authorization="", cookie=f"linli_session={cookie}") as ear, _ear(api) as other:
                await ear.pulse()
                await other.pulse()
                if ends == "sign-out":
                    assert (await client.delete("/v1/session")).status_code == 204
                else:
                    body = {"disabled": True, "reason": "left"}
                    assert (await api.client.patch(f"/v1/users/{user.user_id}", json=body)).status_code == 200
                await asyncio.wait_for(ear.ended(), 5)
                assert _watcher(api).listeners == 1, "who may listen still does"


async def test_to_look_on_is_no_use_of_a_session(
    api: Api, tick: asyncio.Queue[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "HEARTBEAT_SECONDS", 0.01)
    await add_user(api, "mei", "auditor")
    async with browser(api) as client:
        await sign_in(client, "mei")
        cookie = f"linli_session={client.cookies['linli_session']}"
        idle = _app(api).framework.state.process.settings.session_idle_minutes
        async with _ear(api, authorization="", cookie=cookie) as ear:
            await ear.pulse()
            for minutes in (idle - 1, idle):
                api.set_clock(f"2026-11-21T{4 + minutes // 60:02}:{minutes % 60:02}:00+00:00")
                if minutes < idle:
                    await api.tell("check_in", member_id="m1")
                    tick.put_nowait(None)
                    assert (await ear.pulse())["events_total"] == 1
            await asyncio.wait_for(ear.ended(), 5)
        assert (await client.get("/v1/session")).status_code == 401


async def test_a_key_that_is_revoked_ends_its_stream(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "HEARTBEAT_SECONDS", 0.01)
    ring = _app(api).framework.state.process.door._keys
    seconds = 0.0
    monkeypatch.setattr(ring, "_clock", lambda: seconds)
    async with _ear(api) as ear:
        await ear.pulse()
        async with api.pool.connection() as conn:
            await access.revoke_key(conn, "test", datetime.fromisoformat(NOW))
        seconds = 6.0  # it is remembered for five
        await asyncio.wait_for(ear.ended(), 5)
