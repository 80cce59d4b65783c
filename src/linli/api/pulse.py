"""What changes while one looks, as server-sent events: one watcher a process, which looks while somebody listens."""

from __future__ import annotations

from datetime import date

import msgspec
from litestar import Router, get
from litestar.response import Stream

from linli import budgets, insights
from linli.api.call import Call, authorize, needs, while_admitted
from linli.api.insights import latest_runs
from linli.api.strict import StrictRequest
from linli.budgets import State
from linli.kit.db import Connection, Pool, in_transaction
from linli.kit.watch import Watcher, message
from linli.ledger import Run
from linli.settings import Settings

HEARTBEAT_SECONDS = 15.0
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
"""Neither kept by a cache nor held back by a proxy."""


class Pulse(msgspec.Struct, frozen=True):
    """The state of things, sent as `event: pulse`."""

    business_on: date
    events_total: int
    events_last_minute: int
    parked_waiting: int
    runs: list[Run]
    budget_state: State
    """The worst of this business month's budgets: of the programme, a city or a rule."""


def pulse_of(pool: Pool, settings: Settings) -> Watcher:
    """The watcher of a process."""

    async def look() -> bytes:
        return message("pulse", msgspec.json.encode(await in_transaction(pool, read)))

    async def read(conn: Connection) -> Pulse:
        now = settings.clock()
        on = settings.calendar.date_of(now)
        counts = await insights.counts(conn, now)
        return Pulse(
            on, counts.events_total, counts.events_last_minute,
            counts.parked_waiting, await latest_runs(conn),
            await budgets.worst(conn, on.replace(day=1)),
        )  # fmt: skip

    return Watcher(look)


@get("/live", media_type="text/event-stream", opt=needs("events:read") | {"streams": Pulse})
async def watch_pulse(call: Call, request: StrictRequest) -> Stream:
    """Server-sent events `pulse`, at once and whenever something has changed, each the whole state of things."""
    pulses = while_admitted(request, call.process.pulse.listen(HEARTBEAT_SECONDS))
    return Stream(pulses, media_type="text/event-stream", headers=HEADERS)


routes = Router("/v1", route_handlers=[watch_pulse], guards=[authorize], tags=["insights"])
