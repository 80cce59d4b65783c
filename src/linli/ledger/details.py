"""One movement explained: the grants it credits or undoes, the hold, the lots that it filled or emptied."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from linli.kit.columns import texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.ledger import store, store_reads, store_wallets
from linli.ledger.grants import GrantState
from linli.ledger.types import Hold, Lot, Movement, MovementNotFound


class LotPart(msgspec.Struct, frozen=True):
    """Points of one lot."""

    expires_on: date
    funder: str
    points: int


class Detail(msgspec.Struct, frozen=True):
    """A movement and what it is about. `lots` is empty where the ledger does not note them: points that come back."""

    movement: Movement
    grants: list[GrantState]
    hold: Hold | None
    lots: list[LotPart]


async def detail(conn: Connection, member_id: str, wallet: str, seq: int) -> Detail:
    """The movement `seq` of the wallet, explained. Raises MovementNotFound."""
    who = {"member_id": member_id, "wallet": wallet}
    row = await fetch_one(conn, store_reads.MOVEMENT, {**who, "seq": seq})
    if row is None:
        raise MovementNotFound(seq=seq)
    movement = Movement(*row)
    grants = [
        GrantState(*found)
        for found in await fetch_all(conn, store.GRANTS_BY_KEY, {**who, "keys": texts(_grant_keys(movement))})
    ]
    hold = await _hold(conn, member_id, movement.key)
    return Detail(movement, grants, hold, await _lots(conn, who, movement, grants))


def _grant_keys(movement: Movement) -> list[str]:
    if movement.kind == "settle":
        return [movement.key]
    if movement.kind == "reverse" and movement.reason and movement.key.startswith(f"{movement.reason}:"):
        # A refund's reversal names its cause, then the grant: see `flows.refund.reprice`.
        return [movement.key.removeprefix(f"{movement.reason}:")]
    return []


async def _hold(conn: Connection, member_id: str, key: str) -> Hold | None:
    if not key.startswith("hold:"):
        return None
    row = await fetch_one(conn, store_wallets.HOLD, {"member_id": member_id, "hold_id": UUID(key[5:])})
    return Hold(*row) if row else None


async def _lots(
    conn: Connection, who: dict[str, str], movement: Movement, grants: list[GrantState]
) -> list[LotPart]:  # fmt: skip
    kind, key = movement.kind, movement.key
    if kind == "settle":
        return [LotPart(grant.expires_on, grant.funder, movement.points) for grant in grants]
    if kind == "expire":
        _, expires_on, funder = key.split(":", 2)
        return [LotPart(date.fromisoformat(expires_on), funder, movement.points)]
    use_key = key if key.startswith("hold:") and kind != "repay" else f"{kind}:{key}"
    rows = await fetch_all(conn, store_reads.USES, {**who, "use_key": use_key})
    # What of a hold was not captured went back to its latest lots: see `Account.give_back`.
    return _up_to(movement.points, [Lot(*row) for row in (reversed(rows) if kind == "release" else rows)])


def _up_to(points: int, lots: list[Lot]) -> list[LotPart]:
    parts: list[LotPart] = []
    for lot in lots:
        part = min(points, lot.points)
        if part:
            parts.append(LotPart(lot.expires_on, lot.funder, part))
            points -= part
    return sorted(parts, key=lambda part: (part.expires_on, part.funder))
