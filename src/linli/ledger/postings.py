"""Single postings: spend, hold, capture, release, refund, reverse, adjust. Each locks one wallet and saves it.

The caller opens the transaction, and where a request brings an idempotency key, wraps the call in `once`.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from linli.kit.db import Connection, fetch_one
from linli.ledger import store, store_wallets, wallets
from linli.ledger.account import Account
from linli.ledger.book import Book
from linli.ledger.types import (
    GrantNotFound,
    Hold,
    InsufficientPoints,
    Lot,
    RefundTooLarge,
    ReverseTooLarge,
    SpendingNotFound,
    Stamp,
)


async def open_wallet(conn: Connection, member_id: str, wallet: str, stamp: Stamp) -> Account:
    """The wallet, with holds whose time is over released first: their points are the member's again."""
    book = await Book.open(conn, stamp, [(member_id, wallet)])
    book.close_lapsed()
    return book.account(member_id, wallet)


async def spend(
    conn: Connection, stamp: Stamp, member_id: str, wallet: str, points: int, key: str,
    *, order_id: str | None = None, reason: str | None = None,
) -> Account:  # fmt: skip
    """Spend `points` at once, soonest to lapse first. Raises InsufficientPoints. `key` is what a refund names."""
    book = await Book.open(conn, stamp, [(member_id, wallet)])
    account = book.spend(member_id, wallet, points, key, order_id=order_id, reason=reason)
    await book.save()
    return account


async def hold(
    conn: Connection, stamp: Stamp, member_id: str, wallet: str, points: int, hold_id: UUID, lapses_at: datetime,
    *, order_id: str | None = None, reason: str | None = None,
) -> Hold:  # fmt: skip
    """Reserve `points` until `lapses_at`. Raises InsufficientPoints."""
    book = await Book.open(conn, stamp, [(member_id, wallet)])
    made = book.hold(member_id, wallet, points, hold_id, lapses_at, order_id=order_id, reason=reason)
    await book.save()
    return made


async def capture(
    conn: Connection, stamp: Stamp, member_id: str, hold_id: UUID, points: int | None = None
) -> tuple[Hold, Account]:
    """Spend a hold, or `points` ≤ what it keeps; the rest goes back. A lot that lapsed meanwhile is honoured.

    Raises HoldNotFound, HoldClosed, HoldLapsed, CaptureTooLarge.
    """
    book = await Book.open(conn, stamp, [], [(member_id, hold_id)])
    captured = book.capture(member_id, hold_id, points)
    await book.save()
    return captured, book.account(member_id, captured.wallet)


async def release(conn: Connection, stamp: Stamp, member_id: str, hold_id: UUID) -> tuple[Hold, Account]:
    """Give a hold's points back. Raises HoldNotFound, HoldClosed."""
    book = await Book.open(conn, stamp, [], [(member_id, hold_id)])
    released = book.release(member_id, hold_id)
    await book.save()
    return released, book.account(member_id, released.wallet)


async def release_lapsed(conn: Connection, stamp: Stamp, member_id: str, wallet: str) -> int:
    """Release the member's holds whose time is over. Returns how many points became available."""
    book = await Book.open(conn, stamp, [(member_id, wallet)])
    await book.save()
    return sum(line.points for line in book.account(member_id, wallet).lines if line.kind == "release")


async def refund(
    conn: Connection, stamp: Stamp, member_id: str, wallet: str, use_key: str, points: int | None, key: str,
    *, order_id: str | None = None, reason: str | None = None, lapsed_grace_days: int = 0,
) -> tuple[int, Account]:  # fmt: skip
    """Give spent points back to the lots that they came from. `use_key`: `spend:<key>` or `hold:<id>`.

    `points` None gives back all that is left. Raises SpendingNotFound, RefundTooLarge.
    """
    account = await open_wallet(conn, member_id, wallet, stamp)
    left = 0
    if use_key.startswith("hold:"):
        row = await fetch_one(conn, store_wallets.HOLD, {"member_id": member_id, "hold_id": UUID(use_key[5:])})
        if row is None or Hold(*row).state != "captured" or Hold(*row).wallet != wallet:
            raise SpendingNotFound(key=use_key)
        left = Hold(*row).captured - Hold(*row).refunded
    else:
        row = await fetch_one(
            conn, store_wallets.USE_LEFT, {"member_id": member_id, "wallet": wallet, "use_key": use_key}
        )
        if row is None:
            raise SpendingNotFound(key=use_key)
        left = row[0]
    wanted = left if points is None else points
    if wanted > left or not wanted:
        raise RefundTooLarge(refundable=left, wanted=wanted)
    account.move("refund", "redeemed", "available", wanted, key, order_id=order_id, reason=reason)
    await wallets.give_back(account, use_key, wanted, lapsed_grace_days=lapsed_grace_days)
    account.repay(key)
    if use_key.startswith("hold:"):
        hold_id = UUID(use_key[5:])
        await conn.execute(store_wallets.REFUND_HOLD, {"member_id": member_id, "hold_id": hold_id, "points": wanted})
    await wallets.save(account)
    return wanted, account


async def reverse(
    conn: Connection, stamp: Stamp, member_id: str, grant_key: str, points: int | None, key: str,
    *, reason: str | None = None,
) -> int:  # fmt: skip
    """Undo a grant, or `points` of it. Returns how many points were undone.

    Not settled yet: the promise shrinks. Settled: points are taken from the grant's own lot first, then from the
    soonest to lapse; what is no longer there becomes debt. Raises GrantNotFound, ReverseTooLarge.
    """
    who = {"member_id": member_id, "key": grant_key}
    row = await fetch_one(conn, store.GRANT_FOR_UPDATE, who)
    if row is None:
        raise GrantNotFound(key=grant_key)
    (_, _, wallet, state, _, current, reversed_, _, _, _, funder, _, _, _, expires_on, *_) = row
    order_id = row[19]
    left = current - reversed_
    wanted = left if points is None else points
    if wanted > left or wanted < 0:
        raise ReverseTooLarge(reversible=left, wanted=wanted)
    if not wanted:
        return 0
    if state == "pending":
        await conn.execute(store.LOWER_GRANT, {**who, "points": current - wanted})
        return wanted
    account = await open_wallet(conn, member_id, wallet, stamp)
    account.claw_back(wanted, key, (expires_on, funder), order_id=order_id, reason=reason)
    await conn.execute(store.REVERSE_GRANT, {**who, "points": wanted})
    await wallets.save(account)
    return wanted


async def lower_to(
    conn: Connection, stamp: Stamp, member_id: str, grant_key: str, due: int, key: str, *, reason: str | None = None
) -> int:
    """Reverse so much of a grant that `due` points are left of it. Returns the points undone; 0 where none are.

    Raises GrantNotFound.
    """
    row = await fetch_one(conn, store.GRANT_FOR_UPDATE, {"member_id": member_id, "key": grant_key})
    if row is None:
        raise GrantNotFound(key=grant_key)
    left = row[5] - row[6]
    if left <= due:
        return 0
    return await reverse(conn, stamp, member_id, grant_key, left - due, key, reason=reason)


async def adjust(
    conn: Connection, stamp: Stamp, member_id: str, wallet: str, points: int, key: str,
    *, reason: str, expires_on: date, funder: str = "platform",
) -> Account:  # fmt: skip
    """Add `points` (> 0, a new lot that lapses on `expires_on`) or take them (< 0; raises InsufficientPoints)."""
    assert points, "an adjustment changes something"
    account = await open_wallet(conn, member_id, wallet, stamp)
    if points > 0:
        account.put([Lot(expires_on, funder, points)], new=True)
        account.move("adjust", "adjusted", "available", points, key, reason=reason)
        account.repay(key)
    else:
        if -points > account.spendable:
            raise InsufficientPoints(available=account.spendable, wanted=-points)
        account.take(-points, f"adjust:{key}")
        account.move("adjust", "available", "adjusted", -points, key, reason=reason)
    await wallets.save(account)
    return account
