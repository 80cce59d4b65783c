"""The desk of the mall: concurrent orders are gathered, decided together and committed together.

A hot item is one row of stock that everybody waits for: a hundred orders that hold it once cost less than a hundred
that hold it one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from linli.flows.mall_order import Placed, Placing, Terms, place_many
from linli.kit.db import RETRIABLE, Pool, in_transaction
from linli.kit.errors import Refusal
from linli.kit.gather import Gatherer
from linli.ledger import Stamp
from linli.mall import Order
from linli.settings import Settings


class MallDesk:
    """Orders in, answers out, once they are durable. An asynchronous context: leaving it finishes what has arrived."""

    def __init__(self, settings: Settings, pool: Pool, tell: Callable[[Order], bytes]) -> None:
        """`tell`: how an order is answered, for ever."""
        self._settings, self._pool, self._tell = settings, pool, tell
        self._gatherer: Gatherer[Placing, Placed | Refusal] = Gatherer(
            self._commit, writers=settings.writers, limit=settings.batch_events, concerns_all=RETRIABLE
        )

    async def __aenter__(self) -> MallDesk:
        await self._gatherer.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._gatherer.__aexit__()

    async def place(self, placing: Placing) -> Placed:
        """The order's answer. Raises Overloaded, and what `flows.mall_order` refuses."""
        (told,) = await self._gatherer.submit([placing])
        if isinstance(told, Refusal):
            raise told
        return told

    async def _commit(self, batch: Sequence[Placing]) -> list[Placed | Refusal]:
        at = self._settings.clock()
        stamp = Stamp(at=at, on=self._settings.calendar.date_of(at))
        until = at + timedelta(minutes=self._settings.pay_minutes) if self._settings.payments != "off" else None
        work = partial(place_many, stamp=stamp, batch=batch, terms=Terms(self._tell, until))
        return await in_transaction(self._pool, work)
