"""Runs of the sweeps, settlement and expiry: one for each business date; listed, started, stopped."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec
from litestar import Router, get, post
from litestar.params import Parameter

from linli import ledger
from linli.api.call import Call, authorize, needs
from linli.api.paging import decode_cursor, page
from linli.api.strict import Cursor, Input, Limit, Reason
from linli.flows import runs
from linli.kit.db import Connection
from linli.kit.errors import Invalid
from linli.ledger import Run, RunNotFound, SweepKind

_EARLIEST = date(2000, 1, 1)
RunOn = Annotated[date, Parameter(description="The business date of the run.")]


class Runs(msgspec.Struct, frozen=True):
    """A page of runs, newest first."""

    items: list[Run]
    next_cursor: str | None


class NewRun(Input, frozen=True, kw_only=True):
    """A run to start, or to go on with. `run_on` is today's business date or an earlier one."""

    kind: SweepKind
    run_on: date
    reason: Reason


class Stop(Input, frozen=True, kw_only=True):
    """Why the run is stopped."""

    reason: Reason


@get("/", opt=needs("points:read"))
async def list_runs(call: Call, kind: SweepKind = "settle", cursor: Cursor = None, limit: Limit = 20) -> Runs:
    """The runs of a kind, newest first: one for each business date, with how far it has come."""
    before = decode_cursor("runs", cursor, date) or date.max

    async def work(conn: Connection) -> list[Run]:
        return await ledger.runs(conn, kind, before=before, limit=limit + 1)

    return Runs(*page("runs", await call.run(work), limit, lambda run: run.run_on))


@post("/", status_code=202, opt=needs("points:write"))
async def start_run(call: Call, data: NewRun) -> Run:
    """Let the worker do a run, or go on with one that was stopped. A finished run is answered as it stands."""
    if not _EARLIEST <= data.run_on <= call.stamp.on:
        detail = f"a business date from {_EARLIEST} to today, {call.stamp.on}"
        raise Invalid(errors=[{"place": "$.run_on", "detail": detail}])

    async def work(conn: Connection) -> Run:
        run = await runs.start(conn, data.kind, data.run_on, call.stamp)
        if run.state != "finished":
            await call.note(conn, "run.start", f"{data.kind} {data.run_on}", data.reason)
        return run

    return await call.run(work)


@post("/{kind:str}/{run_on:str}/stop", status_code=200, opt=needs("points:write", RunNotFound))
async def stop_run(call: Call, kind: SweepKind, run_on: RunOn, data: Stop) -> Run:
    """Stop a run after the chunk in hand. What is done is done; started again, it goes on with the rest."""

    async def work(conn: Connection) -> Run:
        run = await runs.stop(conn, kind, run_on, call.stamp)
        if run.state != "finished":
            await call.note(conn, "run.stop", f"{kind} {run_on}", data.reason)
        return run

    return await call.run(work)


routes = Router("/v1/runs", route_handlers=[list_runs, start_run, stop_run], guards=[authorize], tags=["runs"])
