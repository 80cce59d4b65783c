"""Settlement and expiry, set-wise: a chunk of members is one transaction, and a chunk done twice changes nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import date, datetime
from typing import Literal

import msgspec
from psycopg.rows import TupleRow

from linli.kit.columns import texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.ledger import store, store_wallets, wallets
from linli.ledger.grants import GrantKey
from linli.ledger.types import RunNotFound, Stamp

SweepKind = Literal["settle", "expire"]


class Tally(msgspec.Struct):
    """What a sweep did: members touched, grants or lots handled, points moved."""

    members: int = 0
    items: int = 0
    points: int = 0


class Run(msgspec.Struct, frozen=True):
    """A sweep of one business date. `items` of the `due` that it found at its start are done.

    `running`: under way, or to be gone on with by the worker. `stopped`: somebody asked for it, and must for more.
    """

    kind: SweepKind
    run_on: date
    state: Literal["running", "stopped", "finished"]
    due: int
    members: int
    items: int
    points: int
    started_at: datetime
    finished_at: datetime | None
    cut_points: int = 0
    """What caps took away before a settlement."""


async def members_due(conn: Connection, kind: SweepKind, on: date, chunk: int) -> AsyncGenerator[list[str], None]:
    """Members with something due by `on`, in order, `chunk` at a time, from a cursor: memory stays flat.

    `conn` must be inside a transaction of its own, which keeps one snapshot of who is due.
    """
    query = store.MEMBERS_DUE if kind == "settle" else store.MEMBERS_LAPSING
    params = {"on": on, "swept": await _swept(conn)}
    async with conn.cursor(name=f"linli_{kind}_due") as cursor:
        await cursor.execute(query, params)
        while rows := await cursor.fetchmany(chunk):
            yield [row[0] for row in rows]


async def count_due(conn: Connection, kind: SweepKind, on: date) -> int:
    """How many grants (or lots) are due by `on`."""
    query = store.COUNT_DUE if kind == "settle" else store.COUNT_LAPSING
    row = await fetch_one(conn, query, {"on": on, "swept": await _swept(conn)})
    assert row is not None, "an aggregate returns a row"
    return row[0]


async def _swept(conn: Connection) -> date:
    """The date up to which all lots are empty but for those that are noted as late: so no night reads the dead ones."""
    row = await fetch_one(conn, store.SWEPT)
    return row[0] if row and row[0] else date.min


async def settle_members(conn: Connection, stamp: Stamp, on: date, members: Sequence[str]) -> Tally:
    """Credit all grants of `members` that are due by `on`; what comes in pays debts first."""
    await conn.execute(store.NO_NESTED_LOOPS)
    params = {"members": texts(members), "on": on, "at": stamp.at, "until": stamp.late_until}
    row = await fetch_one(conn, store.SETTLE_CHUNK, params)
    await conn.execute(store.NESTED_LOOPS)
    return await _settled(conn, stamp, row, f"settle:{on}")


async def settle_now(conn: Connection, stamp: Stamp, keys: Sequence[GrantKey]) -> Tally:
    """Credit the grants named, which arrive at once; what comes in pays debts first."""
    named = {"member_ids": texts(member_id for member_id, _ in keys), "keys": texts(key for _, key in keys)}
    row = await fetch_one(conn, store.SETTLE_NOW, {**named, "on": stamp.on, "at": stamp.at, "until": stamp.late_until})
    return await _settled(conn, stamp, row, f"settle:{stamp.on}")


async def _settled(conn: Connection, stamp: Stamp, row: TupleRow | None, key: str) -> Tally:
    assert row is not None, "an aggregate returns a row"
    counted, items, points, in_debt = row
    for member_id, wallet in in_debt:
        account = await wallets.lock_wallet(conn, member_id, wallet, stamp)
        account.repay(key)
        await wallets.save(account)
    return Tally(counted, items, points)


async def expire_members(conn: Connection, stamp: Stamp, on: date, members: Sequence[str]) -> Tally:
    """Let all lots of `members` lapse whose date is `on` or before."""
    params = {"members": texts(members), "on": on, "at": stamp.at}
    # Two statements: the second must see what was committed before the locks of the first were won.
    await conn.execute(store.LOCK_BALANCES_OF, params)
    await conn.execute(store.NO_NESTED_LOOPS)
    row = await fetch_one(conn, store.EXPIRE_CHUNK, params)
    assert row is not None, "an aggregate returns a row"
    await conn.execute(store.NESTED_LOOPS)
    return Tally(*row)


async def start_run(conn: Connection, kind: SweepKind, on: date, at: datetime, *, resume: bool = True) -> Run:
    """The run of `kind` for business date `on`: made, with what is due counted, or found where it was left.

    One that was stopped goes on only if it is to `resume`.
    """
    which = {"kind": kind, "on": on, "at": at}
    if await fetch_one(conn, store.START_RUN, which):
        await conn.execute(store.EXPECT_OF_RUN, {**which, "due": await count_due(conn, kind, on)})
    elif resume:
        await conn.execute(store.RESUME_RUN, which)
    return await get_run(conn, kind, on)


async def stop_run(conn: Connection, kind: SweepKind, on: date, at: datetime) -> Run:
    """Let the run stop after the chunk in hand; a finished one stays as it is. Raises RunNotFound."""
    await conn.execute(store.STOP_RUN, {"kind": kind, "on": on, "at": at})
    return await get_run(conn, kind, on)


async def get_run(conn: Connection, kind: SweepKind, on: date) -> Run:
    """The run. Raises RunNotFound."""
    run = await find_run(conn, kind, on)
    if run is None:
        raise RunNotFound(kind=kind, run_on=on.isoformat())
    return run


async def find_run(conn: Connection, kind: SweepKind, on: date) -> Run | None:
    """The run, or None where it was never started."""
    row = await fetch_one(conn, store.RUN, {"kind": kind, "on": on})
    return Run(*row) if row else None


async def count_run(conn: Connection, kind: SweepKind, on: date, tally: Tally) -> bool:
    """Add a chunk's tally to the run, in the chunk's own transaction: so a stopped run's figures are exact.

    Returns whether the run is to go on: False once somebody asked it to stop.
    """
    row = await fetch_one(
        conn,
        store.COUNT_RUN,
        {"kind": kind, "on": on, "members": tally.members, "items": tally.items, "points": tally.points},
    )
    assert row is not None, f"run {kind} {on} was started"
    return row[0]


async def finish_run(conn: Connection, kind: SweepKind, on: date, at: datetime) -> None:
    """Close the run."""
    await conn.execute(store.FINISH_RUN, {"kind": kind, "on": on, "at": at})


async def last_run(conn: Connection, kind: SweepKind) -> date | None:
    """The latest business date for which a run was started, or None."""
    row = await fetch_one(conn, store.LAST_RUN, {"kind": kind})
    return row[0] if row else None


async def runs(conn: Connection, kind: SweepKind, *, before: date, limit: int) -> list[Run]:
    """A page of runs, newest first."""
    rows = await fetch_all(conn, store.RUNS, {"kind": kind, "before": before, "limit": limit})
    return [Run(*row) for row in rows]


async def members_with_lapsed_holds(conn: Connection, at: datetime, limit: int) -> list[tuple[str, str]]:
    """(member_id, wallet) of some wallets that have a hold whose time is over."""
    rows = await fetch_all(conn, store_wallets.MEMBERS_WITH_LAPSED_HOLDS, {"at": at, "limit": limit})
    return [(row[0], row[1]) for row in rows]
