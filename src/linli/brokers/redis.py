"""Redis Streams: a consumer group. What a dead consumer left pending is claimed by the living."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping
from typing import Any

import structlog
from faststream import AckPolicy
from faststream.redis import BinaryMessageFormatV1, RedisBroker, StreamSub
from faststream.redis.message import RedisBatchStreamMessage, RedisStreamMessage
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from linli.brokers.desk import Desk
from linli.brokers.line import GRACE_SECONDS, GROUP, LOGGING, Line, undecoded
from linli.settings import Settings

log = structlog.get_logger()

BLOCK_MS = 1_000
DATA = b"__data__"
"""The field that FastStream writes; others may choose any name, if it is the only field, or `event`."""


async def open_line(settings: Settings, desk: Desk, stop: asyncio.Event) -> Line:
    """A line that is taking messages."""
    assert settings.broker_url is not None
    stream, in_hand = settings.broker_subject, settings.broker_in_hand
    broker = RedisBroker(
        settings.broker_url.get_secret_value(),
        parser=_parse,
        decoder=undecoded,
        apply_types=False,
        graceful_timeout=GRACE_SECONDS,
        **LOGGING,
    )
    client = await broker.connect()
    await _declare(client, stream)

    async def handle(message: RedisStreamMessage | RedisBatchStreamMessage) -> None:
        ids: list[bytes] = message.raw_message["message_ids"]
        bodies: list[bytes] = message.body  # pyright: ignore[reportAssignmentType]  (our parser's)
        failures = await asyncio.gather(*map(desk.receive, bodies), return_exceptions=True)
        durable = [id_ for id_, failure in zip(ids, failures, strict=True) if failure is None]
        # Redis has no refusal: the others stay pending, and are claimed again when they have been idle for long enough.
        for failure in filter(None, failures):
            log.warning("unavailable", reason=str(failure))
        if durable:
            await client.xack(stream, GROUP, *durable)

    # Redis before 8.4 cannot read and claim by one command, hence two subscribers. What is fresh comes as one message
    # for each read; FastStream claims entries one by one, so several of those are handled at a time.
    idle_ms = round(settings.broker_redeliver_seconds * 1000)
    us = f"{socket.gethostname()}-{os.getpid()}"
    options: dict[str, Any] = {"ack_policy": AckPolicy.MANUAL, "no_reply": True}
    fresh = StreamSub(stream, group=GROUP, consumer=us, polling_interval=BLOCK_MS, max_records=in_hand, batch=True)
    left = StreamSub(stream, group=GROUP, consumer=us, polling_interval=max(1, idle_ms // 4), min_idle_time=idle_ms)
    subscribers = (
        broker.subscriber(stream=fresh, **options),
        broker.subscriber(stream=left, max_workers=in_hand, **options),
    )
    for subscriber in subscribers:
        subscriber(handle)
    await broker.start()
    return Line(broker, *subscribers)


async def _declare(client: Redis, stream: str) -> None:
    """Make stream and group. From its first entry on: FastStream's own group would begin after the last one."""
    try:
        await client.xgroup_create(stream, GROUP, id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


async def _parse(message: Mapping[str, Any], original: Any) -> RedisStreamMessage | RedisBatchStreamMessage:
    """FastStream's message; its body is a list of bodies as they were sent.

    Never raises, since nobody could then acknowledge or park it. FastStream's own would, for entries of several fields.
    """
    data = message["data"]
    harmless = {DATA: b"0"}
    parsed = await original({**message, "data": [harmless] * len(data) if isinstance(data, list) else harmless})
    parsed.body = [body_of(fields) for fields in (data if isinstance(data, list) else [data])]
    return parsed


def body_of(fields: Mapping[bytes, bytes]) -> bytes:
    """The event in an entry's fields; all of the fields, where it cannot be told which it is."""
    for name in (DATA, b"event"):
        if name in fields:
            body = fields[name]
            break
    else:
        body = next(iter(fields.values())) if len(fields) == 1 else repr(dict(fields)).encode()
    # FastStream's envelope only by its magic number: its parser would also unwrap any JSON with a text called `data`.
    return BinaryMessageFormatV1.parse(body)[0] if body.startswith(BinaryMessageFormatV1.IDENTITY_HEADER) else body
