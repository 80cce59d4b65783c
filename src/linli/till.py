"""The till: where orders are paid with points in one step, gathered with whatever else has arrived, and committed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from linli.flows.deduct_many import Answer, Redemption, Tell, Told, redeem_many
from linli.flows.live import LiveProgrammes
from linli.kit.db import RETRIABLE, Pool, in_transaction
from linli.kit.errors import Refusal
from linli.kit.gather import Gatherer
from linli.ledger import Stamp
from linli.settings import Settings


class Till:
    """Requests in, answers out, once they are durable. An asynchronous context: leaving it finishes what has come."""

    def __init__(self, settings: Settings, pool: Pool, live: LiveProgrammes, tell: Tell) -> None:
        self._clock, self._calendar, self._pool = settings.clock, settings.calendar, pool
        self._live, self._tell = live, tell
        self._gatherer: Gatherer[Redemption, Told] = Gatherer(
            self._commit, writers=settings.writers, limit=settings.batch_events, concerns_all=RETRIABLE
        )

    async def __aenter__(self) -> Till:
        await self._gatherer.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._gatherer.__aexit__()

    async def redeem(self, asked: Redemption) -> Answer:
        """The answer to one request. Raises Overloaded, and whatever refuses it."""
        (told,) = await self._gatherer.submit([asked])
        if isinstance(told, Refusal):
            raise told
        return told

    async def _commit(self, asked: Sequence[Redemption]) -> list[Told]:
        at = self._clock()
        stamp = Stamp(at=at, on=self._calendar.date_of(at))
        return await in_transaction(
            self._pool, partial(redeem_many, stamp=stamp, live=self._live, asked=asked, tell=self._tell)
        )
