"""`python -m bench [figure …]`: every figure against its reference, taken in turn; one table and bench/results.json."""

from __future__ import annotations

import platform
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime

import msgspec
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench import floors, growth, intake, start, sweeps
from bench.world import HERE, Figure, World

ALL = ("rules", "start", "sweeps", "intake", "growth")
WORKERS = 2
"""API processes: one for each core."""


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
        if "growth" in wanted:
            figures += growth.run(world, tell, workers=WORKERS)
    table = Table(title=f"Linli, {datetime.now(UTC):%Y-%m-%d}, {time.perf_counter() - began:.0f} s")
    for heading in ("figure", "value", "reference", "ratio", "target", ""):
        table.add_column(heading)
    for one in figures:
        table.add_row(
            one.name, one.value, one.reference, f"{one.ratio:.2f}", one.target, "✓" if one.met else "✗ missed"
        )
    console.print(table)
    if set(wanted) == set(ALL):
        results = {
            "taken_at": datetime.now(UTC),
            "python": platform.python_version(),
            "processor": platform.processor() or platform.machine(),
            "figures": [asdict(one) for one in figures],
        }
        (HERE / "results.json").write_bytes(msgspec.json.format(msgspec.json.encode(results)) + b"\n")
    return 0 if all(one.met for one in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(ALL)))
