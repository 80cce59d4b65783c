"""The lottery's desk: draws that arrive at once are drawn in one transaction, each for its own key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from linli.flows.live import LiveProgrammes
from linli.flows.lottery_draw import Answer, Wanted, draw_once_each
from linli.kit.db import RETRIABLE, Connection, Pool, in_transaction
from linli.kit.errors import KeyReused, Refusal
from linli.kit.gather import Gatherer
from linli.ledger import Stamp
from linli.settings import Settings

WRITERS = 1
"""Draws of a campaign wait for each other anyhow: one writer takes all that came while it was busy."""


class LotteryDesk:
    """Requests in, answers out, once they are durable. An asynchronous context: leaving it finishes what came."""

    def __init__(self, settings: Settings, pool: Pool, live: LiveProgrammes, key: Callable[[], bytes]) -> None:
        self._clock, self._calendar = settings.clock, settings.calendar
        self._pool, self._live, self._key = pool, live, key
        self._gatherer: Gatherer[Wanted, Answer | Refusal] = Gatherer(
            self._commit, writers=WRITERS, limit=settings.batch_events, concerns_all=RETRIABLE
        )

    async def __aenter__(self) -> LotteryDesk:
        await self._gatherer.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._gatherer.__aexit__()

    async def draw(self, wanted: Wanted) -> Answer:
        """The draw. Raises what refuses it, or Overloaded."""
        (told,) = await self._gatherer.submit([wanted])
        if isinstance(told, Refusal):
            raise told
        return told

    async def _commit(self, wanted: Sequence[Wanted]) -> list[Answer | Refusal]:
        at = self._clock()
        stamp = Stamp(at=at, on=self._calendar.date_of(at))
        first: dict[tuple[str, str], Wanted] = {}
        for one in wanted:
            first.setdefault((one.ask.member_id, one.key), one)
        told = await in_transaction(self._pool, partial(self._draw, stamp=stamp, wanted=list(first.values())))
        answers = dict(zip(first, told, strict=True))
        return [_answer(answers[one.ask.member_id, one.key], one, first[one.ask.member_id, one.key]) for one in wanted]

    async def _draw(self, conn: Connection, stamp: Stamp, wanted: Sequence[Wanted]) -> list[Answer | Refusal]:
        return await draw_once_each(conn, stamp, self._live, self._key(), wanted)


def _answer(told: Answer | Refusal, one: Wanted, first: Wanted) -> Answer | Refusal:
    """What the first request under a key was told; its twins, such as a member's own retry, are told the same."""
    if one is first or isinstance(told, Refusal):
        return told
    return Answer(told.body, first=False) if one.digest == first.digest else KeyReused(key=one.key)
