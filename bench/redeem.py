"""P5: carts quoted, and orders paid with points, over HTTP; and the best split of a cart of 200 lines."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import date

from bench.intake import publish_document
from bench.world import HERE, Api, Figure, Load, World, median, wrk
from linli import rules
from linli.kit.resources import resource

ROUNDS = 3
SECONDS = 3
MEMBERS = 50_000
POINTS = 100_000
LEAST = 3_000
QUOTE_MS, REDEEM_MS, SPLIT_MS = 5.0, 15.0, 20.0
LINES = 200
_QUOTE = "/v1/members/m%d/deductions/quote"
_REDEEM = "/v1/members/m%d/deductions/redeem"


def run(world: World, tell: Callable[[str], None]) -> list[Figure]:
    """Highest load first, then both at half of it."""
    url = world.database("redeem")
    publish_document(url, (resource("presets") / "fresh-life.yaml").read_bytes())
    _fill(world)
    with world.api("redeem") as api:
        _load(api, _REDEEM, "warm", connections=64, lines=2)
        best: list[float] = []
        for turn in range(ROUNDS):
            tell(f"P5 redeem {turn + 1}/{ROUNDS}")
            best.append(max(_load(api, _REDEEM, f"r{turn}-{c}", connections=c, lines=2).per_second for c in (64, 128)))
        tell("P5 quotes")
        quotes = max(_load(api, _QUOTE, "", connections=c, lines=10).per_second for c in (16, 32))
        tell("P5 at half load")
        redeem = _at_half(api, _REDEEM, "h", median(best), lines=2)
        quote = _at_half(api, _QUOTE, "", quotes, lines=10)
    tell("P5 split")
    split = _split_ms()
    per_second = median(best)
    return [
        Figure("P5 orders paid with points", f"{per_second:,.0f}/s", f"{LEAST:,}/s", per_second / LEAST, "≥ 1.0",
               per_second >= LEAST),
        _within("P5 redeem at half load, p99", redeem, REDEEM_MS),
        _within("P5 quote of 10 lines at half load, p99", quote, QUOTE_MS),
        Figure(f"best split of {LINES} lines at 30 rates", f"{split:.1f} ms", f"{SPLIT_MS:.0f} ms", split / SPLIT_MS,
               "≤ 1.0", split <= SPLIT_MS),
    ]  # fmt: skip


def _within(name: str, load: Load, most_ms: float) -> Figure:
    value = f"{load.p99_ms:.1f} ms ({load.per_second:,.0f}/s)"
    return Figure(name, value, f"{most_ms:.0f} ms", load.p99_ms / most_ms, "≤ 1.0", load.p99_ms <= most_ms)


def _load(api: Api, path: str, prefix: str, *, connections: int, lines: int) -> Load:
    arguments = (path, prefix, str(MEMBERS), str(lines))
    load = wrk(api.base, HERE / "lua/redeem.lua", connections=connections, seconds=SECONDS, arguments=arguments)
    assert load.errors == 0, f"{load.errors} requests failed"
    return load


def _at_half(api: Api, path: str, prefix: str, best: float, *, lines: int) -> Load:
    """The load with the fewest connections that comes to half of the best: wrk sends as fast as it is answered."""
    for connections in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32):
        load = _load(api, path, prefix and f"{prefix}-{connections}", connections=connections, lines=lines)
        if load.per_second >= best / 2:
            return load
    return load


def _fill(world: World) -> None:
    """Members with points, as settlements leave them. Nobody has deducted before: the first time brings a bonus."""
    world.sql(
        "redeem",
        f"""INSERT INTO members_member (member_id, city, profile_at, enrolled_at)
            SELECT 'm' || n, 'wuhu', now(), now() FROM generate_series(1, {MEMBERS}) AS n""",
        f"""INSERT INTO ledger_balance (member_id, wallet, available, version)
            SELECT 'm' || n, 'points', {POINTS}, 1 FROM generate_series(1, {MEMBERS}) AS n""",
        f"""INSERT INTO ledger_lot (member_id, wallet, expires_on, funder, points, remaining)
            SELECT 'm' || n, 'points', current_date + 30 * part, 'platform', {POINTS // 2}, {POINTS // 2}
            FROM generate_series(1, {MEMBERS}) AS n, generate_series(1, 2) AS part""",
        "ANALYZE",
    )


def _split_ms() -> float:
    """The slowest of many carts: every line of another price and goods, every other rate an odd one."""
    names = {"zh": "一", "en": "a"}
    odd = random.Random(5)
    rates = tuple(
        rules.Rate(id=f"r{n}", name=rules.Name(**names), points=odd.randint(50, 200), fen=odd.randint(60, 200),
                   tags=(f"t{n}",)) for n in range(30)
    )  # fmt: skip
    policy = rules.DeductionPolicy(rates=rates, pick="first", line_cap_percent=30, order_cap_percent=25)
    shopper = rules.Shopper(date(2026, 11, 21))
    slowest = 0.0
    for _ in range(60):
        cart = [
            rules.Goods(odd.randint(1, 9_999), f"s{n}", tags=(f"t{odd.randint(0, 40)}",)) for n in range(LINES)
        ]  # fmt: skip
        points = odd.randint(1, 400_000)
        began = time.perf_counter()
        rules.split_cart(policy, cart, shopper, points=points)
        slowest = max(slowest, (time.perf_counter() - began) * 1_000)
    return slowest
