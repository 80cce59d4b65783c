"""Idempotency for ever: same key and same body, one effect and one outcome; another body is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from linli.kit.columns import blobs, texts
from linli.kit.db import Connection, fetch_all, fetch_one
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


async def claim_keys(
    conn: Connection, wanted: Sequence[tuple[str, str, bytes]], at: datetime
) -> list[bytes | KeyReused | None]:
    """Claim many keys, (member_id, key, digest). Of each: None where it is new, its first outcome, or KeyReused.

    Who claims one that another transaction has just claimed waits for that one's end. Of a key that is named twice the
    second is told KeyReused, whatever its digest: who gathers requests keeps twins apart.
    """
    order = sorted(range(len(wanted)), key=lambda place: wanted[place][:2])
    named = {
        "member_ids": texts(wanted[place][0] for place in order),
        "keys": texts(wanted[place][1] for place in order),
        "digests": blobs(wanted[place][2] for place in order),
    }
    new = {(row[0], row[1]) for row in await fetch_all(conn, store.CLAIM_KEYS, {**named, "at": at})}
    known = {} if len(new) == len(wanted) else {
        (row[0], row[1]): (row[2], row[3]) for row in await fetch_all(conn, store.KEYS, named)
    }  # fmt: skip
    told: list[bytes | KeyReused | None] = []
    for member_id, key, digest in wanted:
        if (member_id, key) in new:
            new.remove((member_id, key))
            told.append(None)
        else:
            first, outcome = known.get((member_id, key), (None, ""))
            told.append(outcome.encode() if first == digest and outcome != "null" else KeyReused(key=key))
    return told


async def free_keys(conn: Connection, keys: Sequence[tuple[str, str]]) -> None:
    """Forget keys that this transaction has claimed, (member_id, key): what they stood for was refused."""
    if keys:
        named = {"member_ids": texts(member_id for member_id, _ in keys), "keys": texts(key for _, key in keys)}
        conn.later(conn.execute(store.FREE_KEYS, named))


async def save_outcomes(conn: Connection, outcomes: Sequence[tuple[str, str, bytes]]) -> None:
    """Keep the outcome, as JSON, of each key that was claimed, (member_id, key, outcome). Rides to the commit."""
    if outcomes:
        named = {
            "member_ids": texts(member_id for member_id, _, _ in outcomes),
            "keys": texts(key for _, key, _ in outcomes),
            "outcomes": texts(outcome.decode() for _, _, outcome in outcomes),
        }
        conn.later(conn.execute(store.SAVE_OUTCOMES, named))
