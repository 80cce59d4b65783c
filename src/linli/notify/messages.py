"""Messages. Pure: from what moved by business date and kind, and from notices.

A message stands at a place (business date, number of its last movement), and its id says kind and place. Should
something of the kind move later on the same date, the message stands at a later place, and is unread again.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, TypeAlias

import msgspec

from linli.kit.clock import add_months
from linli.notify.marks import Mark

MessageKind: TypeAlias = Literal["settled", "expired", "expiring", "adjusted", "reversed", "refunded", "wake_up"]
RANKS: dict[str, int] = {"expiring": 0, "wake_up": -1}
"""Kinds of notices → where they stand on their date: below all that moved."""
KIND_OF: dict[str, MessageKind] = {
    "settle": "settled", "expire": "expired", "adjust": "adjusted", "reverse": "reversed", "refund": "refunded",
}  # fmt: skip
"""Kind of movement → kind of message; other kinds are the member's own doing and need no message."""
KEPT_MONTHS = 12
"""How far back messages reach: as long as points are valid, where a programme says nothing else."""

Place: TypeAlias = tuple[date, int]


class Note(msgspec.Struct, frozen=True):
    """A message without its words. `points` is signed as in the statement; what will lapse is positive."""

    kind: MessageKind
    on: date
    seq: int
    at: datetime
    points: int
    read: bool
    lapses_on: date | None = None
    """Of `expiring`: the first business date on which the first of the points can no longer be spent."""
    coupon: str | None = None
    """Of `wake_up`: the coupon that waits."""

    @property
    def message_id(self) -> str:
        """`settled.2026-11-22.17`"""
        return f"{self.kind}.{self.on}.{self.seq}"

    @property
    def place(self) -> Place:
        """Where it stands in the list."""
        return self.on, RANKS.get(self.kind, self.seq)


def place_of(message_id: str) -> Place | None:
    """The place that an id names, or None where it is no id of a message."""
    kind, _, rest = message_id.partition(".")
    day, _, seq = rest.partition(".")
    if kind not in (*KIND_OF.values(), *RANKS) or not seq.isascii() or not seq.isdigit() or len(seq) > 18:
        return None
    try:
        on = date.fromisoformat(day)
    except ValueError:
        return None
    return (on, RANKS.get(kind, int(seq))) if on.isoformat() == day else None


def since(on: date) -> date:
    """The first business date of which messages are kept."""
    return add_months(on, -KEPT_MONTHS)


def moved(kind: str, on: date, seq: int, at: datetime, points: int, mark: Mark) -> Note:
    """The message of what movements of `kind` brought on one date."""
    return Note(KIND_OF[kind], on, seq, at, points, seq <= mark.seq)
