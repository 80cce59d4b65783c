"""A grant: points that a rule promises for an event. Rules propose it, the ledger keeps and settles it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, NamedTuple, TypeAlias

import msgspec

Caps: TypeAlias = tuple[tuple[Literal["day", "month", "life"], int], ...]


class Grant(msgspec.Struct, frozen=True, gc=False):
    """Points promised to a member, pending until `settle_on`.

    `key` is derived from the cause (`order:o1:base`, `once:first_group`, `day:check_in:2026-11-22`) and unique per
    member for ever. Where several causes claim one key, the earliest (occurred_at, event_id) keeps it, so the order
    of arrival does not matter. `rule_version` is the programme version in which the rule last changed.
    """

    member_id: str
    key: str
    rule: str
    rule_version: int
    points: int
    """As promised, ≥ 0; a refund lowers what is left of it in the ledger, never this."""
    wallet: str
    funder: str
    occurred_at: datetime
    earned_on: date
    settle_on: date
    expires_on: date
    """The first business date on which the points can no longer be spent."""
    event_type: str
    source: str
    event_id: str
    order_id: str | None = None
    caps: Caps = ()
    """(span, points) that its rule caps: held when it is credited."""
    at_once: bool = False
    """Whether it is credited in the transaction that promises it."""
    awaits: str | None = None
    """A milestone that must be reached first: `formed:<group>`, `collected:order:<id>`, `return_window:order:<id>`, or
    the like of a `friend`'s order."""
    wait_days: int = 0
    """Days from the milestone to settlement; until it is reached, `settle_on` is `FAR`."""


class Marks(NamedTuple):
    """Where an event came from, as keyed digests: equal devices have equal digests, and nobody can tell which."""

    device_key: int | None = None
    ip_key: int | None = None
    phone_key: int | None = None


NO_MARKS = Marks()


FAR = date(9999, 12, 31)


class Part(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A rate of an award, and what of the order it counts for."""

    points: int
    per_fen: int
    lines: tuple[int, ...] | None = None
    """Places (from 0) of the order's lines; the place after the last line stands for what was paid for no line. None
    is the whole order."""


class Award(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """How a grant for an order was reckoned, frozen with the order, so that a refund is reckoned by the same rates.

    points = Σ over `parts` of (paid − given back, over its lines) × points ÷ per_fen, made whole by `rounding`: once
    for the order, or for each line by itself.
    """

    key: str
    rule: str
    rule_version: int
    parts: tuple[Part, ...]
    rounding: Literal["down", "half_up", "up"] = "down"
    by_line: bool = False


class Refunded(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of an order was given back so far: by line id, and as a part of the whole (`unallocated_fen`)."""

    by_line_fen: dict[str, int] = {}
    unallocated_fen: int = 0
    cancelled: bool = False
