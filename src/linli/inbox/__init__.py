"""The inbox: what came in, what became of it, what is parked. Owns `inbox_*`.

(source, id) of an event is its idempotency key for ever. An event is either taken in with an outcome, or parked with
its reason and its raw bytes; nothing that was acknowledged is ever lost.
"""

from linli.inbox.archive import (
    Archived,
    EventNotFound,
    Known,
    ParkedClosed,
    ParkedEvent,
    ParkedNotFound,
    archive,
    claim,
    discard_parked,
    find_event,
    find_parked,
    known,
    lock_parked,
    park,
    parked,
    parked_for,
    resolve_parked,
    retry_failed,
    rewrite_parked,
    unclaim,
)
from linli.inbox.envelope import MAX_BATCH, MAX_BODY_BYTES, Reader, canonical
from linli.inbox.types import Granted, Outcome, Rejected

__all__ = [
    "MAX_BATCH",
    "MAX_BODY_BYTES",
    "Archived",
    "EventNotFound",
    "Granted",
    "Known",
    "Outcome",
    "ParkedClosed",
    "ParkedEvent",
    "ParkedNotFound",
    "Reader",
    "Rejected",
    "archive",
    "canonical",
    "claim",
    "discard_parked",
    "find_event",
    "find_parked",
    "known",
    "lock_parked",
    "park",
    "parked",
    "parked_for",
    "resolve_parked",
    "retry_failed",
    "rewrite_parked",
    "unclaim",
]
