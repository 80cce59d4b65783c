"""`linli settle` as processes: two at once for one date, and one stopped by ctrl-C. All is credited exactly once."""

from __future__ import annotations

import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta

import pytest

from linli import ledger
from linli.flows.publish import LiveProgrammes
from linli.gate import Gate
from linli.inbox import Outcome
from linli.kit.audit import checks_in, run_audit
from linli.kit.db import fetch_all, make_pool
from linli.kit.resources import resource
from linli.ledger import Run
from tests.crash.shop import Shop
from tests.crash.world import World, until, waiting

MEMBERS = 120
DUE_ON = date(2026, 6, 2)
LANES = 2
"""Chunks that a sweep has under way at once: so many members have to be locked to stop one."""


@pytest.fixture
async def promised(world: World) -> dict[str, int]:
    """Points of each member that are due on DUE_ON, of two grants each."""
    shop = Shop(seed=6, members=MEMBERS)
    points: dict[str, int] = {}
    for number in range(MEMBERS):
        name = f"m{number:03}"
        paid_fen = shop.rng.randint(100, 50_000)
        shop.event("order.paid", name, order_id=f"o{number}", paid_fen=paid_fen)
        shop.event("vote.cast", name, vote_id=f"v{number}")
        points[name] = paid_fen // 100 + 5
    live = LiveProgrammes()
    async with make_pool(world.url) as pool, Gate(world.settings, pool, live) as gate:
        outcomes = await gate.batch(json.dumps(list(shop.events.values())).encode())
    assert isinstance(outcomes, list)
    assert all(isinstance(one, Outcome) and one.outcome == "accepted" for one in outcomes)
    world.set_clock(shop.now + timedelta(days=1))
    return points


@asynccontextmanager
async def first_members_locked(world: World) -> AsyncIterator[Callable[[int], Awaitable[None]]]:
    """Nobody settles the first members meanwhile. What it gives waits until so many chunks wait for them."""
    async with world.connect() as conn, conn.transaction():
        await conn.execute("SELECT FROM ledger_grant WHERE member_id < %s FOR UPDATE", (f"m{LANES:03}",))

        async def stuck(chunks: int) -> None:
            async def enough() -> bool:
                return await waiting(conn) == chunks

            await until(f"{chunks} chunks wait for the lock", enough)

        yield stuck


async def proved(world: World, promised: dict[str, int]) -> None:
    """Each member has exactly what was promised, the run's figures are exact, and the audit finds nothing."""
    run = await the_run(world)
    assert run.finished_at is not None
    assert (run.members, run.items, run.points) == (MEMBERS, 2 * MEMBERS, sum(promised.values()))
    async with world.connect() as conn:
        assert dict(await fetch_all(conn, "SELECT member_id, available FROM ledger_balance")) == promised
        movements = "SELECT member_id, key FROM ledger_movement WHERE kind = 'settle'"
        rows = await fetch_all(conn, movements)
        assert len(rows) == len(set(rows)) == 2 * MEMBERS
        assert await run_audit(conn, checks_in(resource("db") / "audit")) == []


async def the_run(world: World) -> Run:
    """The run of settlement for DUE_ON."""
    async with world.connect() as conn:
        return await ledger.get_run(conn, "settle", DUE_ON)


async def test_two_at_once_credit_everything_once(world: World, promised: dict[str, int]) -> None:
    """Two processes that know of the same due members, and work on them together, both end well; nothing is twice."""
    async with first_members_locked(world) as stuck:
        processes = [world.settle(DUE_ON) for _ in range(2)]
        await stuck(2 * LANES)
    for process in processes:
        assert process.wait(60) == 0, world.said()
    await proved(world, promised)


async def test_ctrl_c_stops_it_and_the_next_one_goes_on(world: World, promised: dict[str, int]) -> None:
    """SIGINT ends it with 130 after the chunks under way; the next call does the rest, and the one after it nothing."""
    async with first_members_locked(world) as stuck:
        process = world.settle(DUE_ON)
        await stuck(LANES)
        process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130, world.said()
    assert "stopped" in world.said()
    stopped = await the_run(world)
    assert stopped.finished_at is None
    assert 0 < stopped.items < 2 * MEMBERS, "what was under way is done, and no more"
    assert world.settle(DUE_ON).wait(60) == 0, world.said()
    await proved(world, promised)
    assert world.settle(DUE_ON).wait(60) == 0, world.said()
    await proved(world, promised)
