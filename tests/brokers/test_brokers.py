"""Each broker, for real: what is sent is taken in, once, whatever happens in between; nothing is lost."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

import psycopg
import pytest
from aio_pika import RobustQueue
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

import linli.brokers
import linli.gate
from linli.brokers.desk import Desk, Unavailable
from linli.flows.publish import LiveProgrammes
from linli.gate import Gate
from linli.kit.db import Pool, in_transaction, make_pool
from linli.settings import Settings
from tests.brokers.conftest import Books, Subscribed
from tests.brokers.events import array, event, fortnight, paid
from tests.brokers.posts import Post, eventually

pytestmark = pytest.mark.broker


async def has_left(post: Post, messages: int) -> None:
    """Wait until so many messages are not acknowledged: 0 when everything was."""

    async def so() -> bool:
        return await post.left() == messages

    await eventually(so)


async def test_events_are_granted_and_acknowledged(subscribed: Subscribed, post: Post, books: Books) -> None:
    """Also by a stream or queue that we made ourselves."""
    async with subscribed():
        await post.send([paid("one"), paid("two", "bert", paid_fen=2_500), event("check_in", "three", "anna")])
        await books.until_taken(3)
    assert (await books.points("anna"), await books.points("bert")) == (10, 25)
    assert await post.left() == 0
    assert await books.parked() == []


async def test_what_waited_before_we_came_is_taken_in(subscribed: Subscribed, post: Post, books: Books) -> None:
    """In a stream or queue that the platform made; more than we take in hand at one time."""
    await post.prepare()
    await post.send([paid(f"{number}") for number in range(250)])
    async with subscribed(broker_in_hand=40):
        await books.until_taken(250)
    assert await post.left() == 0
    assert await books.points() == 2_500


async def test_duplicates_have_one_effect(subscribed: Subscribed, post: Post, books: Books) -> None:
    async with subscribed():
        await post.send([paid("same")] * 50 + [array(paid("same"), paid("same")), paid("last", "bert")])
        await books.until_taken(2)
        await has_left(post, 0)
    assert await books.points() == 10
    assert await books.taken() == 2
    assert await books.parked() == []


POISON = {
    "empty": b"",
    "not JSON": b"\x89PNG\r\n\x1a\n\xff\xfe",
    "NUL bytes": b"\0" * 100,
    "NUL in text": event("check_in", "nul", "an\0na"),
    "lone surrogate": event("check_in", "lone", "anna").replace(b"anna", b"\\ud800"),
    "unknown type": event("order.teleported", "beam", "anna"),
    "deep": b"[" * 100_000,
    "text as data": b'{"data": "once upon a time", "headers": {}}',
    "no event": b"null",
    "many bytes": b'{"id": "many", "source": "shop/test", "data": "' + b"x" * 900_000,
}


async def test_poison_is_parked_and_the_next_go_on(
    subscribed: Subscribed, post: Post, books: Books, broker: tuple[str, str]
) -> None:
    """With its error and its bytes as they came, to be seen by the back office."""
    async with subscribed():
        await post.send([paid("before"), *POISON.values(), paid("after", "bert")])
        parked = await books.until_parked(len(POISON))
        await books.until_taken(2)
        await has_left(post, 0)
    assert sorted(one.raw for one in parked) == sorted(POISON.values())
    assert {one.channel for one in parked} == {broker[0]}
    reasons = {one.raw: one.reason for one in parked}
    assert reasons[POISON["unknown type"]] == "unknown_event_type"
    assert reasons[POISON["NUL in text"]] == "nul_in_text"
    assert reasons[POISON["not JSON"]] == "malformed_json"
    assert all(one.detail for one in parked)
    assert await books.taken() == 2


async def test_one_bad_event_of_a_batch(subscribed: Subscribed, post: Post, books: Books) -> None:
    bad = event("order.paid", "bad", "anna", order_id="bad", paid_fen=-1)
    async with subscribed():
        await post.send([array(paid("good"), bad, paid("good-too"))])
        (parked,) = await books.until_parked(1)
        await has_left(post, 0)
    assert (parked.event_id, parked.source, parked.reason) == ("bad", "shop/test", "invalid_event")
    assert parked.raw == bad
    assert await books.points() == 20


async def test_a_reused_id_is_parked(subscribed: Subscribed, post: Post, books: Books) -> None:
    """Nobody waits for an answer, so nobody would learn of it otherwise. Twice the same is parked once."""
    other = paid("one", paid_fen=9_900, order="another")
    async with subscribed():
        await post.send([paid("one")])
        await books.until_taken(1)
        await post.send([other, other, array(other, paid("two"))])
        await books.until_taken(2)
        await has_left(post, 0)
    (parked,) = await books.parked()
    assert (parked.reason, parked.raw, parked.event_id) == ("event_id_reused", other, "one")
    assert await books.points() == 20


async def test_killed_between_commit_and_ack(
    subscribed: Subscribed, post: Post, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message comes again, to whoever is there then, and changes nothing."""
    received: list[bytes] = []
    desk_receive = Desk.receive

    async def receive(self: Desk, raw: bytes) -> None:
        received.append(raw)
        await desk_receive(self, raw)

    async def dies(*_: object) -> None:
        # What had been committed is in the database when the acknowledgement is about to be sent.
        assert await books.taken() >= 1
        raise ConnectionError("killed")

    monkeypatch.setattr(Desk, "receive", receive)
    await post.prepare()
    await post.send([paid("one")])
    with monkeypatch.context() as patched:
        patched.setattr(*post.acknowledges, dies)
        async with subscribed(broker_redeliver_seconds=0.3):
            await books.until_taken(1)
    once = len(received)
    assert once >= 1
    async with subscribed(broker_redeliver_seconds=0.3):
        await has_left(post, 0)
        if not received[once:]:  # RabbitMQ does not count what is in hand

            async def again() -> int:
                return len(received) - once

            await eventually(again)
    assert await post.left() == 0
    assert set(received) == {paid("one")}
    assert await books.points() == 10


async def test_database_away(
    subscribed: Subscribed, post: Post, books: Books, postgres: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is acknowledged while nothing can be committed; all is taken in once the database is back."""
    failures: list[Exception] = []
    desk_receive = Desk.receive

    async def receive(self: Desk, raw: bytes) -> None:
        try:
            await desk_receive(self, raw)
        except Unavailable as failure:
            failures.append(failure)
            raise

    def impatient(url: str, *, max_size: int) -> Pool:
        made = make_pool(url, max_size=max_size)
        made.timeout = 0.1
        made.reconnect_timeout = 0.5
        return made

    async def tried() -> int:
        return len(failures)

    monkeypatch.setattr(Desk, "receive", receive)
    monkeypatch.setattr(linli.brokers, "make_pool", impatient)
    monkeypatch.setattr(linli.gate, "in_transaction", partial(in_transaction, attempts=1))
    name = str(conninfo_to_dict(database_url)["dbname"])
    sent = [*(paid(f"{number}") for number in range(20)), b"poison", array(paid("20"), b"{}")]
    await post.prepare()
    with psycopg.connect(postgres, autocommit=True) as keeper:
        keeper.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
        keeper.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        await post.send(sent)
        async with subscribed():
            await eventually(tried)
        await has_left(post, len(sent))  # stopped in the midst of it
        failures.clear()
        async with subscribed():
            await eventually(tried)
            keeper.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(name)))
            await books.until_taken(21)
            await books.until_parked(2)
            await has_left(post, 0)
    assert await post.left() == 0
    assert await books.points() == 210
    assert len(await books.parked()) == 2


async def test_any_order_and_repetition_end_the_same(
    subscribed: Subscribed, post: Post, books: Books, settings: Settings, pool: Pool
) -> None:
    """500 events shuffled, some in batches, a third of them twice; refunds before their orders too."""
    in_order = fortnight("a-")
    async with Gate(settings, pool, LiveProgrammes()) as gate:
        for start in range(0, len(in_order), 50):
            await gate.batch(array(*in_order[start : start + 50]))
    chance = random.Random(20261121)
    shuffled = fortnight("b-")
    assert len(shuffled) == 500
    shuffled += chance.sample(shuffled, 170)
    chance.shuffle(shuffled)
    async with subscribed(broker_in_hand=100):
        await post.send([*shuffled[:400], *(array(*shuffled[at : at + 9]) for at in range(400, len(shuffled), 9))])
        await books.until_taken(1_000)
        await has_left(post, 0)
    assert await post.left() == 0
    assert await books.parked() == []
    grants = """
        SELECT substr(member_id, 3), replace(key, %(prefix)s, ''), points, promised, settle_on, expires_on, rule
        FROM ledger_grant WHERE member_id LIKE %(prefix)s || '%%' ORDER BY 1, 2
    """
    facts = """
        SELECT substr(member_id, 3), replace(facts::text, %(prefix)s, '') FROM earning_member
        WHERE member_id LIKE %(prefix)s || '%%' ORDER BY 1
    """
    for question in (grants, facts):
        expected = await books.rows(question, prefix="a-")
        assert expected
        assert await books.rows(question, prefix="b-") == expected


async def test_stop_finishes_what_was_received(subscribed: Subscribed, post: Post, books: Books) -> None:
    """What is under way is committed and acknowledged; the rest stays with the broker, and comes to the next one."""
    await post.prepare()
    await post.send([paid(f"{number}") for number in range(600)])
    async with subscribed(broker_in_hand=50):
        await books.until_taken(1)
    await has_left(post, 600 - await books.taken())
    async with subscribed():
        await books.until_taken(600)
        await has_left(post, 0)
    assert await books.points() == 6_000


@pytest.mark.parametrize("broker", ["rabbit"], indirect=True)
async def test_rabbit_delivers_before_it_is_asked_to(
    subscribed: Subscribed, post: Post, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deliveries may overtake the answer to `basic.consume`. FastStream would leave those unacknowledged for good."""
    consume = RobustQueue.consume

    async def slowly(self: RobustQueue, *args: Any, **named: Any) -> Any:
        tag = await consume(self, *args, **named)
        await books.until_taken(3)
        return tag

    monkeypatch.setattr(RobustQueue, "consume", slowly)
    await post.prepare()
    await post.send([paid("one"), paid("two"), paid("three")])
    async with subscribed():
        assert await books.points() == 30
    assert await post.left() == 0
