"""`linli back-test` killed with SIGKILL in its middle: the same command goes on, and ends in the same figures."""

from __future__ import annotations

import json
from typing import Any

from linli.flows.publish import LiveProgrammes
from linli.gate import Gate
from linli.kit.db import fetch_all, make_pool
from linli.kit.resources import resource
from tests.crash.shop import Shop
from tests.crash.world import World, kill_group, until

MEMBERS = 60
ALONE = "import linli.flows.back_test as b; b.CHUNK = 1; from linli.cli import main; main()"
"""`linli` with back-tests of one member a chunk: there is a middle to be killed in."""
ASKED = (
    "back-test", str(resource("presets") / "fresh-life.yaml"), "--from", "2026-05-01", "--to", "2026-06-30",
)  # fmt: skip


async def _shopped(world: World) -> None:
    """An order of each member, some given back, each shared by the member before."""
    shop = Shop(seed=4, members=MEMBERS)
    for number in range(MEMBERS):
        name, order = f"m{number:03}", f"o{number}"
        paid_fen = shop.rng.randint(100, 50_000)
        shop.event("order.paid", name, order_id=order, paid_fen=paid_fen)
        shop.event("share.converted", f"m{number - 1:03}", share_id=order, friend_id=name, order_id=order)
        if number % 3 == 0:
            refund_fen = shop.rng.randint(1, paid_fen)
            shop.event("order.refunded", name, order_id=order, refund_id=f"r{number}", refund_fen=refund_fen)
    live = LiveProgrammes()
    async with make_pool(world.url) as pool, Gate(world.settings, pool, live) as gate:
        await gate.batch(json.dumps(list(shop.events.values())).encode())


async def _told(world: World) -> list[Any]:
    async with world.connect() as conn:
        return await fetch_all(
            conn, "SELECT back_test_id, state, members_done, events_done, result::text FROM backtests_run ORDER BY 1"
        )


async def test_killed_it_goes_on_where_it_was(world: World) -> None:
    await _shopped(world)
    assert world.start("-c", ALONE, *ASKED).wait(60) == 0, world.said()
    [whole] = await _told(world)
    killed = world.start("-c", ALONE, *ASKED)

    async def under_way() -> bool:
        return any(state == "running" and members > 5 for _, state, members, *_ in await _told(world))

    await until("some members are done", under_way)
    async with world.connect() as conn, conn.transaction():
        await conn.execute("LOCK TABLE backtests_member IN SHARE MODE")  # its next chunk waits
        kill_group(killed)
    _, left = await _told(world)
    assert (left[1], left[4]) == ("running", None)
    assert 5 < left[2] < MEMBERS
    assert world.start("-c", ALONE, *ASKED).wait(60) == 0, world.said()
    _, done = await _told(world)
    assert done[0] == left[0], "the same one, gone on with"
    assert done[1:] == whole[1:]
    assert json.loads(done[4])["draft"]["points"] > 0
