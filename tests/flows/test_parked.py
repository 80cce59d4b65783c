"""What is parked holds its key, is tried again, and is never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest

from linli import earning, inbox, members
from linli.flows import replay_parked as replaying
from linli.flows.intake import take_in
from linli.flows.publish import LiveProgrammes
from linli.flows.replay_parked import Replayed, discard_parked, in_steps, replay_parked
from linli.inbox import Outcome
from linli.kit.db import Connection, Pool, fetch_all
from linli.ledger import Stamp
from linli.words.events import Event
from tests.flows.world import NOW, READER, SHANGHAI, SOURCE, again, event, findings, open_programme, raw, send
from tests.ledger.test_interleavings import blocked_or_done

DAY = datetime(2026, 3, 1, 4, tzinfo=UTC)
NOON = Stamp(at=NOW, on=SHANGHAI.date_of(NOW), actor="test")


@pytest.fixture
async def live(conn: Connection) -> LiveProgrammes:
    return await open_programme(conn, "neighbours")


def paid(fen: int = 1_000, *, event_id: str = "p", order_id: str = "o1") -> Event:
    return event("order.paid", event_id, DAY, member_id="m1", order_id=order_id, paid_fen=fen)


def refunded(fen: int) -> Event:
    later = DAY + timedelta(hours=2)
    return event("order.refunded", "r", later, member_id="m1", order_id="o1", refund_id="r1", refund_fen=fen)


async def states(conn: Connection) -> list[tuple[str, str]]:
    """(state, reason) of all that was ever parked, oldest first."""
    rows = await fetch_all(conn, "SELECT state, reason FROM inbox_parked ORDER BY parked_id")
    return [(state, reason) for state, reason in rows]


async def points(conn: Connection) -> int:
    """All that is promised."""
    [(total,)] = await fetch_all(conn, "SELECT coalesce(sum(points), 0)::int FROM ledger_grant")
    return total


async def only(conn: Connection, live: LiveProgrammes, *events: Event) -> Outcome:
    """The outcome of the last of `events`, sent together."""
    return (await send(conn, live, events))[-1]


async def set_aside(conn: Connection, body: bytes, reason: str, event_id: str = "p") -> UUID:
    """Park bytes as a channel does that could not have them taken in."""
    how = await inbox.park(
        conn, channel="nats", reason=reason, detail="", raw=body, now=NOW, source=SOURCE, event_id=event_id
    )
    assert how == "parked"
    [(parked_id,)] = await fetch_all(conn, "SELECT parked_id FROM inbox_parked ORDER BY parked_id DESC LIMIT 1")
    return parked_id


async def replay(conn: Connection, live: LiveProgrammes, parked_id: UUID) -> Replayed:
    return await replay_parked(conn, parked_id, NOON, live, READER)


# --- another body under the key of what waits ---


async def test_another_body_is_a_conflict_while_the_first_waits(conn: Connection) -> None:
    """Parked before the first programme; what comes later under its id with other figures is refused."""
    await send(conn, LiveProgrammes(), [paid()])
    live = await open_programme(conn, "neighbours")
    other = await only(conn, live, paid(999_000))
    assert (other.outcome, other.code) == ("conflict", "event_id_reused")
    assert (await points(conn), await states(conn)) == (0, [("waiting", "no_programme")])
    assert await fetch_all(conn, "SELECT FROM inbox_key") == []
    same = await only(conn, live, paid())
    assert (same.outcome, await points(conn)) == ("accepted", 10)
    assert await states(conn) == [("replayed", "no_programme")]
    assert await findings(conn) == {}


async def test_the_parked_body_is_taken_in_though_another_came_before_it_in_the_batch(conn: Connection) -> None:
    await send(conn, LiveProgrammes(), [paid()])
    live = await open_programme(conn, "neighbours")
    told = await send(conn, live, [paid(999_000), paid(), again(paid(999_000)), paid(500, event_id="x", order_id="o2")])
    assert [outcome.outcome for outcome in told] == ["conflict", "accepted", "conflict", "accepted"]
    assert (await points(conn), await states(conn)) == (15, [("replayed", "no_programme")])
    assert await findings(conn) == {}


async def test_the_parked_refund_is_set_free_though_another_came_with_its_order(
    conn: Connection, live: LiveProgrammes
) -> None:
    await send(conn, live, [refunded(400)])
    told = await send(conn, live, [refunded(1_000), paid()])
    assert [outcome.outcome for outcome in told] == ["conflict", "accepted"]
    assert (await points(conn), await states(conn)) == (6, [("replayed", "order_unknown")])
    assert await findings(conn) == {}


async def test_a_parked_event_sent_again_with_its_order_is_resolved(conn: Connection, live: LiveProgrammes) -> None:
    await send(conn, live, [refunded(400)])
    assert [outcome.outcome for outcome in await send(conn, live, [refunded(400), paid()])] == ["accepted"] * 2
    assert (await points(conn), await states(conn)) == (6, [("replayed", "order_unknown")])


async def test_a_discarded_event_holds_no_key(conn: Connection) -> None:
    await send(conn, LiveProgrammes(), [paid()])
    live = await open_programme(conn, "neighbours")
    [(parked_id,)] = await fetch_all(conn, "SELECT parked_id FROM inbox_parked")
    await discard_parked(conn, parked_id, NOON)
    assert (await only(conn, live, paid(2_000))).outcome == "accepted"
    assert (await points(conn), await states(conn)) == (20, [("discarded", "no_programme")])
    with pytest.raises(inbox.ParkedClosed):
        await replay(conn, live, parked_id)


async def test_what_could_not_be_read_holds_no_key_and_is_not_forgotten(conn: Connection, live: LiveProgrammes) -> None:
    """A channel parked a faulty event; its sender mends it and sends it under the same id."""
    faulty = await set_aside(conn, b'{"id": "p"}', "invalid_event")
    assert (await only(conn, live, paid())).outcome == "accepted"
    assert await states(conn) == [("waiting", "invalid_event")]
    assert await findings(conn) == {}
    assert (await replay(conn, live, faulty)).outcome == "invalid"
    await discard_parked(conn, faulty, NOON)


async def test_a_mended_event_waits_beside_the_faulty_one(conn: Connection, live: LiveProgrammes) -> None:
    """And it is the mended one that its order sets free."""
    await set_aside(conn, b'{"id": "r"}', "invalid_event", "r")
    assert (await only(conn, live, refunded(400))).outcome == "parked"
    assert (await only(conn, live, refunded(900))).code == "event_id_reused"
    await send(conn, live, [paid()])
    assert (await points(conn), await states(conn)) == (
        6, [("waiting", "invalid_event"), ("replayed", "order_unknown")]
    )  # fmt: skip


async def test_bytes_that_came_too_early_are_resolved_by_the_same_event(conn: Connection, live: LiveProgrammes) -> None:
    early = raw("order.paid", "p", DAY, member_id="m1", order_id="o1", paid_fen=1_000)
    await set_aside(conn, early, "time_in_future")
    assert (await only(conn, live, paid())).outcome == "accepted"
    assert await states(conn) == [("replayed", "time_in_future")]


# --- a replay ---


async def test_a_replay_whose_key_is_taken_by_another_body_ends_in_conflict(
    conn: Connection, live: LiveProgrammes
) -> None:
    early = raw("order.paid", "p", DAY, member_id="m1", order_id="o1", paid_fen=1_000)
    parked_id = await set_aside(conn, early, "time_in_future")
    await send(conn, live, [paid(2_000)])
    assert (await replay(conn, live, parked_id)).code == "event_id_reused"
    assert await states(conn) == [("conflict", "event_id_reused")]
    assert await findings(conn) == {}
    [seen] = await inbox.parked(conn, limit=9)
    assert (seen.parked_id, seen.raw, seen.attempts) == (parked_id, early, 2)
    assert await inbox.parked(conn, state="waiting", limit=9) == []
    await discard_parked(conn, parked_id, NOON)
    assert await inbox.parked(conn, limit=9) == []


async def test_one_of_two_parked_bodies_is_taken_in_when_the_other_is_discarded(
    conn: Connection, live: LiveProgrammes
) -> None:
    """A refund waits; a channel kept another one of its id. Whichever is the right one can be taken in."""
    await send(conn, live, [refunded(400)])
    [waiting] = await inbox.parked(conn, limit=9)
    other = await set_aside(conn, inbox.canonical(refunded(900)), "event_id_reused", "r")
    assert (await replay(conn, live, other)).code == "event_id_reused"
    await discard_parked(conn, waiting.parked_id, NOON)
    await send(conn, live, [paid()])
    assert (await replay(conn, live, other)).outcome == "accepted"
    assert (await points(conn), await states(conn)) == (
        1, [("discarded", "order_unknown"), ("replayed", "event_id_reused")]
    )  # fmt: skip
    assert await findings(conn) == {}


async def test_what_was_parked_unread_waits_for_its_order_once_it_is_read(
    conn: Connection, live: LiveProgrammes
) -> None:
    later = DAY + timedelta(hours=2)
    early = raw("order.refunded", "r", later, member_id="m1", order_id="o1", refund_id="r1", refund_fen=400)
    parked_id = await set_aside(conn, early, "time_in_future", "r")
    assert (await replay(conn, live, parked_id)).code == "order_unknown"
    assert await states(conn) == [("replayed", "time_in_future"), ("waiting", "order_unknown")]
    await send(conn, live, [paid()])
    assert (await points(conn), await findings(conn)) == (6, {})


async def test_one_that_fails_again_is_counted(conn: Connection, live: LiveProgrammes) -> None:
    await send(conn, live, [refunded(400)])
    [waiting] = await inbox.parked(conn, limit=9)
    assert (await replay(conn, live, waiting.parked_id)).code == "order_unknown"
    [waiting] = await inbox.parked(conn, limit=9)
    assert (waiting.state, waiting.attempts, waiting.awaits) == ("waiting", 2, "order:o1")


async def test_another_body_that_comes_while_the_first_is_being_parked(pool: Pool) -> None:
    """The second waits for the first one's key, and sees what became of it: not what was there when it began."""
    async with pool.connection() as conn:
        live = await open_programme(conn, "neighbours")

    async with pool.connection() as conn, conn.transaction():
        await take_in(conn, [refunded(400)], NOON, live, READER)
        other = event("order.paid", "r", DAY, member_id="m2", order_id="o2", paid_fen=1_000)

        async def reusing() -> list[Outcome]:
            async with pool.connection() as second, second.transaction():
                return await send(second, live, [other])

        task = asyncio.create_task(reusing())
        await blocked_or_done(pool, task)
        assert not task.done()
    assert [outcome.code for outcome in await task] == ["event_id_reused"]


# --- a batch that was parked whole ---


def whole(count: int) -> list[bytes]:
    """So many orders of 10 points; the third is faulty, the fourth a refund of an unknown order."""
    told = [
        raw("order.paid", f"p{n}", DAY, member_id=f"m{n % 7}", order_id=f"o{n}", paid_fen=1_000) for n in range(count)
    ]
    told[2] = b'{"id": "p2", "source": "//platform"}'
    told[3] = raw("order.refunded", "p3", DAY, member_id="m3", order_id="unknown", refund_id="r", refund_fen=1)
    return told


async def park_whole(conn: Connection, told: list[bytes]) -> UUID:
    found = READER.batch(b"[" + b",".join(told) + b"]", NOW)
    assert isinstance(found, inbox.Rejected) and found.code == "batch_too_large"
    return await set_aside(conn, found.raw, found.code, "bytes:1")


async def test_a_batch_parked_whole_is_taken_in_by_steps(conn: Connection, live: LiveProgrammes) -> None:
    """What of it cannot be taken in waits for itself; a second replay finds it closed."""
    await send(conn, live, [paid(event_id="p5", order_id="o5")])  # under the id of one of them, by another body
    parked_id = await park_whole(conn, whole(1_203))
    steps = [await replay(conn, live, parked_id) for _ in range(3)]
    assert [step.left for step in steps] == [703, 203, 0]
    assert steps[0].events == {"accepted": 497, "invalid": 1, "parked": 1, "conflict": 1}
    assert [sum(step.events.values()) for step in steps] == [500, 500, 203]
    assert await points(conn) == 12_000 + 10
    assert sorted(await states(conn)) == [
        ("conflict", "event_id_reused"), ("replayed", "batch_too_large"), ("waiting", "invalid_event"),
        ("waiting", "order_unknown"),
    ]  # fmt: skip
    assert await findings(conn) == {}
    with pytest.raises(inbox.ParkedClosed):
        await replay(conn, live, parked_id)


async def test_a_replay_of_a_batch_that_was_broken_off_goes_on(conn: Connection, live: LiveProgrammes) -> None:
    """Killed before the second step's commit: that one is done again, and what the first parked is not parked anew."""
    parked_id = await park_whole(conn, whole(1_203))
    await replay(conn, live, parked_id)
    await conn.execute("SAVEPOINT killed")
    await replay(conn, live, parked_id)
    await conn.execute("ROLLBACK TO killed")
    told = await in_steps(partial(replay, conn, live, parked_id))
    assert told.events == {"accepted": 703}
    assert (await points(conn), await findings(conn)) == (12_010, {})
    assert len(await inbox.parked(conn, limit=9)) == 2


async def test_one_event_that_fails_does_not_hold_up_its_batch(
    conn: Connection, live: LiveProgrammes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug of ours parks it alone, under its key; once it is mended, it is taken in."""
    parked_id = await park_whole(conn, whole(1_001))

    async def failing(connection: Connection, events: Sequence[Event], *rest: Any, **named: Any) -> list[Outcome]:
        told = await take_in(connection, events, *rest, **named)
        if any(event.event_id == "p9" for event in events):
            raise ValueError("a bug of ours")
        return told

    with monkeypatch.context() as patch:
        patch.setattr(replaying, "take_in", failing)
        await in_steps(partial(replay, conn, live, parked_id))
    assert await points(conn) == 9_980
    [failed] = await inbox.parked(conn, reason="failed", limit=9)
    assert (failed.event_id, failed.state) == ("p9", "waiting")
    assert (await replay(conn, live, failed.parked_id)).outcome == "accepted"
    assert (await points(conn), await findings(conn)) == (9_990, {})


async def test_what_is_no_events_fault_stops_the_replay_of_a_batch(
    conn: Connection, live: LiveProgrammes, monkeypatch: pytest.MonkeyPatch
) -> None:
    parked_id = await park_whole(conn, whole(1_001))

    async def failing(*_: Any, **__: Any) -> list[Outcome]:
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(replaying, "take_in", failing)
    with pytest.raises(psycopg.OperationalError):
        await replay(conn, live, parked_id)
    assert await states(conn) == [("waiting", "batch_too_large")]


async def test_a_parked_registration_keeps_its_code_and_finds_its_inviter_when_it_is_replayed(
    conn: Connection,
) -> None:
    """What waits is what was sent, and not what we made of it: else its sender, and the replay, would meet another."""
    await members.enrol(conn, [members.Sighting("m9", DAY)], DAY)
    code = await members.make_invite_code(conn, "m9", DAY)
    sent = event("member.registered", "r", DAY, member_id="f1", invite_code=code)
    await send(conn, LiveProgrammes(), [sent])
    live = await open_programme(conn, "neighbours")
    [(parked_id,)] = await fetch_all(conn, "SELECT parked_id FROM inbox_parked")
    await replay(conn, live, parked_id)
    facts = (await earning.read_facts(conn, ["f1"]))["f1"]
    assert (facts.inviter_id, await states(conn)) == ("m9", [("replayed", "no_programme")])
    assert (await send(conn, live, [again(sent)]))[0].outcome == "duplicate"
    assert await findings(conn) == {}
