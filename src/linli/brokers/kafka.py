"""Kafka: a consumer group that commits its offsets once a poll's messages are all durable."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from linli.brokers.desk import Desk
from linli.brokers.line import GRACE_SECONDS, GROUP, LOGGING, Line, hold, undecoded
from linli.settings import Settings

POLL_MS = 200


async def open_line(settings: Settings, desk: Desk, stop: asyncio.Event) -> Line:
    """A line that is taking messages. `kafka://host:9092,host:9092`; the topic is made if the cluster allows it."""
    assert settings.broker_url is not None
    broker = KafkaBroker(
        urlsplit(settings.broker_url.get_secret_value()).netloc.split(","),
        client_id="linli",
        parser=without_headers,
        decoder=undecoded,
        apply_types=False,
        graceful_timeout=GRACE_SECONDS,
        **LOGGING,
    )

    async def handle(message: KafkaMessage) -> None:
        await take_poll(desk, message, stop)

    subscriber = broker.subscriber(
        settings.broker_subject,
        group_id=GROUP,
        batch=True,
        max_records=settings.broker_in_hand,
        batch_timeout_ms=POLL_MS,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        no_reply=True,
    )
    subscriber(handle)
    await broker.start()
    return Line(broker, subscriber)


async def take_poll(desk: Desk, message: KafkaMessage, stop: asyncio.Event) -> None:
    """Take in all that one poll brought, then commit its offsets. Raises Unavailable, uncommitted, on a stop.

    An offset says 'all before it is done': a poll is finished as a whole, or nothing is committed any more. Only a stop
    ends the wait, and FastStream may poll once more before it hears of that.
    """
    if stop.is_set():
        return
    bodies: list[bytes] = message.body  # pyright: ignore[reportAssignmentType]  (typed as of a single message)
    await asyncio.gather(*(hold(desk, body, stop) for body in bodies))
    await message.ack()


async def without_headers(records: Any, original: Any) -> KafkaMessage:
    """FastStream's message, without headers: it would raise for one that is no UTF-8, and the poll would be lost."""
    return await original(tuple(replace(record, headers=()) for record in records))
