"""The whole system for a browser: a demo world in a PostgreSQL of its own, the API, the worker, the built pages."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import httpx

from linli.kit.postgres import EmbeddedPostgres
from linli.settings import Settings
from linli.startup import development_key

UNTIL = "2026-11-20T20:30:00+08:00"
"""It is always this Friday evening: the same demo, the same pages, whenever the tests run."""
SMALL = ("--households", "24", "--days", "30")
PATIENCE_SECONDS = 120
_PAUSE_SECONDS = 0.1
_PASSWORD = re.compile(r"(admin|operator|auditor) / (\S+)")
_LINK = re.compile(r"(/m/#/pages/enter/enter\?token=\S+)")


class System(NamedTuple):
    """Where it is served, who may sign in, and the members' links."""

    base: str
    passwords: dict[str, str]
    links: list[str]
    http: httpx.Client
    """With the development key."""
    clock: Path
    """The file that says what time it is."""


@contextmanager
def running(home: Path, size: tuple[str, ...] = SMALL) -> Iterator[System]:
    """The system with a demo of `size`, served until the end of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINLI_")} | {
        "LINLI_HOME": str(home),
        "LINLI_PORT": str(port),
        "LINLI_PRESET": "neighbours",
        "LINLI_PAYMENTS": "fake",
        "COLUMNS": "200",
    }
    children: list[subprocess.Popen[bytes]] = []
    try:
        told = _linli(environment, "demo", "--no-serve", "--until", UNTIL, *size)
        clock = home / "replay" / "demo" / "clock"
        environment |= {"LINLI_DATABASE_NAME": "linli_replay_demo", "LINLI_CLOCK_FILE": str(clock)}
        for name in ("serve", "worker"):
            with (home / f"{name}.log").open("wb") as log:
                child = [sys.executable, "-m", "linli", name]
                children.append(subprocess.Popen(child, env=environment, stdout=log, stderr=log))
        base = f"http://127.0.0.1:{port}"
        key = development_key(Settings(home=home))
        with httpx.Client(base_url=base, headers={"authorization": f"Bearer {key}"}, trust_env=False) as http:
            _await_answer(http, children[0], home / "serve.log")
            yield System(base, dict(_PASSWORD.findall(told)), _LINK.findall(told), http, clock)
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(PATIENCE_SECONDS)
        EmbeddedPostgres(home).stop()


def _linli(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "linli", *arguments], env=environment, capture_output=True, text=True, check=False
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"linli {' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def _await_answer(http: httpx.Client, child: subprocess.Popen[bytes], log: Path) -> None:
    """Ask until it answers; what is waited for in between is its end, which is told at once."""
    for _ in range(round(PATIENCE_SECONDS / _PAUSE_SECONDS)):
        try:
            http.get("/healthz")
            return
        except httpx.TransportError:
            with suppress(subprocess.TimeoutExpired):
                child.wait(_PAUSE_SECONDS)
                break
    raise RuntimeError(f"the API did not start: {log.read_text(errors='replace')[-2000:]}")
