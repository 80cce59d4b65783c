"""What could not be taken in: kept with its reason and its bytes until it is replayed or discarded.

A parked event that could be read has a digest and holds its key: while it waits, another body under that key is a
conflict. What could not be read holds nothing; its sender may send it again, mended, under the same id. What was tried
and found its key taken by another body ends in state `conflict`, for somebody to look at.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from linli.inbox import store
from linli.kit.columns import texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.kit.errors import NotFound, Refusal

ParkedState = Literal["waiting", "conflict", "replayed", "discarded"]
OPEN: tuple[ParkedState, ...] = ("waiting", "conflict")
"""States in which somebody has still to see to it."""
REUSED = "event_id_reused"
"""The reason of what is in state `conflict`."""


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
    state: ParkedState
    attempts: int
    parked_at: datetime
    taken: int
    """Of a batch that was parked whole: how many of its events, from the first, wait no longer in it."""


class Waiting(msgspec.Struct, frozen=True):
    """A parked event under a key. `digest` None: it was parked unread, as `raw`, and does not hold the key."""

    parked_id: UUID
    source: str
    event_id: str
    digest: bytes | None
    raw: bytes | None


class ParkedNotFound(NotFound):
    """There is no such parked event. Fields: `parked_id`."""

    code: ClassVar[str] = "parked_not_found"


class ParkedClosed(Refusal):
    """The parked event was replayed or discarded before. Fields: `parked_id`, `state`."""

    code: ClassVar[str] = "parked_closed"


async def park(
    conn: Connection, *, channel: str, reason: str, detail: str, raw: bytes, now: datetime,
    member_id: str | None = None, source: str | None = None, event_id: str | None = None, awaits: str | None = None,
    digest: bytes | None = None,
) -> Literal["parked", "duplicate", "conflict"]:  # fmt: skip
    """Keep what cannot be taken in now. With its `digest` it holds its key, which the caller has claimed: one that
    waits already is then a duplicate, or a conflict if it is another body. Unread, only the same bytes are a duplicate.
    """
    row = await fetch_one(
        conn,
        store.PARK_UNREAD if digest is None else store.PARK,
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
            "digest": digest,
            "state": "conflict" if reason == REUSED else "waiting",
            "now": now,
        },
    )
    if row is None:
        return "duplicate" if digest is None else "conflict"
    return "parked" if row[0] else "duplicate"


async def waiting_under(conn: Connection, keys: Sequence[tuple[str, str]]) -> list[Waiting]:
    """What waits under `keys` (source, event id)."""
    params = {"sources": texts(source for source, _ in keys), "event_ids": texts(event_id for _, event_id in keys)}
    return [Waiting(*row) for row in await fetch_all(conn, store.WAITING_UNDER, params)]


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
    conn: Connection, *, state: ParkedState | None = None, reason: str | None = None, after: UUID | None = None,
    limit: int,
) -> list[ParkedEvent]:  # fmt: skip
    """A page of parked events, oldest first. `state` None: those that somebody has still to see to."""
    states = list(OPEN) if state is None else [state]
    rows = await fetch_all(conn, store.PARKED, {"states": states, "reason": reason, "after": after, "limit": limit})
    return [ParkedEvent(*row) for row in rows]


async def lock_parked(conn: Connection, parked_id: UUID) -> ParkedEvent:
    """One parked event, locked until the transaction ends. Raises ParkedNotFound, ParkedClosed."""
    row = await fetch_one(conn, store.PARKED_ONE, {"parked_id": parked_id})
    if row is None:
        raise ParkedNotFound(parked_id=str(parked_id))
    found = ParkedEvent(*row)
    if found.state not in OPEN:
        raise ParkedClosed(parked_id=str(parked_id), state=found.state)
    return found


async def find_parked(conn: Connection, source: str, event_id: str) -> ParkedEvent | None:
    """The parked event of that name that somebody has still to see to, the one that holds the key first, or None."""
    row = await fetch_one(conn, store.PARKED_EVENT, {"source": source, "event_id": event_id})
    return ParkedEvent(*row) if row else None


async def resolve_parked(conn: Connection, parked_ids: Sequence[UUID], now: datetime) -> None:
    """Mark as replayed."""
    if parked_ids:
        await conn.execute(store.RESOLVE, {"parked_ids": list(parked_ids), "state": "replayed", "now": now})


async def advance_parked(conn: Connection, parked_id: UUID, events: int) -> None:
    """So many more `events` of a batch that was parked whole wait no longer in it."""
    await conn.execute(store.ADVANCE, {"parked_id": parked_id, "events": events})


async def discard_parked(conn: Connection, parked_id: UUID, now: datetime) -> None:
    """Mark as discarded, by an operator's decision."""
    await conn.execute(store.RESOLVE, {"parked_ids": [parked_id], "state": "discarded", "now": now})


async def retry_failed(conn: Connection, parked_id: UUID, reason: str, detail: str) -> None:
    """Count one more failed attempt. With reason `event_id_reused` it waits no longer: its state is `conflict`."""
    told = {"reason": reason, "detail": detail, "conflict": reason == REUSED}
    await conn.execute(store.FAILED_AGAIN, {"parked_id": parked_id, **told})
