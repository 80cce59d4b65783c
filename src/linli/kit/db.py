"""One driver, one pool: psycopg 3, asynchronous. SQL itself stands in each room's `store.py`."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeAlias, TypeVar

import psycopg
import stamina
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from linli.kit import columns
from linli.kit.connection import Connection

__all__ = [
    "RETRIABLE", "Connection", "Params", "Pool", "fetch_all", "fetch_one", "in_transaction", "later", "make_pool",
    "together",
]  # fmt: skip

Pool: TypeAlias = AsyncConnectionPool[Connection]
Params: TypeAlias = dict[str, Any] | tuple[Any, ...]
T = TypeVar("T")

# Two transactions that wait for each other, or a server that went away: the same work may simply be done again.
RETRIABLE = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.LockNotAvailable,
    psycopg.OperationalError,
)
RETRY_SECONDS = 10.0
"""After which work is not begun once more: whoever waits for it is better told to come again."""
RECONNECT_SECONDS = 4.0
"""How long the pool tries to replace a lost connection, ever more rarely. Then the next who wants one has it tried
again: so the pool is back within seconds after an outage, however long that was."""


TRUSTED_SECONDS = 1.0
"""How long a connection that was given back is taken to be alive."""


async def _configure(conn: Connection) -> None:
    # Batches differ in size, not in shape: one generic plan serves them all and costs no planning.
    await conn.execute("SET plan_cache_mode = 'force_generic_plan'")
    await conn.execute("SET timezone = 'UTC'")
    await conn.execute("SET idle_in_transaction_session_timeout = '60s'")
    await conn.commit()
    columns.register(conn)
    # Our statements are prepared by `Connection` itself. What psycopg runs of its own accord is not: for the first
    # rollback after it has prepared anything, it drops all that the session has prepared, ours as well.
    conn.prepare_threshold = None


async def _check(conn: Connection) -> None:
    # One that served a moment ago is taken at its word: work that finds it broken is done again.
    if time.monotonic() - conn.used_at > TRUSTED_SECONDS:
        # Not the pool's own check: it turns autocommit on, and does not tell when it could not turn it off again.
        await conn.execute("SELECT")
        await conn.rollback()


def make_pool(url: str, *, min_size: int = 1, max_size: int = 10, timeout: float = 15.0) -> Pool:
    """A closed pool on `url`; `await pool.open()` before use. Connections are in UTC and prepare their statements.

    Who gets no connection within `timeout` seconds gets a PoolTimeout.
    """
    return AsyncConnectionPool(
        url,
        min_size=min_size,
        max_size=max_size,
        open=False,
        configure=_configure,
        timeout=timeout,
        reconnect_timeout=RECONNECT_SECONDS,
        connection_class=Connection,
        kwargs={"application_name": "linli"},
        check=_check,
    )


def _worth_another_try(failure: Exception) -> bool:
    # Who found no connection has waited long enough already.
    return isinstance(failure, RETRIABLE) and not isinstance(failure, PoolTimeout)


async def in_transaction(pool: Pool, work: Callable[[Connection], Awaitable[T]], *, attempts: int = 5) -> T:
    """`work(conn)` in one transaction of its own, done again when it lost a deadlock or its connection.

    `work` must do nothing outside the transaction, since it may run several times.
    """
    # The jitter is a whole second where it is not named: the loser of a deadlock would wait as long as it lost.
    retries = stamina.retry_context(
        on=_worth_another_try, attempts=attempts, timeout=RETRY_SECONDS,
        wait_initial=0.01, wait_max=1.0, wait_jitter=0.05,
    )  # fmt: skip
    async for attempt in retries:
        with attempt:
            # BEGIN goes with the first statement; the pool commits, or rolls back where `work` raised.
            async with pool.connection() as conn:
                return await work(conn)
    raise AssertionError("unreachable: the last attempt either returned or raised")


async def in_snapshot(pool: Pool, work: Callable[[Connection], Awaitable[T]]) -> T:
    """`work(conn)`, which only reads, on one snapshot: figures of several statements fit together."""

    async def read(conn: Connection) -> T:
        await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return await work(conn)

    return await in_transaction(pool, read)


async def together(conn: Connection, *work: Coroutine[Any, Any, Any]) -> list[Any]:
    """Results of several pieces of `work` on `conn`, sent in their order and answered in one round trip.

    Each must need one statement at the most before its first result. Raises what failed first.
    """
    return await conn.together(*work)


def later(conn: Connection, *work: Coroutine[Any, Any, Any]) -> None:
    """Let `work`, one statement each whose result nobody needs, ride with the next statement or the commit."""
    conn.later(*work)


async def fetch_all(conn: Connection, sql: str, params: Params | None = None) -> list[TupleRow]:
    """All rows of `sql`."""
    cursor = await conn.execute(sql, params)  # pyright: ignore[reportArgumentType]  (SQL is ours, never the caller's)
    return await cursor.fetchall()


async def fetch_one(conn: Connection, sql: str, params: Params | None = None) -> TupleRow | None:
    """The first row of `sql`, or None."""
    cursor = await conn.execute(sql, params)  # pyright: ignore[reportArgumentType]
    return await cursor.fetchone()
