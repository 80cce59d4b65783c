"""`python -m bench [figure …]`: every figure against its reference, taken in turn; one table and bench/results.json."""

from __future__ import annotations

import os
import platform
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime

import msgspec
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench import back_test, floors, growth, intake, lottery, mall, redeem, refunds, start, sweeps, web
from bench.world import HERE, Figure, World

ALL = ("rules", "start", "sweeps", "intake", "redeem", "refunds", "mall", "lottery", "back_test", "growth", "web")
WORKERS = 1
"""API processes: PostgreSQL and the load generator want the other core."""


def main(wanted: list[str]) -> int:
    """Run what is wanted; 0 where all targets are met."""
    unknown = set(wanted) - set(ALL)
    if unknown:
        print(f"no figure {', '.join(sorted(unknown))}; there are {', '.join(ALL)}")
        return 2
    console = Console()
    figures: list[Figure] = []
    began = time.perf_counter()
    bar = Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console)
    with bar, World() as world:
        task = bar.add_task("floors")

        def tell(text: str) -> None:
            bar.update(task, description=text)

        if {"sweeps", "intake"} & set(wanted):
            floors.make_floor(world)
        if "rules" in wanted:
            figures += start.run_rules(tell)
        if "start" in wanted:
            figures += start.run_start(world, tell)
        if "sweeps" in wanted:
            figures += sweeps.run(world, tell)
        if "intake" in wanted:
            figures += intake.run(world, tell, workers=WORKERS)
        if "redeem" in wanted:
            figures += redeem.run(world, tell)
        if "refunds" in wanted:
            figures += refunds.run(world, tell)
        if "mall" in wanted:
            figures += mall.run(world, tell, workers=WORKERS)
        if "lottery" in wanted:
            figures += lottery.run(world, tell)
        if "back_test" in wanted:
            figures += back_test.run(world, tell)
        if "growth" in wanted:
            figures += growth.run(world, tell, workers=WORKERS)
        if "web" in wanted:
            figures += web.run(world, tell)
    table = Table(title=f"Linli, {datetime.now(UTC):%Y-%m-%d}, {time.perf_counter() - began:.0f} s")
    for heading in ("figure", "value", "reference", "ratio", "target", ""):
        table.add_column(heading)
    for one in figures:
        table.add_row(
            one.name, one.value, one.reference, f"{one.ratio:.2f}", one.target, "✓" if one.met else "✗ missed"
        )
    console.print(table)
    results = HERE / "results.json"
    before = msgspec.json.decode(results.read_bytes())["figures"] if results.exists() else []
    names = {one.name for one in figures}
    # Figures that were not asked for stay as they were taken, with their own date.
    taken = [one for one in before if one["name"] not in names]
    stamp = {"taken_at": datetime.now(UTC), "machine": f"{platform.machine()}, {os.cpu_count()} cores"}
    taken += [asdict(one) | stamp for one in figures]
    taken.sort(key=lambda one: one["name"])
    results.write_bytes(msgspec.json.format(msgspec.json.encode({"figures": taken})) + b"\n")
    return 0 if all(one.met for one in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(ALL)))
