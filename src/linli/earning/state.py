"""Facts and orders, read and written set-wise. The caller holds the members' locks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from linli.earning import store
from linli.earning.orders import NO_MORE, Basis, More, OrderRecord, Refunds
from linli.kit.columns import dates, ints, json_texts, texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.words.facts import MemberFacts

OrderKey = tuple[str, str]
"""(member_id, order_id)"""

_facts = msgspec.json.Decoder(MemberFacts)
_bases = msgspec.json.Decoder(tuple[Basis, ...])
_refunds = msgspec.json.Decoder(Refunds)
_more = msgspec.json.Decoder(More)
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


async def invited_by(conn: Connection, member_ids: Collection[str]) -> set[str]:
    """All whom the members invited."""
    rows = await fetch_all(conn, store.INVITED_BY, {"member_ids": texts(sorted(member_ids))})
    return {member_id for (member_id,) in rows}


async def born_in(conn: Connection, month: int, *, after: str, limit: int) -> list[str]:
    """Members whose month of birth is `month` (1 to 12), by id, those after `after`."""
    rows = await fetch_all(conn, store.BORN_IN, {"month": month, "after": after, "limit": limit})
    return [member_id for (member_id,) in rows]


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
    return {(row[0], row[1]): _order(row) for row in rows}


def _order(row: Sequence[Any]) -> OrderRecord:
    member_id, order_id, paid_fen, paid_on, completed_on, bases, refunds, more = row
    return OrderRecord(
        member_id, order_id, paid_fen, paid_on, completed_on, _bases.decode(bases), _refunds.decode(refunds),
        _more.decode(more) if more else NO_MORE,
    )  # fmt: skip


async def next_orders(conn: Connection, record: OrderRecord, but: Collection[str]) -> list[OrderRecord]:
    """Orders of the same member that may take the place of `record`: one that was paid on its date, and the first that
    was completed; of those that are not void, `but` left out."""
    where = {"member_id": record.member_id, "paid_on": record.paid_on, "but": texts(but)}
    return [_order(row) for row in await fetch_all(conn, store.NEXT_ORDERS, where)]


async def orders_with_claim(conn: Connection, member_id: str, claim: str, but: Collection[str]) -> list[OrderRecord]:
    """The member's orders that name `claim` among what they caused, those left out that are void or in `but`."""
    where = {"member_id": member_id, "claim": claim, "but": texts(but)}
    return [_order(row) for row in await fetch_all(conn, store.ORDERS_WITH_CLAIM, where)]


class Elsewhere(NamedTuple):
    """A claim of a member that hangs on an order of somebody else's: a friend's, to whom they shared."""

    member_id: str
    claim: str
    owner_id: str
    order_id: str


async def claims_elsewhere(conn: Connection, member_id: str, claim: str) -> list[OrderKey]:
    """The orders of others that name the member's `claim`. The member is locked, so there are no more of them."""
    rows = await fetch_all(conn, store.CLAIMS_ELSEWHERE, {"member_id": member_id, "claim": claim})
    return [(owner_id, order_id) for owner_id, order_id in rows]


async def write_elsewhere(conn: Connection, claims: Sequence[Elsewhere]) -> None:
    """Note where claims are kept."""
    if claims:
        members, names, owners, orders = zip(*sorted(set(claims)), strict=True)
        columns = {
            "member_ids": texts(members),
            "claims": texts(names),
            "owners": texts(owners),
            "orders": texts(orders),
        }
        await conn.execute(store.WRITE_ELSEWHERE, columns)


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
                "more": json_texts(_more_of(o) for o in rows),
            },
        )


def _more_of(record: OrderRecord) -> bytes:
    more = record.more
    if record.void != more.void:
        more = replace(more, void=record.void)
    return b"" if more == NO_MORE else _encode(more)
