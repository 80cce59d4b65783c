"""The real API within the test's process, on a database of the test's own, with the clock that a replay turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from linli.api.app import Front, create_app
from linli.kit.audit import checks_in, run_audit
from linli.kit.db import Pool
from linli.kit.postgres import drop_database
from linli.kit.resources import resource
from linli.replay.client import Api
from linli.replay.clock import SimulatedClock
from linli.replay.driver import Driver, Progress
from linli.replay.history import History
from linli.replay.run import open_pool
from linli.replay.store import Reward, Totals, read_rewards, read_totals
from linli.settings import Settings
from linli.startup import ensure_partitions, prepare

ZONE = ZoneInfo("Asia/Shanghai")
KEY = "lk_test_0123456789abcdef"
START = date(2017, 8, 7)


class Street:
    """What a replay drives, and what a test looks at afterwards."""

    def __init__(self, api: Api, http: httpx.AsyncClient, pool: Pool, settings: Settings) -> None:
        self.api, self.http, self.pool, self.settings = api, http, pool, settings
        assert settings.clock_file is not None
        self.clock = SimulatedClock(settings.clock_file, ZONE, START)

    async def live(self, history: History, until: date, *, nights: int | None = None) -> Progress:
        """Live `history` to `until`, or for some nights, with a driver that knows nothing from before."""
        stop = asyncio.Event()

        def tell(progress: Progress) -> None:
            if progress.nights == nights:
                stop.set()

        async with self.pool.connection() as conn, conn.transaction():
            await ensure_partitions(conn, history.first, until=until)
        driver = Driver(self.api, self.pool, self.clock, self.settings.calendar)
        return await driver.live(history, until, tell=tell, stop=stop)

    async def totals(self) -> Totals:
        """The figures of all members."""
        async with self.pool.connection() as conn:
            return await read_totals(conn)

    async def rewards(self) -> list[Reward]:
        """The figures of all rules."""
        async with self.pool.connection() as conn:
            return await read_rewards(conn)

    async def violations(self) -> list[str]:
        """Names of the audit's checks that found something."""
        async with self.pool.connection() as conn:
            return [finding.check for finding in await run_audit(conn, checks_in(resource("db") / "audit"))]

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds."""
        async with self.pool.connection() as conn:
            return await (await conn.execute(query.encode())).fetchall()

    async def standing(self) -> list[tuple[Any, ...]]:
        """What must not depend on how often and when anything was sent: every statement, lot and grant."""
        return [
            *await self.rows(
                "SELECT member_id, seq, posted_on, kind::text, points, available_after, key FROM ledger_movement "
                "ORDER BY member_id, seq"
            ),
            *await self.rows("SELECT member_id, expires_on, points, remaining FROM ledger_lot ORDER BY 1, 2"),
            *await self.rows(
                "SELECT member_id, key, state, points, settle_on, settled_on FROM ledger_grant ORDER BY 1, 2"
            ),
            *await self.rows("SELECT kind, run_on, items, points FROM ledger_run ORDER BY 1, 2"),
        ]


@pytest.fixture
async def street(database_url: str, tmp_path: Path) -> AsyncIterator[Street]:
    """The neighbours' programme, live."""
    async with _open(database_url, _made(tmp_path / "street")) as opened:
        yield opened


@pytest.fixture
async def twin(postgres: str, template_database: str, tmp_path: Path) -> AsyncIterator[Street]:
    """Another one, to compare with."""
    name = f"linli_test_{uuid4().hex}"
    with psycopg.connect(postgres, autocommit=True) as conn:
        clone = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        conn.execute(clone.format(sql.Identifier(name), sql.Identifier(template_database)))
    async with _open(make_conninfo(postgres, dbname=name), _made(tmp_path / "twin")) as opened:
        yield opened
    drop_database(postgres, name)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@asynccontextmanager
async def _open(database_url: str, home: Path) -> AsyncIterator[Street]:
    settings = Settings(
        home=home, database_url=SecretStr(database_url), clock_file=home / "clock", dev_api_key=SecretStr(KEY),
        preset="neighbours",
    )  # fmt: skip
    SimulatedClock(home / "clock", ZONE, START)
    await prepare(settings, database_url)
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    headers = {"authorization": f"Bearer {KEY}"}
    async with (
        _lifespan(app),
        open_pool(database_url) as pool,
        Api("http://street", KEY, transport=transport) as api,
        httpx.AsyncClient(base_url="http://street", headers=headers, transport=httpx.ASGITransport(app)) as http,
    ):
        yield Street(api, http, pool, settings)


@asynccontextmanager
async def _lifespan(app: Front) -> AsyncIterator[None]:
    """Start and stop the app as a server does."""
    to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    from_app: asyncio.Queue[Any] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.create_task(app(scope, to_app.get, from_app.put))
    await to_app.put({"type": "lifespan.startup"})
    assert (await from_app.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        await to_app.put({"type": "lifespan.shutdown"})
        await from_app.get()
        await task
