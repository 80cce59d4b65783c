"""P4: settlement of a million grants, expiry of a million lots, against the same posting set-wise."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Callable
from datetime import UTC, date, datetime

import msgspec

from bench import floors
from bench.world import Figure, World
from linli.flows.publish import publish
from linli.flows.sweep import sweep
from linli.kit.db import in_transaction, make_pool
from linli.ledger import SweepKind

ON = date(2026, 11, 22)
LAPSED = date(2027, 11, 21)

GRANTS = f"""
INSERT INTO ledger_grant (member_id, key, wallet, promised, points, rule, rule_version, funder, occurred_at, earned_on,
                          settle_on, expires_on, event_type, source, event_id, order_id, device_key)
SELECT 'm' || i, 'order:o' || i || ':base', 'points', 30, 30, 'base', 1, 'platform', now(), '2026-11-21',
       '{ON}', '{LAPSED}', 'order.paid', 'shop', 'e' || i, 'o' || i, i / 3
FROM generate_series(1, {floors.MEMBERS}) i ORDER BY md5(i::text)
"""  # in no order, as orders arrive


# Caps that nobody reaches, nearly: a night in which all must be looked at, and next to nothing is cut.
PROGRAMME = msgspec.json.encode(
    {
        "name": "capped",
        "title": {"zh": "封顶", "en": "Capped"},
        "screening": {
            "caps": [
                {"id": "spree", "of": "purchases", "per": "member", "points": 5_000},
                {"id": "farm", "per": "device", "points": 5_000},
            ]
        },
    }
)


def run(world: World, tell: Callable[[str], None]) -> list[Figure]:
    """Settle, then let lapse, a grant of each of a million members; the floor before and after."""
    url = world.database("sweeps")
    tell("P4 a million grants")
    world.sql("sweeps", "INSERT INTO ledger_balance SELECT 'm' || i, 'points' FROM generate_series(1, 1000000) i",
              GRANTS, "VACUUM ANALYZE", "CHECKPOINT")  # fmt: skip
    tell("P4 floor")
    asyncio.run(_publish(url))
    before = floors.bulk(world, rounds=40)
    tell("P4 settle")
    settled, settle_mb = asyncio.run(_sweep(url, "settle", ON))
    tell("P4 floor")
    between = floors.bulk(world, rounds=40)
    tell("P4 expire")
    world.sql("sweeps", "VACUUM ANALYZE ledger_lot, ledger_balance", "CHECKPOINT")
    expired, expire_mb = asyncio.run(_sweep(url, "expire", LAPSED))
    after = floors.bulk(world, rounds=40)
    return [
        _figure("P4 settle 1,000,000 grants", settled, (before + between) / 2, settle_mb),
        _figure("P4 expire 1,000,000 lots", expired, (between + after) / 2, expire_mb),
    ]


async def _publish(url: str) -> None:
    async with make_pool(url) as pool:
        await in_transaction(
            pool, lambda conn: publish(conn, PROGRAMME, now=datetime(2026, 1, 1, tzinfo=UTC), by="bench",
                                       effective_from=None)
        )  # fmt: skip


def _figure(name: str, rate: float, floor: float, grown_mb: float) -> Figure:
    ratio = rate / floor
    return Figure(name, f"{rate:,.0f}/s (memory +{grown_mb:.0f} MB)", f"SQL floor, bulk {floor:,.0f}/s", ratio,
                  "≥ 1.0", ratio >= 1.0)  # fmt: skip


async def _sweep(url: str, kind: SweepKind, on: date) -> tuple[float, float]:
    """(items a second, growth of this process's peak memory in MB)"""
    pool = make_pool(url, max_size=4)
    await pool.open(wait=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    done = await sweep(pool, kind, on, lambda: datetime(2026, 11, 22, 1, tzinfo=UTC))
    seconds = time.perf_counter() - began
    await pool.close()
    assert done.items == floors.MEMBERS, f"{kind} handled {done.items}"
    return done.items / seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) / 1024
