"""`kill -9` of the API amid orders of the mall: each request is one order or none, and no piece is sold twice."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import httpx

from linli.kit.audit import checks_in, run_audit
from linli.kit.db import fetch_all, make_pool
from linli.kit.resources import resource
from linli.ledger import Stamp, adjust
from linli.members import Sighting, enrol
from tests.crash.shop import NOON, SHANGHAI
from tests.crash.world import World, kill_group, until
from tests.mall.goods import TISSUES

KILLS, MEMBERS, REQUESTS, PIECES = 4, 40, 400, 300
CASH_FEN = 200


async def test_orders_outlive_kills(world: World) -> None:
    """Two items, one of them for points and cash; requests are sent again until they are answered, whoever dies."""
    world.environment |= {"LINLI_PAYMENTS": "fake"}
    chance = random.Random(7)
    names = [f"m{number:02}" for number in range(MEMBERS)]
    stamp = Stamp(at=NOON, on=SHANGHAI.date_of(NOON), actor="test")
    async with make_pool(world.url) as pool, pool.connection() as conn:
        await enrol(conn, [Sighting(name, NOON) for name in names], NOON)
        for name in names:
            await adjust(conn, stamp, name, "points", 800, "start", reason="start", expires_on=stamp.on.replace(2027))
    answers: dict[int, Any] = {}
    items: list[str] = []
    for number in range(KILLS + 1):
        async with world.client() as client:
            await world.serve(client)
            if not items:
                items += [await _put_up(client, 0), await _put_up(client, CASH_FEN)]
            wanted = [n for n in range(REQUESTS) if n not in answers or n % 10 == 0]
            chance.shuffle(wanted)
            sent = asyncio.create_task(_send(client, wanted, names, items, answers))
            if number == KILLS:
                await sent
                break
            enough = len(answers) + 40
            await until("some are answered", lambda: sent.done() or len(answers) >= enough)  # noqa: B023
            assert world.api is not None
            kill_group(world.api)
            await sent
    assert len(answers) == REQUESTS
    ordered = [told for told in answers.values() if "order_id" in told]
    refused = {told["code"] for told in answers.values() if "order_id" not in told}
    assert refused <= {"insufficient_points", "stock_exhausted"}
    assert len({told["order_id"] for told in ordered}) == len(ordered) > 250
    async with world.connect() as conn:
        kept = await fetch_all(conn, "SELECT order_id::text FROM mall_order")
        assert {order_id for (order_id,) in kept} == {told["order_id"] for told in ordered}
        stock = await fetch_all(conn, "SELECT total - reserved - sold FROM mall_stock")
        assert sum(left for (left,) in stock) == 2 * PIECES - len(ordered)
        assert await run_audit(conn, checks_in(resource("db") / "audit")) == []
    assert "unforeseen" not in world.log.read_text()


async def _put_up(client: httpx.AsyncClient, price_fen: int) -> str:
    made = await client.post("/v1/mall/items", json={**TISSUES, "total": PIECES, "price_fen": price_fen})
    assert made.status_code == 201, made.text
    item_id = made.json()["item_id"]
    assert (await client.post(f"/v1/mall/items/{item_id}/list")).status_code == 200
    return item_id


async def _send(
    client: httpx.AsyncClient, wanted: list[int], names: list[str], items: list[str], answers: dict[int, Any]
) -> None:
    """Sixteen at a time; what is not answered is left for the next round. A second answer is the first."""
    places = asyncio.Semaphore(16)

    async def one(number: int) -> None:
        body, key = {"item_id": items[number % 2]}, {"idempotency-key": f"r{number}"}
        async with places:
            try:
                path = f"/v1/members/{names[number % MEMBERS]}/mall/orders"
                answer = await client.post(path, json=body, headers=key)
            except httpx.TransportError:
                return
        if answer.status_code == 503:
            return
        told = answer.json()
        known = answers.setdefault(number, told)
        if answer.status_code == 201:
            assert known.get("order_id") == told["order_id"], (known, told)
        else:
            # Refused before, it may be refused again; what was ordered once is never refused.
            assert answer.status_code == 409 and "order_id" not in known, (known, told)

    await asyncio.gather(*(one(number) for number in wanted))
