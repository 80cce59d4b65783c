"""The sender's side of each broker, by its plain client; and what the broker still has to deliver."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import aio_pika
import nats
from aio_pika.exceptions import ChannelNotFoundEntity
from faststream.nats.message import NatsMessage
from faststream.rabbit.message import RabbitMessage
from nats.js.api import RetentionPolicy
from redis.asyncio import Redis


class Post(Protocol):
    """Sends to one subject, which nobody else uses."""

    acknowledges: tuple[type, str]
    """What the subscriber calls to acknowledge."""

    async def prepare(self) -> None:
        """Make the subject's stream or queue, as a platform might have done."""

    async def send(self, bodies: Sequence[bytes]) -> None:
        """Send messages, in order."""

    async def left(self) -> int:
        """How many messages are not acknowledged. RabbitMQ tells only those that nobody has in hand."""


class NatsPost:
    """Plain `nats-py`."""

    acknowledges = (NatsMessage, "ack")

    def __init__(self, client: nats.NATS, subject: str) -> None:
        self.js, self._subject = client.jetstream(), subject

    async def prepare(self) -> None:
        name = f"PLATFORM_{self._subject.replace('.', '_')}"
        await self.js.add_stream(name=name, subjects=[self._subject], retention=RetentionPolicy.WORK_QUEUE)

    async def send(self, bodies: Sequence[bytes]) -> None:
        for body in bodies:
            await self.js.publish(self._subject, body)

    async def left(self) -> int:
        name = await self.js.find_stream_name_by_subject(self._subject)
        return (await self.js.stream_info(name)).state.messages


class RabbitPost:
    """Plain `aio-pika`."""

    acknowledges = (RabbitMessage, "ack")

    def __init__(
        self, connection: aio_pika.abc.AbstractConnection, channel: aio_pika.abc.AbstractChannel, subject: str
    ):
        self._connection, self._channel, self._subject = connection, channel, subject

    async def prepare(self) -> None:
        await self._channel.declare_queue(self._subject, durable=True, arguments={"x-queue-type": "quorum"})

    async def send(self, bodies: Sequence[bytes]) -> None:
        for body in bodies:
            message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            await self._channel.default_exchange.publish(message, self._subject)

    async def left(self) -> int:
        try:
            async with self._connection.channel() as channel:
                queue = await channel.declare_queue(self._subject, passive=True)
                return queue.declaration_result.message_count or 0
        except ChannelNotFoundEntity:
            return 0


class RedisPost:
    """Plain `redis-py`."""

    acknowledges = (Redis, "xack")

    def __init__(self, client: Redis, subject: str) -> None:
        self._client, self._subject = client, subject

    async def prepare(self) -> None:
        """An XADD makes the stream."""

    async def send(self, bodies: Sequence[bytes]) -> None:
        async with self._client.pipeline(transaction=False) as pipeline:
            for body in bodies:
                pipeline.xadd(self._subject, {"event": body})
            await pipeline.execute()

    async def left(self) -> int:
        groups = await self._client.xinfo_groups(self._subject)
        return sum(group["pending"] + (group["lag"] or 0) for group in groups)


@asynccontextmanager
async def open_post(kind: str, url: str, subject: str) -> AsyncIterator[Post]:
    """A sender for `subject` at the server."""
    if kind == "nats":
        client = await nats.connect(url)
        yield NatsPost(client, subject)
        await client.close()
    elif kind == "rabbit":
        connection = await aio_pika.connect(url)
        async with connection:
            yield RabbitPost(connection, await connection.channel(), subject)
    else:
        async with Redis.from_url(url) as client:
            yield RedisPost(client, subject)


async def eventually(check, seconds: float = 20.0) -> None:
    """Wait until `await check()` is true; fail with what it last gave."""
    last = None
    try:
        async with asyncio.timeout(seconds):
            while not (last := await check()):  # noqa: ASYNC110 (servers send no event)
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"still {last!r} after {seconds} s") from None
