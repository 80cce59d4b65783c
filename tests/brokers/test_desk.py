"""The desk, without a broker: what becomes of one message, whatever is in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

import psycopg
import pytest

import linli.gate
from linli.brokers.desk import Desk, Unavailable
from linli.brokers.line import LONGEST_PAUSE_SECONDS, hold, pause
from linli.brokers.redis import body_of
from linli.flows.intake import take_in
from linli.flows.publish import LiveProgrammes
from linli.gate import Gate
from linli.inbox import MAX_BATCH, Outcome
from linli.kit.db import Pool, in_transaction
from linli.kit.gather import Overloaded
from linli.replay.parked import replay_waiting
from linli.settings import Settings
from tests.brokers.conftest import Books
from tests.brokers.events import array, event, paid


@pytest.fixture
async def desk(settings: Settings, pool: Pool) -> AsyncIterator[Desk]:
    """A desk at an open gate."""
    async with Gate(settings, pool, LiveProgrammes(), channel="nats") as gate:
        yield Desk(gate)


def breaks(monkeypatch: pytest.MonkeyPatch, failure: Exception, event_id: str = "bad") -> None:
    """Let taking in whatever has `event_id` among it fail."""

    async def failing(conn: Any, events: Sequence[Any], *rest: Any, **named: Any) -> list[Outcome]:
        if any(event.event_id == event_id for event in events):
            raise failure
        return await take_in(conn, events, *rest, **named)

    monkeypatch.setattr(linli.gate, "take_in", failing)


@pytest.mark.parametrize("raw", [b"\xff" * 10_000_000, b" \n" * 10, b"[", b"[1, 2]", b"\xef\xbb\xbf{}", b"[[]]", b"7"])
async def test_any_bytes_are_kept(desk: Desk, books: Books, raw: bytes) -> None:
    await desk.receive(raw)
    await desk.receive(raw)  # delivered again, and kept but once
    parked = await books.parked()
    assert {one.reason for one in parked} <= {"malformed_json", "invalid_event"}
    assert b" ".join(one.raw for one in parked) in (raw, b"1 2", b"[]")


async def test_an_empty_batch_holds_nothing(desk: Desk, books: Books) -> None:
    await desk.receive(b"[]")
    assert await books.parked() == []


async def test_too_large_a_batch_is_parked_whole(desk: Desk, books: Books) -> None:
    raw = array(*[b"{}"] * (MAX_BATCH + 1))
    await desk.receive(raw)
    (parked,) = await books.parked()
    assert (parked.reason, parked.raw) == ("batch_too_large", raw)


async def test_a_batch_parked_whole_is_replayed(desk: Desk, books: Books, pool: Pool, settings: Settings) -> None:
    """By `linli replay parked`, as a back office does it."""
    await desk.receive(array(*(paid(f"e{n}") for n in range(MAX_BATCH + 1))))
    assert await replay_waiting(pool, settings, None) == {"accepted": MAX_BATCH + 1}
    assert (await books.points(), await books.parked()) == (10 * (MAX_BATCH + 1), [])


async def test_a_key_that_waits_already_loses_nothing(desk: Desk, books: Books) -> None:
    """A refund waits for its order; another event reuses its id. Both are kept, each once."""
    refund = event("order.refunded", "r", "anna", order_id="one", refund_id="r", refund_fen=100)
    other = event("order.refunded", "r", "anna", order_id="one", refund_id="r", refund_fen=900)
    for raw in (refund, other, refund, other):
        await desk.receive(raw)
    waiting, reused = sorted(await books.parked(), key=lambda one: one.reason == "event_id_reused")
    assert (waiting.reason, waiting.event_id, waiting.awaits) == ("order_unknown", "r", "order:one")
    assert (reused.reason, reused.raw) == ("event_id_reused", other)
    await desk.receive(paid("one", order="one"))
    assert await books.points() == 9
    assert [one.reason for one in await books.parked()] == ["event_id_reused"]


@pytest.mark.parametrize("failure", [ValueError("a bug of ours"), psycopg.errors.NumericValueOutOfRange("too much")])
async def test_an_event_that_fails_alone_is_parked(
    desk: Desk, books: Books, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """Its neighbours, in the same message or the same commit, are taken in."""
    breaks(monkeypatch, failure)
    await desk.receive(array(paid("one"), paid("bad"), paid("two")))
    await asyncio.gather(desk.receive(paid("three")), desk.receive(paid("bad")), desk.receive(paid("four")))
    (parked,) = await books.parked()
    assert (parked.reason, parked.raw) == ("failed", paid("bad"))
    assert str(failure) in parked.detail
    assert await books.points() == 40


async def test_an_event_that_failed_holds_its_key(desk: Desk, books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the bug is mended it is taken in when it comes again, and another body of its id is not."""
    with monkeypatch.context() as patch:
        breaks(patch, ValueError("a bug of ours"))
        await desk.receive(paid("bad"))
    await desk.receive(paid("bad", paid_fen=9_000))
    assert [(one.reason, one.state) for one in await books.parked()] == [
        ("failed", "waiting"), ("event_id_reused", "conflict")
    ]  # fmt: skip
    await desk.receive(paid("bad"))
    assert await books.points() == 10
    assert [one.reason for one in await books.parked()] == ["event_id_reused"]


@pytest.mark.parametrize(
    "failure",
    [
        psycopg.OperationalError("server closed the connection unexpectedly"),
        psycopg.errors.UndefinedTable("not migrated yet"),
        psycopg.errors.InsufficientPrivilege("no right"),
        ConnectionResetError("gone"),
        Overloaded(waiting=20_000),
    ],
)
async def test_what_is_no_events_fault_comes_again(
    desk: Desk, books: Books, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """And nothing of the message is parked meanwhile, not even its bad parts."""
    breaks(monkeypatch, failure)
    monkeypatch.setattr(linli.gate, "in_transaction", partial(in_transaction, attempts=1))
    for raw in (paid("bad"), array(paid("one"), paid("bad"), b"{}")):
        with pytest.raises(Unavailable):
            await desk.receive(raw)
    assert await books.parked() == []


async def test_what_cannot_be_parked_comes_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object, **__: object) -> None:
        raise psycopg.errors.DiskFull("no space left on device")

    monkeypatch.setattr(linli.gate.inbox, "park", full)
    with pytest.raises(Unavailable):
        await desk.receive(b"poison")


async def test_a_held_message_is_given_up_only_by_a_stop() -> None:
    """It is tried again until it is durable."""
    tries: list[bytes] = []
    stop = asyncio.Event()

    class Closed:
        async def receive(self, raw: bytes) -> None:
            tries.append(raw)
            if len(tries) < 2 or raw == b"hopeless":
                raise Unavailable("away")

    await hold(Closed(), b"patient", stop)  # pyright: ignore[reportArgumentType]
    assert len(tries) == 2
    giving_up = asyncio.create_task(hold(Closed(), b"hopeless", stop))  # pyright: ignore[reportArgumentType]
    stop.set()
    with pytest.raises(Unavailable):
        await giving_up


def test_pauses_grow_to_a_bound() -> None:
    assert 0.1 <= pause(1) <= 0.2
    assert LONGEST_PAUSE_SECONDS / 2 <= pause(10_000) <= LONGEST_PAUSE_SECONDS
    assert pause(50, 1.0) <= 1.0


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({b"event": b"{}", b"trace": b"1"}, b"{}"),
        ({b"any": b"{}"}, b"{}"),
        ({b"__data__": b'{"data": "text", "headers": {}}'}, b'{"data": "text", "headers": {}}'),
        ({b"event": b""}, b""),
        ({b"__data__": b"\x89BIN\x0d\x0a\x1a\x0a"}, b"\x89BIN\x0d\x0a\x1a\x0a"),
        ({b"a": b"1", b"b": b"\xff"}, b"{b'a': b'1', b'b': b'\\xff'}"),
    ],
)
def test_the_event_of_a_redis_entry(fields: dict[bytes, bytes], body: bytes) -> None:
    """Whatever client wrote it; where nobody can tell, all of it is kept."""
    assert body_of(fields) == body
