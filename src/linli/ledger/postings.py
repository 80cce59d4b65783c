"""Single postings: spend, hold, capture, release, refund, reverse, adjust. Each locks one wallet and saves it.

The caller opens the transaction, and where a request brings an idempotency key, wraps the call in `once`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from linli.kit.db import Connection, fetch_all, fetch_one
from linli.ledger import store
from linli.ledger.account import Account
from linli.ledger.types import (
    CaptureTooLarge,
    GrantNotFound,
    Hold,
    HoldClosed,
    HoldLapsed,
    HoldNotFound,
    InsufficientPoints,
    Lot,
    RefundTooLarge,
    ReverseTooLarge,
    SpendingNotFound,
    Stamp,
)


async def open_wallet(conn: Connection, member_id: str, wallet: str, stamp: Stamp) -> Account:
    """The wallet, with holds whose time is over released first: their points are the member's again."""
    account = await Account.open(conn, member_id, wallet, stamp)
    await _release_all_lapsed(account)
    return account


async def _release_all_lapsed(account: Account) -> None:
    if account.held:
        who = {"member_id": account.member_id, "wallet": account.wallet, "at": account.stamp.at}
        for row in await fetch_all(account.conn, store.LAPSED_HOLDS_OF, who):
            await _release(account, Hold(*row), reason="lapsed")


async def spend(
    conn: Connection, stamp: Stamp, member_id: str, wallet: str, points: int, key: str,
    *, order_id: str | None = None, reason: str | None = None,
) -> Account:  # fmt: skip
    """Spend `points` at once, soonest to lapse first. Raises InsufficientPoints. `key` is what a refund names."""
    account = await open_wallet(conn, member_id, wallet, stamp)
    account.require(points)
    account.take(points, f"spend:{key}")
    account.move("spend", "available", "redeemed", points, key, order_id=order_id, reason=reason)
    await account.save()
    return account


async def hold(
    conn: Connection, stamp: Stamp, member_id: str, wallet: str, points: int, hold_id: UUID, lapses_at: datetime,
    *, order_id: str | None = None, reason: str | None = None,
) -> Hold:  # fmt: skip
    """Reserve `points` until `lapses_at`. Raises InsufficientPoints."""
    account = await open_wallet(conn, member_id, wallet, stamp)
    account.require(points)
    account.take(points, f"hold:{hold_id}")
    account.move("hold", "available", "held", points, f"hold:{hold_id}", order_id=order_id, reason=reason)
    await conn.execute(
        store.INSERT_HOLD,
        {
            "member_id": member_id,
            "hold_id": hold_id,
            "wallet": wallet,
            "points": points,
            "order_id": order_id,
            "reason": reason,
            "lapses_at": lapses_at,
            "created_at": stamp.at,
        },
    )
    await account.save()
    return Hold(hold_id, member_id, wallet, points, 0, 0, "held", order_id, lapses_at, stamp.at)


async def _open_hold(conn: Connection, stamp: Stamp, member_id: str, hold_id: UUID) -> tuple[Account, Hold]:
    """The hold and its wallet. The hold is read under the wallet's lock: two who close it at once cannot both win."""
    row = await fetch_one(conn, store.HOLD, {"member_id": member_id, "hold_id": hold_id})
    if row is None:
        raise HoldNotFound(hold_id=str(hold_id))
    account = await Account.open(conn, member_id, Hold(*row).wallet, stamp)
    row = await fetch_one(conn, store.HOLD, {"member_id": member_id, "hold_id": hold_id})
    assert row is not None, "holds are never deleted"
    return account, Hold(*row)


async def capture(
    conn: Connection, stamp: Stamp, member_id: str, hold_id: UUID, points: int | None = None
) -> tuple[Hold, Account]:
    """Spend a hold, or `points` ≤ what it keeps; the rest goes back. A lot that lapsed meanwhile is honoured.

    Raises HoldNotFound, HoldClosed, HoldLapsed, CaptureTooLarge.
    """
    account, found = await _open_hold(conn, stamp, member_id, hold_id)
    if found.state != "held":
        raise HoldClosed(hold_id=str(hold_id), state=found.state)
    if found.lapses_at <= stamp.at:
        raise HoldLapsed(hold_id=str(hold_id), lapsed_at=found.lapses_at.isoformat())
    taken = found.points if points is None else points
    if taken > found.points:
        raise CaptureTooLarge(held=found.points, wanted=taken)
    key = f"hold:{hold_id}"
    account.move("capture", "held", "redeemed", taken, key, order_id=found.order_id)
    if rest := found.points - taken:
        account.move("release", "held", "available", rest, key, order_id=found.order_id, reason="not captured")
        await account.give_back(key, rest)
        account.repay(key)
    await _close(conn, found, "captured", taken, stamp)
    await account.save()
    return _with(found, state="captured", captured=taken), account


async def release(conn: Connection, stamp: Stamp, member_id: str, hold_id: UUID) -> tuple[Hold, Account]:
    """Give a hold's points back. Raises HoldNotFound, HoldClosed."""
    account, found = await _open_hold(conn, stamp, member_id, hold_id)
    if found.state != "held":
        raise HoldClosed(hold_id=str(hold_id), state=found.state)
    await _release(account, found, reason=None)
    await account.save()
    return _with(found, state="released"), account


async def release_lapsed(conn: Connection, stamp: Stamp, member_id: str, wallet: str) -> int:
    """Release the member's holds whose time is over. Returns how many points became available."""
    account = await Account.open(conn, member_id, wallet, stamp)
    held = account.held
    await _release_all_lapsed(account)
    await account.save()
    return held - account.held


async def _release(account: Account, found: Hold, *, reason: str | None) -> None:
    key = f"hold:{found.hold_id}"
    account.move("release", "held", "available", found.points, key, order_id=found.order_id, reason=reason)
    await account.give_back(key, found.points)
    account.repay(key)
    await _close(account.conn, found, "released", 0, account.stamp)


async def _close(conn: Connection, found: Hold, state: str, captured: int, stamp: Stamp) -> None:
    await conn.execute(
        store.CLOSE_HOLD,
        {
            "member_id": found.member_id,
            "hold_id": found.hold_id,
            "state": state,
            "captured": captured,
            "at": stamp.at,
        },
    )


def _with(found: Hold, **changes: Any) -> Hold:
    return Hold(**{name: changes.get(name, getattr(found, name)) for name in Hold.__struct_fields__})


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
        row = await fetch_one(conn, store.HOLD, {"member_id": member_id, "hold_id": UUID(use_key[5:])})
        if row is None or Hold(*row).state != "captured" or Hold(*row).wallet != wallet:
            raise SpendingNotFound(key=use_key)
        left = Hold(*row).captured - Hold(*row).refunded
    else:
        row = await fetch_one(conn, store.USE_LEFT, {"member_id": member_id, "wallet": wallet, "use_key": use_key})
        if row is None:
            raise SpendingNotFound(key=use_key)
        left = row[0]
    wanted = left if points is None else points
    if wanted > left or not wanted:
        raise RefundTooLarge(refundable=left, wanted=wanted)
    account.move("refund", "redeemed", "available", wanted, key, order_id=order_id, reason=reason)
    await account.give_back(use_key, wanted, lapsed_grace_days=lapsed_grace_days)
    account.repay(key)
    if use_key.startswith("hold:"):
        hold_id = UUID(use_key[5:])
        await conn.execute(store.REFUND_HOLD, {"member_id": member_id, "hold_id": hold_id, "points": wanted})
    await account.save()
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
    await account.save()
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
    await account.save()
    return account
