"""Promised points, set-wise: granted, withdrawn, moved. Nothing here touches a balance; settlement does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType

import msgspec
from msgspec.structs import replace

from linli.kit.columns import dates, instants, ints, texts
from linli.kit.db import Connection, fetch_all
from linli.ledger import store
from linli.ledger.claims import GrantKey, free_claims, set_claims
from linli.words.grants import NO_MARKS, Grant, Marks


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
    awaits: str | None = None
    """The milestone that it waits for, or waited for: `formed:g1`, `collected:order:o1`, `return_window:friend:o2`."""


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
) -> dict[GrantKey, str]:
    """Promise `grants`, with `marks` of where they came from. Returns the claims that are new, or that passed to an
    earlier cause, with their grants' keys.

    A claim that is held already, and whose cause is not later, stays as it is: the caller explains that. One that was
    taken back after it was credited is promised anew, under another key.
    """
    if not grants:
        return {}
    rows = earliest(grants)
    written = {key: key[1] for key in await _insert(conn, rows, marks)}
    if len(written) < len(rows):
        left = {(g.member_id, g.key): g for g in rows if (g.member_id, g.key) not in written}
        free = await free_claims(conn, list(left))
        anew = {(member_id, key): claim for (member_id, claim), key in free.items()}
        if anew:
            again = [replace(left[claim], key=key) for claim, key in sorted(free.items())]
            seen = {(claim[0], key): marks[claim] for claim, key in free.items() if claim in marks}
            there = await _insert(conn, again, seen)
            await set_claims(conn, anew)
            written |= {(member_id, anew[member_id, key]): key for member_id, key in there}
    return written


async def _insert(conn: Connection, rows: Sequence[Grant], marks: Mapping[GrantKey, Marks]) -> list[GrantKey]:
    """(member, key) of those that are new or passed to an earlier cause."""
    seen = [marks.get((g.member_id, g.key), NO_MARKS) for g in rows]
    columns = {
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
        "capped": ints(int(bool(g.caps)) for g in rows),
    }
    query = store.INSERT_GRANTS
    if any(g.awaits is not None for g in rows):
        query = store.INSERT_WAITING_GRANTS
        columns |= {
            "awaits": texts(g.awaits for g in rows),
            "wait_days": ints(g.wait_days if g.awaits else None for g in rows),
        }
    return [(member_id, key) for member_id, key, _ in await fetch_all(conn, query, columns)]


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
