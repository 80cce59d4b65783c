"""Promised points, set-wise: granted, withdrawn, moved. Nothing here touches a balance; settlement does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType

import msgspec

from linli.kit.columns import dates, instants, ints, texts
from linli.kit.db import Connection, fetch_all
from linli.ledger import store
from linli.words.grants import NO_MARKS, Grant, Marks

GrantKey = tuple[str, str]
"""(member_id, key)"""


class GrantState(msgspec.Struct, frozen=True):
    """A grant as the ledger keeps it. `points` are what refunds and caps leave of what was `promised`.

    `cut`: what caps took away before it was credited. `reversed`: what was taken back of `points` afterwards.
    """

    member_id: str
    key: str
    wallet: str
    state: str
    promised: int
    points: int
    reversed: int
    cut: int
    rule: str
    rule_version: int
    funder: str
    occurred_at: datetime
    earned_on: date
    settle_on: date
    expires_on: date
    settled_on: date | None
    event_type: str
    source: str
    event_id: str
    order_id: str | None


def earliest(grants: Sequence[Grant]) -> list[Grant]:
    """One grant a (member, key), the one with the earliest cause, in member and key order."""
    best: dict[GrantKey, Grant] = {}
    for grant in grants:
        key = (grant.member_id, grant.key)
        if key not in best or (grant.occurred_at, grant.event_id) < (best[key].occurred_at, best[key].event_id):
            best[key] = grant
    return [best[key] for key in sorted(best)]


async def grant(
    conn: Connection, grants: Sequence[Grant], marks: Mapping[GrantKey, Marks] = MappingProxyType({})
) -> set[GrantKey]:
    """Promise `grants`, with `marks` of where they came from. Returns the keys that are new, or that passed to an
    earlier cause.

    A key that is granted already and whose cause is not later keeps what it has: the caller explains that.
    """
    if not grants:
        return set()
    rows = earliest(grants)
    seen = [marks.get((g.member_id, g.key), NO_MARKS) for g in rows]
    written = await fetch_all(
        conn,
        store.INSERT_GRANTS,
        {
            "member_ids": texts(g.member_id for g in rows),
            "keys": texts(g.key for g in rows),
            "wallets": texts(g.wallet for g in rows),
            "points": ints(g.points for g in rows),
            "rules": texts(g.rule for g in rows),
            "rule_versions": ints(g.rule_version for g in rows),
            "funders": texts(g.funder for g in rows),
            "occurred": instants(g.occurred_at for g in rows),
            "earned": dates(g.earned_on for g in rows),
            "settle": dates(g.settle_on for g in rows),
            "expires": dates(g.expires_on for g in rows),
            "event_types": texts(g.event_type for g in rows),
            "sources": texts(g.source for g in rows),
            "event_ids": texts(g.event_id for g in rows),
            "orders": texts(g.order_id for g in rows),
            "devices": ints(mark.device_key for mark in seen),
            "ips": ints(mark.ip_key for mark in seen),
            "phones": ints(mark.phone_key for mark in seen),
            "capped": ints(int(g.capped) for g in rows),
        },
    )
    return {(member_id, key) for member_id, key, _ in written}


async def withdraw(conn: Connection, keys: Sequence[GrantKey]) -> set[GrantKey]:
    """Take back promises that are not settled. Returns those that were there and pending."""
    if not keys:
        return set()
    ordered = sorted(set(keys))
    rows = await fetch_all(
        conn,
        store.WITHDRAW_GRANTS,
        {"member_ids": texts(member for member, _ in ordered), "keys": texts(key for _, key in ordered)},
    )
    return {(member_id, key) for member_id, key in rows}


async def of_event(conn: Connection, member_ids: Sequence[str], source: str, event_id: str) -> list[GrantState]:
    """The grants that one event caused, for the members named."""
    rows = await fetch_all(
        conn, store.GRANTS_OF_EVENT, {"member_ids": texts(member_ids), "source": source, "event_id": event_id}
    )
    return [GrantState(*row) for row in rows]


async def of_order(conn: Connection, member_id: str, order_id: str, keys: Sequence[str]) -> list[GrantState]:
    """The member's grants that an order caused, and those of `keys` beside them."""
    asked = {"member_id": member_id, "order_id": order_id, "keys": texts(keys)}
    return [GrantState(*row) for row in await fetch_all(conn, store.GRANTS_OF_ORDER, asked)]


async def of_member(
    conn: Connection, member_id: str, *, state: str | None, after: str = "", limit: int
) -> list[GrantState]:
    """A page of the member's grants by key. `state`: pending, settled or None for both."""
    rows = await fetch_all(
        conn, store.GRANTS_OF_MEMBER, {"member_id": member_id, "state": state, "after": after, "limit": limit}
    )
    return [GrantState(*row) for row in rows]
