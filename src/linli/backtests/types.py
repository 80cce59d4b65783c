"""What a back-test is, what it adds up on the way, and what it tells in the end."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

BackTestState = Literal["queued", "running", "stopped", "finished", "failed"]
Arm: TypeAlias = Literal["live", "draft"]


class Tally(msgspec.Struct):
    """Points and grants of one arm each, and the fen of sales where they are asked for."""

    live_points: int = 0
    draft_points: int = 0
    live_grants: int = 0
    draft_grants: int = 0
    sales_fen: int = 0

    def add(self, arm: Arm, points: int, grants: int = 1) -> None:
        """Add what grants of one arm come to."""
        if arm == "live":
            self.live_points += points
            self.live_grants += grants
        else:
            self.draft_points += points
            self.draft_grants += grants

    def join(self, other: Tally) -> None:
        """Add another tally."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Sums(msgspec.Struct):
    """What is added up over members, by rule, by business month (`2026-11`) and by city ('' where none is named).

    `failed`: events that an arm could not judge.
    """

    total: Tally = msgspec.field(default_factory=Tally)
    rules: dict[str, Tally] = {}
    months: dict[str, Tally] = {}
    cities: dict[str, Tally] = {}
    live_failed: int = 0
    draft_failed: int = 0

    def grant(self, arm: Arm, points: int, grants: int, *, rule: str, month: str, city: str) -> None:
        """Add grants of one arm."""
        self.total.add(arm, points, grants)
        for tally in self._tallies(rule, month, city):
            tally.add(arm, points, grants)

    def sale(self, fen: int, *, month: str, city: str) -> None:
        """Add money paid, or (< 0) given back."""
        self.total.sales_fen += fen
        self.months.setdefault(month, Tally()).sales_fen += fen
        self.cities.setdefault(city, Tally()).sales_fen += fen

    def join(self, other: Sums) -> None:
        """Add the sums of other members."""
        self.total.join(other.total)
        for mine, theirs in (
            (self.rules, other.rules),
            (self.months, other.months),
            (self.cities, other.cities),
        ):
            for name, tally in theirs.items():
                mine.setdefault(name, Tally()).join(tally)
        self.live_failed += other.live_failed
        self.draft_failed += other.draft_failed

    def _tallies(self, rule: str, month: str, city: str) -> tuple[Tally, Tally, Tally]:
        return (
            self.rules.setdefault(rule, Tally()),
            self.months.setdefault(month, Tally()),
            self.cities.setdefault(city, Tally()),
        )


class MemberPoints(NamedTuple):
    """What a member's own events earned the member, in points of the span."""

    member_id: str
    live_points: int
    draft_points: int


class Claim(NamedTuple):
    """What a member's events earned for another member. Of several with one key, the earliest counts."""

    member_id: str
    arm: Arm
    key: str
    points: int
    counts: bool
    rule: str
    month: str
    city: str
    occurred_at: datetime
    event_id: str


class ArmTotal(msgspec.Struct, frozen=True):
    """What one arm grants in the span, to how many members."""

    points: int
    grants: int
    members: int


class MemberGain(msgspec.Struct, frozen=True):
    """What a member would have, in either arm."""

    member_id: str
    live_points: int
    draft_points: int


class Bucket(msgspec.Struct, frozen=True):
    """Members whose difference (draft less live) lies in `from_points` to `to_points`, both included.

    None: without end.
    """

    from_points: int | None
    to_points: int | None
    members: int


class RuleName(msgspec.Struct, frozen=True):
    """What people call a rule."""

    zh: str
    en: str


class RuleLine(msgspec.Struct, frozen=True):
    """One rule in either arm; a rule that an arm does not know grants 0 there."""

    rule: str
    name: RuleName | None
    live_points: int
    draft_points: int


class MonthLine(msgspec.Struct, frozen=True):
    """A business month. `sales_fen`: paid in it less given back.

    `allowance_fen`: what the draft's budget allows of that; None where it has none. `breached`: the draft's points cost
    more. They are told as if nothing rested: a budget that is breached here would have made bonus rules rest.
    """

    month: str
    sales_fen: int
    live_points: int
    draft_points: int
    allowance_fen: int | None = None
    breached: bool = False


class CityLine(msgspec.Struct, frozen=True):
    """A city of events; None: of events that name none."""

    city: str | None
    sales_fen: int
    live_points: int
    draft_points: int


class Result(msgspec.Struct, frozen=True):
    """What came out. `difference_*`: draft less live. `members_same`: had events or points, and no difference.

    `live_failed`, `draft_failed`: events that a rule of that arm could not judge: live, they would be parked.
    """

    live: ArmTotal
    draft: ArmTotal
    difference_points: int
    difference_fen: int
    members_gain: int
    members_lose: int
    members_same: int
    gains: list[MemberGain]
    losses: list[MemberGain]
    distribution: list[Bucket]
    by_rule: list[RuleLine]
    by_month: list[MonthLine]
    by_city: list[CityLine]
    live_failed: int = 0
    draft_failed: int = 0


class BackTest(msgspec.Struct, frozen=True, rename={"from_on": "from", "to_on": "to"}):
    """A programme tried on the events of business dates `from` to `to`.

    `against_version` None: beside what held at each event's time. `fault`: why it failed.
    """

    back_test_id: UUID
    state: BackTestState
    from_on: date
    to_on: date
    against_version: int | None
    title: str
    members_due: int
    members_done: int
    events_done: int
    by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    fault: str | None
    result: Result | None
