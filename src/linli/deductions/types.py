"""A deduction and its lines, as they were frozen, and what has become of them since."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

import msgspec

from linli.kit.errors import NotFound, Refusal

State: TypeAlias = Literal["held", "captured", "released", "lapsed"]


class RateName(msgspec.Struct, frozen=True):
    """What the rate was called."""

    zh: str
    en: str


class LineRate(msgspec.Struct, frozen=True):
    """The rate of a line as it was: `points` were worth `fen`."""

    id: str
    name: RateName | None
    points: int
    fen: int


class Line(msgspec.Struct, frozen=True):
    """One line of the order. `refunded_price_fen`: of its price; `refunded_fen`: of what was deducted.

    `funders`: funder → fen of `deduct_fen`; None is the platform alone.
    """

    no: int
    line_id: str
    sku: str
    price_fen: int
    points: int
    deduct_fen: int
    cap_fen: int
    rate: LineRate
    funders: dict[str, int] | None = None
    refunded_price_fen: int = 0
    refunded_points: int = 0
    refunded_fen: int = 0


class Deduction(msgspec.Struct, frozen=True):
    """What points paid of an order. `hold_id` None: spent in one step."""

    member_id: str
    deduction_id: UUID
    order_id: str
    state: Literal["held", "captured", "released"]
    points: int
    deduct_fen: int
    refunded_points: int
    refunded_fen: int
    bonus_points: int
    hold_id: UUID | None
    lapses_at: datetime | None
    rates_version: int
    arm: str | None
    created_at: datetime


def state_at(deduction: Deduction, at: datetime) -> State:
    """The state as of the instant `at`: what is still held after its time has lapsed."""
    if deduction.state == "held" and deduction.lapses_at is not None and deduction.lapses_at <= at:
        return "lapsed"
    return deduction.state


class DeductionNotFound(NotFound):
    """The member has no such deduction. Fields: `deduction_id`."""

    code: ClassVar[str] = "deduction_not_found"


class DeductionClosed(Refusal):
    """The deduction was captured or released before, or its time is over. Fields: `deduction_id`, `state`."""

    code: ClassVar[str] = "deduction_closed"


class DeductionNotSpent(Refusal):
    """Only what was captured can be given back. Fields: `deduction_id`, `state`."""

    code: ClassVar[str] = "deduction_not_spent"
