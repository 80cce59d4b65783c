"""Notify: what a member is told. Owns `notify_read`, how far each has read; there is no row per message.

Messages are a function of the ledger: what moved, by business date and kind, and which points lapse soon. So none is
ever lost or told twice, and one that is no longer true (points that were spent before they lapsed) is gone.
"""

from linli.notify.marks import NOTHING_READ, Mark, advance, marks
from linli.notify.messages import (
    AHEAD_DAYS,
    EXPIRING,
    KIND_OF,
    MessageKind,
    Note,
    Place,
    Week,
    count_unread_weeks,
    lapsing_weeks,
    moved,
    place_of,
    since,
)

__all__ = [
    "AHEAD_DAYS",
    "EXPIRING",
    "KIND_OF",
    "NOTHING_READ",
    "Mark",
    "MessageKind",
    "Note",
    "Place",
    "Week",
    "advance",
    "count_unread_weeks",
    "lapsing_weeks",
    "marks",
    "moved",
    "place_of",
    "since",
]
