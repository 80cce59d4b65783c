"""A real PostgreSQL for every test that asks: one server per run, one migrated template, a clone for each test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from linli.kit.db import Connection, Pool, make_pool
from linli.kit.migrate import migrate
from linli.kit.postgres import EmbeddedPostgres, ensure_database

# A property has no time limit: machines are shared, and nothing here is a timed assertion.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

EXTERNAL = os.environ.get("LINLI_TEST_DATABASE_URL")
_HOME = pytest.StashKey[Path]()
_ROOM_BYTES = 3 << 30


def _scratch() -> Path:
    """Where servers of tests live: in memory if there is room, since a clone is some 300 files (15 ms, not 70-300).

    Not pytest's own temporary directory, which is closed to the OS user that serves for root.
    """
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM_BYTES
    return memory if roomy else Path(tempfile.gettempdir())


def pytest_configure(config: pytest.Config) -> None:
    """Name the run's home: under xdist, the process that starts the workers names it for them all."""
    given = getattr(config, "workerinput", None)
    config.stash[_HOME] = Path(given["linli_home"]) if given else _scratch() / f"linli-{uuid4().hex[:12]}"


@pytest.hookimpl(optionalhook=True)  # of xdist
def pytest_configure_node(node: Any) -> None:
    """Tell the worker where the server lives."""
    node.workerinput["linli_home"] = str(node.config.stash[_HOME])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind, once all workers have gone."""
    if hasattr(config, "workerinput"):
        return
    home = config.stash[_HOME]
    if home.exists():
        EmbeddedPostgres(home).stop()
        shutil.rmtree(home)
    if EXTERNAL:
        _drop(EXTERNAL, _template(home))


@pytest.fixture(scope="session")
def scratch() -> Path:
    """A quick place for a server of the test's own; short, and open to other OS users."""
    return _scratch()


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> str:
    """The URL of a server's `postgres` database: LINLI_TEST_DATABASE_URL, or an embedded server for this run."""
    if EXTERNAL:
        return EXTERNAL
    server = EmbeddedPostgres(pytestconfig.stash[_HOME], durable=False)
    server.start()  # the first worker makes it, the others attach
    return server.url()


@pytest.fixture(scope="session")
def template_database(postgres: str, pytestconfig: pytest.Config) -> str:
    """The name of a database at the newest schema, to which nobody connects, so that it can be cloned."""
    name = _template(pytestconfig.stash[_HOME])
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute("SELECT pg_advisory_lock(hashtext(%s))", (name,))
        if conn.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
            # Under another name until it is complete: whoever finds the template may use it.
            unfinished = f"{name}_unfinished"
            ensure_database(postgres, unfinished)
            migrate(make_conninfo(postgres, dbname=unfinished))
            conn.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name))
            )
    return name


@pytest.fixture
def empty_database_url(postgres: str) -> Iterator[str]:
    """The URL of a database without any table."""
    name = f"linli_test_{uuid4().hex}"
    ensure_database(postgres, name)
    yield make_conninfo(postgres, dbname=name)
    _drop(postgres, name)


@pytest.fixture
def database_url(postgres: str, template_database: str) -> Iterator[str]:
    """The URL of a fresh database at the newest schema; it is dropped afterwards, whoever is still connected."""
    name = f"linli_test_{uuid4().hex}"
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template_database)
            )
        )
    yield make_conninfo(postgres, dbname=name)
    _drop(postgres, name)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """An open pool on a fresh database."""
    async with make_pool(database_url) as opened:
        yield opened


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Connection]:
    """One connection of the pool, not in autocommit; what the test does not commit is rolled back."""
    taken = await pool.getconn()
    yield taken
    await taken.rollback()
    await pool.putconn(taken)


def _template(home: Path) -> str:
    return f"{home.name.replace('-', '_')}_template"


def _drop(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest test begins first: at the end, all others would wait for it."""
    items.sort(key=lambda item: "test_state_machine" not in item.nodeid)
