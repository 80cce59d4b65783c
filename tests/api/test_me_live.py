"""The live balance: at once and on change, one watcher for all, and nothing left behind when they go."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.api.conftest import Api
from tests.api.mine import Mine, at

from linli import ledger
from linli.api import me_live, me_watch
from linli.api.me_watch import BalanceWatch


class Listener:
    """An open stream: what the server sends, message by message."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.task: asyncio.Task[None]

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        await self.sent.put(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self.gone.set()  # as servers do once all is said

    async def raw(self) -> str:
        """The next message as it is sent, "" at the end."""
        while (message := await self.sent.get())["type"] != "http.response.body":
            assert message["status"] == 200, message
        return message.get("body", b"").decode()

    async def balance(self) -> dict[str, Any]:
        """The next balance."""
        while (text := await self.raw()).startswith(":"):
            pass
        event, data, *_ = text.split("\n")
        assert event == "event: balance"
        return json.loads(data.removeprefix("data: "))


@asynccontextmanager
async def listening(mine: Mine) -> AsyncIterator[Listener]:
    """The stream of a member, open. httpx would wait for its end, so this speaks ASGI itself."""
    listener = Listener()
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/v1/me/live", "raw_path": b"/v1/me/live", "query_string": b"", "root_path": "",
        "headers": [(b"authorization", f"Bearer {await mine.token()}".encode())], "client": None,
        "server": ("linli", 80),
    }  # fmt: skip
    app: Any = mine.api.client._transport.app  # pyright: ignore
    listener.task = asyncio.create_task(app(scope, listener.receive, listener.send))
    try:
        # No test asserts how long anything takes: this only keeps one from hanging.
        async with asyncio.timeout(60):
            yield listener
    finally:
        listener.gone.set()
        await listener.task


def watch_of(api: Api) -> BalanceWatch:
    """The watcher of the process."""
    return api.client._transport.app.framework.state.process.balances  # pyright: ignore


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(me_watch, "TURN_SECONDS", 0.01)


async def test_at_once_and_on_every_change(api: Api) -> None:
    await api.enrol("m1", 100)
    api.set_clock("2026-11-21T23:30:00+08:00")
    mine = Mine(api, "m1")
    async with listening(mine) as listener:
        assert await listener.balance() == {"available": 100, "pending_points": 0, "unread": 1}
        await api.tell("order.paid", member_id="m1", order_id="o1", paid_fen=3680)
        assert await listener.balance() == {"available": 100, "pending_points": 36, "unread": 1}
        await at(api, "2026-11-22T00:30:00+08:00", "settle")
        assert await listener.balance() == {"available": 136, "pending_points": 0, "unread": 2}
        message = (await mine.get("/messages"))["items"][0]["message_id"]
        await mine.ask("POST", "/messages/read", json={"up_to": message})
        assert await listener.balance() == {"available": 136, "pending_points": 0, "unread": 0}
        api.set_clock("2026-11-22T00:40:00+08:00")
        assert (await api.post("/v1/members/m1/holds", {"points": 6}, key="h")).status_code == 201
        assert (await listener.balance())["available"] == 130


async def test_what_lapses_at_midnight_is_gone_at_midnight(api: Api) -> None:
    await api.enrol("m1")
    body = {"points": 10, "reason": "r", "expires_on": "2026-11-22"}
    assert (await api.post("/v1/members/m1/adjustments", body, key="k")).status_code == 201
    api.set_clock("2026-11-21T15:59:59+00:00")
    async with listening(Mine(api, "m1")) as listener:
        assert (await listener.balance())["available"] == 10
        api.set_clock("2026-11-21T16:00:00+00:00")
        assert (await listener.balance())["available"] == 0


async def test_each_hears_of_their_own_and_all_are_asked_for_at_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    pulses = ledger.pulses

    async def counted(conn: Any, members: Any, wallet: str) -> Any:
        asked.append(len(members))
        return await pulses(conn, members, wallet)

    monkeypatch.setattr(ledger, "pulses", counted)
    for place in range(3):
        await api.enrol(f"m{place}", 10 + place)
    async with (
        listening(Mine(api, "m0")) as first, listening(Mine(api, "m1")) as second, listening(Mine(api, "m1")) as third,
        listening(Mine(api, "m2")) as fourth,
    ):  # fmt: skip
        balances = [await listener.balance() for listener in (first, second, third, fourth)]
        assert [balance["available"] for balance in balances] == [10, 11, 11, 12]
        await api.tell("order.paid", member_id="m1", order_id="o1", paid_fen=500)
        assert (await second.balance())["pending_points"] == (await third.balance())["pending_points"] == 5
        assert first.sent.empty()
        assert fourth.sent.empty()
        assert max(asked) == 3


async def test_nobody_listens_nobody_looks(api: Api) -> None:
    await api.enrol("m1", 5)
    watch = watch_of(api)
    async with listening(Mine(api, "m1")) as listener:
        await listener.balance()
        assert watch._task is not None
        assert not watch._task.done()
    await asyncio.wait([watch._task])
    assert (watch._ears, watch._seen, watch._last) == ({}, {}, {})
    async with listening(Mine(api, "m1")) as listener:  # and who comes again is told at once
        assert (await listener.balance())["available"] == 5


async def test_silence_is_broken_by_a_heartbeat(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(me_live, "HEARTBEAT_SECONDS", 0.01)
    await api.enrol("m1")
    async with listening(Mine(api, "m1")) as listener:
        while not (await listener.raw()).startswith(":"):
            pass


async def test_a_token_that_ends_ends_the_stream(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(me_live, "HEARTBEAT_SECONDS", 0.01)
    await api.enrol("m1", 5)
    async with listening(Mine(api, "m1")) as listener:
        assert (await listener.balance())["available"] == 5
        assert (await api.client.delete("/v1/members/m1/tokens")).status_code == 204
        await listener.task
        assert (await api.tell("check_in", member_id="m1")).status_code == 200


async def test_a_database_that_goes_away_ends_no_stream(api: Api) -> None:
    await api.enrol("m1", 5)
    async with listening(Mine(api, "m1")) as listener:
        await listener.balance()
        async with api.pool.connection() as conn:
            await conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid()"
            )
        await api.tell("order.paid", member_id="m1", order_id="o1", paid_fen=500)
        assert (await listener.balance())["pending_points"] == 5


async def test_a_stranger_hears_nothing(api: Api) -> None:
    answer = await api.get("/v1/me/live")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_watch_that_ends_ends_all_that_listen(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    await api.enrol("m1", 5)
    async with listening(Mine(api, "m1")) as listener:
        await listener.balance()

        async def broken(*_: Any) -> Any:
            raise AssertionError("a bug")

        monkeypatch.setattr(ledger, "pulses", broken)
        await listener.task
    monkeypatch.undo()
    async with listening(Mine(api, "m1")) as listener:
        assert (await listener.balance())["available"] == 5
        await watch_of(api).__aexit__()
        await listener.task
