"""What cannot be taken in, for a sender that waits for no answer: kept with its reason, an event at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

import psycopg

from linli import inbox
from linli.inbox import Outcome, Rejected
from linli.kit.db import Connection
from linli.kit.gather import Overloaded

FAILED = "failed"
"""The reason of an event that can be read, and whose taking in raised."""


def aside(answer: Outcome | Rejected, raw: bytes) -> Rejected | None:
    """What must be set aside of an event that was answered so; None where it is taken in, or waits already."""
    if isinstance(answer, Rejected):
        return answer
    if answer.outcome == "conflict":
        # Its sender does not wait for an answer, so somebody else has to look at it.
        detail = answer.detail or "another event has this source and id"
        return Rejected(inbox.REUSED, detail, None, answer.id, answer.source, raw)
    return None


def failed(failure: Exception, raw: bytes) -> Rejected:
    """An event that failed by a fault of its own or of ours: it can be replayed when the fault is mended."""
    return Rejected(FAILED, f"{type(failure).__name__}: {failure}"[:500], raw=raw)


def passes(failure: Exception) -> bool:
    """Whether `failure` is no event's own fault, so that the same event will be taken in another time.

    Of the database's complaints only those about values and constraints are an event's own; a table or a right that is
    missing is a deployment that is not finished.
    """
    if isinstance(failure, psycopg.Error):
        return not isinstance(failure, psycopg.DataError | psycopg.IntegrityError)
    return isinstance(failure, Overloaded | OSError | TimeoutError)


async def set_aside(
    conn: Connection, rejected: Sequence[Rejected], *, channel: str, reader: inbox.Reader, now: datetime
) -> None:
    """Park each with its reason. The same bytes are parked once, however often they come."""
    for one in rejected:
        # What has no key of its own is known by its bytes: a broker may deliver it twice, and it waits but once.
        digest = hashlib.blake2b(one.raw, digest_size=8).hexdigest()
        park = partial(
            inbox.park, conn, channel=channel, reason=one.code, detail=_storable(one.detail), raw=one.raw, now=now,
            source=_storable(one.source or f"channel:{channel}"), event_id=_storable(one.event_id or f"bytes:{digest}"),
        )  # fmt: skip
        if one.code != FAILED or not await _hold(conn, one.raw, park, reader, now):
            await park()


async def _hold(
    conn: Connection, raw: bytes, park: Callable[..., Awaitable[str]], reader: inbox.Reader, now: datetime
) -> bool:
    """Park an event that can be read but failed, so that it holds its key. False where it cannot."""
    event = reader.one(raw, now)
    if isinstance(event, Rejected):
        return False
    try:
        async with conn.transaction():
            if not await inbox.claim(conn, [event]):
                return False
            key, member_id = (event.source, event.event_id), event.body.member_id
            how = await park(source=key[0], event_id=key[1], member_id=member_id, digest=event.digest)
            await inbox.unclaim(conn, [key])
            return how != "conflict"
    except psycopg.DataError:
        return False  # perhaps for the very value that made it fail


def _storable(text: str) -> str:
    # Text columns hold neither U+0000 nor lone surrogates; `raw` keeps the bytes as they came.
    return text.replace("\0", "").encode("utf-8", "replace").decode()
