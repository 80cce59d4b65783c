"""What rules may know of a member beyond the event itself. Kept by `earning`, read by `rules`.

All of it is a function of the set of events, not of their order: business dates and sums, never "the last one".
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

_EPOCH = date(2000, 1, 1).toordinal()


class Days(msgspec.Struct, frozen=True):
    """A set of business dates as a bitmap: bit i of `bits` (hexadecimal) is the date `base` + i days (since 2000)."""

    base: int = 0
    bits: str = ""

    def mask(self) -> int:
        """The bitmap as a whole number."""
        return int(self.bits, 16) if self.bits else 0

    def has(self, on: date) -> bool:
        """Whether `on` is in the set."""
        at = on.toordinal() - _EPOCH - self.base
        return bool(self.bits) and at >= 0 and bool(self.mask() >> at & 1)

    def with_day(self, on: date) -> Days:
        """The set with `on` in it."""
        at = on.toordinal() - _EPOCH
        if not self.bits:
            return Days(at, "1")
        if at < self.base:
            return Days(at, f"{self.mask() << (self.base - at) | 1:x}")
        return Days(self.base, f"{self.mask() | 1 << (at - self.base):x}")

    def without_day(self, on: date) -> Days:
        """The set without `on`."""
        if not self.has(on):
            return self
        mask = self.mask() & ~(1 << (on.toordinal() - _EPOCH - self.base))
        # From the first date of the set on, so that it does not show what was in it once.
        unused = (mask & -mask).bit_length() - 1
        return Days(self.base + unused, f"{mask >> unused:x}") if mask else NO_DAYS

    def lost_in(self, later: Days) -> list[date]:
        """The dates of the set that are not in `later`, in order."""
        if self == later or not self.bits:
            return []
        start = _EPOCH + self.base
        shift = later.base - self.base
        other = later.mask() << shift if shift >= 0 else later.mask() >> -shift
        gone = self.mask() & ~other
        return [date.fromordinal(start + at) for at in range(gone.bit_length()) if gone >> at & 1]

    def between(self, first: date, last: date) -> list[date]:
        """The dates of the set from `first` to `last`, both included, in order."""
        start = _EPOCH + self.base
        low, high = max(first.toordinal() - start, 0), last.toordinal() - start
        mask = self.mask()
        return [date.fromordinal(start + at) for at in range(low, min(high, mask.bit_length()) + 1) if mask >> at & 1]

    def run_until(self, on: date) -> int:
        """Days of the unbroken run that ends on `on`, or, where `on` is not in the set, on the day before."""
        return self.run_around(on)[0] + self.has(on)

    def run_around(self, on: date) -> tuple[int, int]:
        """(days in an unbroken run right before `on`, days right after it), `on` itself not counted."""
        if not self.bits:
            return 0, 0
        mask, at = self.mask(), on.toordinal() - _EPOCH - self.base
        if at < 0:
            return 0, (_ones(mask) if at == -1 else 0)
        after = _ones(mask >> (at + 1))
        # bits below `at`, turned into leading ones by filling what lies under the lowest zero from the top
        low = mask & ((1 << at) - 1)
        before = at - (((1 << at) - 1) ^ low).bit_length()
        return before, after


def _ones(mask: int) -> int:
    """How many of the lowest bits of `mask` are 1 without a gap."""
    return ((mask ^ (mask + 1)).bit_length() - 1) if mask else 0


NO_DAYS = Days()
"""The one empty set: a field that is this very one is left out of what is stored."""


class FirstOrder(msgspec.Struct, frozen=True):
    """The member's first completed order, by (time, event id)."""

    at: datetime
    on: date
    event_id: str
    order_id: str


class TierSince(msgspec.Struct, frozen=True, order=True):
    """From the instant `at` on the member is of `tier`."""

    at: datetime
    event_id: str
    tier: str


class MemberFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """Facts of one member. `month_fen`: business month (`2026-11`) → fen paid in it, less what was given back."""

    check_in_days: Days = NO_DAYS
    shopping_days: Days = NO_DAYS
    month_fen: dict[str, int] = {}
    first_order: FirstOrder | None = None
    inviter_id: str | None = None
    invited_at: datetime | None = None
    ring: bool = False
    """Their inviter was brought by somebody later than they were themselves: such an invitation is worth nothing."""
    made_up: Days = NO_DAYS
    """Those of `check_in_days` that were made up for."""
    tiers: tuple[TierSince, ...] = ()
    """Sorted by time: the member's tiers, each until the next."""
    birth_month: int | None = None
    birth_told_at: datetime | None = None
    """When it was told first: the earliest holds."""

    def tier_at(self, at: datetime) -> str:
        """The tier that held at the instant; '' before the first."""
        for since in reversed(self.tiers):
            if since.at <= at:
                return since.tier
        return ""


NO_FACTS = MemberFacts()
