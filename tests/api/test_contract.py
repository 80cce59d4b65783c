"""Schemathesis holds the API to its own document: no 5xx, and every answer as it is described."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import SkipTest

import httpx
import psycopg
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from psycopg import sql
from psycopg.conninfo import make_conninfo
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.python import asgi
from tests.api.conftest import KEY, NOW

from linli.access import SCOPES, ensure_key, make_member_token
from linli.api.app import create_app
from linli.api.openapi import build_document
from linli.fakes.wechat import APP_ID, SECRET, FakeWechat
from linli.flows.publish import publish
from linli.kit.db import make_pool
from linli.kit.resources import resource
from linli.members import Sighting, enrol
from linli.settings import Settings

DATABASE = "linli_contract"
HEADERS = {"Authorization": f"Bearer {KEY}"}
MEMBER: dict[str, str] = {}
"""What a member's app sends, once there is a member."""
load_all_checks()
# What a schema cannot say, and the API refuses all the same: sums that must agree, one of two fields, cursors that
# the API itself hands out, ids that exist.
STRICTER_THAN_SCHEMA = [CHECKS.get_one("positive_data_acceptance")]


async def _furnish(url: str) -> str:
    """A programme, a key, and a member; returns the member's token."""
    now = datetime.fromisoformat(NOW)
    async with make_pool(url) as pool, pool.connection() as conn:
        document = (resource("presets") / "fresh-life.yaml").read_bytes()
        await publish(conn, document, now=now, by="test", effective_from=None)
        await ensure_key(conn, KEY, "test", SCOPES, now)
        await enrol(conn, [Sighting("m1", now)], now)
        return (await make_member_token(conn, "m1", "test", now, timedelta(hours=1))).token


@pytest.fixture(scope="module")
def document(postgres: str, template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The loaded schema of a running app on a database of its own."""
    name = f"{DATABASE}_{template_database}"
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template_database))
        )
        url = make_conninfo(postgres, dbname=name)
        MEMBER["Authorization"] = f"Bearer {asyncio.run(_furnish(url))}"
        home: Path = tmp_path_factory.mktemp("home")
        (home / "clock").write_text(NOW)
        settings = Settings(
            database_url=url,
            home=home,
            clock_file=home / "clock",
            wechat_app_id=APP_ID,
            wechat_secret=SECRET,  # pyright: ignore
        )
        app = create_app(settings, wechat=httpx.ASGITransport(FakeWechat()))
        loaded = schemathesis.openapi.from_asgi("/openapi.json", app)
        for methods in loaded.raw_schema["paths"].values():
            for told in methods.values():
                # Where one header alone opens the door, bad data would be to leave it out; it is sent all the same.
                if told.get("security") == [{"member": []}]:
                    del told["security"]
        yield loaded
        with suppress(Exception):  # its portal may be gone already
            asgi.shutdown_lifespans()
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


OPERATIONS = [
    (path, method.upper())
    for path, methods in build_document(create_app(Settings()).framework)["paths"].items()
    for method, told in methods.items()
    if "text/event-stream" not in told["responses"].get("200", {}).get("content", {})  # which has no end
]


# Schemathesis draws from `random` in its strategies for bad data.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_answers_conform(document: Any, path: str, method: str, mode: GenerationMode) -> None:
    """Good and bad data, to every operation."""
    operation = document[path][method]
    # A batch is answered 200, and says within which of its events are invalid.
    headers = MEMBER if path.startswith("/v1/me/") or path == "/v1/me" else HEADERS
    excluded = [CHECKS.get_one("negative_data_rejection")] if path == "/v1/events" else []

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=12, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate],
    )  # fmt: skip
    def hold_to_it(case: Any) -> None:
        case.call_and_validate(headers=headers, excluded_checks=[*STRICTER_THAN_SCHEMA, *excluded])

    with suppress(Unsatisfiable, SkipTest):  # there is no bad data where nothing is asked for
        hold_to_it()
