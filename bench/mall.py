"""P6: one hot item of the mall. 500 buyers at once on 100 pieces, then orders a second as long as there are pieces."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime

import httpx

from bench.world import HERE, KEY, Figure, Load, World, median, wrk
from linli import access, ledger, mall, members
from linli.flows.publish import publish
from linli.kit.db import Connection, in_transaction, make_pool
from linli.kit.resources import resource

MEMBERS = 20_000
POINTS = 1_000_000
BUYERS, PIECES = 500, 100
ROUNDS, SECONDS = 3, 5
CONNECTIONS = 128
LEAST = 1_000.0
_PART = 1_000


def run(world: World, tell: Callable[[str], None], *, workers: int) -> list[Figure]:
    """The rush by 500 connections at once, and the flow by wrk, on one item each."""
    url = world.database("mall")
    tell("P6 members")
    rush, flow = asyncio.run(_furnish(url))
    with world.api("mall", workers=workers) as api:
        tell("P6 500 buyers on 100 pieces")
        told = asyncio.run(_rush(api.base, rush))
        loads: list[Load] = []
        for turn in range(ROUNDS):
            tell(f"P6 orders {turn + 1}/{ROUNDS}")
            arguments = (f"r{turn}", str(MEMBERS), flow)
            script = HERE / "lua/mall.lua"
            loads.append(wrk(api.base, script, connections=CONNECTIONS, seconds=SECONDS, arguments=arguments))
    sold = world.sql("mall", f"SELECT sold FROM mall_stock WHERE item_id = '{rush}'")[0][0]
    went = world.sql("mall", f"SELECT sold FROM mall_stock WHERE item_id = '{flow}'")[0][0]
    rate = median([load.per_second for load in loads])
    errors, asked = sum(load.errors for load in loads), sum(load.requests for load in loads)
    assert went >= asked - errors, "whoever was told of an order has one"
    return [
        Figure("P6 500 buyers at once on 100 pieces", f"{sold} sold, {told[201]} told so", f"{PIECES}", sold / PIECES,
               "= 1.0", sold == told[201] == PIECES and sum(told.values()) == BUYERS),
        Figure("P6 orders of one hot item", f"{rate:,.0f}/s, p99 {max(load.p99_ms for load in loads):.0f} ms",
               f"{LEAST:,.0f}/s", rate / LEAST, "≥ 1.0", rate >= LEAST and not errors, raw={"errors": errors}),
    ]  # fmt: skip


async def _furnish(url: str) -> tuple[str, str]:
    """A programme, the key, members with points, and two items: of 100 pieces, and of as many as anybody wants."""
    now = datetime.now(UTC)
    async with make_pool(url) as pool:

        async def found(conn: Connection) -> tuple[str, str]:
            await publish(
                conn, (resource("presets") / "neighbours.yaml").read_bytes(), now=now, by="bench", effective_from=None
            )
            await access.ensure_key(conn, KEY, "bench", access.SCOPES, now=now)
            return await _item(conn, PIECES, now), await _item(conn, 1_000_000_000, now)

        items = await in_transaction(pool, found)
        for start in range(1, MEMBERS + 1, _PART):
            names = [f"m{number}" for number in range(start, start + _PART)]
            await in_transaction(pool, lambda conn, names=names: _enrol(conn, names, now))
    return items


async def _item(conn: Connection, total: int, now: datetime) -> str:
    terms = mall.ItemTerms(
        title=mall.Words("抽纸", "Tissues"), category="daily", price_points=10, worth_fen=990, cost_fen=300
    )
    made = await mall.add_item(conn, terms, total, by="bench", at=now, reason="bench")
    await mall.move_item(conn, made.item_id, "listed", by="bench", at=now)
    return str(made.item_id)


async def _enrol(conn: Connection, names: list[str], now: datetime) -> None:
    await members.enrol(conn, [members.Sighting(name, now) for name in names], now)
    stamp = ledger.Stamp(at=now, on=now.date())
    for name in names:
        await ledger.adjust(
            conn, stamp, name, "points", POINTS, "bench", reason="bench", expires_on=date(now.year + 1, 12, 1)
        )


async def _rush(base: str, item_id: str) -> Counter[int]:
    """How each of the buyers was answered, by HTTP status."""
    limits = httpx.Limits(max_connections=BUYERS, max_keepalive_connections=BUYERS)
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(base_url=base, headers=headers, limits=limits, timeout=60) as client:

        async def buy(number: int) -> int:
            own = {"Idempotency-Key": f"rush-{number}"}
            path = f"/v1/members/m{number + 1}/mall/orders"
            return (await client.post(path, json={"item_id": item_id}, headers=own)).status_code

        return Counter(await asyncio.gather(*(buy(number) for number in range(BUYERS))))
