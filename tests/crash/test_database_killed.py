"""`kill -9` of PostgreSQL under a living API: callers are told to come again, and nothing is lost or done twice."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Awaitable, Callable

import httpx
import pytest

from linli.kit.db import fetch_all
from tests.crash.proof import prove
from tests.crash.shop import SHANGHAI, Shop
from tests.crash.world import World, until

ROUNDS = 10
SENDERS = 8


Death = Callable[[World, Shop, httpx.AsyncClient], Awaitable[None]]


@pytest.mark.slow
async def test_the_api_outlives_ten_deaths_of_the_postmaster(world: World) -> None:
    """The whole server dies ten times; the API, never restarted, refuses with 503 meanwhile and recovers by itself."""

    async def death(world: World, shop: Shop, client: httpx.AsyncClient) -> None:
        os.kill(postmaster(world), signal.SIGKILL)
        refused = shop.refused
        await until("requests are refused", lambda: shop.refused >= refused + 3)
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503
        world.server.start()

    await outlives(world, Shop(seed=2), death)


@pytest.mark.slow
async def test_the_api_outlives_ten_deaths_of_a_backend(world: World) -> None:
    """One of the API's own backends dies ten times, and PostgreSQL takes all others down with it and recovers."""

    async def death(world: World, shop: Shop, client: httpx.AsyncClient) -> None:
        os.kill(await backend(world, shop.rng), signal.SIGKILL)

    await outlives(world, Shop(seed=3), death)


async def outlives(world: World, shop: Shop, death: Death) -> None:
    """The API, under load, goes on after each `death`; at the end nothing is lost, and no worker died of it."""
    async with world.client() as client:
        await world.serve(client)
        await shop.open_accounts(client)
        workers = {process.pid for process in world.workers()}
        async with shop.under_load(client, SENDERS):
            for _ in range(ROUNDS):
                await more(shop, shop.rng.randint(20, 200))
                await death(world, shop, client)
                await more(shop, 50)
        await finish(world, shop, client)
        assert workers == {process.pid for process in world.workers()}, "no worker died of it"
    print(f"{ROUNDS} deaths: {len(shop.told)} events, {len(shop.postings)} postings, {dict(shop.answers)}")


def postmaster(world: World) -> int:
    """The pid of the server, which the test started."""
    return int((world.server.data / "postmaster.pid").read_text().splitlines()[0])


async def backend(world: World, chance: random.Random) -> int:
    """The pid of a backend that serves the API, one at work if there is one."""
    query = (
        "SELECT pid, state FROM pg_stat_activity WHERE application_name = 'linli' AND datname = current_database() "
        "ORDER BY pid"
    )
    async with world.connect() as conn:
        rows = await fetch_all(conn, query)
    return chance.choice([pid for pid, state in rows if state != "idle"] or [pid for pid, _ in rows])


async def more(shop: Shop, number: int) -> None:
    """Wait until `number` more was acknowledged."""
    enough = shop.acknowledged + number
    await until("more was acknowledged", lambda: shop.acknowledged >= enough or bool(shop.faults))
    assert shop.faults == []


async def finish(world: World, shop: Shop, client: httpx.AsyncClient) -> None:
    """Have everything acknowledged and settled, and prove it."""
    await shop.drain(client)
    shop.next_day()
    shop.next_day()
    world.set_clock(shop.now)
    sweep = world.settle(SHANGHAI.date_of(shop.now))
    await until("settlement is done", lambda: sweep.poll() is not None)
    assert sweep.returncode == 0, world.said()
    async with world.connect() as conn:
        await prove(conn, shop)
    assert "unforeseen" not in world.log.read_text(), world.said()
