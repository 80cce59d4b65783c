"""What a replay replays: business dates with the events and the spending of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Literal, Protocol

import msgspec

from linli.words.events import Body


class Day(msgspec.Struct, frozen=True):
    """One business date: its events in batches, ready to be sent, and who spends points on it."""

    on: date
    batches: list[bytes]
    events: int
    spenders: list[str] = []


class History(Protocol):
    """Business dates `first` to `last`. `day` may run in a thread; the same date gives the same bytes for ever."""

    name: str
    first: date
    last: date
    events: int

    def day(self, on: date) -> Day:
        """The date's events, perhaps none."""
        ...


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """A CloudEvent 1.0 in structured mode."""

    id: str
    source: str
    type: str
    time: datetime
    data: Body
    specversion: Literal["1.0"] = "1.0"


_encode = msgspec.json.Encoder().encode


def batches_of(events: Sequence[Envelope], size: int) -> list[bytes]:
    """`events`, in their order, as JSON arrays of at most `size`, of nearly equal lengths."""
    if not events:
        return []
    count = -(-len(events) // size)
    cuts = [len(events) * place // count for place in range(count + 1)]
    return [_encode(events[start:end]) for start, end in pairwise(cuts)]


def lanes_of(groups: Iterable[list[Envelope]], lanes: int, size: int) -> list[bytes]:
    """Batches of `groups` that can be under way side by side: a group, all that one member did, is in one lane.

    Two batches that concern one member would wait for each other in the database.
    """
    shared: list[list[Envelope]] = [[] for _ in range(lanes)]
    for group in groups:
        min(shared, key=len).extend(group)
    return [batch for lane in shared for batch in batches_of(lane, size)]
