"""Dates and periods, reckoned once and remembered: time zones and calendars are slow to ask."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from linli.kit.clock import BusinessCalendar, add_months
from linli.rules.outcome import Skip
from linli.rules.programme import Rule

_MOST_DATES = 4_096


class Dates(dict[date, tuple[date, date]]):
    """Business date of earning → (settle_on, expires_on), reckoned once. Rules with equal terms share it."""

    def __init__(self, settle_after_days: int, validity_months: int) -> None:
        super().__init__()
        self.settle_after_days = settle_after_days
        self._validity_months = validity_months

    def __missing__(self, earned_on: date) -> tuple[date, date]:
        if len(self) >= _MOST_DATES:
            self.clear()
        settle_on = date.fromordinal(earned_on.toordinal() + self.settle_after_days)
        found = self[earned_on] = (settle_on, add_months(earned_on, self._validity_months))
        return found


class Window:
    """The period of a rule as seconds since 1970: start in, end out."""

    __slots__ = ("end", "ended", "not_started", "start")

    def __init__(self, rule: Rule) -> None:
        self.start = rule.starts_at.timestamp() if rule.starts_at else float("-inf")
        self.end = rule.ends_at.timestamp() if rule.ends_at else float("inf")
        self.not_started = Skip(rule.id, "not_started")
        self.ended = Skip(rule.id, "ended")

    def has(self, seconds: float) -> bool:
        """Whether the instant lies in the period."""
        return self.start <= seconds < self.end

    def skip(self, seconds: float) -> Skip:
        """Why an instant outside the period is outside."""
        return self.not_started if seconds < self.start else self.ended


class Day(NamedTuple):
    """A business date: the instant at which it begins, the same as seconds since 1970, and the date as text."""

    at: datetime
    seconds: float
    text: str


class Month(NamedTuple):
    """A business month: its last instant, the same as seconds since 1970, and its last date."""

    at: datetime
    seconds: float
    last: date


class Instants:
    """When business dates begin and business months end. Time zones are slow to ask, so answers are remembered."""

    __slots__ = ("_calendar", "_days", "_months")

    def __init__(self, calendar: BusinessCalendar) -> None:
        self._calendar = calendar
        self._days: dict[date, Day] = {}
        self._months: dict[str, Month] = {}

    def day(self, on: date) -> Day:
        """Business date `on`."""
        found = self._days.get(on)
        if found is None:
            if len(self._days) >= _MOST_DATES:
                self._days.clear()
            at = self._calendar.starts_at(on)
            found = self._days[on] = Day(at, at.timestamp(), on.isoformat())
        return found

    def month(self, month: str) -> Month:
        """A business month, `2026-11`."""
        found = self._months.get(month)
        if found is None:
            if len(self._months) >= _MOST_DATES:
                self._months.clear()
            first = date.fromisoformat(f"{month}-01")
            last = date.fromordinal(add_months(first, 1).toordinal() - 1)
            at = self._calendar.month_ends_at(first)
            found = self._months[month] = Month(at, at.timestamp(), last)
        return found
