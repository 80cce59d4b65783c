"""The real API on a real database: requests go through ASGI, with a clock that the test sets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from linli.access import SCOPES, ensure_key
from linli.api.app import Front, create_app
from linli.fakes.wechat import APP_ID, SECRET, FakeWechat
from linli.flows.publish import publish
from linli.kit.db import Pool
from linli.kit.resources import resource
from linli.settings import Settings

KEY = "lk_test_0123456789abcdef"
NOW = "2026-11-21T04:00:00+00:00"
"""Noon of a Saturday in Shanghai."""


@asynccontextmanager
async def lifespan(app: Front) -> AsyncIterator[None]:
    """Start and stop the app as a server does."""
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    outbox: asyncio.Queue[Any] = asyncio.Queue()
    task = asyncio.create_task(
        app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, inbox.get, outbox.put)
    )
    await inbox.put({"type": "lifespan.startup"})
    started = await outbox.get()
    assert started["type"] == "lifespan.startup.complete", started
    try:
        yield
    finally:
        await inbox.put({"type": "lifespan.shutdown"})
        await outbox.get()
        await task


class Api:
    """A client with a key that may do everything, and the way to set the clock."""

    def __init__(self, client: httpx.AsyncClient, pool: Pool, clock_file: Path, wechat: FakeWechat, app: Front) -> None:
        self.client, self.pool, self.wechat, self.app = client, pool, wechat, app
        self._clock_file = clock_file

    def set_clock(self, at: str) -> None:
        """Let it be `at` (RFC 3339)."""
        self._clock_file.write_text(datetime.fromisoformat(at).isoformat())

    async def get(self, path: str, **params: Any) -> httpx.Response:
        """GET with query parameters."""
        return await self.client.get(path, params=params)

    async def post(self, path: str, body: Any = None, key: str | None = None, **kwargs: Any) -> httpx.Response:
        """POST a JSON body, with an Idempotency-Key where one is given."""
        headers = {"idempotency-key": key} if key is not None else {}
        return await self.client.post(path, json=body, headers={**headers, **kwargs.pop("headers", {})}, **kwargs)

    async def tell(self, type_: str, event_id: str | None = None, time: str = NOW, **data: Any) -> httpx.Response:
        """Send one event."""
        event = {
            "specversion": "1.0", "id": event_id or uuid4().hex, "source": "shop", "type": type_, "time": time,
            "data": data,
        }  # fmt: skip
        return await self.client.post(
            "/v1/events", json=event, headers={"content-type": "application/cloudevents+json"}
        )

    async def enrol(self, member_id: str, points: int = 0) -> None:
        """Let there be a member with some points."""
        assert (await self.tell("vote.cast", member_id=member_id, vote_id="v")).status_code == 200
        if points:
            body = {"points": points, "reason": "test"}
            answer = await self.post(f"/v1/members/{member_id}/adjustments", body, key=f"enrol:{uuid4().hex}")
            assert answer.status_code == 201, answer.text

    async def balance(self, member_id: str, wallet: str = "points") -> dict[str, Any]:
        """The member's wallet."""
        answer = await self.get(f"/v1/members/{member_id}/balance", wallet=wallet)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def preset() -> str:
    """The programme that is published; a module may override it."""
    return "fresh-life"


@pytest.fixture
def document(preset: str) -> bytes:
    """The programme's document, where it is more than a preset."""
    return (resource("presets") / f"{preset}.yaml").read_bytes()


@pytest.fixture
def more_settings() -> dict[str, Any]:
    """Settings beside the usual ones; a module may override it."""
    return {}


@pytest.fixture
async def api(
    database_url: str, pool: Pool, document: bytes, tmp_path: Path, more_settings: dict[str, Any]
) -> AsyncIterator[Api]:
    """The API with a published preset and one key with all scopes."""
    clock_file = tmp_path / "clock"
    clock_file.write_text(NOW)
    now = datetime.fromisoformat(NOW)
    async with pool.connection() as conn:
        await publish(conn, document, now=now, by="test", effective_from=None)
        await ensure_key(conn, KEY, "test", SCOPES, now)
    settings = Settings(
        database_url=database_url,
        clock_file=clock_file,
        home=tmp_path,
        wechat_app_id=APP_ID,
        wechat_secret=SECRET,
        **more_settings,
    )  # pyright: ignore
    wechat = FakeWechat(clock=settings.clock)
    app = create_app(settings, wechat=httpx.ASGITransport(wechat))  # pyright: ignore[reportArgumentType]
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # pyright: ignore[reportArgumentType]
    async with (
        lifespan(app),
        httpx.AsyncClient(
            transport=transport, base_url="http://linli", headers={"authorization": f"Bearer {KEY}"}
        ) as client,
    ):
        yield Api(client, pool, clock_file, wechat, app)
