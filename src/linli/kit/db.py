"""One driver, one pool: psycopg 3, asynchronous. SQL itself stands in each room's `store.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any, TypeAlias, TypeVar

import psycopg
import stamina
from psycopg import AsyncConnection, AsyncPipeline
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from linli.kit import columns

Connection: TypeAlias = AsyncConnection[TupleRow]
Pool: TypeAlias = AsyncConnectionPool[AsyncConnection[TupleRow]]
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


async def _configure(conn: Connection) -> None:
    # Batches differ in size, not in shape: one generic plan serves them all and costs no planning.
    await conn.execute("SET plan_cache_mode = 'force_generic_plan'")
    await conn.execute("SET timezone = 'UTC'")
    await conn.execute("SET idle_in_transaction_session_timeout = '60s'")
    await conn.commit()
    columns.register(conn)
    conn.prepare_threshold = 1
    conn.prepared_max = 500


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
        kwargs={"application_name": "linli"},
        check=AsyncConnectionPool.check_connection,
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
            async with pool.connection() as conn, conn.transaction():
                return await work(conn)
    raise AssertionError("unreachable: the last attempt either returned or raised")


async def together(conn: Connection, *work: Awaitable[Any]) -> list[Any]:
    """Results of several pieces of `work` on `conn`, sent in their order and answered in one round trip.

    Each must need one statement at the most before its first result. Raises what failed first.
    """
    async with conn.pipeline() as pipeline:
        _keep_together(pipeline)
        results = await asyncio.gather(*work, return_exceptions=True)
    failures = [result for result in results if isinstance(result, BaseException)]
    if failures:
        # What was sent after the one that failed is aborted by it, and only says so.
        raise next((one for one in failures if not isinstance(one, psycopg.errors.PipelineAborted)), failures[0])
    return results


def _keep_together(pipeline: AsyncPipeline) -> None:
    """Let statements wait in libpq's buffer until the first answer is asked for.

    psycopg wakes the server for each statement of a pipeline, which costs more than the statement: two system calls and
    a turn of the event loop. This reaches into a method of psycopg's; `tests/kit/test_together.py` tells if it moves.
    """

    def buffer_only() -> Generator[Any, Any, None]:
        while pipeline.command_queue:
            pipeline.command_queue.popleft()()
        return
        yield

    pipeline._communicate_gen = buffer_only  # pyright: ignore[reportAttributeAccessIssue]


async def fetch_all(conn: Connection, sql: str, params: Params | None = None) -> list[TupleRow]:
    """All rows of `sql`."""
    cursor = await conn.execute(sql, params)  # pyright: ignore[reportArgumentType]  (SQL is ours, never the caller's)
    return await cursor.fetchall()


async def fetch_one(conn: Connection, sql: str, params: Params | None = None) -> TupleRow | None:
    """The first row of `sql`, or None."""
    cursor = await conn.execute(sql, params)  # pyright: ignore[reportArgumentType]
    return await cursor.fetchone()
