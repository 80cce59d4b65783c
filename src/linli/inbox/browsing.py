"""The archive read backwards: what came last first, by whatever one looks for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from linli.inbox import store
from linli.inbox.types import Outcome
from linli.kit.db import Connection, fetch_all, fetch_one

MOST_LOOKED_AT = 20_000
"""Events that one page looks at: a filter that matches almost nothing must not read the whole archive."""
_outcome = msgspec.json.Decoder(Outcome)


class Place(NamedTuple):
    """Where a page begins: after the event of this name, received at this instant."""

    received_at: datetime
    source: str
    event_id: str


class EventLine(msgspec.Struct, frozen=True):
    """An event in a list. `granted_points`: to all members, as it was told when the event came."""

    source: str
    event_id: str
    type: str
    member_id: str
    business_on: date
    occurred_at: datetime
    received_at: datetime
    outcome: str
    granted_points: int
    code: str | None


async def browse(
    conn: Connection, *, member_id: str | None, type_: str | None, from_on: date, to_on: date,
    before: Place | None, limit: int,
) -> tuple[list[EventLine], Place | None]:  # fmt: skip
    """(a page of events, newest received first; where the next one begins, None at the end).

    A page that has looked at `MOST_LOOKED_AT` events ends there, with fewer lines than asked for, perhaps with none.
    """
    params = {
        "member_id": member_id, "type": type_, "from_on": from_on, "to_on": to_on,
        "before_at": before.received_at if before else "infinity",
        "before_source": before.source if before else "", "before_id": before.event_id if before else "",
        "looked_at": MOST_LOOKED_AT, "limit": limit + 1,
    }  # fmt: skip
    rows = await fetch_all(conn, store.BROWSE if member_id is None else store.BROWSE_MEMBER, params)
    lines = [_line(row) for row in rows[:limit]]
    if len(rows) > limit:
        last = lines[-1]
        return lines, Place(last.received_at, last.source, last.event_id)
    if member_id is None and type_ is not None and (stopped := await fetch_one(conn, store.BROWSED_TO, params)):
        return lines, Place(*stopped)
    return lines, None


def _line(row: Any) -> EventLine:
    told = _outcome.decode(row[7])
    points = sum(granted.points for granted in told.granted)
    return EventLine(*row[:7], outcome=told.outcome, granted_points=points, code=told.code)
