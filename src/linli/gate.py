"""The gate: where events of every channel enter, are gathered with whatever else has arrived, and are committed."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import psycopg

from linli import inbox
from linli.flows.intake import take_in
from linli.flows.publish import LiveProgrammes
from linli.inbox import Outcome, Rejected
from linli.kit.db import RETRIABLE, Connection, Pool, in_transaction
from linli.kit.gather import Gatherer
from linli.ledger import Stamp
from linli.settings import Settings
from linli.words.events import Event


class Gate:
    """Bytes in, outcomes out, once they are durable. An asynchronous context: leaving it finishes what has arrived."""

    def __init__(self, settings: Settings, pool: Pool, live: LiveProgrammes, *, channel: str = "http") -> None:
        self._clock, self._calendar, self._pool, self._live = settings.clock, settings.calendar, pool, live
        self._channel = channel
        self._reader = inbox.Reader(settings.calendar)
        self._gatherer: Gatherer[Event, Outcome] = Gatherer(
            self._commit, writers=settings.writers, limit=settings.batch_events, concerns_all=RETRIABLE
        )

    async def __aenter__(self) -> Gate:
        await self._gatherer.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._gatherer.__aexit__()

    async def one(self, raw: bytes) -> Outcome | Rejected:
        """The outcome of one event, or why it cannot be read. Raises Overloaded."""
        event = self._reader.one(raw, self._clock())
        if isinstance(event, Rejected):
            return event
        return (await self._gatherer.submit([event]))[0]

    async def batch(self, raw: bytes) -> list[Outcome | Rejected] | Rejected:
        """An outcome for each event of a JSON array; one Rejected where it is no such array. Raises Overloaded.

        A good event is taken in whatever its neighbours are.
        """
        items = self._reader.batch(raw, self._clock())
        if isinstance(items, Rejected):
            return items
        events = [item for item in items if isinstance(item, Event)]
        taken = iter(await self._gatherer.submit(events) if events else [])
        return [item if isinstance(item, Rejected) else next(taken) for item in items]

    async def park(self, *rejected: Rejected) -> None:
        """Keep what cannot be read, for a channel whose sender does not wait for an answer: all of it, or none."""
        await in_transaction(self._pool, partial(self._park, rejected=rejected))

    async def _commit(self, events: Sequence[Event]) -> list[Outcome]:
        at = self._clock()
        stamp = Stamp(at=at, on=self._calendar.date_of(at))
        return await in_transaction(self._pool, partial(self._take_in, events=events, stamp=stamp))

    async def _take_in(self, conn: Connection, events: Sequence[Event], stamp: Stamp) -> list[Outcome]:
        return await take_in(conn, events, stamp, self._live, self._reader, channel=self._channel)

    async def _park(self, conn: Connection, rejected: Sequence[Rejected]) -> None:
        now = self._clock()
        for one in rejected:
            # What has no key of its own is known by its bytes: a broker may deliver it twice, and it waits but once.
            digest = hashlib.blake2b(one.raw, digest_size=8).hexdigest()
            park = partial(
                inbox.park, conn, channel=self._channel, reason=one.code, detail=_storable(one.detail), raw=one.raw,
                now=now, source=_storable(one.source or f"channel:{self._channel}"),
                event_id=_storable(one.event_id or f"bytes:{digest}"),
            )  # fmt: skip
            if one.code != "failed" or not await self._hold(conn, one.raw, park):
                await park()

    async def _hold(self, conn: Connection, raw: bytes, park: Callable[..., Awaitable[str]]) -> bool:
        """Park an event that can be read but failed, so that it holds its key. False where it cannot."""
        event = self._reader.one(raw, self._clock())
        if isinstance(event, Rejected):
            return False
        try:
            async with conn.transaction():
                if not await inbox.claim(conn, [event]):
                    return False
                key, member_id = (event.source, event.event_id), event.body.member_id
                how = await park(source=key[0], event_id=key[1], member_id=member_id, digest=event.digest)
                await inbox.unclaim(conn, [key])
                return how != "conflict"
        except psycopg.DataError:
            return False  # perhaps for the very value that made it fail


def _storable(text: str) -> str:
    # Text columns hold neither U+0000 nor lone surrogates; `raw` keeps the bytes as they came.
    return text.replace("\0", "").encode("utf-8", "replace").decode()
