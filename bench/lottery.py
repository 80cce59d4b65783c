"""Draws of one campaign, one a request: a wheel that all turn at once, and wallets that pay for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import Request, urlopen

from bench.intake import publish_rules
from bench.world import HERE, KEY, Figure, World, median, wrk
from linli.kit.audit import checks_in, run_audit
from linli.kit.db import make_pool
from linli.kit.resources import resource

MEMBERS = 20_000
ROUNDS, SECONDS = 3, 4
LEAST = 1_000
_ODDS = {"p500": 8_000, "p200": 20_000, "p100": 70_000, "p50": 150_000, "p20": 250_000, "p5": 202_000}
FILL = (
    "INSERT INTO members_member SELECT 'm' || i, 'elsewhere', 'l1', 'c1', '2026-01-01', NULL, now() {members}",
    "INSERT INTO ledger_balance SELECT 'm' || i, 'points', 1000000, 0, 0, 1 {members}",
    "INSERT INTO ledger_lot SELECT 'm' || i, 'points', '2099-10-01', 'platform', 1000000, 1000000, 0 {members}",
    """INSERT INTO ledger_movement SELECT 'm' || i, 'points', 1, current_date, now(), 'adjust', 'adjusted',
       'available', 1000000, 1000000, 'fill' {members}""",
    "VACUUM ANALYZE members_member, ledger_balance, ledger_lot, ledger_movement",
)


def run(world: World, tell: Callable[[str], None]) -> list[Figure]:
    """The reference and ours, taken in turn; afterwards the audit must find nothing."""
    url = world.database("lottery")
    publish_rules(url)
    for statement in FILL:
        world.sql("lottery", statement.format(members=f"FROM generate_series(1, {MEMBERS}) i"))
    world.database("lottery_floor", migrated=False)
    world.sql("lottery_floor", (HERE / "sql/draw.sql").read_text())
    ours: list[float] = []
    floor: list[float] = []
    p99 = 0.0
    with world.api("lottery") as api:
        campaign = _publish(api.base)
        for turn in range(ROUNDS + 1):
            tell(f"draws {turn}/{ROUNDS}")
            one = wrk(api.base, HERE / "lua/draws.lua", connections=128, seconds=SECONDS,
                      arguments=(campaign, str(MEMBERS), f"w{turn}x"))  # fmt: skip
            assert one.errors == 0, f"{one.errors} draws failed"
            if turn:  # the first warms up
                ours.append(one.per_second)
                p99 = max(p99, one.p99_ms)
                floor.append(world.pgbench("lottery_floor", HERE / "sql/draw.pgbench", clients=16, seconds=3))
    found = asyncio.run(_audit(url))
    assert found == [], found
    per_second = median(ours)
    return [
        Figure("draws of one lottery", f"{per_second:,.0f}/s (p99 {p99:.0f} ms)",
               f"one a transaction, bare SQL {median(floor):,.0f}/s", per_second / LEAST, "≥ 1,000/s",
               per_second >= LEAST, raw={"floor": floor})
    ]  # fmt: skip


def _publish(base: str) -> str:
    now = datetime.now(UTC)
    prizes: list[dict[str, Any]] = [
        {
            "prize_id": name,
            "name": {"zh": name, "en": name},
            "kind": "points",
            "odds_ppm": odds,
            "points": int(name[1:]),
        }
        for name, odds in _ODDS.items()
    ]
    prizes.append({"prize_id": "none", "name": {"zh": "谢谢", "en": "none"}, "kind": "nothing", "odds_ppm": 300_000})
    body = {
        "title": {"zh": "转盘", "en": "Wheel"}, "price_points": 100, "prizes": prizes, "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(days=1)).isoformat(),
    }  # fmt: skip
    campaign = _ask(f"{base}/v1/lottery/campaigns", body)["campaign_id"]
    _ask(f"{base}/v1/lottery/campaigns/{campaign}/publish", None)
    return campaign


def _ask(url: str, body: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    request = Request(url, json.dumps(body).encode() if body else b"", headers, method="POST")
    with urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


async def _audit(url: str) -> list[Any]:
    async with make_pool(url) as pool, pool.connection() as conn:
        return await run_audit(conn, checks_in(resource("db") / "audit"))
