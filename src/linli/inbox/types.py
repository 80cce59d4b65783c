"""Outcomes: what becomes of an event, told to whoever sent it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

OutcomeKind = Literal["accepted", "duplicate", "conflict", "parked", "invalid"]


class Granted(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Points promised for the event, by which version of which rule, and when they will be credited."""

    member_id: str
    rule: str
    rule_version: int
    points: int
    wallet: str
    settle_on: date
    key: str
    awaits: str | None = None
    """The milestone that it waits for: `formed:<group>`, `collected:order:<id>` or `return_window:order:<id>`, or of a
    `friend`'s order."""


class Outcome(msgspec.Struct, omit_defaults=True):
    """What became of one event. `skipped`: the rules that did not fire, each with its reason.

    `code`, `detail` and `place` are there for conflict, parked and invalid: why, and where.
    """

    id: str | None
    source: str | None
    outcome: OutcomeKind
    type: str | None = None
    member_id: str | None = None
    programme_version: int | None = None
    granted: list[Granted] = []
    withdrawn: list[str] = []
    """Keys of promised grants that this event took back."""
    reversed_points: int = 0
    """Points that a refund or cancellation undid."""
    given_back_fen: int = 0
    """Money that it gave back: of a cancellation, what was left of the order."""
    skipped: list[Any] = []
    out_of_scope: Annotated[msgspec.Raw, Meta(extra_json_schema={"type": "array"})] | msgspec.UnsetType = msgspec.UNSET
    """Rules that the event's type or city leaves out: told to the sender, not kept."""
    code: str | None = None
    detail: str | None = None
    place: str | None = None


class Rejected(msgspec.Struct, frozen=True):
    """An event that cannot be read: stable `code`, what is wrong, and where (`$.data.lines[0].paid_fen`)."""

    code: str
    detail: str
    place: str | None = None
    event_id: str | None = None
    source: str | None = None
    raw: bytes = b""

    def outcome(self) -> Outcome:
        """As it is told to the sender."""
        return Outcome(
            id=self.event_id, source=self.source, outcome="invalid",
            code=self.code, detail=self.detail, place=self.place,
        )  # fmt: skip
