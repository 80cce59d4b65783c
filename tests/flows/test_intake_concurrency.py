"""Everything at once, committed for real: one effect for each cause, exact totals, nothing for the audit to find."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from uuid import UUID

import pytest

from linli import ledger
from linli.flows.intake import take_in
from linli.flows.publish import LiveProgrammes
from linli.flows.sweep import release_holds, sweep
from linli.gate import Gate
from linli.inbox import Outcome
from linli.kit.audit import run_audit
from linli.kit.db import Connection, Pool, fetch_all, in_transaction, make_pool
from linli.settings import Settings
from linli.words.events import Event
from tests.flows.lives import moment
from tests.flows.world import CHECKS, NOW, READER, SHANGHAI, event, open_programme, raw, stamp

T = TypeVar("T")
PAID_ON, SETTLED_ON = date(2026, 2, 4), date(2026, 2, 5)
MEMBERS = [f"m{number:02}" for number in range(12)]
UNTIL = date(2027, 1, 1)


@pytest.fixture
async def live(pool: Pool) -> LiveProgrammes:
    return await in_transaction(pool, partial(open_programme, preset="neighbours"))


@pytest.fixture
def deployment(tmp_path: Path) -> Settings:
    """Settings whose clock stands still."""
    clock = tmp_path / "clock"
    clock.write_text(NOW.isoformat())
    return Settings(clock_file=clock, writers=2, batch_events=20)


@pytest.fixture
async def other_pool(database_url: str) -> AsyncIterator[Pool]:
    """Another process would have a pool of its own."""
    async with make_pool(database_url) as opened:
        yield opened


async def audit(pool: Pool) -> None:
    async with pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []


async def rows(pool: Pool, sql: str) -> list[tuple[Any, ...]]:
    return await in_transaction(pool, lambda conn: fetch_all(conn, sql))


async def all_of(works: Sequence[Callable[[Connection], Awaitable[T]]], pool: Pool) -> list[T | BaseException]:
    """Each in a transaction of its own, all at once; what was raised in place of a result."""
    return await asyncio.gather(*(in_transaction(pool, work) for work in works), return_exceptions=True)


def order(number: int, member: str, paid_fen: int = 1_000) -> dict[str, Any]:
    return {"member_id": member, "order_id": f"o{number}", "paid_fen": paid_fen}


async def test_one_event_taken_in_fifty_times_at_once_has_one_effect(pool: Pool, live: LiveProgrammes) -> None:
    def told() -> Event:
        return event("order.paid", "e1", moment(0, timedelta(hours=9)), **order(1, "m1"))

    async def take(conn: Connection) -> Outcome:
        return (await take_in(conn, [told()], stamp(PAID_ON), live, READER))[0]

    outcomes = [found for found in await all_of([take] * 50, pool) if isinstance(found, Outcome)]
    assert sorted(outcome.outcome for outcome in outcomes) == ["accepted"] + ["duplicate"] * 49
    assert len({str((outcome.granted, outcome.skipped, outcome.programme_version)) for outcome in outcomes}) == 1
    assert await rows(pool, "SELECT key, points FROM ledger_grant") == [("order:o1:base", 10)]
    await audit(pool)


async def test_batches_of_overlapping_members_by_several_gates(
    pool: Pool, other_pool: Pool, live: LiveProgrammes, deployment: Settings
) -> None:
    """Each event comes twice, by different gates, in batches shuffled on their own; orders and refunds apart."""
    dice = Random(20260204)
    told: list[bytes] = []
    for number in range(120):
        about = order(number, MEMBERS[number % len(MEMBERS)])
        told.append(raw("order.paid", f"p{number}", moment(0, timedelta(minutes=number)), **about))
        back = {"refund_id": f"r{number}", "refund_fen": 400, "order_id": f"o{number}", "member_id": about["member_id"]}
        told.append(raw("order.refunded", f"r{number}", moment(1, timedelta(minutes=number)), **back))
    for number, member in enumerate(MEMBERS):
        inviter = MEMBERS[-1 - number]
        at = moment(0, timedelta(hours=1))
        told.append(raw("member.registered", f"g{number}", at, member_id=member, inviter_id=inviter))
        told.append(raw("order.completed", f"d{number}", moment(2, timedelta()), **order(number, member)))
    async with AsyncExitStack() as stack:
        gates = [
            await stack.enter_async_context(Gate(deployment, home, known))
            for home, known in ((pool, live), (pool, LiveProgrammes()), (other_pool, LiveProgrammes()))
        ]
        works = []
        for turn in range(2):
            shuffled = dice.sample(told, len(told))
            for start in range(0, len(shuffled), 9):
                batch = b"[" + b",".join(shuffled[start : start + 9]) + b"]"
                works.append(gates[(start // 9 + turn) % 3].batch(batch))
        answers = await asyncio.gather(*works)
    kinds = [item.outcome for answer in answers if isinstance(answer, list) for item in answer]  # pyright: ignore
    assert len(kinds) == 2 * len(told) and set(kinds) <= {"accepted", "duplicate", "parked"}
    assert await rows(pool, "SELECT count(*) FROM inbox_event") == [(len(told),)]
    assert await rows(pool, "SELECT count(*) FROM inbox_parked WHERE state = 'waiting'") == [(0,)]
    base = "SELECT count(*), sum(promised)::int, sum(points)::int FROM ledger_grant WHERE rule = 'base'"
    assert await rows(pool, base) == [(120, 1_200, 720)]
    invited = "SELECT count(*), sum(points)::int FROM ledger_grant WHERE rule = 'invitation'"
    # Two who invited each other are a ring, of which one invitation is left.
    assert await rows(pool, invited) == [(6, 600)]
    await audit(pool)


async def test_the_night_the_shops_and_the_refunds_at_once(
    pool: Pool, other_pool: Pool, live: LiveProgrammes, deployment: Settings
) -> None:
    """Settlement twice, expiry, hold sweep, holds, captures, releases, refunds: of the same members, all at once."""
    dice = Random(20260205)
    gate_work: list[bytes] = []
    async with Gate(deployment, pool, live) as gate:
        told = [
            raw("order.paid", f"p{n}", moment(0, timedelta(minutes=n)), **order(n, MEMBERS[n % 12])) for n in range(96)
        ]
        await gate.batch(b"[" + b",".join(told) + b"]")
    for n in range(0, 96, 2):
        back = {"refund_id": f"r{n}", "refund_fen": 500, "order_id": f"o{n}", "member_id": MEMBERS[n % 12]}
        gate_work.append(raw("order.refunded", f"r{n}", moment(1, timedelta(minutes=n)), **back))
    now = stamp(SETTLED_ON)

    async def prepare(conn: Connection) -> None:
        for number, member in enumerate(MEMBERS):
            for lapses, points in ((SETTLED_ON, 7), (UNTIL, 40)):
                await ledger.adjust(
                    conn, stamp(PAID_ON), member, "points", points, f"a{lapses}", reason="start", expires_on=lapses
                )
            for place in range(3):
                hold_id = UUID(int=number * 10 + place)
                lapses_at = now.at + timedelta(minutes=-1 if place == 2 else 30)
                await ledger.hold(conn, stamp(PAID_ON), member, "points", 4, hold_id, lapses_at)

    await in_transaction(pool, prepare)
    works: list[Callable[[], Awaitable[Any]]] = []

    def at_once(work: Callable[..., Awaitable[Any]], *args: Any, **named: Any) -> None:
        works.append(lambda: in_transaction(dice_pool(), lambda conn: work(conn, now, *args, **named)))

    def dice_pool() -> Pool:
        return pool if dice.random() < 0.5 else other_pool

    for number, member in enumerate(MEMBERS):
        at_once(ledger.capture, member, UUID(int=number * 10))
        at_once(ledger.capture, member, UUID(int=number * 10), 3)
        at_once(ledger.release, member, UUID(int=number * 10 + 1))
        at_once(ledger.capture, member, UUID(int=number * 10 + 1), 2)
        for place in range(3, 6):
            lapses_at = now.at + timedelta(minutes=30)
            at_once(ledger.hold, member, "points", 15, UUID(int=number * 10 + place), lapses_at)
            at_once(ledger.spend, member, "points", 6, f"s{place}")

    def clock() -> Any:
        return now.at

    works += [lambda: sweep(pool, "settle", SETTLED_ON, clock), lambda: sweep(other_pool, "settle", SETTLED_ON, clock)]
    works += [lambda: sweep(pool, "expire", SETTLED_ON, clock), lambda: sweep(other_pool, "expire", SETTLED_ON, clock)]
    works += [lambda: release_holds(pool, clock, SHANGHAI), lambda: release_holds(other_pool, clock, SHANGHAI)]
    async with Gate(deployment, pool, live) as gate, Gate(deployment, other_pool, LiveProgrammes()) as second:
        works += [partial((gate, second)[n % 2].one, body) for n, body in enumerate(gate_work)]
        dice.shuffle(works)
        done = await asyncio.gather(*(work() for work in works), return_exceptions=True)
    refusals = (ledger.HoldClosed, ledger.InsufficientPoints)
    assert [found for found in done if isinstance(found, BaseException) and not isinstance(found, refusals)] == []
    await audit(pool)
    # Of each pair that wanted the same hold, one had it; the holds whose time was over were freed.
    states = (
        "SELECT state, count(*) FROM ledger_hold WHERE right(hold_id::text, 1) <> '' AND created_at < %s GROUP BY 1"
    )
    before = await in_transaction(pool, lambda conn: fetch_all(conn, states, (now.at,)))
    assert sum(count for _, count in before) == 36 and not [state for state, _ in before if state == "held"]
    # Nothing was lost or made: what came in is what is there, or left by a door that is named.
    flows = dict(
        await rows(
            pool,
            "SELECT d, sum(p)::int FROM (SELECT from_account::text d, points p FROM ledger_movement UNION ALL "
            "SELECT to_account::text, -points FROM ledger_movement) AS f GROUP BY d",
        )
    )
    [(available, held, debt)] = await rows(
        pool, "SELECT sum(available)::int, sum(held)::int, sum(debt)::int FROM ledger_balance"
    )
    assert sum(flows.values()) == 0
    assert (flows["available"], flows.get("held", 0), flows.get("owed", 0)) == (-available, -held, debt)
    [(promised, points, reversed_)] = await rows(
        pool, "SELECT sum(promised)::int, sum(points)::int, sum(reversed)::int FROM ledger_grant"
    )
    # Half of each second order came back, before its settlement or after it: no point twice, none not at all.
    assert (promised, points - reversed_) == (960, 960 - 48 * 5)
    assert flows["issued"] == points and flows.get("reversed", 0) == -reversed_
    assert flows["adjusted"] == 12 * 47
    runs = await rows(pool, "SELECT kind, members, items, points FROM ledger_run ORDER BY kind DESC")
    assert [run[0] for run in runs] == ["settle", "expire"]
    assert runs[0][1:] == (12, 96, points)
    assert runs[1][3] == -flows.get("expired", 0)


async def test_fifty_spends_with_one_key_spend_once(pool: Pool) -> None:
    now = stamp(PAID_ON)
    await in_transaction(
        pool, lambda c: ledger.adjust(c, now, "m1", "points", 100, "a", reason="start", expires_on=UNTIL)
    )

    async def spend(conn: Connection) -> tuple[bytes, bool]:
        async def work() -> bytes:
            account = await ledger.spend(conn, now, "m1", "points", 3, "s1")
            return b"%d" % account.spendable

        return await ledger.once(conn, "m1", "s1", b"digest", now.at, work)

    told = await all_of([spend] * 50, pool)
    assert sorted(told) == [(b"97", False)] * 49 + [(b"97", True)]  # pyright: ignore[reportArgumentType]
    assert await rows(pool, "SELECT available, version FROM ledger_balance") == [(97, 2)]
    await audit(pool)


async def test_of_sixty_four_holds_as_many_win_as_fit(pool: Pool) -> None:
    """Points for ten, in lots of uneven size, so that holds rest on two."""
    now = stamp(PAID_ON)

    async def credit(conn: Connection) -> None:
        for points, until in ((17, date(2026, 3, 1)), (33, UNTIL), (4, PAID_ON)):
            await ledger.adjust(conn, now, "m1", "points", points, f"a{until}", reason="start", expires_on=until)

    await in_transaction(pool, credit)
    lapses_at = now.at + timedelta(minutes=30)
    hold = partial(ledger.hold, stamp=now, member_id="m1", wallet="points", points=5, lapses_at=lapses_at)
    works = [partial(hold, hold_id=UUID(int=number)) for number in range(64)]
    told = await all_of(works, pool)
    refused = [found for found in told if isinstance(found, ledger.InsufficientPoints)]
    assert len(refused) == 54 and len([found for found in told if isinstance(found, ledger.Hold)]) == 10
    assert all(found.fields["wanted"] == 5 and found.fields["available"] < 5 for found in refused)
    assert await rows(pool, "SELECT available, held FROM ledger_balance") == [(4, 50)]
    await audit(pool)
