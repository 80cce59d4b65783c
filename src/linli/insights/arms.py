"""The arms of a rollout: figures by the version that judged, added up since its first step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import add

import msgspec
from msgspec.structs import astuple

from linli.insights import store_arms as store
from linli.insights.rolling import SETTLING
from linli.kit.columns import ints
from linli.kit.db import Connection, fetch_all, fetch_one

STEP = timedelta(days=1)
"""What one statement adds at the most."""


class Figures(msgspec.Struct, frozen=True):
    """What events brought that one version judged. Members are those it judged anything of; what was given back, and
    the points taken back with it, count where the order was sold."""

    members: int = 0
    orders: int = 0
    sales_fen: int = 0
    refunded_fen: int = 0
    granted_points: int = 0

    def plus(self, other: Figures) -> Figures:
        """Both together."""
        return Figures(*map(add, astuple(self), astuple(other)))


async def add_arms(conn: Connection, rollout: int, since: datetime, now: datetime, until: datetime | None) -> bool:
    """Add what came since the mark, a day of it at the most. Returns whether there is more.

    `since`: the rollout's first step; `until`: when it ended. Does nothing while another transaction adds.
    """
    await conn.execute(store.BEGIN_MARK, {"rollout": rollout, "since": since})
    row = await fetch_one(conn, store.LOCK_MARK, {"rollout": rollout})
    if row is None:
        return False
    last = now - SETTLING
    end = min(last, until) if until is not None else last
    until_at = min(row[0] + STEP, end)
    if until_at <= row[0]:
        return False
    params = {"rollout": rollout, "since": since, "from_at": row[0], "until_at": until_at}
    await conn.execute(store.ADD_ARMS, params)
    await conn.execute(store.MOVE_MARK, params)
    return until_at < end


async def arms(conn: Connection, rollouts: Sequence[int]) -> dict[int, dict[int, Figures]]:
    """Rollout → version → figures, up to its mark."""
    found: dict[int, dict[int, Figures]] = {rollout: {} for rollout in rollouts}
    for rollout, version, *figures in await fetch_all(conn, store.ARMS, {"rollouts": ints(rollouts)}):
        found[rollout][version] = Figures(*figures)
    return found


async def arms_now(conn: Connection, rollout: int, since: datetime, until: datetime | None) -> dict[int, Figures]:
    """Version → figures of one rollout, with what came after its mark reckoned on the spot."""
    found = (await arms(conn, [rollout]))[rollout]
    row = await fetch_one(conn, store.MARK, {"rollout": rollout})
    params = {
        "rollout": rollout, "since": since, "from_at": row[0] if row else since, "until_at": until or "infinity",
    }  # fmt: skip
    for version, *figures in await fetch_all(conn, store.REST, params):
        found[version] = found.get(version, Figures()).plus(Figures(*figures))
    return found
