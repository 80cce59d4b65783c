"""Caps: what is due is cut down to them before it is settled. Which caps there are is told by the caller."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple, TypeAlias

from linli.kit.columns import Column, dates, ints, texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.ledger import store_caps as store
from linli.ledger.grants import GrantKey

BARRIER = 0x6C6E_7374  # "lnst"
"""The advisory lock between those who promise and those who settle."""
Who: TypeAlias = Literal["member", "device", "ip", "phone"]
Of: TypeAlias = Literal["purchases", "others", "all"]
Span: TypeAlias = Literal["day", "month", "life"]


class DayCap(NamedTuple):
    """So many points in all for one `per` and business date of earning: the most of each date."""

    cap: str
    per: Who
    of: Of
    most: dict[date, int]


class RuleCap(NamedTuple):
    """So many points in all for one member by one rule in each `per`: the most by (rule, its version)."""

    cap: str
    per: Span
    most: dict[tuple[str, int], int]


class Over(NamedTuple):
    """A pending grant that lies over a cap: `allowed` of its points may stay. `cut`: what was taken away before."""

    member_id: str
    key: str
    allowed: int
    cut: int
    promised: int
    rule: str
    rule_version: int
    earned_on: date
    limit_points: int


async def hear_of_settlement(conn: Connection) -> None:
    """Say that what this transaction promises heeds the settlements begun so far: asked for after this, not before."""
    await conn.execute(store.SHARE_BARRIER, {"lock": BARRIER})


async def await_promises(conn: Connection) -> None:
    """Wait until all have ended who may not know of a run that was begun: in a transaction that does nothing else."""
    await conn.execute(store.PASS_BARRIER, {"lock": BARRIER})


async def is_screened(conn: Connection, on: date) -> bool:
    """Whether the settlement of `on` had its caps applied; its run is locked until the transaction ends."""
    row = await fetch_one(conn, store.SCREENED, {"on": on})
    return row is not None and row[0]


async def note_screened(conn: Connection, on: date, at: datetime, cut_points: int) -> None:
    """The caps are applied: never again for this run."""
    await conn.execute(store.NOTE_SCREENED, {"on": on, "at": at, "cut_points": cut_points})


async def dates_due(conn: Connection, on: date) -> dict[date, bool]:
    """Business dates on which what is due by `on` was earned; whether a rule with caps of its own is among it."""
    await conn.execute(store.ROOM_TO_SUM)
    return dict(await fetch_all(conn, store.DATES_DUE, {"on": on}))


async def over_cap(conn: Connection, on: date, cap: DayCap | RuleCap, chunk: int) -> AsyncGenerator[list[Over]]:
    """Grants due by `on` that lie over the cap, by member and key, `chunk` at a time: memory stays flat."""
    if isinstance(cap, DayCap):
        query = store.OVER_DAY[cap.per, cap.of]
        params = {"dates": dates(cap.most), "limits": ints(cap.most.values())}
    else:
        query, params = store.OVER_RULE[cap.per], _most(cap)
    async with conn.cursor(name="linli_over_cap") as cursor:
        await cursor.execute(query, {"on": on, **params})  # pyright: ignore[reportArgumentType]  (SQL is ours)
        while rows := await cursor.fetchmany(chunk):
            yield [Over(*row) for row in rows]


async def over_cap_now(conn: Connection, keys: Sequence[GrantKey], cap: RuleCap) -> list[Over]:
    """Of the grants named, which are to be credited now, those that lie over the cap. Their wallets are locked."""
    named = {"member_ids": texts(member_id for member_id, _ in keys), "keys": texts(key for _, key in keys)}
    return [Over(*row) for row in await fetch_all(conn, store.OVER_RULE_NOW[cap.per], {**named, **_most(cap)})]


def _most(cap: RuleCap) -> dict[str, Column]:
    return {
        "rules": texts(rule for rule, _ in cap.most),
        "versions": ints(version for _, version in cap.most),
        "limits": ints(cap.most.values()),
    }


async def cut(conn: Connection, over: Sequence[Over]) -> dict[tuple[str, str], int]:
    """Cut the grants down to what is allowed of them. Returns (member_id, key) → points taken away now.

    What a refund has meanwhile brought below that is not among them. The caller sees to it that nobody else cuts.
    """
    before = {(grant.member_id, grant.key): grant.cut for grant in over}
    rows = await fetch_all(
        conn,
        store.CUT,
        {
            "member_ids": texts(grant.member_id for grant in over),
            "keys": texts(grant.key for grant in over),
            "allowed": ints(grant.allowed for grant in over),
        },
    )
    return {(member_id, key): total - before[member_id, key] for member_id, key, total in rows}
