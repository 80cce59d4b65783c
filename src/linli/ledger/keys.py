"""Idempotency for ever: same key and same body, one effect and one outcome; another body is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from linli.kit.db import Connection, fetch_one
from linli.kit.errors import KeyReused
from linli.ledger import store


async def once(
    conn: Connection, member_id: str, key: str, digest: bytes, at: datetime, work: Callable[[], Awaitable[bytes]]
) -> tuple[bytes, bool]:
    """(outcome as JSON, whether it is the first time). `work` runs only the first time, in this transaction.

    A refusal rolls the transaction back and so uses up no key. Raises KeyReused, and what `work` raises.
    """
    who = {"member_id": member_id, "key": key}
    # A second request with the key waits here until the first has committed.
    if await fetch_one(conn, store.CLAIM_KEY, {**who, "digest": digest, "at": at}) is None:
        row = await fetch_one(conn, store.KEY, who)
        assert row is not None, "keys are never deleted"
        if row[0] != digest:
            raise KeyReused(key=key)
        return row[1].encode(), False
    outcome = await work()
    await conn.execute(store.SAVE_KEY, {**who, "outcome": outcome.decode()})
    return outcome, True
