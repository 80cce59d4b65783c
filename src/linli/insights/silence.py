"""Silence: of whom nothing has come for a while. Found by the index of when events came in; no member keeps a date."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from linli.insights import store
from linli.kit.clock import BusinessCalendar
from linli.kit.columns import texts
from linli.kit.db import Connection, fetch_all, fetch_one


class Quiet(NamedTuple):
    """Who may be silent: last heard of on a business date after `since` (None: everybody who ever was) up to `until`;
    or woken up after `woken_since`, up to `woken_until`, and perhaps silent still."""

    since: date | None
    until: date
    woken_since: date
    woken_until: date


async def maybe_silent(
    conn: Connection, quiet: Quiet, calendar: BusinessCalendar, *, after: str, chunk: int
) -> AsyncGenerator[list[str], None]:
    """Members who may be silent, in order, those after member `after`: from a cursor, in a transaction of its own."""
    query = store.ALL_CANDIDATES if quiet.since is None else store.SILENT_CANDIDATES
    async with conn.cursor(name="linli_silent") as cursor:
        await cursor.execute(query.encode(), {**_asked(quiet, calendar), "after": after})
        while rows := await cursor.fetchmany(chunk):
            yield [row[0] for row in rows]


async def count_maybe_silent(conn: Connection, quiet: Quiet, calendar: BusinessCalendar) -> int:
    """How many members those are."""
    query = store.COUNT_ALL if quiet.since is None else store.COUNT_SILENT
    row = await fetch_one(conn, query, _asked(quiet, calendar))
    assert row is not None, "an aggregate returns a row"
    return row[0]


def _asked(quiet: Quiet, calendar: BusinessCalendar) -> dict[str, Any]:
    if quiet.since is None:
        return {}
    day = timedelta(days=1)
    heard = {"since_at": calendar.starts_at(quiet.since + day), "until_at": calendar.starts_at(quiet.until + day)}
    woken = {"woken_since": quiet.woken_since, "woken_until": quiet.woken_until}
    return {**heard, **woken}


async def heard_since(conn: Connection, members: Sequence[str], since: date) -> set[str]:
    """Those of `members` of whom an event came that happened after business date `since`."""
    rows = await fetch_all(conn, store.HEARD_SINCE, {"members": texts(members), "since": since})
    return {row[0] for row in rows}
