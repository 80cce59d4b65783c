"""Real processes to be killed: a durable PostgreSQL, `linli serve` with its workers, `linli settle`."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from linli.flows.publish import ALWAYS, publish
from linli.kit.db import Connection, fetch_all
from linli.kit.migrate import migrate
from linli.kit.postgres import EmbeddedPostgres, ensure_database
from linli.kit.resources import resource
from linli.settings import Settings
from linli.startup import prepare

KEY = "lk_crash_" + "c" * 32
POLL_SECONDS = 0.02
PATIENCE_SECONDS = 60.0
"""After which a wait has failed. No test asserts how long anything takes; this only keeps one from hanging."""
SMALL_CHUNKS = "import linli.flows.sweep as s; s.CHUNK = 1; from linli.cli import main; main()"
"""`linli` with sweeps of one member a chunk: there is a middle to be killed in, and who waits holds up nobody else."""

OFF_HAND = b"\ncorrection_approval_points: 1000000\n"
"""Accounts are opened by adjustments that would else want a second person."""
UNCAPPED = re.compile(rb"(?m)^screening:.*\n(?:  .*\n)+")
"""Few members and many orders a day: what caps would cut has tests of its own, here the plain sum shall hold."""


async def until(what: str, holds: Callable[[], bool] | Callable[[], Awaitable[bool]]) -> None:
    """Wait until the condition holds; fail, saying `what` was awaited, if it never does."""
    for _ in range(int(PATIENCE_SECONDS / POLL_SECONDS)):
        met = holds()
        if await met if isinstance(met, Awaitable) else met:
            return
        await asyncio.sleep(POLL_SECONDS)
    pytest.fail(f"waited in vain until {what}")


class World:
    """A durable server with one database, a clock that the test sets, and the processes that work on them."""

    def __init__(self, server: EmbeddedPostgres, database: str, home: Path, *, workers: int = 2) -> None:
        self.server, self.home, self.url = server, home, server.url(database)
        self.database = database
        self.log = home / f"{database}.log"
        self._clock = home / f"{database}.clock"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        theirs = ("LINLI_", "PYTHONDONTWRITEBYTECODE")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(theirs)} | {
            "PYTHONPYCACHEPREFIX": str(home / "pycache"),  # dozens of starts: only the first one compiles
            "LINLI_HOME": str(home),
            "LINLI_DATABASE_URL": self.url,
            "LINLI_CLOCK_FILE": str(self._clock),
            "LINLI_PORT": str(self.port),
            "LINLI_WORKERS": str(workers),
            "LINLI_DEV_API_KEY": KEY,
            "LINLI_PRESET": "neighbours",
        }
        self.settings = Settings(
            database_url=self.url, dev_api_key=KEY, clock_file=self._clock, home=home, preset="neighbours"
        )  # pyright: ignore
        self.api: subprocess.Popen[bytes] | None = None
        self._started: list[subprocess.Popen[bytes]] = []

    async def make(self, now: datetime) -> None:
        """The database at the newest schema, with the programme and the key; it is `now`."""
        ensure_database(self.server.url(), self.database)
        self.set_clock(now)
        await asyncio.to_thread(migrate, self.url)
        await prepare(self.settings, self.url)
        document = UNCAPPED.sub(b"", (resource("presets") / "neighbours.yaml").read_bytes()) + OFF_HAND
        async with self.connect() as conn, conn.transaction():
            await publish(conn, document, now=now, by="test", effective_from=ALWAYS)

    def set_clock(self, now: datetime) -> None:
        """Let it be `now` for all processes; they never see half a date."""
        new = self._clock.with_suffix(".new")
        new.write_text(now.astimezone(UTC).isoformat())
        new.replace(self._clock)

    def connect(self) -> AbstractAsyncContextManager[Connection]:
        """A connection of the test's own, in autocommit."""
        return _Connected(self.url)

    def client(self) -> httpx.AsyncClient:
        """A client with the key. A request that is not answered in good time raises ReadTimeout: it hangs."""
        headers = {"authorization": f"Bearer {KEY}", "accept-language": "en"}
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
        return httpx.AsyncClient(base_url=self.base, headers=headers, timeout=PATIENCE_SECONDS / 3, limits=limits)

    # -- processes

    async def serve(self, client: httpx.AsyncClient) -> None:
        """Start the API, and wait until it says that it is ready."""
        self.api = self.start("-m", "linli", "serve")

        async def ready() -> bool:
            assert self.api is not None and self.api.poll() is None, f"the API ended:\n{self.said()}"
            try:
                return (await client.get("/readyz")).status_code == 200
            except httpx.TransportError:
                return False

        await until("the API is ready", ready)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A Python process that leads a process group of its own."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments], env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self._started.append(process)
        return process

    def settle(self, on: date) -> subprocess.Popen[bytes]:
        """`linli settle --on …`, in chunks of one member."""
        return self.start("-c", SMALL_CHUNKS, "settle", "--on", on.isoformat())

    def workers(self) -> list[psutil.Process]:
        """The API's processes that serve requests."""
        assert self.api is not None
        children = psutil.Process(self.api.pid).children(recursive=True)
        return [child for child in children if "resource_tracker" not in " ".join(child.cmdline())]

    def said(self) -> str:
        """The end of what the processes logged."""
        return self.log.read_bytes()[-4000:].decode(errors="replace")

    def stop_all(self) -> None:
        """End what is still there of all that was started."""
        for process in self._started:
            kill_group(process)


async def waiting(conn: Connection) -> int:
    """How many sessions wait for a lock."""
    # Not of pg_stat_activity, which shows one and the same picture for as long as a transaction lasts.
    rows = await fetch_all(conn, "SELECT count(DISTINCT pid)::int FROM pg_locks WHERE NOT granted")
    return rows[0][0]


class _Connected:
    def __init__(self, url: str) -> None:
        self._url = url

    async def __aenter__(self) -> Connection:
        self._conn = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
        return self._conn

    async def __aexit__(self, *_: object) -> None:
        await self._conn.close()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the process and to all that it forked; returns when the process is gone."""
    # Only while it has not been waited for: afterwards the number may belong to a stranger.
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE_SECONDS)


def alive(process: psutil.Process) -> bool:
    """Whether it does anything yet. Under an init that reaps late, the dead stay for a while as zombies."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def durable_server() -> tuple[EmbeddedPostgres, Path]:
    """A server that confirms nothing before it is on disk, and the folder that it lives in."""
    home = Path(tempfile.mkdtemp(prefix="linli-crash-"))
    server = EmbeddedPostgres(home, durable=True)
    server.start()
    return server, home


def discard(server: EmbeddedPostgres, home: Path) -> None:
    """Stop the server and leave nothing behind."""
    server.stop()
    shutil.rmtree(home)
