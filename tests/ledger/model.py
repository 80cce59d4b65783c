"""The ledger as its promises tell it, in plain Python: lists and sums, nothing cached, nothing locked.

Written from requirements L1-L10 and the verbs' docstrings. What the ledger keeps (available, held) is reckoned here
from what it is made of (lots, open holds); every verb says itself which lines the statement gains.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

LotKey = tuple[date, str]
Line = tuple[str, str, str, int]
"""(kind, from, to, points)"""


class Refused(Exception):
    """The verb is refused, with the ledger's own code and figures."""

    def __init__(self, code: str, **figures: Any) -> None:
        super().__init__(code, figures)
        self.code, self.figures = code, figures

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refused) and (self.code, self.figures) == (other.code, other.figures)

    __hash__ = Exception.__hash__


@dataclass
class Lot:
    points: int = 0
    remaining: int = 0
    lapsed: int = 0


@dataclass
class Hold:
    points: int
    lapses_at: datetime
    state: str = "held"
    captured: int = 0
    refunded: int = 0


@dataclass
class Grant:
    wallet: str
    points: int
    cause: tuple[datetime, str]
    settle_on: date
    expires_on: date
    funder: str
    promised: int = 0
    reversed: int = 0
    settled: bool = False


@dataclass
class Wallet:
    """One member's wallet on a business date `on`, at an instant `at` (both set by whoever acts)."""

    lots: dict[LotKey, Lot] = field(default_factory=dict)
    holds: dict[int, Hold] = field(default_factory=dict)
    drawn: dict[str, list[tuple[LotKey, int]]] = field(default_factory=dict)
    """What was drawn for which purpose, and has not come back."""
    debt: int = 0
    lines: list[Line] = field(default_factory=list)

    @property
    def available(self) -> int:
        return sum(lot.remaining for lot in self.lots.values())

    @property
    def held(self) -> int:
        return sum(hold.points for hold in self.holds.values() if hold.state == "held")

    def spendable(self, on: date) -> int:
        return sum(lot.remaining for (lapses, _), lot in self.lots.items() if on < lapses)

    def draw(self, points: int, purpose: str, on: date, own: LotKey | None = None) -> int:
        """Soonest to lapse first, nothing that has lapsed; a grant's own lot before all. What could be drawn."""
        sources = sorted(key for key in self.lots if on < key[0] and key != own)
        if own in self.lots:
            sources.insert(0, own)
        left = points
        for key in sources:
            part = min(left, self.lots[key].remaining)
            if part:
                self.lots[key].remaining -= part
                self.drawn.setdefault(purpose, []).append((key, part))
                left -= part
        return points - left

    def give_back(self, points: int, purpose: str, on: date, grace: int = 0) -> None:
        """Home to the lots, latest to lapse first; what has lapsed gets a new date after the grace, if there is one."""
        pieces = sorted(self.drawn[purpose])
        while points:
            key, had = pieces.pop()
            part = min(points, had)
            points -= part
            if part < had:
                pieces.append((key, had - part))
            home = self.lots[key]
            if key[0] <= on and grace:
                home.points -= part
                home = self.lots.setdefault((on + timedelta(days=grace + 1), key[1]), Lot())
                home.points += part
            home.remaining += part
        self.drawn[purpose] = pieces

    def pay_debt(self, on: date) -> None:
        part = min(self.debt, self.spendable(on))
        if part:
            self.draw(part, f"debt {len(self.lines)}", on)
            self.debt -= part
            self.lines.append(("repay", "available", "owed", part))

    def put(self, points: int, key: LotKey) -> None:
        lot = self.lots.setdefault(key, Lot())
        lot.points += points
        lot.remaining += points

    def free(self, number: int, on: date) -> None:
        """A hold's points come back."""
        hold = self.holds[number]
        hold.state = "released"
        self.lines.append(("release", "held", "available", hold.points))
        self.give_back(hold.points, f"hold {number}", on)
        self.pay_debt(on)

    def free_lapsed(self, at: datetime, on: date) -> None:
        for number, hold in sorted(self.holds.items()):
            if hold.state == "held" and hold.lapses_at <= at:
                self.free(number, on)


@dataclass
class Ledger:
    """All members. Verbs change it or raise Refused; a copy is tried first, so a refusal changes nothing."""

    wallets: dict[tuple[str, str], Wallet] = field(default_factory=dict)
    grants: dict[tuple[str, str], Grant] = field(default_factory=dict)
    keys: dict[tuple[str, str], tuple[bytes, int]] = field(default_factory=dict)

    def wallet(self, member: str, wallet: str) -> Wallet:
        return self.wallets.setdefault((member, wallet), Wallet())

    def grant(self, member: str, key: str, promise: Grant) -> bool:
        """New, or passed to an earlier cause as long as nothing of it was lowered or credited."""
        old = self.grants.get((member, key))
        if old and (old.settled or old.points < old.promised or old.cause <= promise.cause):
            return False
        promise.promised = promise.points
        self.grants[member, key] = promise
        return True

    def withdraw(self, member: str, key: str) -> bool:
        old = self.grants.get((member, key))
        if old is None or old.settled:
            return False
        del self.grants[member, key]
        return True

    def settle(self, on: date) -> tuple[int, int]:
        """(grants, points) credited for `on`."""
        due = {who: g for who, g in sorted(self.grants.items()) if not g.settled and g.settle_on <= on}
        for (member, _), grant in due.items():
            grant.settled = True
            if grant.points:
                wallet = self.wallet(member, grant.wallet)
                wallet.put(grant.points, (grant.expires_on, grant.funder))
                wallet.lines.append(("settle", "issued", "available", grant.points))
        # What comes in pays debts, once all of it is in.
        for member, name in {(member, g.wallet) for (member, _), g in due.items() if g.points}:
            self.wallet(member, name).pay_debt(on)
        return len(due), sum(grant.points for grant in due.values())

    def expire(self, on: date, members: Collection[str]) -> tuple[int, int]:
        """(lots, points) of `members` that lapse by `on`."""
        lots = points = 0
        for (member, _), wallet in self.wallets.items():
            for (lapses, _), lot in sorted(wallet.lots.items()):
                if member in members and lapses <= on and lot.remaining:
                    wallet.lines.append(("expire", "available", "expired", lot.remaining))
                    lots, points = lots + 1, points + lot.remaining
                    lot.lapsed, lot.remaining = lot.lapsed + lot.remaining, 0
        return lots, points

    def spend(self, who: tuple[str, str], points: int, key: str, at: datetime, on: date) -> int:
        wallet = self._require(who, points, at, on)
        wallet.draw(points, f"spend {key}", on)
        wallet.lines.append(("spend", "available", "redeemed", points))
        return wallet.spendable(on)

    def hold(self, who: tuple[str, str], points: int, number: int, lapses_at: datetime, at: datetime, on: date) -> None:
        wallet = self._require(who, points, at, on)
        wallet.draw(points, f"hold {number}", on)
        wallet.holds[number] = Hold(points, lapses_at)
        wallet.lines.append(("hold", "available", "held", points))

    def _require(self, who: tuple[str, str], points: int, at: datetime, on: date) -> Wallet:
        wallet = self.wallet(*who)
        wallet.free_lapsed(at, on)
        if (spendable := wallet.spendable(on)) < points:
            raise Refused("insufficient_points", available=spendable, wanted=points)
        return wallet

    def capture(self, who: tuple[str, str], number: int, points: int | None, at: datetime, on: date) -> int:
        wallet, hold = self.wallet(*who), self.wallet(*who).holds[number]
        if hold.state != "held":
            raise Refused("hold_closed", state=hold.state)
        if hold.lapses_at <= at:
            raise Refused("hold_lapsed")
        taken = hold.points if points is None else points
        if taken > hold.points:
            raise Refused("capture_too_large", held=hold.points, wanted=taken)
        wallet.free_lapsed(at, on)
        hold.state, hold.captured = "captured", taken
        wallet.lines.append(("capture", "held", "redeemed", taken))
        if rest := hold.points - taken:
            wallet.lines.append(("release", "held", "available", rest))
            wallet.give_back(rest, f"hold {number}", on)
            wallet.pay_debt(on)
        return taken

    def release(self, who: tuple[str, str], number: int, at: datetime, on: date) -> None:
        wallet = self.wallet(*who)
        if (state := wallet.holds[number].state) != "held":
            raise Refused("hold_closed", state=state)
        wallet.free_lapsed(at, on)
        if wallet.holds[number].state == "held":
            wallet.free(number, on)

    def refund(self, who: tuple[str, str], purpose: str, points: int | None, grace: int, at: datetime, on: date) -> int:
        wallet = self.wallet(*who)
        wallet.free_lapsed(at, on)
        what, _, number = purpose.partition(" ")
        hold = wallet.holds.get(int(number)) if what == "hold" else None
        if purpose not in wallet.drawn or (what == "hold" and (hold is None or hold.state != "captured")):
            raise Refused("spending_not_found")
        left = sum(part for _, part in wallet.drawn[purpose])
        wanted = left if points is None else points
        if wanted > left or not wanted:
            raise Refused("refund_too_large", refundable=left, wanted=wanted)
        if hold is not None:
            hold.refunded += wanted
        wallet.lines.append(("refund", "redeemed", "available", wanted))
        wallet.give_back(wanted, purpose, on, grace)
        wallet.pay_debt(on)
        return wanted

    def reverse(self, member: str, key: str, points: int | None, at: datetime, on: date) -> int:
        grant = self.grants[member, key]
        left = grant.points - grant.reversed
        wanted = left if points is None else points
        if wanted > left:
            raise Refused("reverse_too_large", reversible=left, wanted=wanted)
        if not wanted:
            return 0
        if not grant.settled:
            grant.points -= wanted
            return wanted
        wallet = self.wallet(member, grant.wallet)
        wallet.free_lapsed(at, on)
        taken = wallet.draw(wanted, f"reverse {len(wallet.lines)}", on, own=(grant.expires_on, grant.funder))
        grant.reversed += wanted
        if taken:
            wallet.lines.append(("reverse", "available", "reversed", taken))
        if taken < wanted:
            wallet.debt += wanted - taken
            wallet.lines.append(("reverse", "owed", "reversed", wanted - taken))
        return wanted

    def lower_to(self, member: str, key: str, due: int, at: datetime, on: date) -> int:
        left = self.grants[member, key].points - self.grants[member, key].reversed
        return self.reverse(member, key, left - due, at, on) if left > due else 0

    def adjust(self, who: tuple[str, str], points: int, lot: LotKey, at: datetime, on: date) -> int:
        if points < 0:
            wallet = self._require(who, -points, at, on)
            wallet.draw(-points, f"adjust {len(wallet.lines)}", on)
            wallet.lines.append(("adjust", "available", "adjusted", -points))
        else:
            wallet = self.wallet(*who)
            wallet.free_lapsed(at, on)
            wallet.put(points, lot)
            wallet.lines.append(("adjust", "adjusted", "available", points))
            wallet.pay_debt(on)
        return wallet.spendable(on)

    def once(self, member: str, key: str, body: bytes, work: Callable[[], int]) -> tuple[int, bool]:
        """(outcome, whether it is the first)."""
        if (member, key) in self.keys:
            known, outcome = self.keys[member, key]
            if known != body:
                raise Refused("idempotency_key_reused", key=key)
            return outcome, False
        outcome = work()
        self.keys[member, key] = body, outcome
        return outcome, True
