"""The gate: where events of every channel enter, are gathered with whatever else has arrived, and are committed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from linli import inbox
from linli.flows.intake import take_in
from linli.flows.publish import LiveProgrammes
from linli.flows.set_aside import set_aside
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
        await set_aside(conn, rejected, channel=self._channel, reader=self._reader, now=self._clock())
