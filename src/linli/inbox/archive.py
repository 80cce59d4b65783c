"""Keys, bodies and outcomes of events, and those that are parked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from linli.inbox import store
from linli.kit.columns import blobs, dates, instants, json_texts, texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.kit.errors import NotFound, Refusal
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


class ParkedEvent(msgspec.Struct, frozen=True):
    """What could not be taken in, with its reason and its bytes as they came."""

    parked_id: UUID
    channel: str
    reason: str
    detail: str
    member_id: str | None
    source: str | None
    event_id: str | None
    awaits: str | None
    raw: bytes
    state: str
    attempts: int
    parked_at: datetime


class EventNotFound(NotFound):
    """No event of that source and id was taken in or parked. Fields: `source`, `event_id`."""

    code: ClassVar[str] = "event_not_found"


class ParkedNotFound(NotFound):
    """There is no such parked event. Fields: `parked_id`."""

    code: ClassVar[str] = "parked_not_found"


class ParkedClosed(Refusal):
    """The parked event was replayed or discarded before. Fields: `parked_id`, `state`."""

    code: ClassVar[str] = "parked_closed"


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
    """Keep events with their outcomes (JSON). What was parked under their keys waits no longer."""
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


async def park(
    conn: Connection, *, channel: str, reason: str, detail: str, raw: bytes, now: datetime,
    member_id: str | None = None, source: str | None = None, event_id: str | None = None, awaits: str | None = None,
) -> Literal["parked", "duplicate", "conflict"]:  # fmt: skip
    """Keep what cannot be taken in now. One that waits already is a duplicate, or a conflict if its bytes differ."""
    row = await fetch_one(
        conn,
        store.PARK,
        {
            "parked_id": uuid7(),
            "channel": channel,
            "reason": reason,
            "detail": detail,
            "member_id": member_id,
            "source": source,
            "event_id": event_id,
            "awaits": awaits,
            "raw": raw,
            "now": now,
        },
    )
    return "conflict" if row is None else "parked" if row[0] else "duplicate"


async def rewrite_parked(conn: Connection, parked_id: UUID, raw: bytes) -> None:
    """Keep a parked event in another form of the same bytes' meaning: what is tried again is compared in one form."""
    await conn.execute(store.REWRITE, {"parked_id": parked_id, "raw": raw})


async def parked_for(conn: Connection, awaited: Sequence[tuple[str, str]]) -> list[ParkedEvent]:
    """Events that wait for any of `awaited` (member_id, what)."""
    if not awaited:
        return []
    rows = await fetch_all(
        conn,
        store.PARKED_FOR,
        {"member_ids": texts(m for m, _ in awaited), "awaits": texts(what for _, what in awaited)},
    )
    return [ParkedEvent(*row) for row in rows]


async def parked(
    conn: Connection, *, state: str | None = "waiting", reason: str | None = None, after: UUID | None = None, limit: int
) -> list[ParkedEvent]:
    """A page of parked events, oldest first."""
    rows = await fetch_all(conn, store.PARKED, {"state": state, "reason": reason, "after": after, "limit": limit})
    return [ParkedEvent(*row) for row in rows]


async def lock_parked(conn: Connection, parked_id: UUID) -> ParkedEvent:
    """One parked event, locked until the transaction ends. Raises ParkedNotFound."""
    row = await fetch_one(conn, store.PARKED_ONE, {"parked_id": parked_id})
    if row is None:
        raise ParkedNotFound(parked_id=str(parked_id))
    return ParkedEvent(*row)


async def find_parked(conn: Connection, source: str, event_id: str) -> ParkedEvent | None:
    """The parked event of that name which still waits, or None."""
    row = await fetch_one(conn, store.PARKED_EVENT, {"source": source, "event_id": event_id})
    return ParkedEvent(*row) if row else None


async def resolve_parked(conn: Connection, parked_id: UUID, now: datetime) -> bool:
    """Mark as replayed. False if somebody else did."""
    params = {"parked_id": parked_id, "state": "replayed", "now": now}
    return await fetch_one(conn, store.RESOLVE, params) is not None


async def discard_parked(conn: Connection, parked_id: UUID, now: datetime) -> bool:
    """Mark as discarded, by an operator's decision. False if it was not waiting."""
    params = {"parked_id": parked_id, "state": "discarded", "now": now}
    return await fetch_one(conn, store.RESOLVE, params) is not None


async def retry_failed(conn: Connection, parked_id: UUID, reason: str, detail: str) -> None:
    """Count one more failed attempt."""
    await conn.execute(store.FAILED_AGAIN, {"parked_id": parked_id, "reason": reason, "detail": detail})
