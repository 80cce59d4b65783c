"""Reminders and calls to come back: once a business date and member, the sum as it is then; stopped, gone on with."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from linli import ledger, notify
from linli.flows import remind as module
from linli.flows.intake import take_in
from linli.flows.publish import LiveProgrammes, publish
from linli.flows.remind import send, tell
from linli.kit.audit import run_audit
from linli.kit.db import Connection, Pool, fetch_all, in_transaction
from linli.kit.resources import resource
from linli.ledger import Stamp
from linli.members import Sighting, enrol
from linli.notify import NoticeRun, NoticeRunKind
from tests.flows.world import CHECKS, NOW, READER, SHANGHAI, event, open_programme, stamp

DAY = timedelta(days=1)
TODAY = date(2026, 3, 1)
LAPSING = TODAY + 15 * DAY
MEMBERS = [f"m{n:02}" for n in range(1, 10)]


def with_reminders(terms: bytes) -> bytes:
    """The preset, with other terms of reminders; what they leave out is the default."""
    document = (resource("presets") / "neighbours.yaml").read_bytes()
    return re.sub(rb"(?m)^reminders:.*\n(?:  .*\n)+", b"", document) + b"\nreminders: { " + terms + b" }\n"


@pytest.fixture(autouse=True)
async def audited(pool: Pool) -> AsyncIterator[None]:
    """Whatever a test did, the audit finds nothing."""
    yield
    async with pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []


@pytest.fixture
async def live(pool: Pool) -> LiveProgrammes:
    return await in_transaction(pool, partial(open_programme, preset="neighbours"))


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many chunks for few members."""
    monkeypatch.setattr(module, "CHUNK", 2)


async def run(pool: Pool, kind: NoticeRunKind, on: date, **named: Any) -> NoticeRun:
    return await tell(pool, kind, on, lambda: SHANGHAI.starts_at(on) + timedelta(hours=1), SHANGHAI, **named)


async def credit(pool: Pool, member_id: str, points: int, until: date, wallet: str = "points") -> None:
    work = partial(ledger.adjust, reason="start", expires_on=until)
    key = f"{wallet}:{until}:{points}"
    await in_transaction(pool, lambda conn: work(conn, stamp(TODAY - DAY), member_id, wallet, points, key))


async def told(pool: Pool) -> list[tuple[Any, ...]]:
    sql = "SELECT member_id, on_date, points, lapses_on FROM notify_notice ORDER BY on_date, member_id"
    return await in_transaction(pool, lambda conn: fetch_all(conn, sql))


def figures(found: NoticeRun) -> tuple[Any, ...]:
    return found.state, found.due, found.items, found.members, found.points


# --- what lapses ---


async def test_fifteen_days_ahead_with_the_sum_of_all_that_lapses_then(pool: Pool, live: LiveProgrammes) -> None:
    await credit(pool, "m1", 200, LAPSING)
    await credit(pool, "m1", 9, LAPSING + DAY)
    await credit(pool, "m2", 7, LAPSING + DAY)
    await credit(pool, "m3", 7, LAPSING, wallet="team")
    async with pool.connection() as conn:  # another funder's, on the same date
        await ledger.adjust(
            conn, stamp(TODAY - DAY), "m1", "points", 120, "k", reason="r", expires_on=LAPSING, funder="supplier"
        )
    await run(pool, "remind", TODAY - DAY)
    assert await told(pool) == []
    assert figures(await run(pool, "remind", TODAY)) == ("finished", 1, 1, 1, 320)
    assert await told(pool) == [("m1", TODAY, 320, LAPSING)]
    first = await run(pool, "remind", TODAY)
    assert figures(first) == ("finished", 1, 1, 1, 320) and len(await told(pool)) == 1
    # What was told of yesterday is not told again with what is new.
    assert figures(await run(pool, "remind", TODAY + DAY)) == ("finished", 2, 2, 2, 16)
    assert (await told(pool))[1:] == [
        ("m1", TODAY + DAY, 9, LAPSING + DAY), ("m2", TODAY + DAY, 7, LAPSING + DAY),
    ]  # fmt: skip


async def test_what_was_spent_before_the_run_is_not_spoken_of(pool: Pool, live: LiveProgrammes) -> None:
    await run(pool, "remind", TODAY - DAY)
    for member_id, spent in (("m1", 150), ("m2", 200)):
        await credit(pool, member_id, 200, LAPSING)
        work = partial(ledger.spend, member_id=member_id, wallet="points", points=spent, key="s")
        await in_transaction(pool, lambda conn, work=work: work(conn, stamp(TODAY - DAY)))
    assert figures(await run(pool, "remind", TODAY)) == ("finished", 1, 1, 1, 50)
    assert await told(pool) == [("m1", TODAY, 50, LAPSING)]


async def test_nights_that_were_missed_are_made_up_for_in_one_notice(pool: Pool, live: LiveProgrammes) -> None:
    await run(pool, "remind", TODAY - 4 * DAY)
    for late in range(4):
        await credit(pool, "m1", 10 + late, LAPSING - late * DAY)
    assert figures(await run(pool, "remind", TODAY)) == ("finished", 1, 1, 1, 46)
    assert await told(pool) == [("m1", TODAY, 46, LAPSING - 3 * DAY)]
    assert figures(await run(pool, "remind", TODAY + DAY))[1:] == (0, 0, 0, 0)


async def test_the_first_run_of_all_leaves_out_what_has_lapsed(pool: Pool, live: LiveProgrammes) -> None:
    await credit(pool, "m1", 3, TODAY)
    await credit(pool, "m1", 4, TODAY + DAY)
    await credit(pool, "m1", 5, LAPSING + DAY)
    assert figures(await run(pool, "remind", TODAY)) == ("finished", 1, 1, 1, 4)


class Killed(Exception):
    """A worker dies within a chunk, before its commit."""


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("dies_at", [1, 3, 5])
async def test_killed_within_a_chunk_and_gone_on_with(
    pool: Pool, live: LiveProgrammes, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    for n, member_id in enumerate(MEMBERS):
        await credit(pool, member_id, n + 1, LAPSING)
    chunk, seen = module._chunk, 0

    async def dying(conn: Connection, **named: Any) -> bool:
        nonlocal seen
        seen += 1
        goes_on = await chunk(conn, **named)
        if seen == dies_at:
            raise Killed
        return goes_on

    monkeypatch.setattr(module, "_chunk", dying)
    with pytest.raises(Killed):
        await run(pool, "remind", TODAY)
    assert len(await told(pool)) == 2 * (dies_at - 1)
    assert figures(await run(pool, "remind", TODAY)) == ("finished", 9, 9, 9, 45)
    assert [row[0] for row in await told(pool)] == MEMBERS
    assert await send(pool, lambda: NOW, SHANGHAI) == 9 and await send(pool, lambda: NOW, SHANGHAI) == 0


@pytest.mark.usefixtures("small_chunks")
async def test_stopped_it_stays_stopped_until_somebody_resumes_it(pool: Pool, live: LiveProgrammes) -> None:
    for member_id in MEMBERS:
        await credit(pool, member_id, 1, LAPSING)

    async def stop(conn: Connection) -> NoticeRun:
        return await notify.stop_run(conn, "remind", TODAY, stamp(TODAY).at)

    chunk, seen = module._chunk, 0

    async def stopped_after_two(conn: Connection, **named: Any) -> bool:
        nonlocal seen
        seen += 1
        goes_on = await chunk(conn, **named)
        if seen == 2:
            await stop(conn)
        return goes_on

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_chunk", stopped_after_two)
        assert figures(await run(pool, "remind", TODAY)) == ("stopped", 9, 4, 4, 4)
    assert figures(await run(pool, "remind", TODAY, resume=False)) == ("stopped", 9, 4, 4, 4)
    assert figures(await run(pool, "remind", TODAY)) == ("finished", 9, 9, 9, 9)
    assert (await in_transaction(pool, stop)).state == "finished"


# --- silence ---


async def heard(pool: Pool, live: LiveProgrammes, member_id: str, on: date) -> None:
    """An event of the member, on a business date."""
    at = SHANGHAI.starts_at(on) + timedelta(hours=12)
    cast = event("vote.cast", f"{member_id}:{on}", at, member_id=member_id, vote_id="v")
    await in_transaction(pool, lambda conn: take_in(conn, [cast], Stamp(at=at, on=on), live, READER))


async def woken(pool: Pool, on: date) -> list[str]:
    await run(pool, "wake_up", on)
    sql = "SELECT member_id FROM notify_notice WHERE kind = 'wake_up' AND on_date = %s ORDER BY member_id"
    return [row[0] for row in await in_transaction(pool, lambda conn: fetch_all(conn, sql, (on,)))]


async def test_the_first_run_calls_everybody_who_is_silent_and_later_ones_who_has_become_so(
    pool: Pool, live: LiveProgrammes
) -> None:
    for member_id, days_ago in (("old", 200), ("just", 30), ("near", 29), ("new", 0)):
        await heard(pool, live, member_id, TODAY - days_ago * DAY)
    assert await woken(pool, TODAY) == ["just", "old"]
    assert await woken(pool, TODAY) == ["just", "old"]
    await heard(pool, live, "near", TODAY)
    assert await woken(pool, TODAY + DAY) == []
    assert await woken(pool, TODAY + 29 * DAY) == []
    assert await woken(pool, TODAY + 30 * DAY) == ["near", "new"]


async def test_who_stays_silent_is_called_again_and_who_came_back_is_not(pool: Pool, live: LiveProgrammes) -> None:
    for member_id in ("back", "gone", "often"):
        await heard(pool, live, member_id, TODAY - 40 * DAY)
    assert await woken(pool, TODAY) == ["back", "gone", "often"]
    await heard(pool, live, "often", TODAY + DAY)
    assert await woken(pool, TODAY + 40 * DAY) == []  # silent again, but called less than ninety days ago
    await heard(pool, live, "back", TODAY + 80 * DAY)
    assert await woken(pool, TODAY + 89 * DAY) == []
    # Two nights were missed: what became due in them is found all the same.
    assert await woken(pool, TODAY + 92 * DAY) == ["gone", "often"]


async def test_a_coupon_is_asked_for_with_the_call(pool: Pool) -> None:
    document = with_reminders(b"silent_coupon: COME_BACK")
    async with pool.connection() as conn:
        await publish(conn, document, now=NOW, by="test", effective_from=None)
        await enrol(conn, [Sighting("m1", NOW)], NOW)
    assert await woken(pool, TODAY) == ["m1"]
    rows = await in_transaction(pool, lambda c: fetch_all(c, "SELECT topic, key, body ->> 'coupon' FROM notify_outbox"))
    assert rows == [
        ("notice", f"notice:wake_up:{TODAY}:m1", "COME_BACK"),
        ("coupon_wanted", f"coupon_wanted:wake_up:{TODAY}:m1", "COME_BACK"),
    ]


@pytest.mark.parametrize("terms", [b"expiry_days_ahead: 0", b"silent_after_days: 0"])
async def test_none_of_it_where_the_programme_says_never(pool: Pool, terms: bytes) -> None:
    document = with_reminders(terms)
    async with pool.connection() as conn:
        await publish(conn, document, now=NOW, by="test", effective_from=None)
        await enrol(conn, [Sighting("m1", NOW)], NOW)
    await credit(pool, "m1", 1, TODAY + DAY)
    kind = "remind" if b"expiry" in terms else "wake_up"
    assert figures(await run(pool, kind, TODAY)) == ("finished", 0, 0, 0, 0)
    other = "wake_up" if kind == "remind" else "remind"
    assert figures(await run(pool, other, TODAY))[3] == 1
