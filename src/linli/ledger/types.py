"""What the ledger speaks in: balances, movements, lots, holds, and its refusals."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar, Literal, NamedTuple
from uuid import UUID

import msgspec

from linli.kit.errors import NotFound, Refusal

Account = Literal["issued", "available", "held", "redeemed", "expired", "reversed", "adjusted", "owed"]
Kind = Literal["settle", "spend", "hold", "capture", "release", "expire", "reverse", "refund", "repay", "adjust"]


class Stamp(msgspec.Struct, frozen=True):
    """When a posting happens, and who makes it: read once at the edge."""

    at: datetime
    on: date
    """The business date of `at`."""
    actor: str | None = None

    @property
    def late_until(self) -> date:
        """The last date whose expiry another process may have begun by now, whatever its clock and its time zone."""
        return max(self.on, self.at.date()) + timedelta(days=2)


class Lot(NamedTuple):
    """Points that lapse on `expires_on`, paid for by `funder`; `points` of them are meant here."""

    expires_on: date
    funder: str
    points: int


class LotState(msgspec.Struct, frozen=True):
    """A lot as it stands: `points` it ever held, of which `remaining` can be spent and `lapsed` expired."""

    expires_on: date
    funder: str
    points: int
    remaining: int
    lapsed: int


class Movement(msgspec.Struct, frozen=True):
    """One line of a statement: `points` > 0 from one account to another."""

    seq: int
    posted_on: date
    posted_at: datetime
    kind: Kind
    from_account: Account
    to_account: Account
    points: int
    available_after: int
    key: str
    order_id: str | None = None
    reason: str | None = None
    actor: str | None = None


class Pending(msgspec.Struct, frozen=True):
    """Points that will be credited on `settle_on`."""

    settle_on: date
    points: int


class Balance(msgspec.Struct, frozen=True):
    """What a member's wallet holds. `available` leaves out what has lapsed, swept or not."""

    member_id: str
    wallet: str
    available: int
    pending: list[Pending]
    held: int
    debt: int
    expired: int
    next_expiry: Lot | None
    version: int


class Hold(msgspec.Struct, frozen=True):
    """Points reserved for an order that is not paid yet."""

    hold_id: UUID
    member_id: str
    wallet: str
    points: int
    captured: int
    refunded: int
    state: Literal["held", "captured", "released"]
    order_id: str | None
    lapses_at: datetime
    created_at: datetime


class InsufficientPoints(Refusal):
    """Fewer points can be spent than were asked for. Fields: `available`, `wanted`."""

    code: ClassVar[str] = "insufficient_points"


class HoldNotFound(NotFound):
    """The member has no such hold. Fields: `hold_id`."""

    code: ClassVar[str] = "hold_not_found"


class HoldClosed(Refusal):
    """The hold was captured or released before. Fields: `hold_id`, `state`."""

    code: ClassVar[str] = "hold_closed"


class HoldLapsed(Refusal):
    """The hold's time is over and its points are free again. Fields: `hold_id`, `lapsed_at`."""

    code: ClassVar[str] = "hold_lapsed"


class CaptureTooLarge(Refusal):
    """More is to be captured than the hold keeps. Fields: `held`, `wanted`."""

    code: ClassVar[str] = "capture_too_large"


class RefundTooLarge(Refusal):
    """More is to be given back than was spent and not given back yet. Fields: `refundable`, `wanted`."""

    code: ClassVar[str] = "refund_too_large"


class SpendingNotFound(NotFound):
    """The member spent nothing under this key. Fields: `key`."""

    code: ClassVar[str] = "spending_not_found"


class GrantNotFound(NotFound):
    """The member has no such grant. Fields: `key`."""

    code: ClassVar[str] = "grant_not_found"


class GrantChanged(Refusal):
    """Something else has changed the grant since. Fields: `key`."""

    code: ClassVar[str] = "grant_changed"


class ReverseTooLarge(Refusal):
    """More is to be reversed than is left of the grant. Fields: `reversible`, `wanted`."""

    code: ClassVar[str] = "reverse_too_large"


class MovementNotFound(NotFound):
    """The wallet has no such movement. Fields: `seq`."""

    code: ClassVar[str] = "movement_not_found"


class RunNotFound(NotFound):
    """No run of that kind was started for that business date. Fields: `kind`, `run_on`."""

    code: ClassVar[str] = "run_not_found"
