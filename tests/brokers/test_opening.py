"""Which broker is meant, and what is said when it cannot be opened; and Kafka, as far as it goes without a server."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from faststream.kafka.message import KafkaAckableMessage
from faststream.kafka.parser import AioKafkaBatchParser
from pydantic import SecretStr
from redis.exceptions import ConnectionError as RedisConnectionError

from linli.brokers import BrokersMissing, BrokerUnset, UnknownBroker, subscribe
from linli.brokers.desk import Unavailable
from linli.brokers.kafka import take_poll, without_headers
from linli.settings import Settings
from tests.brokers.servers import free_ports


async def test_no_broker_is_set(settings: Settings) -> None:
    with pytest.raises(BrokerUnset) as caught:
        await subscribe(settings)
    assert caught.value.fields == {"setting": "LINLI_BROKER_URL"}


async def test_an_unknown_broker(settings: Settings) -> None:
    with pytest.raises(UnknownBroker) as caught:
        await subscribe(settings.model_copy(update={"broker_url": SecretStr("mqtt://user:secret@host")}))
    assert caught.value.fields["scheme"] == "mqtt"
    assert "kafka" in caught.value.fields["known"]
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["nats", "amqps", "rediss", "kafka"])
async def test_the_extra_is_not_installed(settings: Settings, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    for name in [name for name in sys.modules if name.startswith(("faststream", "linli.brokers."))]:
        if name not in ("linli.brokers.desk", "linli.brokers.line"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "faststream", None)
    with pytest.raises(BrokersMissing) as caught:
        await subscribe(settings.model_copy(update={"broker_url": SecretStr(f"{scheme}://host")}))
    assert caught.value.fields["install"] == "pip install 'linli[brokers]'"


@pytest.mark.parametrize("scheme", ["nats", "amqp", "redis"])
async def test_nobody_is_there(settings: Settings, pool: object, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    """It ends, for a supervisor to start it again; the NATS client alone would try for ever, unheard."""
    monkeypatch.setattr("linli.brokers.nats.CONNECT_SECONDS", 0.2)
    (port,) = free_ports(1)
    with pytest.raises((OSError, RedisConnectionError)):
        await subscribe(
            settings.model_copy(update={"broker_url": SecretStr(f"{scheme}://127.0.0.1:{port}")}), stop=asyncio.Event()
        )


def test_the_package_needs_no_client_library() -> None:
    """`linli --help` must work without the extra, and not load it with it."""
    code = "import sys, linli.brokers; sys.exit(any(name.startswith('faststream') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def record(value: bytes | None, offset: int = 0, headers: Any = ()) -> ConsumerRecord[Any, Any]:
    """What aiokafka delivers."""
    return ConsumerRecord("events", 0, offset, 0, 0, None, value, None, 0, 0, headers)


class Consumer:
    """Counts commits."""

    commits = 0

    async def commit(self) -> None:
        """An offset is final."""
        self.commits += 1


async def poll(consumer: Consumer, *records: ConsumerRecord[Any, Any]) -> KafkaAckableMessage:
    """The message that FastStream makes of a poll, by our parser."""
    parser = AioKafkaBatchParser(KafkaAckableMessage, None)
    parser._setup(consumer)  # pyright: ignore[reportArgumentType]
    message = await without_headers(records, parser.parse_batch)
    assert isinstance(message, KafkaAckableMessage)
    return message


class Door:
    """A desk that is away for the first times, and remembers."""

    def __init__(self, away: int = 0) -> None:
        self.away, self.seen, self.asked = away, list[bytes](), asyncio.Event()

    async def receive(self, raw: bytes) -> None:
        """Take or refuse."""
        self.seen.append(raw)
        self.asked.set()
        self.away -= 1
        if self.away >= 0:
            raise Unavailable("away")


async def test_kafka_commits_a_poll_when_all_of_it_is_durable() -> None:
    """Whatever was in its headers, and a tombstone among it."""
    consumer, door = Consumer(), Door(away=1)
    message = await poll(consumer, record(b"a", 0, [("trace", b"\xff\xfe")]), record(None, 1), record(b"c", 2))
    await take_poll(door, message, asyncio.Event())  # pyright: ignore[reportArgumentType]
    assert sorted(door.seen) == [b"", b"a", b"a", b"c"]
    assert consumer.commits == 1


async def test_kafka_commits_nothing_any_more_once_a_poll_was_given_up() -> None:
    consumer, door, stop = Consumer(), Door(away=1_000), asyncio.Event()
    message = await poll(consumer, record(b"a"))
    giving_up = asyncio.create_task(take_poll(door, message, stop))  # pyright: ignore[reportArgumentType]
    await door.asked.wait()
    stop.set()
    with pytest.raises(Unavailable):
        await giving_up
    await take_poll(Door(), await poll(consumer, record(b"b", 1)), stop)  # pyright: ignore[reportArgumentType]
    assert consumer.commits == 0
