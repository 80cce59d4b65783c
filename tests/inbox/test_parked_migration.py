"""Revision 0003 finds out which parked events hold their keys."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import psycopg
import sqlalchemy
from alembic import command

from linli import inbox
from linli.kit.migrate import config, migrate
from linli.kit.resources import resource
from tests.flows.world import NOW, event

PARK = """
INSERT INTO inbox_parked (parked_id, channel, reason, detail, member_id, source, event_id, raw, parked_at)
VALUES (gen_random_uuid(), 'nats', %s, '', %s, '//platform', %s, %s, now())
"""


def revision() -> Any:
    [path] = (resource("db") / "migrations" / "versions").glob("*_parked_keys.py")
    spec = spec_from_file_location("parked_keys", path)
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_waits_holds_its_key_where_it_was_read(empty_database_url: str) -> None:
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(empty_database_url), poolclass=sqlalchemy.NullPool
    )
    with engine.connect() as connection:
        before = config()
        before.attributes["connection"] = connection
        command.upgrade(before, revision().down_revision)
    read = event("check_in", "read", NOW, member_id="m1", city="杭州")
    with psycopg.connect(empty_database_url) as conn:
        conn.execute(PARK, ("no_programme", "m1", "read", inbox.canonical(read)))
        conn.execute(PARK, ("invalid_event", None, "unread", b"{"))
        conn.execute(PARK, ("event_id_reused", None, "reused", b"{}"))
    migrate(empty_database_url)
    with psycopg.connect(empty_database_url) as conn:
        found = conn.execute("SELECT event_id, state, digest FROM inbox_parked ORDER BY event_id").fetchall()
    assert found == [("read", "waiting", read.digest), ("reused", "conflict", None), ("unread", "waiting", None)]
