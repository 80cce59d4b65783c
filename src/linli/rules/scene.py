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


class Terms:
    """When grants with these terms settle and expire; dates are reckoned once and remembered."""

    __slots__ = ("_dates", "settle_after_days", "validity_months")

    def __init__(self, settle_after_days: int, validity_months: int) -> None:
        self.settle_after_days = settle_after_days
        self.validity_months = validity_months
        self._dates: dict[date, tuple[date, date]] = {}

    def dates(self, earned_on: date) -> tuple[date, date]:
        """(settle_on, expires_on) of points earned on `earned_on`."""
        found = self._dates.get(earned_on)
        if found is None:
            if len(self._dates) >= _MOST_DATES:
                self._dates.clear()
            settle_on = date.fromordinal(earned_on.toordinal() + self.settle_after_days)
            found = self._dates[earned_on] = (settle_on, add_months(earned_on, self.validity_months))
        return found


class Maker:
    """Makes the grants of one rule."""

    __slots__ = ("_funder", "_rule", "_terms", "_version", "_wallet")

    def __init__(self, rule: Rule, version: int, terms: Terms) -> None:
        self._rule, self._version, self._terms = rule.id, version, terms
        self._wallet, self._funder = rule.wallet, rule.funder

    def for_event(self, event: Event, member_id: str, key: str, points: int, order_id: str | None) -> Grant:
        """A grant that the event itself causes."""
        earned_on = event.business_on
        settle_on, expires_on = self._terms.dates(earned_on)
        return Grant(
            member_id, key, self._rule, self._version, points, self._wallet, self._funder, event.occurred_at,
            earned_on, settle_on, expires_on, event.body.type, event.source, event.event_id, order_id,
        )  # fmt: skip

    def canonical(
        self, member_id: str, key: str, points: int, *, at: datetime, on: date, event_type: str, event_id: str,
        order_id: str | None = None,
    ) -> Grant:  # fmt: skip
        """A grant whose cause is a set of events: dated the same, whichever of them came last."""
        settle_on, expires_on = self._terms.dates(on)
        return Grant(
            member_id, key, self._rule, self._version, points, self._wallet, self._funder, at,
            on, settle_on, expires_on, event_type, "linli", event_id, order_id,
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


class Makings:
    """What the rules of one programme share while it is compiled: the calendar, and equal parts kept once."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.calendar = BusinessCalendar(programme.timezone)
        self._terms: dict[tuple[int, int], Terms] = {}
        self._filters: dict[LineFilter, LineFilter] = {}

    def maker(self, rule: Rule, version: int) -> Maker:
        """The maker of a rule's grants."""
        settle, validity = terms_of(rule, self.programme)
        return Maker(rule, version, self._terms.setdefault((settle, validity), Terms(settle, validity)))

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
