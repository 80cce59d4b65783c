"""For those who run the service: is the process up, can it do its work, what does it count."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import structlog
from litestar import MediaType, Request, Response, Router, get

from linli import programmes
from linli.api.call import Process
from linli.api.metrics import exposition
from linli.kit.db import fetch_one
from linli.kit.migrate import UnknownRevision, pending

_log = structlog.get_logger("linli.api")


class Health(msgspec.Struct, frozen=True):
    """The process answers."""

    status: str


class Check(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that must be so. `detail` says what is missing."""

    ok: bool
    detail: str | None = None


class Readiness(msgspec.Struct, frozen=True):
    """Whether requests should be sent here, and each check by name."""

    ready: bool
    checks: dict[str, Check]


@get("/healthz")
async def get_health() -> Health:
    """Whether the process is up. Asks nothing of the database."""
    return Health("ok")


@get("/readyz")
async def get_readiness(request: Request[Any, Any, Any]) -> Response[Readiness]:
    """Whether it can do its work: the database answers, its schema is current, a programme is published."""
    process: Process = request.app.state.process
    checks = {"database": await _database(process)}
    if checks["database"].ok:
        checks["migrations"] = await _migrations(process)
    if all(check.ok for check in checks.values()):
        checks["programme"] = await _programme(process)
    ready = all(check.ok for check in checks.values())
    return Response(Readiness(ready, checks), status_code=200 if ready else 503)


@get("/metrics", media_type=MediaType.TEXT)
async def get_metrics() -> Response[bytes]:
    """Counters and latencies, in the text format of Prometheus."""
    body, content_type = exposition()
    return Response(body, media_type=content_type)


async def _database(process: Process) -> Check:
    try:
        async with process.pool.connection(timeout=2.0) as conn:
            await fetch_one(conn, "SELECT 1")
    except Exception as error:  # whatever it is: it does not answer
        _log.warning("database_unavailable", where="GET /readyz", error=type(error).__name__)
        return Check(False, "the database does not answer")
    return Check(True)


async def _migrations(process: Process) -> Check:
    try:
        missing = await asyncio.to_thread(pending, process.database_url)
    except UnknownRevision as error:
        return Check(False, str(error))
    return Check(False, f"to be applied: {', '.join(missing)}") if missing else Check(True)


async def _programme(process: Process) -> Check:
    async with process.pool.connection() as conn:
        latest = await programmes.latest_version(conn)
    return Check(True) if latest else Check(False, "no programme is published")


routes = Router("/", route_handlers=[get_health, get_readiness, get_metrics], tags=["platform"])
