"""Events from a broker: NATS JetStream, RabbitMQ, Redis Streams, Kafka; chosen by the scheme of `broker_url`.

A message is one CloudEvent in structured JSON, or a JSON array of them. It is acknowledged once all that it held is
committed, be it taken in or parked; so it may come twice (which changes nothing), but never not at all.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from importlib import import_module
from typing import ClassVar
from urllib.parse import urlsplit

import structlog

from linli.brokers.desk import Desk
from linli.brokers.line import Line
from linli.flows.publish import LiveProgrammes
from linli.gate import Gate
from linli.kit.db import make_pool
from linli.kit.errors import Refusal
from linli.settings import Settings
from linli.startup import database_url

__all__ = ["BrokerLost", "BrokerUnset", "BrokersMissing", "UnknownBroker", "subscribe"]

log = structlog.get_logger()

CHANNELS = {
    "nats": "nats", "tls": "nats",
    "amqp": "rabbit", "amqps": "rabbit",
    "redis": "redis", "rediss": "redis",
    "kafka": "kafka",
}  # fmt: skip
"""Channel, and module of this package, for each scheme."""
WATCH_SECONDS = 1.0


class BrokerUnset(Refusal):
    """There is no `broker_url`. Fields: `setting`."""

    code: ClassVar[str] = "broker_unset"


class UnknownBroker(Refusal):
    """No broker is known for the scheme of `broker_url`. Fields: `scheme`, `known`."""

    code: ClassVar[str] = "broker_unknown"


class BrokersMissing(Refusal):
    """The client libraries are not installed. Fields: `install`, `missing`."""

    code: ClassVar[str] = "brokers_missing"


class BrokerLost(Refusal):
    """The broker's stream or group is gone, so nothing will come any more: start again. Fields: `channel`."""

    code: ClassVar[str] = "broker_lost"


async def subscribe(
    settings: Settings, *, ready: asyncio.Event | None = None, stop: asyncio.Event | None = None
) -> None:
    """Take events in from the broker until `stop` (without it: SIGINT, SIGTERM); finish what was received, and close.

    `ready` is set once messages are taken. Raises BrokerUnset, UnknownBroker, BrokersMissing, BrokerLost, and what the
    client raises if the broker refuses the first connection (later ones are tried for ever).
    """
    channel, open_line = _opener(settings)
    if stop is None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    url = await asyncio.to_thread(database_url, settings)
    async with (
        make_pool(url, max_size=settings.writers + 2) as pool,
        Gate(settings, pool, LiveProgrammes(), channel=channel) as gate,
    ):
        line: Line = await open_line(settings, Desk(gate), stop)
        try:
            log.info("subscribed", channel=channel, subject=settings.broker_subject)
            if ready is not None:
                ready.set()
            await _watch(line, channel, stop)
        finally:
            # Also for those who wait to try again: when we end by an error, they must not hold us up.
            stop.set()
            await line.close()
            log.info("unsubscribed", channel=channel)


def _opener(settings: Settings):
    if settings.broker_url is None:
        raise BrokerUnset(setting="LINLI_BROKER_URL")
    scheme = urlsplit(settings.broker_url.get_secret_value()).scheme
    channel = CHANNELS.get(scheme)
    if channel is None:
        raise UnknownBroker(scheme=scheme, known=sorted(CHANNELS))
    try:
        return channel, import_module(f"linli.brokers.{channel}").open_line
    except ModuleNotFoundError as error:
        raise BrokersMissing(install="pip install 'linli[brokers]'", missing=error.name) from error


async def _watch(line: Line, channel: str, stop: asyncio.Event) -> None:
    """Return when told to stop. FastStream ends a subscriber whose Redis group is gone without telling anybody."""
    while not stop.is_set():
        if not line.alive():
            raise BrokerLost(channel=channel)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), WATCH_SECONDS)
