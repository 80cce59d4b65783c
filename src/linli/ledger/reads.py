"""What can be read of a wallet: balance, statement, holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from linli.kit.columns import texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.ledger import store_reads, store_wallets
from linli.ledger.types import Balance, Hold, HoldNotFound, Lot, LotState, Movement, Pending

BEFORE_ALL = 2**62
Seq = Annotated[int, Meta(ge=1, lt=BEFORE_ALL)]
"""Number of a movement within its wallet."""


async def get_balance(conn: Connection, member_id: str, wallet: str, on: date) -> Balance:
    """The wallet as of business date `on`; a wallet that never held anything is all zero."""
    who = {"member_id": member_id, "wallet": wallet, "on": on}
    row = await fetch_one(conn, store_reads.BALANCE, who)
    available, held, debt, version, unswept, lapsed = row or (0, 0, 0, 0, 0, 0)
    pending = await fetch_all(conn, store_reads.PENDING, who)
    expiry = await fetch_one(conn, store_reads.NEXT_EXPIRY, who) if available > unswept else None
    return Balance(
        member_id=member_id,
        wallet=wallet,
        available=available - unswept,
        pending=[Pending(*row) for row in pending],
        held=held,
        debt=debt,
        expired=lapsed + unswept,
        next_expiry=Lot(*expiry) if expiry else None,
        version=version,
    )


async def statement(
    conn: Connection, member_id: str, wallet: str,
    *, kinds: Sequence[str] | None, from_on: date, to_on: date, before: int = BEFORE_ALL, limit: int,
) -> list[Movement]:  # fmt: skip
    """A page of movements, newest first, those with `seq` < `before`."""
    rows = await fetch_all(
        conn,
        store_reads.STATEMENT,
        {
            "member_id": member_id,
            "wallet": wallet,
            "kinds": list(kinds) if kinds else None,
            "from_on": from_on,
            "to_on": to_on,
            "before": before,
            "limit": limit,
        },
    )
    return [Movement(*row) for row in rows]


async def lots(
    conn: Connection, member_id: str, wallet: str, *, after: tuple[date, str] = (date.min, ""), limit: int
) -> list[LotState]:
    """A page of the wallet's lots, soonest to lapse first, spent and lapsed ones too."""
    rows = await fetch_all(
        conn,
        store_reads.LOTS,
        {"member_id": member_id, "wallet": wallet, "after_on": after[0], "after_funder": after[1], "limit": limit},
    )
    return [LotState(*row) for row in rows]


async def available_of(conn: Connection, members: Sequence[str], wallet: str, on: date) -> dict[str, int]:
    """Member → points that can be spent on business date `on`."""
    rows = await fetch_all(conn, store_reads.AVAILABLE_OF, {"members": texts(members), "wallet": wallet, "on": on})
    return dict(rows)


async def get_hold(conn: Connection, member_id: str, hold_id: UUID) -> Hold:
    """One hold. Raises HoldNotFound."""
    row = await fetch_one(conn, store_wallets.HOLD, {"member_id": member_id, "hold_id": hold_id})
    if row is None:
        raise HoldNotFound(hold_id=str(hold_id))
    return Hold(*row)


async def holds(conn: Connection, member_id: str, *, state: str | None, before: UUID | None, limit: int) -> list[Hold]:
    """A page of the member's holds, newest first (hold ids are uuid7)."""
    rows = await fetch_all(
        conn, store_wallets.HOLDS, {"member_id": member_id, "state": state, "before": before, "limit": limit}
    )
    return [Hold(*row) for row in rows]
