"""Figures of the programme as a whole: by day and city, by hour, and what is owed to members."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from linli.insights import store
from linli.insights.rolling import rolled_until
from linli.kit.clock import BusinessCalendar
from linli.kit.db import Connection, fetch_all, fetch_one

_MINUTE = timedelta(minutes=1)


class Period(NamedTuple):
    """Business dates, both included, of one city or (None) of all."""

    first: date
    last: date
    city: str | None = None


class DayFigures(msgspec.Struct, frozen=True):
    """Points of one business date and one city (None: of members without one), of all wallets.

    `granted`: promised by events that came in on that date. `spent`: less what was given back. `adjusted`: added less
    taken.
    """

    on: date
    city: str | None
    granted: int
    settled: int
    spent: int
    expired: int
    reversed: int
    adjusted: int


class HourCount(msgspec.Struct, frozen=True):
    """How many events came in the hour that begins at `hour_at`."""

    hour_at: datetime
    count: int


class Liability(msgspec.Struct, frozen=True):
    """Points that members have (`available`, `held`), are promised (`pending`), and owe (`debt`), of all wallets."""

    available: int
    held: int
    pending: int
    debt: int


class MonthPoints(msgspec.Struct, frozen=True):
    """Points that lapse in a month (`2027-11`) unless they are spent."""

    month: str
    points: int


class City(msgspec.Struct, frozen=True):
    """How many members live there; None: nobody knows where."""

    city: str | None
    members: int


class Counts(msgspec.Struct, frozen=True):
    """What changes while one looks."""

    events_total: int
    events_last_minute: int
    parked_waiting: int


async def days(conn: Connection, period: Period, zone: str) -> list[DayFigures]:
    """Figures by date and city, where there is anything to tell: the past from its sums, what came since reckoned."""
    rows = await fetch_all(conn, store.DAYS, {**await _asked(conn, period), "zone": zone, "until": "infinity"})
    return [DayFigures(on, city or None, *points) for on, city, _, *points in rows if any(points)]


async def hours(conn: Connection, period: Period, calendar: BusinessCalendar) -> list[HourCount]:
    """Events by hour of the period, where there were any."""
    bounds = {
        "begins": calendar.starts_at(period.first),
        "ends": calendar.starts_at(period.last + timedelta(days=1)),
    }
    return [HourCount(*row) for row in await fetch_all(conn, store.HOURS, {**await _asked(conn, period), **bounds})]


async def _asked(conn: Connection, period: Period) -> dict[str, Any]:
    return {**period._asdict(), "since": await rolled_until(conn)}


async def liability(conn: Connection, city: str | None, on: date) -> tuple[Liability, list[MonthPoints]]:
    """(what members have and are promised, what lapses in which month), as of business date `on`."""
    lots, rest, promised = store.LIABILITY if city is None else store.LIABILITY_OF_CITY
    asked = {"city": city, "on": on}
    months = [MonthPoints(f"{month:%Y-%m}", points) for month, points in await fetch_all(conn, lots, asked)]
    owed, pending = await fetch_one(conn, rest, asked), await fetch_one(conn, promised, asked)
    assert owed is not None and pending is not None, "an aggregate returns a row"
    return Liability(sum(month.points for month in months), owed[0], pending[0], owed[1]), months


async def people(conn: Connection) -> list[City]:
    """Members by city, those without one last."""
    return [City(*row) for row in await fetch_all(conn, store.PEOPLE)]


async def parked_waiting(conn: Connection) -> int:
    """How many events are parked and somebody has still to see to, waiting or in conflict."""
    row = await fetch_one(conn, store.PARKED_WAITING)
    assert row is not None, "an aggregate returns a row"
    return row[0]


async def counts(conn: Connection, now: datetime) -> Counts:
    """How many events there are, came in the last minute, and wait."""
    row = await fetch_one(
        conn, store.COUNTS, {"since": await rolled_until(conn), "now": now, "minute_ago": now - _MINUTE}
    )
    assert row is not None, "an aggregate returns a row"
    return Counts(*row)
