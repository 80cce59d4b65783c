"""An API that is asked to end does so, though there are streams that know no end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.crash.shop import NOON
from tests.crash.world import PATIENCE_SECONDS, World, until


@asynccontextmanager
async def _stream(client: httpx.AsyncClient, path: str, token: str | None = None) -> AsyncIterator[AsyncIterator[str]]:
    """An open stream whose first message has come."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with client.stream("GET", path, headers=headers) as answer:
        assert answer.status_code == 200
        messages = answer.aiter_text()
        assert "event:" in await anext(messages)
        yield messages


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_streams_end_when_the_process_is_asked_to(world: World, number: signal.Signals) -> None:
    async with world.client() as client:
        await world.serve(client)
        assert world.api is not None
        event = {
            "specversion": "1.0", "id": "e1", "source": "shop", "type": "check_in", "time": NOON.isoformat(),
            "data": {"member_id": "m1"},
        }  # fmt: skip
        sent = await client.post("/v1/events", json=event, headers={"content-type": "application/cloudevents+json"})
        assert sent.status_code == 200, sent.text
        token = (await client.post("/v1/members/m1/tokens")).json()["token"]
        # Heartbeats would keep a stream that does not end from running into the client's patience.
        async with (
            asyncio.timeout(PATIENCE_SECONDS),
            _stream(client, "/v1/live") as pulse,
            _stream(client, "/v1/me/live", token) as mine,
        ):
            world.api.send_signal(number)
            async for _ in pulse:
                pass  # what was on its way
            async for _ in mine:
                pass
        api = world.api
        await until("the API has ended", lambda: api.poll() is not None)
        assert api.returncode == 0, world.said()
