"""The desk: one message of any broker goes in; it comes back when all that it held is durable."""

from __future__ import annotations

import asyncio
import re
from traceback import format_exc

import msgspec
import structlog

from linli.flows.set_aside import aside, failed, passes
from linli.gate import Gate
from linli.inbox import Outcome, Rejected

log = structlog.get_logger()

_ARRAY = re.compile(rb"[ \t\r\n]*\[")
_items = msgspec.json.Decoder(list[msgspec.Raw])


class Unavailable(Exception):
    """Nothing is wrong with the message, but it cannot be made durable now: it must come again."""


class Desk:
    """Receives messages; many at a time, so that the gate can gather their events into shared commits."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def receive(self, raw: bytes) -> None:
        """Return once every event in `raw` is taken in, or parked with its reason. Raises Unavailable.

        What is parked is parked last and in one transaction, so that a message which has to come again, because a
        neighbour could not be taken in, does not leave its bad parts behind each time.
        """
        try:
            if _ARRAY.match(raw):
                answers = await self._batch(raw)
            else:
                answers = [await self._single(raw)]
            if apart := [answer for answer in answers if answer is not None]:
                await self._gate.park(*apart)
                for rejected in apart:
                    log.warning("parked", reason=rejected.code, event_id=rejected.event_id, detail=rejected.detail)
        except Exception as failure:
            # Whatever kept us from parking, even a bug: the broker has the message still, and must not forget it.
            raise Unavailable(f"{type(failure).__name__}: {failure}") from failure

    async def _single(self, raw: bytes) -> Rejected | None:
        """What must be parked of one event, if anything."""
        try:
            answer = await self._gate.one(raw)
        except Exception as failure:
            if passes(failure):
                raise
            # This event fails, alone, by a fault of its own or of ours. For ever again would not help it; kept with its
            # error, it can be replayed when the fault is mended.
            # The traceback as text: a console that renders it richly would hold up all the others for most of a second.
            log.error("event_failed", traceback=format_exc())
            return failed(failure, raw)
        return aside(answer, raw)

    async def _batch(self, raw: bytes) -> list[Rejected | None]:
        """What must be parked of a JSON array, an answer an event; good ones are taken in whatever the others are."""
        try:
            answers = await self._gate.batch(raw)
        except Exception as failure:
            if passes(failure):
                raise
            # One of them failed them all.
            return await asyncio.gather(*(self._single(bytes(item)) for item in _items.decode(raw)))
        if isinstance(answers, Rejected):
            return [answers]
        if any(isinstance(answer, Outcome) and answer.outcome == "conflict" for answer in answers):
            return [aside(answer, bytes(item)) for answer, item in zip(answers, _items.decode(raw), strict=True)]
        return [answer if isinstance(answer, Rejected) else None for answer in answers]
