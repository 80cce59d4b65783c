"""Undoing what was put right by hand: each verb is the exact opposite of an adjustment or a reversal.

What an adjustment added is taken out of its own lot first, and what is no longer there becomes debt; what it took goes
home to the lots that it came from; what was reversed of a grant is given back to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from linli.kit.columns import texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.ledger import store, store_undo, store_wallets, wallets
from linli.ledger.account import Account, LotKey
from linli.ledger.grants import GrantKey, GrantState
from linli.ledger.postings import open_wallet
from linli.ledger.types import GrantChanged, GrantNotFound, Lot, Stamp


async def take_back(
    conn: Connection, stamp: Stamp, member_id: str, wallet: str, points: int, key: str,
    *, lot: LotKey, reason: str,
) -> Account:  # fmt: skip
    """Take `points` that an adjustment put into `lot`: from there first, then soonest to lapse, the rest as debt."""
    account = await open_wallet(conn, member_id, wallet, stamp)
    taken = account.take(points, f"adjust:{key}", first=lot)
    if taken:
        account.move("adjust", "available", "adjusted", taken, key, reason=reason)
    if owed := points - taken:
        account.move("adjust", "owed", "adjusted", owed, key, reason=reason)
    await wallets.save(account)
    return account


async def put_back(
    conn: Connection, stamp: Stamp, member_id: str, wallet: str, points: int, key: str,
    *, use_key: str, lot: LotKey, reason: str, lapsed_grace_days: int = 0,
) -> Account:  # fmt: skip
    """Give back `points` that were taken under `use_key`: to their lots; what had become debt comes into `lot`."""
    account = await open_wallet(conn, member_id, wallet, stamp)
    account.move("adjust", "adjusted", "available", points, key, reason=reason)
    await _home(account, points, use_key, lot, lapsed_grace_days)
    account.repay(key)
    await wallets.save(account)
    return account


async def restore(
    conn: Connection, stamp: Stamp, grant: GrantState, points: int, key: str,
    *, use_key: str, pending: bool, reason: str, lapsed_grace_days: int = 0,
) -> None:  # fmt: skip
    """Undo a reversal of `points` of a grant, which `lock_grant` gave. `pending`: only its promise was lowered.

    Raises GrantChanged where it was lowered as a promise and has been settled since, and where its cause has gone.
    """
    who = {"member_id": grant.member_id, "key": grant.key, "points": points}
    if pending:
        if grant.state != "pending":
            raise GrantChanged(key=grant.key)
        await conn.execute(store_undo.RAISE_GRANT, who)
        return
    if await fetch_one(conn, store_undo.RESTORE_GRANT, who) is None:
        raise GrantChanged(key=grant.key)
    account = await open_wallet(conn, grant.member_id, grant.wallet, stamp)
    account.move("reverse", "reversed", "available", points, key, order_id=grant.order_id, reason=reason)
    await _home(account, points, use_key, (grant.expires_on, grant.funder), lapsed_grace_days)
    account.repay(key)
    await wallets.save(account)


async def _home(account: Account, points: int, use_key: str, lot: LotKey, lapsed_grace_days: int) -> None:
    who = {"member_id": account.member_id, "wallet": account.wallet, "use_key": use_key}
    row = await fetch_one(account.conn, store_wallets.USE_LEFT, who)
    back = min(points, row[0] if row else 0)
    if back:
        await wallets.give_back(account, use_key, back, lapsed_grace_days=lapsed_grace_days)
    if points > back:
        account.put([Lot(*lot, points - back)], new=True)


async def lock_grant(conn: Connection, member_id: str, key: str) -> GrantState:
    """The grant, locked until the transaction ends. Raises GrantNotFound."""
    row = await fetch_one(conn, store.GRANT_FOR_UPDATE, {"member_id": member_id, "key": key})
    if row is None:
        raise GrantNotFound(key=key)
    return GrantState(*row)


async def lock_grants(conn: Connection, keys: Sequence[GrantKey]) -> None:
    """Lock those of the grants that there are, in order."""
    for member_id, key in sorted(set(keys)):
        await fetch_one(conn, store.GRANT_FOR_UPDATE, {"member_id": member_id, "key": key})


async def find_grants(conn: Connection, keys: Sequence[GrantKey]) -> dict[GrantKey, GrantState]:
    """Those grants of `keys` that there are, for many members at once."""
    asked = {"member_ids": texts(member for member, _ in keys), "keys": texts(key for _, key in keys)}
    found = [GrantState(*row) for row in await fetch_all(conn, store_undo.GRANTS_OF_KEYS, asked)]
    return {(grant.member_id, grant.key): grant for grant in found}


async def lock_wallets(conn: Connection, members: Sequence[str]) -> None:
    """Lock all wallets that the members have, in order, so that who works on several of them meets no deadlock."""
    await conn.execute(store.LOCK_BALANCES_OF, {"members": texts(sorted(set(members)))})


async def claim(conn: Connection, keys: Sequence[GrantKey], digest: bytes, at: datetime) -> set[GrantKey]:
    """Claim (member_id, key) for ever, many at once. Returns those that are new: the others had their effect before."""
    ordered = sorted(keys)
    asked = {"member_ids": texts(member for member, _ in ordered), "keys": texts(key for _, key in ordered)}
    rows = await fetch_all(conn, store_undo.CLAIM_KEYS, {**asked, "digest": digest, "at": at})
    return {(member_id, key) for member_id, key in rows}
