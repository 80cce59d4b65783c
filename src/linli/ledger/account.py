"""One member's wallet, locked and in hand: read once, changed in memory, written back set-wise.

Open it, refuse what must be refused, then call the moves: after the first move everything must succeed. `save` writes
movements, lots, uses and the balance together, and asserts that they agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from linli.kit.columns import Column, dates, ints, texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.ledger import store
from linli.ledger.types import Account as AccountName
from linli.ledger.types import InsufficientPoints, Kind, Lot, Stamp

LotKey = tuple[date, str]


class Account:
    """The working copy. `lots` is what remains of each lot, soonest to lapse first."""

    def __init__(self, conn: Connection, member_id: str, wallet: str, stamp: Stamp) -> None:
        self.conn, self.member_id, self.wallet, self.stamp = conn, member_id, wallet, stamp
        self.available = self.held = self.debt = self.version = 0
        self.lots: dict[LotKey, int] = {}
        self._before: dict[LotKey, int] = {}
        self._grown: dict[LotKey, int] = {}
        self._uses: dict[tuple[str, date, str], int] = {}
        self._movements: list[tuple[int, Kind, AccountName, AccountName, int, int, str, str | None, str | None]] = []

    @classmethod
    async def open(cls, conn: Connection, member_id: str, wallet: str, stamp: Stamp) -> Account:
        """The wallet of `member_id`, made if it is new, locked until the transaction ends."""
        self = cls(conn, member_id, wallet, stamp)
        row = await fetch_one(conn, store.LOCK_BALANCE, self._who)
        assert row is not None, "an upsert returns its row"
        self.available, self.held, self.debt, self.version = row
        for expires_on, funder, remaining in await fetch_all(conn, store.LOTS_WITH_POINTS, self._who):
            self.lots[expires_on, funder] = remaining
        self._before = dict(self.lots)
        return self

    @property
    def _who(self) -> dict[str, str]:
        return {"member_id": self.member_id, "wallet": self.wallet}

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
                self._uses[use] = self._uses.get(use, 0) + part
                wanted -= part
        return points - wanted

    def put(self, lots: Iterable[Lot], *, new: bool) -> None:
        """Put points into lots: `new` ones, or such as a use gives back."""
        for expires_on, funder, points in lots:
            key = (expires_on, funder)
            self.lots[key] = self.lots.get(key, 0) + points
            if new:
                self._grown[key] = self._grown.get(key, 0) + points

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
        self._movements.append((self.version, kind, source, target, points, self.available, key, order_id, reason))

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

    async def give_back(self, use_key: str, points: int, *, lapsed_grace_days: int = 0) -> None:
        """Return `points` of a use to the lots that they came from, latest to lapse first.

        What has lapsed meanwhile goes into a lot of its funder that lapses after the grace, if there is one.
        """
        uses = await fetch_all(self.conn, store.USES_LEFT, {**self._who, "use_key": use_key})
        back: list[Lot] = []
        for expires_on, funder, left in uses:
            part = min(points, left)
            if part:
                back.append(Lot(expires_on, funder, part))
                points -= part
        assert points == 0, f"use {use_key} holds fewer points than are given back"
        await self.conn.execute(store.RETURN_USES, {**self._who, "use_key": use_key, **_columns(back)})
        for lot in back:
            if lot.expires_on > self.stamp.on or not lapsed_grace_days:
                self.put([lot], new=False)
                continue
            late = date.fromordinal(self.stamp.on.toordinal() + lapsed_grace_days + 1)
            key = (lot.expires_on, lot.funder)
            self.lots.setdefault(key, 0)
            self._grown[key] = self._grown.get(key, 0) - lot.points
            self.put([lot._replace(expires_on=late)], new=True)

    async def save(self) -> None:
        """Write all that changed. Nothing before this has touched balance or lots in the database."""
        assert self.available >= 0 and self.held >= 0 and self.debt >= 0, "a balance never falls below zero"
        assert sum(self.lots.values()) == self.available, "lots add up to what is available"
        if not self._movements:
            return
        changed = [key for key in {*self.lots, *self._grown} if self._delta(key) or self._grown.get(key)]
        changed.sort()
        lots = {
            "expires": dates(key[0] for key in changed),
            "funders": texts(key[1] for key in changed),
            "deltas": ints(self._delta(key) for key in changed),
            "grown": ints(self._grown.get(key, 0) for key in changed),
        }
        if any(key not in self._before for key in changed):
            await self.conn.execute(store.ENSURE_LOTS, {**self._who, **lots})
        if changed:
            await self.conn.execute(store.UPDATE_LOTS, {**self._who, **lots})
        if any(self._delta(key) > 0 for key in changed):
            # After the lots: should an expiry take them meanwhile, its end is waited for, and then the note is new.
            await self.conn.execute(store.NOTE_LATE, {**self._who, **lots, "until": self.stamp.late_until})
        if self._uses:
            uses = sorted(self._uses.items())
            await self.conn.execute(
                store.INSERT_USES,
                {
                    **self._who,
                    "use_keys": texts(use for (use, _, _), _ in uses),
                    **_columns([Lot(expires_on, funder, points) for (_, expires_on, funder), points in uses]),
                },
            )
        await self._save_movements()
        await self.conn.execute(
            store.SAVE_BALANCE,
            {
                **self._who,
                "available": self.available,
                "held": self.held,
                "debt": self.debt,
                "version": self.version,
            },
        )

    def _delta(self, key: LotKey) -> int:
        return self.lots.get(key, 0) - self._before.get(key, 0)

    async def _save_movements(self) -> None:
        seqs, kinds, sources, targets, points, afters, keys, orders, reasons = zip(*self._movements, strict=True)
        await self.conn.execute(
            store.INSERT_MOVEMENTS,
            {
                **self._who,
                "posted_on": self.stamp.on,
                "posted_at": self.stamp.at,
                "actor": self.stamp.actor,
                "seqs": ints(seqs),
                "kinds": texts(kinds),
                "sources": texts(sources),
                "targets": texts(targets),
                "points": ints(points),
                "afters": ints(afters),
                "keys": texts(keys),
                "orders": texts(orders),
                "reasons": texts(reasons),
            },
        )


def _columns(lots: list[Lot]) -> dict[str, Column]:
    return {
        "expires": dates(lot.expires_on for lot in lots),
        "funders": texts(lot.funder for lot in lots),
        "points": ints(lot.points for lot in lots),
    }
