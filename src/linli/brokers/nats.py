"""NATS JetStream: a durable pull consumer. The stream is made if no stream has the subject yet."""

from __future__ import annotations

import asyncio
import re

import structlog
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from linli.brokers.desk import Desk, Unavailable
from linli.brokers.line import GRACE_SECONDS, GROUP, LOGGING, Line, pause, undecoded
from linli.settings import Settings

log = structlog.get_logger()

FETCH_SECONDS = 5.0
CONNECT_SECONDS = 10.0


async def open_line(settings: Settings, desk: Desk, stop: asyncio.Event) -> Line:
    """A line that is taking messages."""
    assert settings.broker_url is not None
    subject, in_hand = settings.broker_subject, settings.broker_in_hand
    broker = NatsBroker(
        settings.broker_url.get_secret_value(),
        name="linli",
        # After the default of 60 attempts the client would be closed for good, with nobody told.
        max_reconnect_attempts=-1,
        decoder=undecoded,
        apply_types=False,
        graceful_timeout=GRACE_SECONDS,
        **LOGGING,
    )
    # Nor would the client ever give up the first connection by itself: we do, as the other brokers' clients do.
    async with asyncio.timeout(CONNECT_SECONDS):
        client = await broker.connect()
    stream, consumer = await _declare(client.jetstream(), subject, settings)
    longest = settings.broker_redeliver_seconds

    async def handle(message: NatsMessage) -> None:
        try:
            await desk.receive(message.body)
        except Unavailable as reason:
            attempt = message.raw_message.metadata.num_delivered
            log.warning("unavailable", reason=str(reason), attempt=attempt)
            await message.nack(delay=pause(attempt, longest))
        else:
            await message.ack()

    # All of a fetch is handled at once, and nothing is fetched before that is done. FastStream's `max_workers` would
    # hand messages on one by one, which costs twice the time and makes commits of a tenth of the size.
    subscriber = broker.subscriber(
        subject,
        stream=JStream(stream, declare=False),
        durable=consumer,
        pull_sub=PullSub(batch_size=in_hand, timeout=FETCH_SECONDS),
        ack_policy=AckPolicy.MANUAL,
        no_reply=True,
    )
    subscriber(handle)
    await broker.start()
    return Line(broker, subscriber)


async def _declare(js: JetStreamContext, subject: str, settings: Settings) -> tuple[str, str]:
    """(stream, durable consumer) for `subject`, both there; the consumer as the settings say now."""
    name = re.sub(r"[^A-Za-z0-9]", "_", subject)
    try:
        stream = await js.find_stream_name_by_subject(subject)
    except NotFoundError:
        # Work queue: a message stays until it is acknowledged, however long we are away, and not longer.
        config = StreamConfig(
            name=name.upper(), subjects=[subject], retention=RetentionPolicy.WORK_QUEUE, storage=StorageType.FILE
        )
        stream = (await js.add_stream(config)).config.name
        assert stream is not None
    consumer = f"{GROUP}_{name}"
    await js.add_consumer(
        stream,
        ConsumerConfig(
            durable_name=consumer,
            filter_subject=subject,
            ack_wait=settings.broker_redeliver_seconds,
            max_ack_pending=4 * settings.broker_in_hand,
            max_deliver=-1,
        ),
    )
    return stream, consumer
