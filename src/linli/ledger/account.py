"""One member's wallet in hand: changed in memory by moves that keep balance, lots and movements in step.

`wallets` reads it under its lock and writes it back, alone or with many others. Refuse what must be refused, then call
the moves: after the first move everything must succeed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from linli.kit.db import Connection
from linli.ledger.types import Account as AccountName
from linli.ledger.types import InsufficientPoints, Kind, Lot, Stamp

LotKey = tuple[date, str]
"""(expires_on, funder)"""
UseKey = tuple[str, date, str]
"""(use_key, expires_on, funder)"""


class Line(NamedTuple):
    """One movement to be written."""

    seq: int
    kind: Kind
    source: AccountName
    target: AccountName
    points: int
    after: int
    key: str
    order_id: str | None
    reason: str | None


class Account:
    """The working copy. `lots` is what remains of each lot that has points."""

    def __init__(
        self, conn: Connection, member_id: str, wallet: str, stamp: Stamp, balance: tuple[int, int, int, int],
        lots: dict[LotKey, int],
    ) -> None:  # fmt: skip
        self.conn, self.member_id, self.wallet, self.stamp = conn, member_id, wallet, stamp
        self.available, self.held, self.debt, self.version = balance
        self.lots, self.before = lots, dict(lots)
        self.grown: dict[LotKey, int] = {}
        """By how much lots hold more than they ever did."""
        self.uses: dict[UseKey, int] = {}
        self.returned: dict[UseKey, int] = {}
        self.lines: list[Line] = []

    @property
    def spendable(self) -> int:
        """Points that can be spent today: what has lapsed does not count, swept or not."""
        return sum(points for (expires_on, _), points in self.lots.items() if expires_on > self.stamp.on)

    def require(self, points: int) -> None:
        """Raises InsufficientPoints unless `points` can be spent."""
        if points > (spendable := self.spendable):
            raise InsufficientPoints(available=spendable, wanted=points)

    # --- moves: each keeps balance, lots and movements in step ---

    def take(self, points: int, use_key: str, *, first: LotKey | None = None) -> int:
        """Take up to `points` out of lots that have not lapsed, soonest first (`first` before all, lapsed or not)."""
        wanted = points
        order = sorted(key for key in self.lots if key[0] > self.stamp.on and key != first)
        for key in [first, *order] if first in self.lots else order:
            part = min(wanted, self.lots[key])
            if part > 0:
                self.lots[key] -= part
                use = (use_key, *key)
                self.uses[use] = self.uses.get(use, 0) + part
                wanted -= part
        return points - wanted

    def put(self, lots: Iterable[Lot], *, new: bool) -> None:
        """Put points into lots: `new` ones, or such as a use gives back."""
        for expires_on, funder, points in lots:
            key = (expires_on, funder)
            self.lots[key] = self.lots.get(key, 0) + points
            if new:
                self.grown[key] = self.grown.get(key, 0) + points

    def move(
        self, kind: Kind, source: AccountName, target: AccountName, points: int, key: str,
        *, order_id: str | None = None, reason: str | None = None,
    ) -> None:  # fmt: skip
        """One line of the statement, and its effect on available, held and debt."""
        assert points > 0, "a movement moves something"
        for account, change in ((source, -points), (target, points)):
            if account == "available":
                self.available += change
            elif account == "held":
                self.held += change
            elif account == "owed":
                self.debt -= change
        self.version += 1
        self.lines.append(Line(self.version, kind, source, target, points, self.available, key, order_id, reason))

    def repay(self, key: str) -> None:
        """Let points that have come in pay what the member owes."""
        part = self.take(min(self.debt, self.spendable), f"repay:{key}")
        if part:
            self.move("repay", "available", "owed", part, key)

    def claw_back(
        self, points: int, key: str, lot: LotKey, *, order_id: str | None = None, reason: str | None = None
    ) -> None:
        """Undo `points` that came with `lot`: out of it first, then out of what lapses soonest; the rest is owed."""
        taken = self.take(points, f"reverse:{key}", first=lot)
        if taken:
            self.move("reverse", "available", "reversed", taken, key, order_id=order_id, reason=reason)
        if owed := points - taken:
            self.move("reverse", "owed", "reversed", owed, key, order_id=order_id, reason=reason)

    def return_use(self, use_key: str, stored: dict[LotKey, int], points: int, lapsed_grace_days: int = 0) -> None:
        """Return `points` of a use to the lots that they came from, latest to lapse first; `stored` is left of it.

        What has lapsed meanwhile goes into a lot of its funder that lapses after the grace, if there is one.
        """
        left = dict(stored)
        for (name, expires_on, funder), used in self.uses.items():
            if name == use_key:
                left[expires_on, funder] = left.get((expires_on, funder), 0) + used
        for key in sorted(left, reverse=True):
            use = (use_key, *key)
            part = min(points, left[key] - self.returned.get(use, 0))
            if part > 0:
                self.returned[use] = self.returned.get(use, 0) + part
                self._bring_home(Lot(*key, part), lapsed_grace_days)
                points -= part
        assert points == 0, f"use {use_key} holds fewer points than are given back"

    def _bring_home(self, lot: Lot, lapsed_grace_days: int) -> None:
        if lot.expires_on > self.stamp.on or not lapsed_grace_days:
            self.put([lot], new=False)
            return
        late = date.fromordinal(self.stamp.on.toordinal() + lapsed_grace_days + 1)
        key = (lot.expires_on, lot.funder)
        self.lots.setdefault(key, 0)
        self.grown[key] = self.grown.get(key, 0) - lot.points
        self.put([lot._replace(expires_on=late)], new=True)

    def delta(self, key: LotKey) -> int:
        """By how much the remainder of a lot has changed."""
        return self.lots.get(key, 0) - self.before.get(key, 0)

    @property
    def changed(self) -> list[LotKey]:
        """The lots to be written, in order."""
        return sorted(key for key in {*self.lots, *self.grown} if self.delta(key) or self.grown.get(key))
