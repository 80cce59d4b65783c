"""Many wallets in hand at once: what concurrent requests ask for is posted together, set-wise.

Each verb refuses before it moves anything, so a refusal of one leaves the others of its batch as they were.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from linli.kit.columns import instants, ints, texts
from linli.kit.db import Connection, fetch_all
from linli.ledger import store_wallets, wallets
from linli.ledger.account import Account, LotKey
from linli.ledger.types import CaptureTooLarge, Hold, HoldClosed, HoldLapsed, HoldNotFound, Stamp
from linli.ledger.wallets import Statement, Use, WalletKey

HoldKey = tuple[str, UUID]
"""(member_id, hold_id)"""


class Book:
    """Wallets and holds, locked; `open` it, call the verbs, `save` once."""

    def __init__(
        self, conn: Connection, stamp: Stamp, accounts: dict[WalletKey, Account], holds: dict[HoldKey, Hold]
    ) -> None:
        self._conn, self._stamp, self._accounts = conn, stamp, accounts
        self._holds = holds
        self._stored = dict(holds)
        self._reasons: dict[HoldKey, str | None] = {}
        self._uses: dict[Use, dict[LotKey, int]] = {}
        self._lapsed: set[HoldKey] = set()

    @classmethod
    async def open(
        cls, conn: Connection, stamp: Stamp, named: Collection[WalletKey], holds: Collection[HoldKey] = ()
    ) -> Book:
        """The wallets named, and those of `holds`; a wallet that is new is made. Holds whose time is over are released
        first: their points are the member's again."""
        wanted = set(named)
        if holds:  # their wallets never change; they themselves are read again under the locks
            wanted |= {(hold.member_id, hold.wallet) for hold in await _holds_named(conn, holds)}
        accounts = await wallets.load(conn, stamp, wanted)
        self = cls(conn, stamp, accounts, {})
        found = await _holds_named(conn, holds) if holds else []
        held = [key for key, account in accounts.items() if account.held]
        lapsed: list[Hold] = []
        if held:
            asked = {**wallets.columns(held), "at": stamp.at}
            lapsed = [Hold(*row) for row in await fetch_all(conn, store_wallets.LAPSED_HOLDS_OF, asked)]
        self._holds = {(hold.member_id, hold.hold_id): hold for hold in [*found, *lapsed]}
        self._stored = dict(self._holds)
        open_ones = [hold for hold in self._holds.values() if hold.state == "held"]
        uses = [(hold.member_id, hold.wallet, _use_of(hold)) for hold in open_ones]
        self._uses = await wallets.uses_left(conn, uses)
        for hold in lapsed:
            self._close(hold, 0, "lapsed")
            self._lapsed.add((hold.member_id, hold.hold_id))
        return self

    def account(self, member_id: str, wallet: str) -> Account:
        """One of the wallets."""
        return self._accounts[member_id, wallet]

    def spend(
        self, member_id: str, wallet: str, points: int, key: str,
        *, order_id: str | None = None, reason: str | None = None,
    ) -> Account:  # fmt: skip
        """Spend `points`, soonest to lapse first. Raises InsufficientPoints. `key` is what a refund names."""
        account = self.account(member_id, wallet)
        account.require(points)
        account.take(points, f"spend:{key}")
        account.move("spend", "available", "redeemed", points, key, order_id=order_id, reason=reason)
        return account

    def hold(
        self, member_id: str, wallet: str, points: int, hold_id: UUID, lapses_at: datetime,
        *, order_id: str | None = None, reason: str | None = None,
    ) -> Hold:  # fmt: skip
        """Reserve `points` until `lapses_at`. Raises InsufficientPoints."""
        account = self.account(member_id, wallet)
        account.require(points)
        made = Hold(hold_id, member_id, wallet, points, 0, 0, "held", order_id, lapses_at, self._stamp.at)
        account.take(points, _use_of(made))
        account.move("hold", "available", "held", points, _use_of(made), order_id=order_id, reason=reason)
        self._holds[member_id, hold_id] = made
        self._reasons[member_id, hold_id] = reason
        return made

    def capture(self, member_id: str, hold_id: UUID, points: int | None = None) -> Hold:
        """Spend a hold, or `points` ≤ what it keeps; the rest goes back. A lot that lapsed meanwhile is honoured.

        Raises HoldNotFound, HoldClosed, HoldLapsed, CaptureTooLarge.
        """
        if (member_id, hold_id) in self._lapsed:
            lapsed = self._holds[member_id, hold_id]
            raise HoldLapsed(hold_id=str(hold_id), lapsed_at=lapsed.lapses_at.isoformat())
        found = self._open_hold(member_id, hold_id)
        if found.lapses_at <= self._stamp.at:
            raise HoldLapsed(hold_id=str(hold_id), lapsed_at=found.lapses_at.isoformat())
        taken = found.points if points is None else points
        if taken > found.points:
            raise CaptureTooLarge(held=found.points, wanted=taken)
        return self._close(found, taken, "not captured")

    def release(self, member_id: str, hold_id: UUID) -> Hold:
        """Give a hold's points back. Raises HoldNotFound, HoldClosed."""
        if (member_id, hold_id) in self._lapsed:  # a moment ago, by `open`: just what is asked for
            self._lapsed.remove((member_id, hold_id))
            return self._holds[member_id, hold_id]
        return self._close(self._open_hold(member_id, hold_id), 0, None)

    def _open_hold(self, member_id: str, hold_id: UUID) -> Hold:
        found = self._holds.get((member_id, hold_id))
        if found is None:
            raise HoldNotFound(hold_id=str(hold_id))
        if found.state != "held":
            raise HoldClosed(hold_id=str(hold_id), state=found.state)
        return found

    def _close(self, found: Hold, taken: int, reason: str | None) -> Hold:
        account, use = self.account(found.member_id, found.wallet), _use_of(found)
        if taken:
            account.move("capture", "held", "redeemed", taken, use, order_id=found.order_id)
        if rest := found.points - taken:
            account.move("release", "held", "available", rest, use, order_id=found.order_id, reason=reason)
            account.return_use(use, self._uses.get((found.member_id, found.wallet, use), {}), rest)
            account.repay(use)
        closed = replace(found, state="captured" if taken else "released", captured=taken)
        self._holds[found.member_id, found.hold_id] = closed
        return closed

    async def save(self) -> None:
        """Write all that changed; it rides with the next statement, or with the commit."""
        self._conn.later(*wallets.write(self._conn, list(self._accounts.values())), *self._write_holds())

    def close_lapsed(self) -> None:
        """Write only which holds `open` has released; their points are saved with their wallets."""
        self._conn.later(*self._write_holds())

    def _write_holds(self) -> list[Statement]:
        made = [(key, hold) for key, hold in self._holds.items() if key not in self._stored]
        closed = [hold for key, hold in self._holds.items() if key in self._stored and hold != self._stored[key]]
        statements = []
        if made:
            holds = [hold for _, hold in made]
            columns = {
                **wallets.columns((hold.member_id, hold.wallet) for hold in holds),
                **_states(holds),
                "points": ints(hold.points for hold in holds),
                "orders": texts(hold.order_id for hold in holds),
                "reasons": texts(self._reasons[key] for key, _ in made),
                "lapses": instants(hold.lapses_at for hold in holds),
                "at": self._stamp.at,
            }
            statements.append(self._conn.execute(store_wallets.INSERT_HOLDS, columns))
        if closed:
            named = {"member_ids": texts(hold.member_id for hold in closed), "at": self._stamp.at}
            statements.append(self._conn.execute(store_wallets.CLOSE_HOLDS, {**named, **_states(closed)}))
        return statements


def _use_of(hold: Hold) -> str:
    return f"hold:{hold.hold_id}"


def _states(holds: list[Hold]) -> dict[str, object]:
    return {
        "hold_ids": texts(str(hold.hold_id) for hold in holds),
        "states": texts(hold.state for hold in holds),
        "captured": ints(hold.captured for hold in holds),
    }


async def _holds_named(conn: Connection, holds: Collection[HoldKey]) -> list[Hold]:
    asked = {
        "member_ids": texts(member_id for member_id, _ in holds),
        "hold_ids": texts(str(hold_id) for _, hold_id in holds),
    }
    return [Hold(*row) for row in await fetch_all(conn, store_wallets.HOLDS_NAMED, asked)]
