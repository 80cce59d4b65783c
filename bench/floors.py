"""The references: what the same PostgreSQL does when nothing but SQL is in the way."""

from __future__ import annotations

import random
import time
from pathlib import Path

import psycopg

from bench.world import HERE, World

MEMBERS = 1_000_000
BULK_ROWS = 5_000


def make_floor(world: World) -> None:
    """A database with the floor's tables and a million balances."""
    url = world.database("floor", migrated=False)
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute((HERE / "sql/floor.sql").read_text())
        conn.execute(f"INSERT INTO floor_balance SELECT 'm' || i, 0, 0 FROM generate_series(1, {MEMBERS}) i")
        conn.execute("VACUUM ANALYZE floor_balance")


def single(world: World, *, seconds: int) -> float:
    """Earnings a second, one a transaction: the best of 8, 32 and 64 clients."""
    script = Path(HERE / "sql/single.pgbench")
    return max(world.pgbench("floor", script, clients=clients, seconds=seconds) for clients in (8, 32, 64))


def bulk(world: World, *, rounds: int = 12) -> float:
    """Earnings a second, `BULK_ROWS` a statement and transaction, members at random."""
    mark = random.randrange(10**12)
    with psycopg.connect(world.server.url("floor"), autocommit=True) as conn:
        began = time.perf_counter()
        for turn in range(rounds):
            members = [f"m{random.randint(1, MEMBERS)}" for _ in range(BULK_ROWS)]
            causes = [f"b{mark}-{turn}-{i}" for i in range(BULK_ROWS)]
            conn.execute("SELECT floor_earn_many(%s, %s, %s)", (members, causes, [10] * BULK_ROWS), prepare=True)
        return rounds * BULK_ROWS / (time.perf_counter() - began)
