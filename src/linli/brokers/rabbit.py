"""RabbitMQ: a durable queue, made if it is missing, with as many messages in hand as the settings say."""

from __future__ import annotations

import asyncio

from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import ChannelNotFoundEntity
from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitBroker, RabbitMessage, RabbitQueue

from linli.brokers.desk import Desk, Unavailable
from linli.brokers.line import GRACE_SECONDS, LOGGING, Line, hold, undecoded
from linli.settings import Settings


async def open_line(settings: Settings, desk: Desk, stop: asyncio.Event) -> Line:
    """A line that is taking messages."""
    assert settings.broker_url is not None
    broker = RabbitBroker(
        settings.broker_url.get_secret_value(),
        default_channel=Channel(prefetch_count=settings.broker_in_hand),
        decoder=undecoded,
        apply_types=False,
        graceful_timeout=GRACE_SECONDS,
        **LOGGING,
    )
    await _declare(await broker.connect(), settings.broker_subject)

    async def handle(message: RabbitMessage) -> None:
        try:
            # Not refused and requeued: that would bring it back at once, and a quorum queue drops what it has
            # delivered too often (20 times, by RabbitMQ 4's own default).
            await hold(desk, message.body, stop)
        except Unavailable:
            await message.nack(requeue=True)
        else:
            await message.ack()

    subscriber = broker.subscriber(
        RabbitQueue(settings.broker_subject, declare=False), ack_policy=AckPolicy.MANUAL, no_reply=True
    )
    subscriber(handle)
    # FastStream says so itself only after it has begun to consume, and until then passes over what is delivered, which
    # would then wait, unacknowledged, for as long as the connection lasts.
    subscriber.running = True
    await broker.start()
    return Line(broker, subscriber)


async def _declare(connection: AbstractConnection, name: str) -> None:
    """Make the queue if there is none. One that is there may be of any kind: it is only looked at."""
    channel = await connection.channel()
    try:
        await channel.declare_queue(name, passive=True)
    except ChannelNotFoundEntity:  # which closed the channel
        channel = await connection.channel()
        await channel.declare_queue(name, durable=True)
    await channel.close()
