"""Short ways to send events and to see all that they left behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from linli import inbox, ledger
from linli.flows.intake import take_in
from linli.flows.publish import LiveProgrammes, publish
from linli.inbox import Outcome
from linli.kit.audit import checks_in
from linli.kit.clock import BusinessCalendar
from linli.kit.db import Connection, fetch_all
from linli.kit.resources import resource
from linli.ledger import Stamp
from linli.words.events import Event

PRESETS = ("neighbours", "fresh-life")
EVERYTHING = "everything"
"""A programme of the tests' own, beside this file."""
SHANGHAI = BusinessCalendar("Asia/Shanghai")
NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
"""After all events of these tests, so that none of them lies ahead."""
SOURCE = "//platform"
READER = inbox.Reader(SHANGHAI)
CHECKS = checks_in(resource("db") / "audit")


def stamp(on: date, hour: int = 12) -> Stamp:
    """A posting on `on`, at an hour of Shanghai's clock."""
    return Stamp(at=SHANGHAI.starts_at(on) + timedelta(hours=hour), on=on, actor="test")


def raw(event_type: str, event_id: str, at: datetime, **data: Any) -> bytes:
    """A CloudEvent as it comes over the wire."""
    envelope = {"specversion": "1.0", "id": event_id, "source": SOURCE, "type": event_type, "time": at, "data": data}
    return msgspec.json.encode(envelope)


def event(event_type: str, event_id: str, at: datetime, **data: Any) -> Event:
    """A typed event, read from its bytes as the gate reads it."""
    found = READER.one(raw(event_type, event_id, at, **data), NOW)
    assert isinstance(found, Event), found
    return found


def again(told: Event) -> Event:
    """The event as a second delivery brings it: equal, but not the same object."""
    found = READER.one(inbox.canonical(told), NOW)
    assert isinstance(found, Event), found
    return found


async def open_programme(conn: Connection, preset: str) -> LiveProgrammes:
    """Publish a preset, and have it compiled."""
    folder = Path(__file__).parent if preset == EVERYTHING else resource("presets")
    document = (folder / f"{preset}.yaml").read_bytes()
    await publish(conn, document, now=NOW, by="test", effective_from=None)
    live = LiveProgrammes()
    await live.refresh(conn)
    return live


async def send(conn: Connection, live: LiveProgrammes, *batches: Sequence[Event], at: datetime = NOW) -> list[Outcome]:
    """Take in batch after batch, in the caller's transaction."""
    outcomes: list[Outcome] = []
    for batch in batches:
        outcomes += await take_in(conn, batch, Stamp(at=at, on=SHANGHAI.date_of(at)), live, READER)
    return outcomes


async def settle_all(conn: Connection, on: date) -> None:
    """Settle for `on` whoever has something due, within the caller's transaction."""
    rows = await fetch_all(conn, "SELECT DISTINCT member_id FROM ledger_grant WHERE state = 'pending' ORDER BY 1")
    await ledger.settle_members(conn, stamp(on, 1), on, [member_id for (member_id,) in rows])


# What the tables hold, except when Linli came to know it. JSON columns are compared as text, byte for byte.
_STATE = {
    "members": "SELECT member_id, city, leader_id, community_id, profile_at, registered_at FROM members_member",
    "facts": "SELECT member_id, facts::text FROM earning_member",
    "orders": "SELECT member_id, order_id, paid_fen, paid_on, completed_on, bases::text, refunds::text, more::text "
    "FROM earning_order",
    "groups": "SELECT * FROM earning_group",
    "parts": "SELECT group_id, member_id, cause, claims::text FROM earning_group_part",
    "grants": "SELECT * FROM ledger_grant",
    "balances": "SELECT member_id, wallet, available, held, debt FROM ledger_balance",
    "lots": "SELECT * FROM ledger_lot",
    "movements": "SELECT * FROM ledger_movement",
    "parked": "SELECT source, event_id, reason, member_id, convert_from(raw, 'UTF8') FROM inbox_parked "
    "WHERE state = 'waiting'",
    "keys": "SELECT source, event_id, encode(digest, 'hex'), member_id, business_on FROM inbox_key",
}
LASTING = ("grants", "balances", "lots")


async def state_digest(conn: Connection, parts: Sequence[str] = tuple(_STATE)) -> str:
    """All that events left behind, as text: equal texts, equal states. A difference can be read line by line."""
    lines: list[str] = []
    for name in parts:
        rows = await fetch_all(conn, f'SELECT t::text FROM ({_STATE[name]}) AS t ORDER BY t::text COLLATE "C"')
        lines += [f"{name}: {row}" for (row,) in rows]
    return "\n".join(lines)


async def findings(conn: Connection) -> dict[str, list[Any]]:
    """Check → rows of each audit query that finds something, in the caller's own transaction."""
    found = {}
    for name, text in CHECKS:
        if rows := await fetch_all(conn, text):
            found[name] = rows
    return found
