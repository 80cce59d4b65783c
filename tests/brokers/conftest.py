"""A broker of each kind, once a module; a subject of its own, and a system that subscribes to it, for each test."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from linli import inbox
from linli.brokers import subscribe
from linli.flows.publish import publish
from linli.kit.db import Pool, fetch_all, in_transaction
from linli.kit.resources import resource
from linli.settings import Settings
from tests.brokers.events import NOW
from tests.brokers.posts import Post, eventually, open_post
from tests.brokers.servers import SERVERS

Subscribed = Callable[..., AbstractAsyncContextManager[asyncio.Task[None]]]


@pytest.fixture(scope="module", params=SERVERS)
def broker(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """(kind, URL) of a running server."""
    with tempfile.TemporaryDirectory(prefix="linli-broker-") as home, SERVERS[request.param](Path(home)) as url:
        yield request.param, url


@pytest.fixture
def subject() -> str:
    """A subject that no other test uses."""
    return f"linli.test-{uuid4().hex[:12]}"


@pytest.fixture
async def post(broker: tuple[str, str], subject: str) -> AsyncIterator[Post]:
    """The sender."""
    async with open_post(*broker, subject) as opened:
        yield opened


@pytest.fixture
async def pool(pool: Pool) -> Pool:
    """A pool on a database where the preset is published."""
    async with pool.connection() as conn, conn.transaction():
        document = (resource("presets") / "neighbours.yaml").read_bytes()
        await publish(conn, document, now=NOW, by="test", effective_from=None)
    return pool


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """It is noon, and what is not acknowledged comes again after a second."""
    clock = tmp_path / "clock"
    clock.write_text(NOW.isoformat())
    return Settings(
        database_url=SecretStr(database_url), clock_file=clock, broker_in_hand=200, broker_redeliver_seconds=1.0
    )


@asynccontextmanager
async def subscriber(settings: Settings) -> AsyncIterator[asyncio.Task[None]]:
    """A subscriber takes messages; at the end it is stopped as by SIGTERM, and raises what it raised."""
    ready, stop = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(subscribe(settings, ready=ready, stop=stop))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED, timeout=20)
    waiting.cancel()
    if task.done():
        task.result()
    assert ready.is_set()
    try:
        yield task
    finally:
        stop.set()
        async with asyncio.timeout(30):
            await task


@pytest.fixture
def subscribed(broker: tuple[str, str], subject: str, settings: Settings, pool: Pool) -> Subscribed:
    """`async with subscribed():` a subscriber takes what is posted."""
    here = settings.model_copy(update={"broker_url": SecretStr(broker[1]), "broker_subject": subject})

    def run(**changes: Any) -> AbstractAsyncContextManager[asyncio.Task[None]]:
        return subscriber(here.model_copy(update=changes))

    return run


class Books:
    """What the database says."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def rows(self, sql: str, **params: Any) -> list[tuple[Any, ...]]:
        """All rows of `sql`."""
        return await in_transaction(self._pool, lambda conn: fetch_all(conn, sql, params))

    async def points(self, member_id: str = "anna") -> int:
        """Points that were promised to the member."""
        return (await self.rows("SELECT coalesce(sum(points), 0)::int FROM ledger_grant WHERE member_id = %(m)s",
                                m=member_id))[0][0]  # fmt: skip

    async def taken(self) -> int:
        """Events that were taken in."""
        return (await self.rows("SELECT count(*)::int FROM inbox_event"))[0][0]

    async def parked(self) -> list[inbox.ParkedEvent]:
        """What is parked, as the back office sees it."""
        async with self._pool.connection() as conn:
            return await inbox.parked(conn, limit=100)

    async def until_taken(self, events: int) -> None:
        """Wait until so many events are taken in."""

        async def enough() -> bool:
            return await self.taken() >= events

        await eventually(enough)

    async def until_parked(self, events: int) -> list[inbox.ParkedEvent]:
        """Wait until so many events are parked; they are returned."""

        async def enough() -> bool:
            return len(await self.parked()) >= events

        await eventually(enough)
        return await self.parked()


@pytest.fixture
def books(pool: Pool) -> Books:
    """The database's side of the story."""
    return Books(pool)
