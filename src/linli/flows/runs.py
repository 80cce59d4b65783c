"""Runs on request: started for the worker to do, and stopped. The night's own runs need nobody."""

from __future__ import annotations

from datetime import date

from linli import ledger
from linli.kit.db import Connection
from linli.kit.jobs import defer
from linli.ledger import Run, Stamp, SweepKind

SWEEP = "linli.sweep"
"""The worker's task."""


async def start(conn: Connection, kind: SweepKind, on: date, stamp: Stamp) -> Run:
    """Let the worker do the run, or go on with it where it was left; a finished one is returned as it stands."""
    run = await ledger.start_run(conn, kind, on, stamp.at)
    if run.state != "finished":
        await defer(conn, SWEEP, lock=f"sweep:{kind}:{on}", kind=kind, run_on=on.isoformat())
    return run


async def stop(conn: Connection, kind: SweepKind, on: date, stamp: Stamp) -> Run:
    """Let the run stop after the chunk in hand, wherever it is under way. Raises RunNotFound."""
    return await ledger.stop_run(conn, kind, on, stamp.at)
