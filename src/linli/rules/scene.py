"""One event on its way through the rules: what is reckoned once and read by many, and what the rules lay down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeAlias

from linli.kit.clock import BusinessCalendar, add_months
from linli.rules.outcome import Move, Skip
from linli.rules.programme import LineFilter, Programme, Rule
from linli.words.events import Event
from linli.words.facts import MemberFacts
from linli.words.grants import Award, Grant

_MOST_DATES = 4_096


class Scene:
    """The event, the member's facts without and with it, and the results so far."""

    __slots__ = (
        "_lines",
        "_months",
        "_runs",
        "after",
        "awards",
        "before",
        "body",
        "earned",
        "event",
        "grants",
        "moves",
        "skipped",
        "withdrawals",
    )  # fmt: skip

    def __init__(self, event: Event, before: MemberFacts, after: MemberFacts) -> None:
        self.event = event
        self.body: Any = event.body
        self.before = before
        self.after = after
        self.grants: list[Grant] = []
        self.awards: list[Award] = []
        self.moves: list[Move] = []
        self.withdrawals: list[tuple[str, str]] = []
        self.skipped: list[Skip] = []
        self.earned: set[str] = set()
        """Ids of `per_amount` rules that hold for this order: what multipliers may multiply."""
        self._lines: dict[int, tuple[tuple[int, ...], int]] = {}
        self._months: list[str] | None = None
        self._runs: dict[bool, tuple[int, int] | None] = {}

    def run(self, check_in: bool) -> tuple[int, int] | None:
        """(days right before, days right after) the event's date in check-in or shopping days; None: it is in already.

        Of the facts without the event, whose own day may have been counted for another event.
        """
        if check_in not in self._runs:
            days = self.before.check_in_days if check_in else self.before.shopping_days
            on = self.event.business_on
            self._runs[check_in] = None if days.has(on) else days.run_around(on)
        return self._runs[check_in]

    def eligible(self, lines: LineFilter) -> tuple[tuple[int, ...], int]:
        """(places of the order's lines that match, their paid fen). Equal filters are one object: see `intern`."""
        found = self._lines.get(id(lines))
        if found is None:
            categories, tags = lines.categories, lines.tags
            places: list[int] = []
            total = 0
            for place, line in enumerate(self.body.lines):
                if (categories is None or line.category in categories) and (
                    tags is None or any(tag in tags for tag in line.tags)
                ):
                    places.append(place)
                    total += line.paid_fen
            found = self._lines[id(lines)] = (tuple(places), total)
        return found

    def changed_months(self) -> list[str]:
        """Business months whose sum this event changed."""
        if self._months is None:
            before, after = self.before.month_fen, self.after.month_fen
            months = {month for month, fen in after.items() if before.get(month, 0) != fen}
            months.update(month for month in before if month not in after)
            self._months = sorted(months)
        return self._months


Apply: TypeAlias = Callable[[Scene], None]


class Dates(dict[date, tuple[date, date]]):
    """Business date of earning → (settle_on, expires_on), reckoned once. Rules with equal terms share it."""

    def __init__(self, settle_after_days: int, validity_months: int) -> None:
        super().__init__()
        self._settle_after_days = settle_after_days
        self._validity_months = validity_months

    def __missing__(self, earned_on: date) -> tuple[date, date]:
        if len(self) >= _MOST_DATES:
            self.clear()
        settle_on = date.fromordinal(earned_on.toordinal() + self._settle_after_days)
        found = self[earned_on] = (settle_on, add_months(earned_on, self._validity_months))
        return found


Make: TypeAlias = Callable[[Event, str, str, int, str | None], Grant]


def event_maker(rule: Rule, version: int, dates: Dates) -> Make:
    """A function (event, member_id, key, points, order_id) → a grant of `rule` that the event itself causes.

    A closure, since this is the hottest call of the room.
    """
    rule_id, wallet, funder = rule.id, rule.wallet, rule.funder

    def make(event: Event, member_id: str, key: str, points: int, order_id: str | None) -> Grant:
        earned_on = event.business_on
        settle_on, expires_on = dates[earned_on]
        return Grant(
            member_id, key, rule_id, version, points, wallet, funder, event.occurred_at,
            earned_on, settle_on, expires_on, event.body.type, event.source, event.event_id, order_id,
        )  # fmt: skip

    return make


class Canonical:
    """Makes grants of one rule whose cause is a set of events: dated the same, whichever of them came last."""

    __slots__ = ("_dates", "_event_type", "_rule", "_version")

    def __init__(self, rule: Rule, version: int, dates: Dates, event_type: str) -> None:
        self._rule, self._version, self._dates, self._event_type = rule, version, dates, event_type

    def __call__(
        self, member_id: str, key: str, points: int, at: datetime, on: date, event_id: str, order_id: str | None = None
    ) -> Grant:
        """A grant that arose at the instant `at` on business date `on`, caused by `event_id` of Linli's own making."""
        settle_on, expires_on = self._dates[on]
        rule = self._rule
        return Grant(
            member_id, key, rule.id, self._version, points, rule.wallet, rule.funder, at,
            on, settle_on, expires_on, self._event_type, "linli", event_id, order_id,
        )  # fmt: skip


class Window:
    """The period of a rule as seconds since 1970: start in, end out."""

    __slots__ = ("end", "ended", "not_started", "start")

    def __init__(self, rule: Rule) -> None:
        self.start = rule.starts_at.timestamp() if rule.starts_at else float("-inf")
        self.end = rule.ends_at.timestamp() if rule.ends_at else float("inf")
        self.not_started = Skip(rule.id, "not_started")
        self.ended = Skip(rule.id, "ended")

    def has(self, at: datetime) -> bool:
        """Whether the instant lies in the period."""
        return self.start <= at.timestamp() < self.end

    def skip(self, at: datetime) -> Skip:
        """Why an instant outside the period is outside."""
        return self.not_started if at.timestamp() < self.start else self.ended


class Instants:
    """When business dates begin and business months end. Time zones are slow to ask, so answers are remembered."""

    __slots__ = ("_calendar", "_days", "_months")

    def __init__(self, calendar: BusinessCalendar) -> None:
        self._calendar = calendar
        self._days: dict[date, datetime] = {}
        self._months: dict[str, tuple[datetime, date]] = {}

    def day(self, on: date) -> datetime:
        """The instant at which `on` begins."""
        found = self._days.get(on)
        if found is None:
            if len(self._days) >= _MOST_DATES:
                self._days.clear()
            found = self._days[on] = self._calendar.starts_at(on)
        return found

    def month_end(self, month: str) -> tuple[datetime, date]:
        """(last instant, last date) of a business month, `2026-11`."""
        found = self._months.get(month)
        if found is None:
            if len(self._months) >= _MOST_DATES:
                self._months.clear()
            first = date.fromisoformat(f"{month}-01")
            last = date.fromordinal(add_months(first, 1).toordinal() - 1)
            found = self._months[month] = (self._calendar.month_ends_at(first), last)
        return found


class Makings:
    """What the rules of one programme share while it is compiled: the calendar, and equal parts kept once."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.calendar = BusinessCalendar(programme.timezone)
        self.instants = Instants(self.calendar)
        self._dates: dict[tuple[int, int], Dates] = {}
        self._filters: dict[LineFilter, LineFilter] = {}

    def dates(self, rule: Rule) -> Dates:
        """When grants of `rule` settle and expire."""
        terms = terms_of(rule, self.programme)
        return self._dates.setdefault(terms, Dates(*terms))

    def intern(self, lines: LineFilter | None) -> LineFilter | None:
        """The one object that stands for all filters equal to `lines`."""
        return None if lines is None else self._filters.setdefault(lines, lines)


def terms_of(rule: Rule, programme: Programme) -> tuple[int, int]:
    """(settle_after_days, validity_months) of a rule: its own, or the programme's."""
    settle, validity = rule.settle_after_days, rule.validity_months
    return (
        programme.settle_after_days if settle is None else settle,
        programme.validity_months if validity is None else validity,
    )
