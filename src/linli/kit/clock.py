"""The clock: read once at the edge, passed on as `now`. Nothing below the edge asks what time it is."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def file_clock(path: Path) -> Clock:
    """A clock that shows the instant (RFC 3339) written in `path`: a replay's nights pass when its driver says so."""

    def now() -> datetime:
        return datetime.fromisoformat(path.read_text().strip()).astimezone(UTC)

    return now


class BusinessCalendar:
    """Business dates of one time zone. A business date runs from midnight to midnight there."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)

    def date_of(self, at: datetime) -> date:
        """The business date that the aware instant `at` falls on."""
        return at.astimezone(self.zone).date()

    def local(self, at: datetime) -> datetime:
        """`at` as the clock on the wall there shows it."""
        return at.astimezone(self.zone)

    def starts_at(self, on: date) -> datetime:
        """The instant (UTC) at which business date `on` begins."""
        return datetime(on.year, on.month, on.day, tzinfo=self.zone).astimezone(UTC)

    def month_ends_at(self, on: date) -> datetime:
        """The last microsecond (UTC) of the business month that `on` lies in."""
        first_of_next = add_months(on.replace(day=1), 1)
        return self.starts_at(first_of_next) - timedelta(microseconds=1)


def add_months(on: date, months: int) -> date:
    """`on` moved by whole months; a day that the month lacks becomes its last (31 January + 1 = 28 or 29 February)."""
    index = on.year * 12 + (on.month - 1) + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))
