"""Refunds of orders with fifty lines by HTTP, one a request: by line, then all that is left; credited or not."""

from __future__ import annotations

import asyncio
import http.client
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

import msgspec

from bench.world import KEY, Figure, World
from linli import access
from linli.flows.publish import publish
from linli.flows.sweep import sweep
from linli.kit.db import Connection, in_transaction, make_pool
from linli.kit.resources import resource

ORDERS = 400
LINES = 50
MOST_MS = 15.0
_PAID = "2026-11-20T04:00:00Z"
_REFUNDED = "2026-11-21T04:00:00Z"


def run(world: World, tell: Callable[[str], None]) -> list[Figure]:
    """Two refunds an order: one of a part of each line, one of the rest, which leaves nothing of the order."""
    url = world.database("refunds")
    asyncio.run(_publish(url))
    taken: list[float] = []
    with world.api("refunds") as api:
        client = http.client.HTTPConnection(urlsplit(api.base).netloc, timeout=30)
        for half in range(2):
            tell(f"refunds {half + 1}/2")
            numbers = range(half * ORDERS // 2, (half + 1) * ORDERS // 2)
            for start in numbers[::50]:
                _send(client, [_order(number) for number in range(start, start + 50)])
            if half:
                asyncio.run(_settle(url))
            for part in (True, False):
                taken += [_send(client, [_refund(number, part=part)]) for number in numbers]
    taken.sort()
    p99, middle = taken[len(taken) * 99 // 100], taken[len(taken) // 2]
    return [
        Figure("refund of an order with 50 lines, p99", f"{p99:.1f} ms (median {middle:.1f} ms)", f"{MOST_MS:.0f} ms",
               p99 / MOST_MS, "≤ 1.0", p99 <= MOST_MS)
    ]  # fmt: skip


def _send(client: http.client.HTTPConnection, events: list[dict[str, object]]) -> float:
    """Milliseconds until the answer; every event must have been taken in."""
    body = msgspec.json.encode(events)
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/cloudevents-batch+json"}
    began = time.perf_counter()
    client.request("POST", "/v1/events", body, headers)
    answer = client.getresponse()
    told = answer.read()
    took = (time.perf_counter() - began) * 1000
    assert answer.status == 200, told
    assert told.count(b'"outcome":"accepted"') == len(events), told[:2_000]
    return took


def _event(kind: str, name: str, at: str, **data: object) -> dict[str, object]:
    return {"specversion": "1.0", "id": name, "source": "bench", "type": kind, "time": at, "data": data}


def _order(number: int) -> dict[str, object]:
    kinds = ("fresh", "daily_goods", "other")
    lines = [
        {"sku": f"s{n}", "line_id": f"l{n}", "paid_fen": 1_000 + n, "category": kinds[n % 3]} for n in range(LINES)
    ]  # fmt: skip
    paid = sum(1_000 + n for n in range(LINES))
    about = {"member_id": f"m{number}", "order_id": f"o{number}", "paid_fen": paid, "lines": lines}
    return _event("order.paid", f"paid-{number}", _PAID, **about)


def _refund(number: int, *, part: bool) -> dict[str, object]:
    fen = [300 if part else 700 + n for n in range(LINES)]
    lines = [{"line_id": f"l{n}", "refund_fen": fen[n]} for n in range(LINES)]
    name = f"{'part' if part else 'rest'}-{number}"
    about = {"member_id": f"m{number}", "order_id": f"o{number}", "refund_id": name, "refund_fen": sum(fen)}
    return _event("order.refunded", name, _REFUNDED, **about, lines=lines)


async def _publish(url: str) -> None:
    document = (resource("presets") / "fresh-life.yaml").read_bytes()

    async def work(conn: Connection) -> None:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        await publish(conn, document, now=now, by="bench", effective_from=None)
        await access.ensure_key(conn, KEY, "bench", access.SCOPES, now=now)

    async with make_pool(url) as pool:
        await in_transaction(pool, work)


async def _settle(url: str) -> None:
    async with make_pool(url, max_size=4) as pool:
        await sweep(pool, "settle", date(2026, 11, 21), lambda: datetime(2026, 11, 21, 1, tzinfo=UTC))
