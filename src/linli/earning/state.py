"""Facts and orders, read and written set-wise. The caller holds the members' locks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import msgspec

from linli.earning import store
from linli.earning.orders import Basis, OrderRecord, Refunds
from linli.kit.columns import dates, ints, json_texts, texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.words.facts import MemberFacts

OrderKey = tuple[str, str]
"""(member_id, order_id)"""

_facts = msgspec.json.Decoder(MemberFacts)
_bases = msgspec.json.Decoder(tuple[Basis, ...])
_refunds = msgspec.json.Decoder(Refunds)
# Keys of maps are sorted: what is kept does not tell in which order the events came.
_encode = msgspec.json.Encoder(order="deterministic").encode


async def read_facts(conn: Connection, member_ids: Collection[str]) -> dict[str, MemberFacts]:
    """Facts by member; a member of whom nothing is known is left out."""
    rows = await fetch_all(conn, store.FACTS, {"member_ids": texts(member_ids)})
    return {member_id: _facts.decode(facts) for member_id, facts in rows}


class FriendPlace(NamedTuple):
    """Where a page of friends begins: after this one, who was invited at this instant (RFC 3339)."""

    invited_at: str
    member_id: str

    @classmethod
    def newest(cls) -> FriendPlace:
        """Where the first page begins."""
        return cls("9999", "")


async def friends(
    conn: Connection, member_id: str, *, before: FriendPlace, limit: int
) -> list[tuple[FriendPlace, MemberFacts]]:
    """A page of those whom the member invited, newest first, with their facts."""
    asked = {"member_id": member_id, "before_at": before.invited_at, "before_id": before.member_id, "limit": limit}
    rows = await fetch_all(conn, store.FRIENDS, asked)
    return [(FriendPlace(invited_at, friend), _facts.decode(facts)) for friend, invited_at, facts in rows]


async def count_friends(conn: Connection, member_id: str) -> int:
    """How many the member invited."""
    row = await fetch_one(conn, store.COUNT_FRIENDS, {"member_id": member_id})
    return row[0] if row else 0


async def write_facts(conn: Connection, facts: Mapping[str, MemberFacts]) -> None:
    """Replace the facts of the members named."""
    if facts:
        member_ids = sorted(facts)
        columns = {"member_ids": texts(member_ids), "facts": json_texts(_encode(facts[m]) for m in member_ids)}
        await conn.execute(store.WRITE_FACTS, columns)


async def read_orders(conn: Connection, keys: Collection[OrderKey]) -> dict[OrderKey, OrderRecord]:
    """Those of the orders that are known."""
    if not keys:
        return {}
    rows = await fetch_all(
        conn, store.ORDERS, {"member_ids": texts(m for m, _ in keys), "order_ids": texts(order for _, order in keys)}
    )
    return {
        (member_id, order_id): OrderRecord(
            member_id, order_id, paid_fen, paid_on, completed_on, _bases.decode(bases), _refunds.decode(refunds)
        )
        for member_id, order_id, paid_fen, paid_on, completed_on, bases, refunds in rows
    }


async def write_orders(conn: Connection, orders: Iterable[OrderRecord]) -> None:
    """Insert or replace orders."""
    rows = list(orders)
    if rows:
        await conn.execute(
            store.WRITE_ORDERS,
            {
                "member_ids": texts(o.member_id for o in rows),
                "order_ids": texts(o.order_id for o in rows),
                "paid_fen": ints(o.paid_fen for o in rows),
                "paid_on": dates(o.paid_on for o in rows),
                "completed_on": dates(o.completed_on for o in rows),
                "bases": json_texts(_encode(o.bases) for o in rows),
                "refunds": json_texts(_encode(o.refunds) for o in rows),
            },
        )
