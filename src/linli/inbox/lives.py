"""The archive read member by member, in the order of business time: what each of them lived through."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from datetime import date
from typing import Any

from linli.inbox import store
from linli.inbox.envelope import stored
from linli.kit.columns import texts
from linli.kit.db import Connection, fetch_all
from linli.words.events import Event

FETCHED = 500
"""Events that are in memory at once, whoever's they are."""


async def lives(conn: Connection, member_ids: Sequence[str], until: date) -> AsyncGenerator[list[Event]]:
    """Events of the members up to business date `until`, typed again: a member's all together, by business time.

    Those that were taken in and had no effect, since an earlier one had told the same of the order, are left out.
    `conn` must be inside a transaction; close the generator before it ends.
    """
    async with conn.cursor(name="linli_lives") as cursor:
        await cursor.execute(store.LIVES, {"member_ids": texts(member_ids), "until": until})
        while rows := await cursor.fetchmany(FETCHED):
            yield _typed(rows)


async def told_of_orders(conn: Connection, orders: Collection[tuple[str, str]], until: date) -> list[Event]:
    """Events of the orders (member_id, order_id) up to business date `until`, and perhaps of a few others."""
    which = {
        "member_ids": texts(sorted({member_id for member_id, _ in orders})),
        "order_ids": texts(sorted({order_id for _, order_id in orders})),
        "until": until,
    }
    return _typed(await fetch_all(conn, store.TOLD_OF_ORDERS, which))


def _typed(rows: Sequence[Any]) -> list[Event]:
    return [
        stored(type_, source, event_id, occurred_at, on, data)
        for _, on, type_, source, event_id, occurred_at, data in rows
    ]
