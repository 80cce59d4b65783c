"""The dashboard: what happened by day, city and hour, what is owed, what waits, how the last runs went."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import Parameter

from linli import insights, ledger
from linli.api.call import Call, authorize, needs
from linli.api.strict import NO_NUL
from linli.flows.roll_up import roll_up
from linli.insights import DayFigures, HourCount, Liability, MonthPoints, Period
from linli.kit.db import Connection
from linli.kit.errors import Invalid
from linli.ledger import Run

DAYS_LEFT_OUT = 30
MOST_DAYS = 400
HOUR_DAYS = 2
"""Business dates, up to the last one asked for, whose events are told by the hour."""
_EARLIEST, _LATEST = date(2000, 1, 1), date(9000, 1, 1)
LATEST_RUNS = 5
LAZY_STEPS = 40
"""Days that a request itself rolls up at the most, where the worker has not."""
From = Annotated[date | None, Parameter(query="from", description="First business date; 30 days up to `to`.")]
To = Annotated[date | None, Parameter(query="to", description="Last business date; today.")]
OfCity = Annotated[str | None, Parameter(query="city", min_length=1, max_length=64, pattern=NO_NUL)]


class Dashboard(msgspec.Struct, frozen=True):
    """The programme at a glance. `days` and `events_by_hour` leave out where there was nothing.

    Of one city where one is asked for: all but `cities`, `parked_waiting` and `latest_runs`.
    """

    business_on: date
    cities: list[str]
    days: list[DayFigures]
    events_by_hour: list[HourCount]
    liability: Liability
    liability_by_month: list[MonthPoints]
    parked_waiting: int
    members: int
    latest_runs: list[Run]


@get("/dashboard", opt=needs("points:read"))
async def get_dashboard(call: Call, from_on: From = None, to_on: To = None, city: OfCity = None) -> Dashboard:
    """What happened in a period, and how things stand now. Days that are over do not change; today is reckoned live."""
    last = to_on or call.stamp.on
    first = from_on or date.fromordinal(max(last.toordinal() - DAYS_LEFT_OUT + 1, 1))
    if not (_EARLIEST <= first <= last <= _LATEST and (last - first).days < MOST_DAYS):
        raise Invalid(errors=[{"place": "query.from", "detail": f"1 to {MOST_DAYS} days up to `to`"}])
    process = call.process
    calendar = process.settings.calendar
    await roll_up(process.pool, lambda: call.stamp.at, calendar, most_steps=LAZY_STEPS)

    async def work(conn: Connection) -> Dashboard:
        owed, months = await insights.liability(conn, city, call.stamp.on)
        people = await insights.people(conn)
        hours = Period(max(first, last - timedelta(days=HOUR_DAYS - 1)), last, city)
        return Dashboard(
            business_on=call.stamp.on,
            cities=[found.city for found in people if found.city is not None],
            days=await insights.days(conn, Period(first, last, city), calendar.zone.key),
            events_by_hour=await insights.hours(conn, hours, calendar),
            liability=owed,
            liability_by_month=months,
            parked_waiting=await insights.parked_waiting(conn),
            members=sum(found.members for found in people if city is None or found.city == city),
            latest_runs=await latest_runs(conn),
        )

    return await call.run(work)


async def latest_runs(conn: Connection) -> list[Run]:
    """The latest runs of both kinds, newest first."""
    both = [run for kind in ("settle", "expire") for run in await ledger.runs(conn, kind, before=date.max, limit=3)]
    return sorted(both, key=lambda run: (run.run_on, run.started_at), reverse=True)[:LATEST_RUNS]


routes = Router("/v1/insights", route_handlers=[get_dashboard], guards=[authorize], tags=["insights"])
