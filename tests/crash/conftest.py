"""A durable server for each module, and a world on it for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from linli.kit.postgres import EmbeddedPostgres
from tests.crash.shop import NOON
from tests.crash.world import World, discard, durable_server


@pytest.fixture(scope="module")
def durable() -> Iterator[tuple[EmbeddedPostgres, Path]]:
    """A PostgreSQL as in production: durable, on disk."""
    server, home = durable_server()
    yield server, home
    discard(server, home)


@pytest.fixture
async def world(durable: tuple[EmbeddedPostgres, Path]) -> AsyncIterator[World]:
    """A database with the `neighbours` programme, and nothing running yet."""
    made = World(*durable[:1], f"crash_{uuid4().hex[:8]}", durable[1])
    await made.make(NOON)
    yield made
    made.stop_all()
