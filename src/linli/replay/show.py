"""What a replay shows: its progress, and at the end its figures."""

from __future__ import annotations

from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table

from linli.kit.audit import Finding
from linli.replay.driver import Progress
from linli.replay.store import Reward, Totals

console = Console()


class Report(msgspec.Struct):
    """All that a replay found out. Seconds and rates are of this session; totals and audit are of the database."""

    name: str
    finished: bool
    totals: Totals
    rewards: list[Reward]
    seconds: float
    events: int
    events_per_second: float
    sending_seconds: float
    sweeping_seconds: float
    nights: int
    checks: int
    violations: int
    expected: dict[str, bool]
    """What must hold, and whether it does."""

    @property
    def good(self) -> bool:
        """Whether all is as it must be."""
        return not self.violations and all(self.expected.values())


def progress_bar() -> Bar:
    """A bar that tells the day, how far, how quickly, how many points."""
    return Bar(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
        console=console,
    )


def note_of(progress: Progress) -> str:
    """Rate and points for the bar."""
    sent = progress.events + progress.duplicates
    rate = sent / progress.sending_seconds if progress.sending_seconds else 0.0
    return f"{rate:,.0f} events/s · {progress.granted:,} points granted · {progress.spent:,} spent"


def show(report: Report, findings: list[Finding]) -> None:
    """The figures as a table, and what is wrong, if anything is."""
    table = Table(title=f"replay {report.name}", show_header=False)
    totals = report.totals
    for name in totals.__struct_fields__:
        table.add_row(name, f"{getattr(totals, name):,}")
    for reward in report.rewards:
        table.add_row(f"rule {reward.rule}", f"{reward.points:,} points to {reward.members:,} members")
    table.add_row("this session", f"{report.events:,} events, {report.nights:,} nights in {report.seconds:.1f} s")
    table.add_row("events per second", f"{report.events_per_second:,.0f}")
    console.print(table)
    for finding in findings:
        console.print(f"[red]{finding.check}[/]: {finding.rows} rows. {finding.promise}", highlight=False)
        for row in finding.sample:
            console.print("  " + ", ".join(row), highlight=False)
    for promise, kept in report.expected.items():
        console.print(f"[{'green' if kept else 'red'}]{'✓' if kept else '✗'}[/] {promise}", highlight=False)
    console.print(f"audit: {report.checks} checks, {report.violations} violations")
    if not report.finished:
        console.print("stopped: the same command goes on where it was")


def write_json(report: Report, path: Path) -> None:
    """The same for machines."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
