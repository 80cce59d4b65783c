"""`POST /v1/events`: CloudEvents 1.0 in structured or batched mode, straight from ASGI.

The hot path stands before the framework, which would cost as much as the rest of it. What it answers is described in
the OpenAPI document like everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from linli import inbox
from linli.flows.intake import take_in
from linli.flows.publish import LiveProgrammes
from linli.inbox import Outcome, Rejected
from linli.kit.db import RETRIABLE, Connection, Pool, in_transaction
from linli.kit.errors import Refusal
from linli.kit.gather import Gatherer
from linli.ledger import Stamp
from linli.settings import Settings
from linli.words.events import Event

_encode = msgspec.json.Encoder().encode

SINGLE = b"application/cloudevents+json"
BATCH = b"application/cloudevents-batch+json"

STATUS = {"accepted": 200, "duplicate": 200, "parked": 202, "conflict": 409, "invalid": 422}
"""HTTP status of a single event's outcome; a batch is always 200 and says each outcome within."""


class BodyTooLarge(Refusal):
    """More bytes than one request may bring. Fields: `most_bytes`."""

    code = "body_too_large"


class UnsupportedContent(Refusal):
    """The content type is neither of the two CloudEvents modes. Fields: `content_type`, `supported`."""

    code = "unsupported_content_type"


class Intake:
    """Reads requests into events, and takes them in together with whatever else has arrived."""

    def __init__(self, settings: Settings, pool: Pool, live: LiveProgrammes) -> None:
        self._clock, self._calendar, self._pool, self._live = settings.clock, settings.calendar, pool, live
        self.reader = inbox.Reader(settings.calendar)
        self.gatherer: Gatherer[Event, Outcome] = Gatherer(
            self._commit, writers=settings.writers, limit=settings.batch_events, concerns_all=RETRIABLE
        )

    async def _commit(self, events: Sequence[Event]) -> list[Outcome]:
        at = self._clock()
        stamp = Stamp(at=at, on=self._calendar.date_of(at))
        return await in_transaction(self._pool, partial(self._take_in, events=events, stamp=stamp))

    async def _take_in(self, conn: Connection, events: Sequence[Event], stamp: Stamp) -> list[Outcome]:
        return await take_in(conn, events, stamp, self._live, self.reader)

    async def single(self, body: bytes) -> tuple[int, Outcome]:
        """(HTTP status, outcome) of one event."""
        event = self.reader.one(body, self._clock())
        if isinstance(event, Rejected):
            return 400 if event.code == "malformed_json" else 422, event.outcome()
        outcome = (await self.gatherer.submit([event]))[0]
        return STATUS[outcome.outcome], outcome

    async def batch(self, body: bytes) -> tuple[int, list[Outcome]]:
        """(HTTP status, outcomes in the order of the events). A good event is taken in whatever its neighbours are."""
        items = self.reader.batch(body, self._clock())
        if isinstance(items, Rejected):
            return {"malformed_json": 400, "batch_too_large": 413}.get(items.code, 422), [items.outcome()]
        events = [item for item in items if isinstance(item, Event)]
        taken = iter(await self.gatherer.submit(events) if events else [])
        return 200, [item.outcome() if isinstance(item, Rejected) else next(taken) for item in items]

    async def answer(self, content_type: bytes, body: bytes) -> tuple[int, bytes]:
        """(HTTP status, JSON). Raises UnsupportedContent, Overloaded."""
        mode = content_type.split(b";", 1)[0].strip().lower()
        if mode == SINGLE:
            status, outcome = await self.single(body)
            return status, _encode(outcome)
        if mode == BATCH:
            status, outcomes = await self.batch(body)
            return status, _encode({"outcomes": outcomes})
        raise UnsupportedContent(
            content_type=content_type.decode("latin-1")[:100], supported=[SINGLE.decode(), BATCH.decode()]
        )


async def read_body(scope: Any, receive: Any) -> bytes:
    """The request's body. Raises BodyTooLarge as soon as it is."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        if part := message.get("body", b""):
            size += len(part)
            if size > inbox.MAX_BODY_BYTES:
                raise BodyTooLarge(most_bytes=inbox.MAX_BODY_BYTES)
            parts.append(part)
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)
