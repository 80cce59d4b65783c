"""Parked events taken in again, page by page: all that wait, or those that wait for one reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from uuid import UUID

from uuid_utils.compat import uuid7

from linli import inbox
from linli.flows.publish import LiveProgrammes
from linli.flows.replay_parked import in_steps, replay_parked
from linli.inbox import ParkedClosed, ParkedNotFound
from linli.kit.db import Connection, Pool, in_transaction
from linli.ledger import Stamp
from linli.settings import Settings

PAGE = 200


async def replay_waiting(
    pool: Pool, settings: Settings, reason: str | None, *, tell: Callable[[], None] = lambda: None
) -> Counter[str]:
    """Try each event that waits now, once. Returns how many ended how: accepted, duplicate, parked, invalid, …

    Each is a transaction of its own, so it may be stopped anywhere and called again. Of a batch that was parked whole
    each of its events is counted.
    """
    live, reader = LiveProgrammes(), inbox.Reader(settings.calendar)
    told: Counter[str] = Counter()
    after: UUID | None = None
    # What was parked unread, and waits now under its own key, is parked anew: it was tried.
    until = uuid7()
    while page := await in_transaction(pool, partial(_page, reason=reason, after=after)):
        for waiting in page:
            if waiting.parked_id > until:
                return told
            at = settings.clock()
            stamp = Stamp(at=at, on=settings.calendar.date_of(at), actor="replay")
            work = partial(replay_parked, parked_id=waiting.parked_id, stamp=stamp, live=live, reader=reader)
            try:
                done = await in_steps(partial(in_transaction, pool, work))
                told.update(done.events or {done.outcome: 1})
            except (ParkedClosed, ParkedNotFound):
                told["closed meanwhile"] += 1  # another replay, or an order that it waited for
            tell()
        after = page[-1].parked_id
    return told


async def _page(conn: Connection, *, reason: str | None, after: UUID | None) -> list[inbox.ParkedEvent]:
    return await inbox.parked(conn, state="waiting", reason=reason, after=after, limit=PAGE)
