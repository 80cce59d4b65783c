"""What grants stand for, as causes come and go: a claim is held by one grant, settled or not, or by none.

Rules speak of claims by their keys (`streak:run:2026-11-07`). A grant's own key never changes; once it was credited it
may pass to another claim (a streak's reward that belongs to another date by now), or be taken back and stand for none.
A claim that comes true again is then promised by a new grant, under the key `again:2:<claim>`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple

from linli.kit.columns import dates, ints, texts
from linli.kit.db import Connection, fetch_all, fetch_one, together
from linli.ledger import store_claims as store
from linli.ledger.book import Book
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


class Undone(NamedTuple):
    """What was taken back of a credited grant, and is to be booked. `posting`: the key of what is booked."""

    member_id: str
    wallet: str
    points: int
    expires_on: date
    funder: str
    order_id: str | None
    posting: str
    reason: str


class TakenBack(NamedTuple):
    """What was taken back: claim → key of the grant; what `book_undone` is to book; and how many points it was, of
    lowered promises and of credited grants."""

    keys: dict[GrantKey, str]
    undone: list[Undone]
    points: int


async def withdraw(conn: Connection, keys: Sequence[GrantKey]) -> dict[GrantKey, str]:
    """Take back promises that are not settled. Returns those that were there and pending: claim → the grant's key."""
    return await _withdraw(conn, [Held(*key) for key in sorted(set(keys))])


async def _withdraw(conn: Connection, wanted: Sequence[Held]) -> dict[GrantKey, str]:
    if not wanted:
        return {}
    rows = await fetch_all(conn, store.WITHDRAW, _columns(wanted))
    return {(member_id, claim): key for member_id, claim, key in rows}


async def take_back_claims(
    conn: Connection, wanted: Sequence[Held], lowered: Sequence[Lower] = (), *, cause: str
) -> TakenBack:
    """Let nothing be left of what holds the claims, and of the `lowered` grants no more than is due.

    Promises go or shrink; what was credited is taken back of its grant here, and of its wallet by `book_undone`, since
    balances are locked after all grants. `cause` is the reason of what is booked, and its key's beginning.
    """
    asked = _columns(sorted(set(wanted), key=lambda held: (held.member_id, held.claim, held.cause or ("", ""))))
    due = {(one.member_id, one.key): one for one in sorted(lowered)}
    shrunk, gone, taken = await together(
        conn,
        fetch_all(conn, store.LOWER, _due(due.values())) if due else _none(),
        fetch_all(conn, store.WITHDRAW, asked) if wanted else _none(),
        # What was withdrawn is held by nobody else. A settlement in between leaves it to the second statement.
        fetch_all(conn, store.TAKE_BACK, asked) if wanted else _none(),
    )
    undone = [_undone(row, due[row[0], row[1]].posting, cause) for row in shrunk if row[2] == "settled"]
    undone += [_undone(row, f"{cause}:{row[2]}", cause) for row in taken]
    keys = {(member_id, claim): key for member_id, claim, key, *_ in (*gone, *taken)}
    points = sum(row[4] for row in shrunk) + sum(row[4] for row in taken)
    return TakenBack(keys, [one for one in undone if one.points], points)


def _undone(row: Sequence[Any], posting: str, reason: str) -> Undone:
    member_id, _, _, wallet, points, expires_on, funder, order_id = row
    return Undone(member_id, wallet, points, expires_on, funder, order_id, posting, reason)


async def _none() -> list[Any]:
    return []


def _due(lowered: Collection[Lower]) -> dict[str, Any]:
    return {
        "member_ids": texts(one.member_id for one in lowered),
        "keys": texts(one.key for one in lowered),
        "due": ints(one.due for one in lowered),
    }


async def book_undone(conn: Connection, stamp: Stamp, undone: Sequence[Undone]) -> None:
    """Book what was taken back of credited grants: out of the grant's own lot first, and the rest as debt."""
    if not undone:
        return
    book = await Book.open(conn, stamp, {(one.member_id, one.wallet) for one in undone})
    for one in undone:
        account, lot = book.account(one.member_id, one.wallet), (one.expires_on, one.funder)
        account.claw_back(one.points, one.posting, lot, order_id=one.order_id, reason=one.reason)
    await book.save()


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
