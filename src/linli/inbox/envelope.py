"""From bytes to typed events: CloudEvents 1.0, structured and batched content modes, JSON format.

Source: CloudEvents specification v1.0.2 and its JSON event format. Extension attributes are allowed and ignored;
unknown fields within `data` are refused, so that a misspelt one never passes as absent.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from linli.inbox.types import Rejected
from linli.kit.clock import BusinessCalendar
from linli.words.events import (
    CATALOGUE,
    Body,
    CheckIn,
    CheckInMadeUp,
    Event,
    Id,
    MemberRegistered,
    Order,
    OrderRefunded,
)  # fmt: skip

MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_BATCH = 1_000
TOO_LARGE = "batch_too_large"
"""The reason of an array that is longer than that."""
AHEAD = timedelta(minutes=10)
"""How far a sender's clock may be ahead of ours."""
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class _Envelope(msgspec.Struct, gc=False):
    specversion: Literal["1.0"]
    id: Id
    source: Annotated[str, Meta(min_length=1, max_length=200)]
    type: Annotated[str, Meta(min_length=1, max_length=100)]
    time: Annotated[datetime, Meta(tz=True)]
    data: msgspec.Raw
    datacontenttype: str | None = None


_envelope = msgspec.json.Decoder(_Envelope)
_batch = msgspec.json.Decoder(list[msgspec.Raw])
_any = msgspec.json.Decoder()
_bodies = {name: msgspec.json.Decoder(body) for name, body in CATALOGUE.items()}
_encode = msgspec.json.Encoder().encode
_PLACE = re.compile(r" - at `([^`]*)`$")


class Reader:
    """Reads events. `now` is the edge's reading of the clock for this request."""

    def __init__(self, calendar: BusinessCalendar) -> None:
        self._date_of: Callable[[datetime], Any] = calendar.date_of

    def one(self, raw: bytes | msgspec.Raw, now: datetime) -> Event | Rejected:
        """The event in `raw`, or why there is none."""
        try:
            envelope = _envelope.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            return _rejected(raw, error, "$")
        decoder = _bodies.get(envelope.type)
        if decoder is None:
            return _refuse(raw, envelope, "unknown_event_type", f"no event type {envelope.type!r}", "$.type")
        if envelope.datacontenttype not in (None, "application/json"):
            detail = f"data must be application/json, not {envelope.datacontenttype!r}"
            return _refuse(raw, envelope, "unsupported_data_type", detail, "$.datacontenttype")
        try:
            body = decoder.decode(envelope.data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            return _rejected(raw, error, "$.data", envelope)
        # Compared before it is converted: the last hours of the year 9999 have no time in UTC.
        if envelope.time > now + AHEAD:
            detail = f"time {envelope.time.isoformat()} lies ahead of now {now.isoformat()}"
            return _refuse(raw, envelope, "time_in_future", detail, "$.time")
        if envelope.time < _EARLIEST:
            return _refuse(raw, envelope, "time_too_old", "time lies before 2000-01-01", "$.time")
        occurred_at = envelope.time.astimezone(UTC)
        if b"\\u0000" in bytes(raw) and _has_nul(_any.decode(raw)):
            return _refuse(raw, envelope, "nul_in_text", "text must not hold U+0000", "$")
        if fault := _contradiction(body):
            return _refuse(raw, envelope, *fault)
        on = self._date_of(occurred_at)
        if fault := _date_fault(body, on):
            return _refuse(raw, envelope, *fault, "$.data.on")
        data = _encode(body)
        stamp = f"{envelope.type}\n{occurred_at.isoformat()}\n".encode()
        digest = hashlib.blake2b(stamp + data, digest_size=16).digest()
        return Event(envelope.source, envelope.id, occurred_at, on, body, data, digest)

    def batch(self, raw: bytes, now: datetime) -> list[Event | Rejected] | Rejected:
        """Each event of a JSON array; one Rejected for the whole where it is no array, or too long."""
        items = self.items(raw)
        if isinstance(items, Rejected):
            return items
        if len(items) > MAX_BATCH:
            detail = f"{len(items)} events in one batch; send at most {MAX_BATCH}"
            return Rejected(TOO_LARGE, detail, "$", raw=raw)
        return [self.one(item, now) for item in items]

    def items(self, raw: bytes) -> list[msgspec.Raw] | Rejected:
        """The events of a JSON array as they came, however many; or why it is none."""
        try:
            return _batch.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            return _rejected(raw, error, "$")


def stored(type_: str, source: str, event_id: str, occurred_at: datetime, on: date, data: str) -> Event:
    """An event of the archive, typed again; without its bytes, which it came from."""
    body: Body = _bodies[type_].decode(data)
    return Event(source, event_id, occurred_at, on, body, b"", b"")


def canonical(event: Event) -> bytes:
    """The event as a CloudEvent again, in one form: equal events give equal bytes."""
    envelope = {
        "specversion": "1.0",
        "id": event.event_id,
        "source": event.source,
        "type": event.body.type,
        "time": event.occurred_at,
        "data": msgspec.Raw(event.data),
    }
    return _encode(envelope)


def _contradiction(body: Body) -> tuple[str, str, str] | None:
    """What contradicts itself: (code, detail, place)."""
    if isinstance(body, Order) and body.lines:
        total = sum(line.paid_fen for line in body.lines)
        if total != body.paid_fen:
            detail = f"lines add up to {total} fen, paid_fen is {body.paid_fen}"
            return "amounts_inconsistent", detail, "$.data.paid_fen"
        ids = {line.line_id or str(place) for place, line in enumerate(body.lines, 1)}
        if len(ids) != len(body.lines):
            return "duplicate_line_id", "two lines bear one line_id", "$.data.lines"
    elif isinstance(body, OrderRefunded) and body.lines:
        total = sum(line.refund_fen for line in body.lines)
        if total != body.refund_fen:
            detail = f"lines add up to {total} fen, refund_fen is {body.refund_fen}"
            return "amounts_inconsistent", detail, "$.data.refund_fen"
    elif isinstance(body, MemberRegistered) and body.inviter_id and body.invite_code:
        return "inviter_told_twice", "say inviter_id or invite_code, not both", "$.data.invite_code"
    return None


def _date_fault(body: Body, on: date) -> tuple[str, str] | None:
    """A date that the event's own contradicts: (code, detail)."""
    if isinstance(body, CheckIn) and body.on not in (None, on):
        return "check_in_other_day", f"on is {body.on}, the event's business date is {on}"
    if isinstance(body, CheckInMadeUp) and body.on >= on:
        return "made_up_not_past", f"on is {body.on}; only a day before the event's own, {on}, can be made up for"
    return None


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(_has_nul, value))


def _refuse(raw: bytes | msgspec.Raw, envelope: _Envelope, code: str, detail: str, place: str) -> Rejected:
    return Rejected(code, detail, place, envelope.id, envelope.source, bytes(raw))


def _rejected(raw: bytes | msgspec.Raw, error: Exception, root: str, envelope: _Envelope | None = None) -> Rejected:
    """A decoder's complaint as a Rejected, with the ids, so far as they can be read."""
    text = str(error) or type(error).__name__
    found = _PLACE.search(text)
    place = root + found.group(1)[1:] if found else root
    detail = text[: found.start()] if found else text
    code = "invalid_event" if isinstance(error, msgspec.ValidationError) else "malformed_json"
    event_id, source = (envelope.id, envelope.source) if envelope else _ids_of(raw)
    return Rejected(code, detail[:500], place[:200], event_id, source, bytes(raw))


def _ids_of(raw: bytes | msgspec.Raw) -> tuple[str | None, str | None]:
    try:
        value = _any.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None, None
    if not isinstance(value, dict):
        return None, None
    return tuple(text[:128] if isinstance(text := value.get(name), str) else None for name in ("id", "source"))  # pyright: ignore[reportReturnType]  (two names, two parts)
