"""The inbox: what came in, what became of it, what is parked. Owns `inbox_*`.

(source, id) of an event is its idempotency key for ever. An event is either taken in with an outcome, or parked with
its reason and its raw bytes; nothing that was acknowledged is ever lost.
"""

from linli.inbox.archive import (
    Archived,
    EventNotFound,
    Known,
    archive,
    claim,
    find_event,
    known,
    of_order,
    unclaim,
)
from linli.inbox.browsing import EventLine, Place, browse
from linli.inbox.envelope import MAX_BATCH, MAX_BODY_BYTES, TOO_LARGE, Reader, canonical
from linli.inbox.lives import lives, told_of_orders
from linli.inbox.parked import (
    REUSED,
    ParkedClosed,
    ParkedEvent,
    ParkedNotFound,
    ParkedState,
    Waiting,
    advance_parked,
    discard_parked,
    find_parked,
    lock_parked,
    park,
    parked,
    parked_for,
    resolve_parked,
    retry_failed,
    waiting_under,
)
from linli.inbox.types import Granted, Outcome, OutcomeKind, Rejected

__all__ = [
    "MAX_BATCH",
    "MAX_BODY_BYTES",
    "REUSED",
    "TOO_LARGE",
    "Archived",
    "EventLine",
    "EventNotFound",
    "Granted",
    "Known",
    "Outcome",
    "OutcomeKind",
    "ParkedClosed",
    "ParkedEvent",
    "ParkedNotFound",
    "ParkedState",
    "Place",
    "Reader",
    "Rejected",
    "Waiting",
    "advance_parked",
    "archive",
    "browse",
    "canonical",
    "claim",
    "discard_parked",
    "find_event",
    "find_parked",
    "known",
    "lives",
    "lock_parked",
    "of_order",
    "park",
    "parked",
    "parked_for",
    "resolve_parked",
    "retry_failed",
    "told_of_orders",
    "unclaim",
    "waiting_under",
]
