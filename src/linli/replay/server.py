"""An API server of the replay's own: `linli serve` on a free port, for as long as the driver lives."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar

import httpx

from linli.kit.errors import Refusal
from linli.replay.place import Place, environment

LOOPBACK = "127.0.0.1"
_POLL_SECONDS = 0.05
_START_SECONDS = 60.0


class ServerFailed(Refusal):
    """The API did not start. Fields: `log`, the end of what it said."""

    code: ClassVar[str] = "server_failed"


@asynccontextmanager
async def own_server(place: Place) -> AsyncIterator[str]:
    """The base URL of an API that serves `place`."""
    log = place.folder / "server.log"
    port = _free_port()
    names = {"LINLI_HOST": LOOPBACK, "LINLI_PORT": str(port)}
    with log.open("wb") as said:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "linli.replay.leash", sys.executable, "-m", "linli", "serve",
            env={**os.environ, **environment(place), **names},
            # Held open by this process alone: see `leash`.
            stdin=asyncio.subprocess.PIPE,
            stdout=said,
            stderr=said,
            # Ctrl-C at the terminal is for the driver, which still needs the server to finish its day.
            start_new_session=True,
        )  # fmt: skip
    try:
        url = f"http://{LOOPBACK}:{port}"
        await _await_answer(url, child, log)
        yield url
    finally:
        assert child.stdin is not None, "it was given a pipe"
        child.stdin.close()
        await child.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


async def _await_answer(url: str, child: asyncio.subprocess.Process, log: Path) -> None:
    """Until it answers anything at all. Raises ServerFailed."""
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(round(_START_SECONDS / _POLL_SECONDS)):
            if child.returncode is not None:
                break
            try:
                await client.get(url)
                return
            except httpx.TransportError:
                await asyncio.sleep(_POLL_SECONDS)
    raise ServerFailed(log=_tail(log))


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:].strip()
