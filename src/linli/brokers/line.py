"""What the four brokers have in common: an open line, and how long to wait before trying again."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import suppress
from typing import Any, Protocol

import structlog

from linli.brokers.desk import Desk, Unavailable

log = structlog.get_logger()

GROUP = "linli"
"""Name of the durable consumer or group: all processes that bear it share the work."""
GRACE_SECONDS = 60.0
"""How long a stop waits for what is being committed."""
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 30.0

# FastStream logs each message at `log_level`, and errors as errors.
LOGGING: dict[str, Any] = {"logger": logging.getLogger("linli.brokers"), "log_level": logging.DEBUG}


class Subscriber(Protocol):
    """What we ask of a FastStream subscriber."""

    running: bool


class Broker(Protocol):
    """What we ask of a FastStream broker."""

    async def stop(self) -> None:
        """Wait for what is being handled, then close the connection."""


class Line:
    """An open connection whose messages go to the desk."""

    def __init__(self, broker: Broker, *subscribers: Subscriber) -> None:
        self._broker, self._subscribers = broker, subscribers

    def alive(self) -> bool:
        """Whether messages can still come."""
        return all(subscriber.running for subscriber in self._subscribers)

    async def close(self) -> None:
        """Finish what was received, then close."""
        await self._broker.stop()


async def undecoded(message: Any) -> Any:
    """As a FastStream decoder: handlers are given the message itself, with its bytes as they came.

    FastStream's own would read JSON, which costs as much as reading the event, and loses what is not JSON.
    """
    return message


def pause(attempt: int, longest: float = LONGEST_PAUSE_SECONDS) -> float:
    """Seconds before the next attempt, after `attempt` (from 1) failed; scattered, so that not all come at once."""
    return min(longest, FIRST_PAUSE_SECONDS * 2 ** min(attempt - 1, 20)) * random.uniform(0.5, 1.0)


async def hold(desk: Desk, raw: bytes, stop: asyncio.Event) -> None:
    """Keep a message in hand and try again until it is durable. Raises Unavailable only once told to stop.

    For brokers that would deliver a refused message again at once, or in another order, or a few times only.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            return await desk.receive(raw)
        except Unavailable as reason:
            log.warning("unavailable", reason=str(reason), attempt=attempt)
            if stop.is_set():
                raise
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause(attempt))
