"""Rolling up: what has happened since the mark becomes sums, and the mark moves, in one transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from linli.insights import store, store_budget
from linli.kit.db import Connection, fetch_one

STEP = timedelta(days=1)
"""What one transaction rolls up: so a long past can be interrupted, and goes on where it was."""
SETTLING = timedelta(minutes=2)
"""How long ago a thing must have been stamped, so that its transaction has surely ended: a batch is given up sooner."""
NEVER = datetime.min.replace(tzinfo=UTC)


async def rolled_until(conn: Connection) -> datetime:
    """The mark: what came before it is rolled up. `NEVER` where nothing is."""
    row = await fetch_one(conn, store.MARK)
    return row[0] if row else NEVER


async def roll(conn: Connection, now: datetime, zone: str) -> bool:
    """Roll up one step. Returns whether there is more. Does nothing while another transaction rolls up.

    `zone` is that of business dates.
    """
    row = await fetch_one(conn, store.LOCK_MARK)
    if row is None:
        return await _begin(conn)
    since = row[0]
    until = min(since + STEP, (now - SETTLING).replace(second=0, microsecond=0))
    if until <= since:
        return False
    params = {"since": since, "until": until, "zone": zone}
    await conn.execute(store.ROLL, params)
    await conn.execute(store_budget.ROLL, params)
    await conn.execute(store.MOVE_MARK, params)
    return until == since + STEP


async def _begin(conn: Connection) -> bool:
    """Set the mark to before the first thing that ever happened. False where nothing has, or the mark is in use."""
    if await fetch_one(conn, store.MARK):
        return False
    row = await fetch_one(conn, store.FIRST_THING)
    if row is None or row[0] is None:
        return False
    at = row[0].replace(minute=0, second=0, microsecond=0)
    await conn.execute(store.BEGIN_MARK, {"at": at})
    return True


async def forget(conn: Connection) -> None:
    """Forget all sums: rolled up again, they come out the same."""
    await conn.execute(store.FORGET)
