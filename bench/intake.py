"""P1, P2 and P8: events over HTTP, one a request and in batches of 500, and the memory of who takes them."""

from __future__ import annotations

from collections.abc import Callable

import psycopg

from bench import floors
from bench.rules import live_rules
from bench.world import HERE, KEY, Figure, Load, World, median, wrk

ROUNDS = 3
SECONDS = 6
MILLION = 1_000_000
MOST_TURNS = 15
"""Ten seconds each: a slow machine tells how far it came, and the figure is not met."""


def publish_rules(url: str) -> None:
    """The programme of 50 live rules, of which the load's orders meet two; and the bench's key."""
    publish_document(url, live_rules(50))


def publish_document(url: str, document: bytes) -> None:
    """A programme, and the bench's key."""
    import asyncio
    from datetime import UTC, datetime

    from linli import access
    from linli.flows.publish import publish
    from linli.kit.db import make_pool

    async def work() -> None:
        pool = make_pool(url)
        await pool.open()
        async with pool.connection() as conn, conn.transaction():
            now = datetime.now(UTC)
            await publish(conn, document, now=now, by="bench", effective_from=None)
            await access.ensure_key(conn, KEY, "bench", access.SCOPES, now=now)
        await pool.close()

    asyncio.run(work())


def events_in(url: str) -> int:
    """How many events the database holds."""
    with psycopg.connect(url) as conn:
        row = conn.execute("SELECT count(*) FROM inbox_key").fetchone()
        assert row is not None
        return row[0]


def load(base: str, prefix: str, *, connections: int, batch: int, members: int, seconds: int = SECONDS) -> Load:
    """Orders by wrk."""
    script = HERE / "lua/events.lua"
    return wrk(base + "/v1/events", script, connections=connections, seconds=seconds,
               arguments=(prefix, str(members), str(batch)))  # fmt: skip


def run(world: World, tell: Callable[[str], None], *, workers: int) -> list[Figure]:
    """P1, P2, P8 against the floors, taken in turn."""
    url = world.database("intake")
    publish_rules(url)
    singles: list[float] = []
    bulks: list[float] = []
    floor_single: list[float] = []
    floor_bulk: list[float] = []
    errors = 0
    p99 = 0.0
    sizes: list[tuple[int, float]] = []
    with world.api("intake", workers=workers) as api:
        load(api.base, "warm", connections=64, batch=1, members=floors.MEMBERS, seconds=3)
        for turn in range(ROUNDS):
            tell(f"P1 floor {turn + 1}/{ROUNDS}")
            floor_single.append(floors.single(world, seconds=3))
            tell(f"P1 events {turn + 1}/{ROUNDS}")
            runs = [
                load(api.base, f"s{turn}-{c}", connections=c, batch=1, members=floors.MEMBERS, seconds=SECONDS // 2)
                for c in (64, 128, 256)
            ]
            best = max(runs, key=lambda one: one.per_second)
            singles.append(best.per_second)
            errors += sum(one.errors for one in runs)
            p99 = max(p99, best.p99_ms)
        for turn in range(ROUNDS):
            tell(f"P2 floor {turn + 1}/{ROUNDS}")
            floor_bulk.append(floors.bulk(world))
            tell(f"P2 batches {turn + 1}/{ROUNDS}")
            one = load(api.base, f"b{turn}", connections=6, batch=500, members=floors.MEMBERS)
            bulks.append(one.per_second * 500)
            errors += one.errors
            sizes.append((events_in(url), api.rss_mb()))
        turn = 0
        while sizes[-1][0] < MILLION and turn < MOST_TURNS:
            tell(f"P8 {sizes[-1][0]:,} events")
            one = load(api.base, f"m{turn}", connections=6, batch=500, members=floors.MEMBERS, seconds=10)
            errors += one.errors
            sizes.append((events_in(url), api.rss_mb()))
            turn += 1
    assert errors == 0, f"{errors} requests failed"
    one_ratio = median([ours / floor for ours, floor in zip(singles, floor_single, strict=True)])
    bulk_ratio = median([ours / floor for ours, floor in zip(bulks, floor_bulk, strict=True)])
    largest = max(size for _, size in sizes)
    return [
        Figure("P1 one event a request", f"{median(singles):,.0f}/s (p99 {p99:.0f} ms)",
               f"SQL floor, single {median(floor_single):,.0f}/s", one_ratio, "≥ 1.0", one_ratio >= 1.0),
        Figure("P2 batches of 500", f"{median(bulks):,.0f}/s", f"SQL floor, bulk {median(floor_bulk):,.0f}/s",
               bulk_ratio, "≥ 0.6", bulk_ratio >= 0.6),
        Figure("P8 memory of the API", f"{largest:.0f} MB after {sizes[-1][0]:,} events", "200 MB", largest / 200,
               "< 1.0", largest < 200 and sizes[-1][0] >= MILLION, raw={"events_and_mb": sizes}),
    ]  # fmt: skip
