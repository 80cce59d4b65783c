"""Wallets read under their locks and written back: one or many, in one round trip each way."""

from __future__ import annotations

from collections.abc import Collection, Coroutine, Iterable, Sequence
from datetime import date
from typing import Any

from linli.kit.columns import dates, ints, texts
from linli.kit.db import Connection, fetch_all
from linli.ledger import store_wallets
from linli.ledger.account import Account, LotKey
from linli.ledger.types import Stamp

WalletKey = tuple[str, str]
"""(member_id, wallet)"""
Use = tuple[str, str, str]
"""(member_id, wallet, use_key)"""
Statement = Coroutine[Any, Any, Any]


def columns(named: Iterable[WalletKey]) -> dict[str, Any]:
    """Wallets as parameters."""
    ordered = list(named)
    return {"member_ids": texts(member for member, _ in ordered), "wallets": texts(wallet for _, wallet in ordered)}


async def load(conn: Connection, stamp: Stamp, named: Collection[WalletKey]) -> dict[WalletKey, Account]:
    """The wallets named, each made if it is new, locked in order until the transaction ends."""
    asked = columns(sorted(set(named)))
    _, balances, lots = await conn.together(
        conn.execute(store_wallets.OPEN_WALLETS, asked),
        fetch_all(conn, store_wallets.BALANCES_OF, asked),
        fetch_all(conn, store_wallets.LOTS_WITH_POINTS, asked),
    )
    remaining: dict[WalletKey, dict[LotKey, int]] = {}
    for member_id, wallet, expires_on, funder, points in lots:
        remaining.setdefault((member_id, wallet), {})[expires_on, funder] = points
    return {
        (member_id, wallet): Account(
            conn, member_id, wallet, stamp, (available, held, debt, version), remaining.get((member_id, wallet), {})
        )
        for member_id, wallet, available, held, debt, version in balances
    }


async def open_wallets(conn: Connection, named: Collection[WalletKey]) -> None:
    """Lock wallets until the transaction ends, in order; one that is new is made."""
    await conn.execute(store_wallets.OPEN_WALLETS, columns(sorted(named)))


async def lock_wallet(conn: Connection, member_id: str, wallet: str, stamp: Stamp) -> Account:
    """The wallet of `member_id`, made if it is new, locked until the transaction ends."""
    return (await load(conn, stamp, [(member_id, wallet)]))[member_id, wallet]


async def save(account: Account) -> None:
    """Write all that changed. Nothing before this has touched the wallet in the database."""
    await account.conn.together(*write(account.conn, [account]))


async def give_back(account: Account, use_key: str, points: int, *, lapsed_grace_days: int = 0) -> None:
    """Return `points` of a use to the lots that they came from: see `Account.return_use`."""
    use = (account.member_id, account.wallet, use_key)
    account.return_use(use_key, (await uses_left(account.conn, [use])).get(use, {}), points, lapsed_grace_days)


async def uses_left(conn: Connection, uses: Collection[Use]) -> dict[Use, dict[LotKey, int]]:
    """Of each use, how much of which lot has not come back yet."""
    found: dict[Use, dict[LotKey, int]] = {}
    if uses:
        asked = {**columns((use[0], use[1]) for use in uses), "use_keys": texts(use[2] for use in uses)}
        for member_id, wallet, use_key, expires_on, funder, left in await fetch_all(
            conn, store_wallets.USES_LEFT, asked
        ):
            found.setdefault((member_id, wallet, use_key), {})[expires_on, funder] = left
    return found


def write(conn: Connection, accounts: Sequence[Account]) -> list[Statement]:
    """Statements that write all that changed in `accounts`, of one instant; to be sent in their order."""
    moved = [account for account in accounts if account.lines]
    for account in accounts:
        assert account.available >= 0 and account.held >= 0 and account.debt >= 0, "a balance never falls below zero"
        assert sum(account.lots.values()) == account.available, "lots add up to what is available"
    if not moved:
        return []
    stamp = moved[0].stamp
    return [
        *_lots(conn, moved, stamp.late_until),
        *_uses(conn, moved),
        conn.execute(store_wallets.INSERT_MOVEMENTS, _movements(moved, stamp)),
        conn.execute(store_wallets.SAVE_BALANCES, _balances(moved)),
    ]


def _lots(conn: Connection, moved: Sequence[Account], late_until: date) -> list[Statement]:
    changed = [(account, key) for account in moved for key in account.changed]
    if not changed:
        return []
    lots: dict[str, Any] = {
        **columns((account.member_id, account.wallet) for account, _ in changed),
        "expires": dates(key[0] for _, key in changed),
        "funders": texts(key[1] for _, key in changed),
        "deltas": ints(account.delta(key) for account, key in changed),
        "grown": ints(account.grown.get(key, 0) for account, key in changed),
    }
    statements: list[Statement] = [conn.execute(store_wallets.UPDATE_LOTS, lots)]
    if any(key not in account.before for account, key in changed):
        statements.insert(0, conn.execute(store_wallets.ENSURE_LOTS, lots))
    if any(account.delta(key) > 0 for account, key in changed):
        # After the lots: should an expiry take them meanwhile, its end is waited for, and then the note is new.
        statements.append(conn.execute(store_wallets.NOTE_LATE, {**lots, "until": late_until}))
    return statements


def _uses(conn: Connection, moved: Sequence[Account]) -> list[Statement]:
    statements: list[Statement] = []
    for sql, name in ((store_wallets.INSERT_USES, "uses"), (store_wallets.RETURN_USES, "returned")):
        rows = [(account, use, points) for account in moved for use, points in sorted(getattr(account, name).items())]
        if rows:
            named = columns((account.member_id, account.wallet) for account, _, _ in rows)
            of_uses = {
                "use_keys": texts(use[0] for _, use, _ in rows),
                "expires": dates(use[1] for _, use, _ in rows),
                "funders": texts(use[2] for _, use, _ in rows),
                "points": ints(points for _, _, points in rows),
            }
            statements.append(conn.execute(sql, {**named, **of_uses}))
    return statements


def _movements(moved: Sequence[Account], stamp: Stamp) -> dict[str, Any]:
    lines = [(account, line) for account in moved for line in account.lines]
    return {
        **columns((account.member_id, account.wallet) for account, _ in lines),
        "posted_on": stamp.on,
        "posted_at": stamp.at,
        "actors": texts(account.stamp.actor for account, _ in lines),
        "seqs": ints(line.seq for _, line in lines),
        "kinds": texts(line.kind for _, line in lines),
        "sources": texts(line.source for _, line in lines),
        "targets": texts(line.target for _, line in lines),
        "points": ints(line.points for _, line in lines),
        "afters": ints(line.after for _, line in lines),
        "keys": texts(line.key for _, line in lines),
        "orders": texts(line.order_id for _, line in lines),
        "reasons": texts(line.reason for _, line in lines),
    }


def _balances(moved: Sequence[Account]) -> dict[str, Any]:
    return {
        **columns((account.member_id, account.wallet) for account in moved),
        "available": ints(account.available for account in moved),
        "held": ints(account.held for account in moved),
        "debt": ints(account.debt for account in moved),
        "versions": ints(account.version for account in moved),
    }
