"""Keys, bodies and outcomes of events that were taken in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

import msgspec

from linli.inbox import store
from linli.kit.columns import blobs, dates, instants, json_texts, texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.kit.errors import NotFound
from linli.words.events import Event

EventKey = tuple[str, str]
"""(source, event id)"""


class Known(msgspec.Struct, frozen=True):
    """An event that was taken in before: the digest of its body, and its outcome as JSON."""

    digest: bytes
    outcome: bytes | None
    """None where the archive no longer holds it: keys outlive bodies."""


class Archived(msgspec.Struct, frozen=True):
    """An event with what became of it; `data` and `outcome` are JSON."""

    member_id: str
    business_on: date
    source: str
    event_id: str
    type: str
    occurred_at: datetime
    received_at: datetime
    data: str
    outcome: str


class EventNotFound(NotFound):
    """No event of that source and id was taken in or parked. Fields: `source`, `event_id`."""

    code: ClassVar[str] = "event_not_found"


async def claim(conn: Connection, events: Sequence[Event]) -> set[EventKey]:
    """Claim the keys of `events`, which must differ. Returns the new ones; who comes second waits for the first."""
    rows = sorted(events, key=lambda event: (event.source, event.event_id))
    claimed = await fetch_all(
        conn,
        store.CLAIM,
        {
            "sources": texts(e.source for e in rows),
            "event_ids": texts(e.event_id for e in rows),
            "digests": blobs(e.digest for e in rows),
            "member_ids": texts(e.body.member_id for e in rows),
            "business_on": dates(e.business_on for e in rows),
        },
    )
    return {(source, event_id) for source, event_id in claimed}


async def unclaim(conn: Connection, keys: Sequence[EventKey]) -> None:
    """Give keys back that this transaction claimed: their events are parked instead."""
    if keys:
        await conn.execute(
            store.UNCLAIM, {"sources": texts(k[0] for k in keys), "event_ids": texts(k[1] for k in keys)}
        )


async def known(conn: Connection, keys: Sequence[EventKey]) -> dict[EventKey, Known]:
    """What became of events that were taken in before."""
    if not keys:
        return {}
    rows = await fetch_all(
        conn, store.KNOWN, {"sources": texts(k[0] for k in keys), "event_ids": texts(k[1] for k in keys)}
    )
    return {
        (source, event_id): Known(digest, None if outcome is None else outcome.encode())
        for source, event_id, digest, outcome in rows
    }


async def archive(conn: Connection, taken: Sequence[tuple[Event, bytes]], now: datetime) -> None:
    """Keep events with their outcomes (JSON)."""
    if not taken:
        return
    await conn.execute(
        store.ARCHIVE,
        {
            "member_ids": texts(e.body.member_id for e, _ in taken),
            "business_on": dates(e.business_on for e, _ in taken),
            "sources": texts(e.source for e, _ in taken),
            "event_ids": texts(e.event_id for e, _ in taken),
            "types": texts(e.body.type for e, _ in taken),
            "occurred": instants(e.occurred_at for e, _ in taken),
            "data": json_texts(e.data for e, _ in taken),
            "outcomes": json_texts(outcome for _, outcome in taken),
            "now": now,
        },
    )


async def find_event(conn: Connection, source: str, event_id: str) -> Archived | None:
    """The event with its outcome, or None."""
    row = await fetch_one(conn, store.EVENT, {"source": source, "event_id": event_id})
    return Archived(*row) if row else None


async def of_order(conn: Connection, member_id: str, order_id: str, limit: int) -> list[Archived]:
    """The member's events that name the order, by business time."""
    asked = {"member_id": member_id, "order_id": order_id, "limit": limit}
    return [Archived(*row) for row in await fetch_all(conn, store.OF_ORDER, asked)]
