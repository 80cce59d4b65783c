"""The pulse: server-sent events through the whole API, and nothing left behind when the client goes away."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest
from tests.api.conftest import KEY, Api


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
    ear = Ear(_app(api), {"authorization": f"Bearer {KEY}", **headers})
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
            "business_on": "2026-11-21", "events_total": 0, "events_last_minute": 0, "parked_waiting": 0, "runs": []
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
    process = _app(api).framework.state.process
    stats = process.pool.get_stats()
    assert stats["pool_available"] == stats["pool_size"], "every connection is back in the pool"


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
