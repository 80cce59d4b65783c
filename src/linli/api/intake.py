"""`POST /v1/events`: CloudEvents 1.0 in structured or batched mode, straight from ASGI.

The hot path stands before the framework, which would cost as much as all the rest of it. What it answers is described
in the OpenAPI document like everything else.
"""

from __future__ import annotations

from typing import Any

import msgspec

from linli.gate import Gate
from linli.inbox import MAX_BODY_BYTES, Rejected
from linli.kit.errors import Refusal

_encode = msgspec.json.Encoder().encode

SINGLE = b"application/cloudevents+json"
BATCH = b"application/cloudevents-batch+json"

STATUS = {"accepted": 200, "duplicate": 200, "parked": 202, "conflict": 409, "invalid": 422}
"""HTTP status of a single event's outcome; a batch is 200 and says each outcome within."""

UNREADABLE = {"malformed_json": 400, "batch_too_large": 413}
"""HTTP status of what cannot be read; 422 for all other reasons."""


class BodyTooLarge(Refusal):
    """More bytes than one request may bring. Fields: `most_bytes`."""

    code = "body_too_large"


class UnsupportedContent(Refusal):
    """The content type is neither of the two CloudEvents modes. Fields: `content_type`, `supported`."""

    code = "unsupported_content_type"


async def answer(gate: Gate, content_type: bytes, body: bytes) -> tuple[int, bytes]:
    """(HTTP status, JSON): one outcome, or `{"outcomes": […]}`. Raises UnsupportedContent, Overloaded."""
    mode = content_type.split(b";", 1)[0].strip().lower()
    if mode == SINGLE:
        outcome = await gate.one(body)
        if isinstance(outcome, Rejected):
            return UNREADABLE.get(outcome.code, 422), _encode(outcome.outcome())
        return STATUS[outcome.outcome], _encode(outcome)
    if mode == BATCH:
        outcomes = await gate.batch(body)
        if isinstance(outcomes, Rejected):
            return UNREADABLE.get(outcomes.code, 422), _encode(outcomes.outcome())
        told = [item.outcome() if isinstance(item, Rejected) else item for item in outcomes]
        return 200, _encode({"outcomes": told})
    raise UnsupportedContent(
        content_type=content_type.decode("latin-1")[:100], supported=[SINGLE.decode(), BATCH.decode()]
    )


async def read_body(receive: Any) -> bytes | None:
    """The request's body; None where the client went away. Raises BodyTooLarge as soon as it is."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        if part := message.get("body", b""):
            size += len(part)
            if size > MAX_BODY_BYTES:
                raise BodyTooLarge(most_bytes=MAX_BODY_BYTES)
            parts.append(part)
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)
