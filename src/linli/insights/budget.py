"""What was sold and what was issued, by business month, city and rule."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from linli.insights import store_budget as store
from linli.insights.rolling import rolled_until
from linli.kit.db import Connection, fetch_all


class MonthSum(NamedTuple):
    """Of one business month (its first day), city (None: of events that name none) and rule ("": of none).

    `sales_fen`: paid less given back; it stands under no rule. `points`: promised, less what refunds undid.
    """

    month: date
    city: str | None
    rule: str
    sales_fen: int
    points: int


async def month_sums(conn: Connection, first: date, last: date) -> list[MonthSum]:
    """The sums of the months from `first` to `last`, both their first days: up to this moment."""
    where = {"first": first, "last": last, "since": await rolled_until(conn), "until": "infinity"}
    return [MonthSum(*row) for row in await fetch_all(conn, store.SUMS, where)]
