"""P7: does it get slower as members grow? Intake, balance and statement with ten thousand members and ten million."""

from __future__ import annotations

from collections.abc import Callable

from bench.intake import load, publish_rules
from bench.world import HERE, Figure, World, median, wrk

SMALL, LARGE = 10_000, 10_000_000
ROUNDS = 3

FILL = (
    "SET synchronous_commit = off",
    "INSERT INTO members_member SELECT 'm' || i, 'elsewhere', 'l1', 'c1', '2026-01-01', NULL, now() {members}",
    "INSERT INTO earning_member SELECT 'm' || i, '{{\"month_fen\":{{\"2026-10\":12000}}}}' {members}",
    "INSERT INTO ledger_balance SELECT 'm' || i, 'points', 30, 0, 0, 1 {members}",
    "INSERT INTO ledger_lot SELECT 'm' || i, 'points', '2027-10-01', 'platform', 30, 30, 0 {members}",
    """INSERT INTO ledger_movement SELECT 'm' || i, 'points', 1, '2026-10-02', '2026-10-02', 'settle', 'issued',
       'available', 30, 30, 'order:x:base' {members}""",
    "VACUUM ANALYZE members_member, earning_member, ledger_balance, ledger_lot, ledger_movement",
    "CHECKPOINT",
)


def run(world: World, tell: Callable[[str], None], *, workers: int) -> list[Figure]:
    """Both databases in turn, the same load on each."""
    for name, members in (("small", SMALL), ("large", LARGE)):
        publish_rules(world.database(name))
        for statement in FILL:
            tell(f"P7 {members:,} members: {statement.split()[2] if 'INSERT' in statement else statement.split()[0]}")
            # By bytes, as the keys are ordered: a bulk load of real members would be sorted too.
            source = f"FROM generate_series(1, {members}) i ORDER BY ('m' || i) COLLATE \"C\""
            world.sql(name, statement.format(members=source))
    figures: dict[str, dict[str, list[float]]] = {}
    for turn in range(ROUNDS):
        for name, members in (("small", SMALL), ("large", LARGE)):
            tell(f"P7 {members:,} members, round {turn + 1}/{ROUNDS}")
            with world.api(name, workers=workers) as api:
                load(api.base, f"w{turn}", connections=64, batch=1, members=members, seconds=2)
                got = figures.setdefault(name, {"events": [], "balance": [], "statement": []})
                got["events"].append(
                    load(api.base, f"g{turn}", connections=128, batch=1, members=members, seconds=5).per_second
                )
                for what in ("balance", "statement"):
                    seen = wrk(api.base, HERE / "lua/read.lua", connections=32, seconds=3,
                               arguments=(f"/v1/members/m%d/{what}", str(members)))  # fmt: skip
                    assert seen.errors == 0, f"{seen.errors} reads failed"
                    got[what].append(seen.per_second)
    rows = []
    for what in ("events", "balance", "statement"):
        small, large = median(figures["small"][what]), median(figures["large"][what])
        slower = small / large
        rows.append(
            Figure(
                f"P7 {what}, 10,000,000 members",
                f"{large:,.0f}/s",
                f"10,000 members {small:,.0f}/s",
                slower,
                "≤ 1.3",
                slower <= 1.3,
            )
        )
    return rows
