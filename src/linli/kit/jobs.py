"""Work for later: jobs are put into the database in the transaction that decides on them, and done by the worker."""

from __future__ import annotations

from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued

from linli.kit.db import Connection

# Never opened: it only knows how jobs are written, and writes them by the connection that it is given.
_app = App(connector=PsycopgConnector())


async def defer(conn: Connection, task: str, *, lock: str, **arguments: Any) -> bool:
    """Let the worker do `task` once this transaction is committed. False where a job of that `lock` waits already.

    Of jobs with one lock, one waits and one is under way at the most. `arguments` are JSON values.
    """
    try:
        async with conn.transaction():
            await _app.configure_task(task, lock=lock, queueing_lock=lock, connection=conn).defer_async(**arguments)
    except AlreadyEnqueued:
        return False
    return True
