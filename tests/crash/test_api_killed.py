"""`kill -9` of the API with its workers, and of settlement: what was acknowledged stays, and nothing comes twice."""

from __future__ import annotations

import asyncio
import random
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta

import httpx
import pytest

from linli.kit.db import fetch_all, fetch_one
from tests.crash.proof import prove
from tests.crash.shop import LAST, SHANGHAI, Shop
from tests.crash.world import World, alive, kill_group, until

ROUNDS = 20
SENDERS = 8
SEED = 20260601


@pytest.mark.slow
async def test_what_was_acknowledged_outlives_twenty_kills(world: World) -> None:
    """Every acknowledged event and posting is there once, though API and sweeps are killed in the middle of them.

    Twenty times all processes of the API get SIGKILL at a random moment under load, every fourth time together with
    `linli settle` that is in the middle of its chunks, every fourth time with one at a random place. Whatever was not
    acknowledged is sent again, and some of what was.
    """
    chance = random.Random(SEED)
    shop = Shop(SEED)
    unfinished: date | None = None
    killed_within = 0
    for number in range(ROUNDS):
        shop.next_day()
        world.set_clock(shop.now)
        today = SHANGHAI.date_of(shop.now)
        async with world.client() as client:
            await world.serve(client)
            if number == 0:
                await shop.open_accounts(client)
            async with shop.under_load(client, SENDERS):
                sweep: subprocess.Popen[bytes] | None = None
                if unfinished is not None:
                    resumed = world.settle(unfinished)
                    await until("settlement is resumed and done", lambda: resumed.poll() is not None)  # noqa: B023
                    assert resumed.returncode == 0, world.said()
                    unfinished = None
                if number % 4 == 1:
                    async with stuck_sweep(world, shop, client, today) as sweep:
                        await kill_at_random(world, shop, chance, sweep)
                    killed_within += 1
                    unfinished = today
                else:
                    sweep = world.settle(today) if number % 4 == 3 else None
                    if sweep is not None:
                        await until("settlement has begun", lambda: has_begun(world, today))  # noqa: B023
                    await kill_at_random(world, shop, chance, sweep)
    shop.next_day()
    shop.next_day()
    world.set_clock(shop.now)
    async with world.client() as client:
        await world.serve(client)
        await shop.drain(client)
    for on in (unfinished, SHANGHAI.date_of(shop.now)):
        if on is not None:
            assert world.settle(on).wait(60) == 0, world.said()
    async with world.connect() as conn:
        await prove(conn, shop)
    assert killed_within == ROUNDS // 4
    assert "unforeseen" not in world.log.read_text()
    print(f"{ROUNDS} kills: {len(shop.told)} events, {len(shop.postings)} postings, {dict(shop.answers)}")


async def kill_at_random(
    world: World, shop: Shop, chance: random.Random, sweep: subprocess.Popen[bytes] | None
) -> None:
    """SIGKILL to everything, some milliseconds after some more was acknowledged: wherever the requests are by then."""
    enough = shop.acknowledged + chance.randint(20, 300)
    await until("more was acknowledged", lambda: shop.acknowledged >= enough)
    moment = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(chance.uniform(0, 0.05), moment.set_result, None)
    await moment
    assert world.api is not None and world.api.poll() is None, "it lived until now"
    workers = world.workers()
    kill_group(world.api)
    if sweep is not None:
        kill_group(sweep)
    await until("the workers are gone", lambda: not any(alive(worker) for worker in workers))


@asynccontextmanager
async def stuck_sweep(
    world: World, shop: Shop, client: httpx.AsyncClient, today: date
) -> AsyncIterator[subprocess.Popen[bytes]]:
    """`linli settle` that has done some chunks and waits, within the last one, for a lock that the test holds."""
    due = shop.event("vote.cast", LAST, at=shop.now - timedelta(days=1), vote_id=f"due-{today}")
    assert await shop.send(client, [due])
    async with world.connect() as conn, conn.transaction():
        await conn.execute("SELECT FROM ledger_balance WHERE member_id = %s FOR UPDATE", (LAST,))
        sweep = world.settle(today)

        async def stuck() -> bool:
            waiting = (
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
            )
            done = await fetch_one(conn, "SELECT items FROM ledger_run WHERE run_on = %s", (today,))
            assert sweep.poll() is None, world.said()
            return bool(done and done[0]) and await fetch_all(conn, waiting) == [(1,)]

        await until("settlement is in the middle", stuck)
        yield sweep


async def has_begun(world: World, today: date) -> bool:
    """Whether a run of settlement is noted for `today`."""
    async with world.connect() as conn:
        return await fetch_one(conn, "SELECT FROM ledger_run WHERE run_on = %s", (today,)) is not None
