"""What grants stand for, as causes come and go: a claim is held by one grant, settled or not, or by none.

Rules speak of claims by their keys (`streak:run:2026-11-07`). A grant's own key never changes; once it was credited it
may pass to another claim (a streak's reward that belongs to another date by now), or be taken back and stand for none.
A claim that comes true again is then promised by a new grant, under the key `again:2:<claim>`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from linli.kit.columns import dates, ints, texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.ledger import store_claims as store
from linli.ledger import wallets
from linli.ledger.postings import open_wallet
from linli.ledger.types import Stamp

GrantKey = tuple[str, str]
"""(member_id, key)"""


class Held(NamedTuple):
    """A claim of a member; with a cause, only as far as that very event is the one that holds it."""

    member_id: str
    claim: str
    cause: tuple[str, str] | None = None
    """(source, event_id)"""


class Lower(NamedTuple):
    """Of the grant no more than `due` points are to be left. `posting`: the key of what is booked."""

    member_id: str
    key: str
    due: int
    posting: str


class TakenBack(NamedTuple):
    """What was taken back: claim → key of the grant, and the points undone that had been credited."""

    keys: dict[GrantKey, str]
    reversed_points: int


async def withdraw(conn: Connection, keys: Sequence[GrantKey]) -> dict[GrantKey, str]:
    """Take back promises that are not settled. Returns those that were there and pending: claim → the grant's key."""
    return await _withdraw(conn, [Held(*key) for key in sorted(set(keys))])


async def _withdraw(conn: Connection, wanted: Sequence[Held]) -> dict[GrantKey, str]:
    if not wanted:
        return {}
    rows = await fetch_all(conn, store.WITHDRAW, _columns(wanted))
    return {(member_id, claim): key for member_id, claim, key in rows}


async def take_back_claims(conn: Connection, stamp: Stamp, wanted: Sequence[Held], *, cause: str) -> TakenBack:
    """Let nothing be left of what holds the claims: promises go, what was credited is undone, if need be as debt.

    `cause` is the reason of what is booked, and its key's beginning.
    """
    asked = sorted(set(wanted), key=lambda held: (held.member_id, held.claim, held.cause or ("", "")))
    withdrawn = await _withdraw(conn, asked)
    left = [held for held in asked if (held.member_id, held.claim) not in withdrawn]
    if not left:
        return TakenBack(withdrawn, 0)
    rows = await fetch_all(conn, store.TAKE_BACK, _columns(left))
    await _undo(conn, stamp, [(*row[2:], row[0], f"{cause}:{row[2]}") for row in rows], cause)
    keys = {(member_id, claim): key for member_id, claim, key, *_ in rows}
    return TakenBack(withdrawn | keys, sum(row[4] for row in rows))


async def lower(conn: Connection, stamp: Stamp, wanted: Sequence[Lower], *, reason: str) -> dict[GrantKey, int]:
    """Undo so much of each grant that `due` points are left. Grant → points undone, where any were."""
    if not wanted:
        return {}
    asked = {(one.member_id, one.key): one for one in sorted(wanted)}
    columns = {
        "member_ids": texts(member_id for member_id, _ in asked),
        "keys": texts(key for _, key in asked),
        "due": ints(one.due for one in asked.values()),
    }
    rows = await fetch_all(conn, store.LOWER, columns)
    settled = [(*row[2:8], row[0], asked[row[0], row[1]].posting) for row in rows if row[8] == "settled"]
    await _undo(conn, stamp, settled, reason)
    return {(row[0], row[1]): row[4] for row in rows}


async def _undo(conn: Connection, stamp: Stamp, rows: Sequence[tuple[Any, ...]], reason: str) -> None:
    """Book what was credited as taken back, wallet by wallet: from the grant's own lot first, the rest as debt.

    Rows: (key, wallet, points, expires_on, funder, order_id, member_id, key of the posting).
    """
    booked = sorted((row for row in rows if row[2]), key=lambda row: (row[6], row[1], row[0]))
    for (member_id, wallet), parts in groupby(booked, key=lambda row: (row[6], row[1])):
        account = await open_wallet(conn, member_id, wallet, stamp)
        for _, _, points, expires_on, funder, order_id, _, posting in parts:
            account.claw_back(points, posting, (expires_on, funder), order_id=order_id, reason=reason)
        await wallets.save(account)


async def pass_claim(conn: Connection, member_id: str, old: str, new: str) -> bool:
    """Let what was credited for claim `old` stand for `new`. Returns whether anything was."""
    if old == new:
        return True
    row = await fetch_one(conn, store.PASS_CLAIM, {"member_id": member_id, "old": old, "new": new})
    return bool(row and row[0])


async def free_claims(conn: Connection, keys: Sequence[GrantKey]) -> dict[GrantKey, str]:
    """Those of `keys` under which a grant was written that stands for something else, or nothing, by now, while no
    credited grant stands for them: each with the key of the grant that is to."""
    if not keys:
        return {}
    where = {"member_ids": texts(member for member, _ in keys), "claims": texts(key for _, key in keys)}
    rows = await fetch_all(conn, store.FREE_CLAIMS, where)
    return {
        (member_id, claim): f"again:{count + (1 if pending else 2)}:{claim}"
        for member_id, claim, count, pending in rows
    }


async def set_claims(conn: Connection, claims: dict[GrantKey, str]) -> None:
    """Let the grants (member, key) stand for these claims."""
    where = {
        "member_ids": texts(member for member, _ in claims),
        "keys": texts(key for _, key in claims),
        "claims": texts(claims.values()),
    }
    await conn.execute(store.SET_CLAIMS, where)


async def arrive(conn: Connection, reached: Sequence[tuple[str, str, date]], earliest: date) -> None:
    """Milestones are reached: (member_id, what their grants await, business date). They settle `wait_days` after it,
    at `earliest` on the first date whose settlement has not begun."""
    columns = {
        "member_ids": texts(member_id for member_id, _, _ in reached),
        "awaits": texts(awaits for _, awaits, _ in reached),
        "reached": dates(on for _, _, on in reached),
        "earliest": earliest,
    }
    await conn.execute(store.ARRIVE, columns)


def _columns(wanted: Sequence[Held]) -> dict[str, Any]:
    return {
        "member_ids": texts(held.member_id for held in wanted),
        "claims": texts(held.claim for held in wanted),
        "sources": texts(held.cause[0] if held.cause else None for held in wanted),
        "event_ids": texts(held.cause[1] if held.cause else None for held in wanted),
    }
