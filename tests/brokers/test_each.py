"""What only one of the brokers can do to us."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from nats.js.api import RetentionPolicy
from pydantic import SecretStr
from redis.asyncio import Redis

from linli.brokers import BrokerLost, subscribe
from linli.settings import Settings
from tests.brokers.conftest import Books, subscriber
from tests.brokers.events import paid
from tests.brokers.posts import NatsPost, eventually, open_post
from tests.brokers.servers import free_ports, nats, redis

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server."""
    with redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


def at(settings: Settings, url: str, subject: str) -> Settings:
    """Settings that subscribe there."""
    return settings.model_copy(update={"broker_url": SecretStr(url), "broker_subject": subject})


async def test_redis_claims_from_the_dead(settings: Settings, redis_url: str, subject: str, books: Books) -> None:
    """What another consumer of the group had in hand when it died; more of it than is claimed at one time."""
    async with Redis.from_url(redis_url) as client, open_post("redis", redis_url, subject) as post:
        await client.xgroup_create(subject, "linli", id="0", mkstream=True)
        await post.send([paid(f"{number}") for number in range(30)])
        await client.xreadgroup("linli", "dead", {subject: ">"}, count=25)
        here = at(settings, redis_url, subject).model_copy(update={"broker_redeliver_seconds": 0.2})
        async with subscriber(here):
            await books.until_taken(30)
        assert await post.left() == 0
    assert await books.points() == 300


async def test_redis_group_is_gone(settings: Settings, redis_url: str, subject: str, pool: object) -> None:
    """FastStream stops silently; we say so, for a supervisor to start us again."""
    async with Redis.from_url(redis_url) as client:
        with pytest.raises(BrokerLost):
            async with subscriber(at(settings, redis_url, subject)) as task:
                await client.delete(subject)
                async with asyncio.timeout(20):
                    await asyncio.wait([task])


async def test_nats_comes_back(settings: Settings, tmp_path: Path, subject: str, books: Books) -> None:
    """After a restart of the server events are taken in as before, also those that were in hand."""
    (port,) = free_ports(1)
    home = tmp_path / "jetstream"
    home.mkdir()
    with ExitStack() as stack:
        url = stack.enter_context(nats(home, port))
        async with subscriber(at(settings, url, subject)):
            async with open_post("nats", url, subject) as post:
                await post.send([paid("one")])
                await books.until_taken(1)
            stack.close()
            stack.enter_context(nats(home, port))
            async with open_post("nats", url, subject) as post:
                await post.send([paid("two")])
                await books.until_taken(2)

                async def gone() -> bool:
                    return await post.left() == 0

                await eventually(gone)
    assert await books.points() == 20


async def test_nats_takes_the_platforms_stream(settings: Settings, tmp_path: Path, subject: str, books: Books) -> None:
    """A stream that keeps all, for others too, under a name of its own, with a wildcard: nothing of it is changed."""
    with nats(tmp_path) as url:
        async with open_post("nats", url, subject) as post:
            assert isinstance(post, NatsPost)
            await post.js.add_stream(name="SHOP", subjects=["linli.>"], retention=RetentionPolicy.LIMITS)
            await post.send([paid("one")])
            async with subscriber(at(settings, url, subject)):
                await books.until_taken(1)
            (stream,) = await post.js.streams_info()
            assert (stream.config.name, stream.config.subjects, stream.state.messages) == ("SHOP", ["linli.>"], 1)
            (consumer,) = await post.js.consumers_info("SHOP")
            assert (consumer.num_pending, consumer.num_ack_pending) == (0, 0)


async def test_the_page_of_the_documentation(settings: Settings, tmp_path: Path, subject: str, books: Books) -> None:
    """Its example does what it says, twice."""
    page = (Path(__file__).parents[2] / "docs" / "brokers.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    with nats(tmp_path) as url:
        # The example tells the present time, so the present it is.
        async with subscriber(at(settings, url, subject).model_copy(update={"clock_file": None})):
            for _ in range(2):
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-c", example, stdout=asyncio.subprocess.PIPE,
                    env={**os.environ, "LINLI_BROKER_URL": url, "LINLI_BROKER_SUBJECT": subject},
                )  # fmt: skip
                said, _ = await process.communicate()
                assert b"kept by stream" in said
            (parked,) = await books.until_parked(1)
    assert parked.reason == "event_id_reused"
    assert await books.points("u-1") == 59


async def test_sigterm_stops_it(settings: Settings, redis_url: str, subject: str, books: Books) -> None:
    """The command line gives no event to wait for: signals are heard."""
    ready = asyncio.Event()
    task = asyncio.create_task(subscribe(at(settings, redis_url, subject), ready=ready))
    async with asyncio.timeout(20), open_post("redis", redis_url, subject) as post:
        await ready.wait()
        await post.send([paid("one")])
        await books.until_taken(1)
        os.kill(os.getpid(), signal.SIGTERM)
        await task
        assert await post.left() == 0
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().remove_signal_handler(number)
