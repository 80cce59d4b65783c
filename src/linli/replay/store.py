"""What a replay reads across rooms: totals. It looks from outside, as the audit does, and writes nothing."""

from __future__ import annotations

import msgspec

from linli.kit.db import Connection, fetch_all, fetch_one

TOTALS = """
SELECT (SELECT count(*) FROM members_member),
       (SELECT count(*) FROM inbox_event),
       (SELECT count(*) FROM inbox_event WHERE type = 'order.paid'),
       (SELECT count(*) FROM inbox_parked WHERE state = 'waiting'),
       (SELECT count(*) FROM ledger_grant),
       (SELECT coalesce(sum(points), 0)::bigint FROM ledger_grant),
       (SELECT coalesce(sum(points), 0)::bigint FROM ledger_grant WHERE state = 'pending'),
       m.settled, m.spendings, m.spent, m.expired, m.movements,
       (SELECT coalesce(sum(available), 0)::bigint FROM ledger_balance),
       (SELECT coalesce(sum(debt), 0)::bigint FROM ledger_balance)
FROM (
    SELECT coalesce(sum(points) FILTER (WHERE kind = 'settle'), 0)::bigint AS settled,
           count(*) FILTER (WHERE kind = 'spend') AS spendings,
           coalesce(sum(points) FILTER (WHERE kind = 'spend'), 0)::bigint AS spent,
           coalesce(sum(points) FILTER (WHERE kind = 'expire'), 0)::bigint AS expired,
           count(*) AS movements
    FROM ledger_movement
) m
"""

REWARDS = """
SELECT rule, count(*), count(DISTINCT member_id), sum(points)::bigint FROM ledger_grant GROUP BY rule ORDER BY rule
"""

COUNT_WAITING = """
SELECT count(*) FROM inbox_parked WHERE state = 'waiting' AND (%(reason)s::text IS NULL OR reason = %(reason)s)
"""


class Totals(msgspec.Struct, frozen=True):
    """What the database holds at the end. `granted` = `settled` + `pending`; `settled` = what became of it."""

    members: int
    events: int
    orders: int
    parked: int
    grants: int
    granted: int
    pending: int
    settled: int
    spendings: int
    spent: int
    expired: int
    movements: int
    available: int
    debt: int

    @property
    def adds_up(self) -> bool:
        """Whether each point is accounted for."""
        whole = self.granted == self.settled + self.pending
        return whole and self.settled == self.available + self.spent + self.expired


class Reward(msgspec.Struct, frozen=True):
    """What one rule granted: how often, to how many members, how many points."""

    rule: str
    grants: int
    members: int
    points: int


async def read_totals(conn: Connection) -> Totals:
    """The totals of all members."""
    row = await fetch_one(conn, TOTALS)
    assert row is not None, "an aggregate returns a row"
    return Totals(*row)


async def read_rewards(conn: Connection) -> list[Reward]:
    """What each rule granted."""
    return [Reward(*row) for row in await fetch_all(conn, REWARDS)]


async def count_waiting(conn: Connection, reason: str | None) -> int:
    """How many events are parked, for `reason` or for any."""
    row = await fetch_one(conn, COUNT_WAITING, {"reason": reason})
    assert row is not None, "an aggregate returns a row"
    return row[0]
