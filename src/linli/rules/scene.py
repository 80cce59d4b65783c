"""One event on its way through the rules: what is reckoned once and read by many, and what the rules lay down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Protocol, TypeAlias

from msgspec.structs import replace

from linli.kit.clock import BusinessCalendar
from linli.rules.arrivals import milestone_of
from linli.rules.awards import amounts_of
from linli.rules.outcome import Move, Skip
from linli.rules.periods import Dates, Instants
from linli.rules.programme import LineFilter, Programme, Rule
from linli.words.events import CheckInMadeUp, Event
from linli.words.facts import MemberFacts
from linli.words.grants import FAR, Award, Caps, Grant, Part


class Matcher:
    """A line filter, ready: None does not ask."""

    __slots__ = ("categories", "tags")

    def __init__(self, lines: LineFilter) -> None:
        self.categories = None if lines.categories is None else frozenset(lines.categories)
        self.tags = None if lines.tags is None else frozenset(lines.tags)


class Together(Protocol):
    """Rules that are reckoned with each other: `settle` is called once, when all of them were asked."""

    def settle(self, scene: Scene, held: list[Any], /) -> None:
        """Grants what they give together."""
        ...


class Scene:
    """The event, the member's facts without and with it, and the results so far."""

    __slots__ = (
        "_amounts",
        "_categories",
        "_hour",
        "_lines",
        "_local",
        "_months",
        "_runs",
        "_tier",
        "after",
        "awards",
        "before",
        "body",
        "context",
        "earned",
        "event",
        "grants",
        "make_context",
        "moves",
        "skipped",
        "together",
        "withdrawals",
    )  # fmt: skip

    def __init__(
        self, event: Event, before: MemberFacts, after: MemberFacts, local: Callable[[datetime], datetime]
    ) -> None:
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
        self._tier: str | None = None
        self._hour: int | None = None
        self._categories: list[str] | None = None
        self._amounts: list[int] | None = None
        self._local = local
        self.context: Any = None
        """Of CEL: made (`make_context`) when the first condition asks."""
        self.make_context: Any = None
        self.together: dict[Together, list[Any]] = {}
        """What can only be settled once every rule was asked, and what its rules had to say."""

    def hold(self, together: Together, held: Any) -> None:
        """Notes what one of the rules of `together` has to say."""
        if together in self.together:
            self.together[together].append(held)
        else:
            self.together[together] = [held]

    def hour(self) -> int:
        """The hour of the event in the programme's zone."""
        if self._hour is None:
            self._hour = self._local(self.event.occurred_at).hour
        return self._hour

    def amounts(self) -> list[int]:
        """Fen by place of the order: see `awards.amounts_of`."""
        if self._amounts is None:
            self._amounts = amounts_of(self.body)
        return self._amounts

    def fen(self, places: tuple[int, ...] | None) -> int:
        """What was paid at `places` of the order; None is all of it."""
        return self.body.paid_fen if places is None else sum(map(self.amounts().__getitem__, places))

    def categories(self) -> list[str]:
        """The categories of the order's lines, each once, sorted."""
        if self._categories is None:
            self._categories = sorted({line.category for line in self.body.lines if line.category is not None})
        return self._categories

    def tier(self) -> str:
        """The tier that the member had at the event's own time; '' is none."""
        if self._tier is None:
            self._tier = self.after.tier_at(self.event.occurred_at)
        return self._tier

    @property
    def on(self) -> date:
        """The business date that the event is about."""
        return self.body.on if isinstance(self.body, CheckInMadeUp) else self.event.business_on

    def run(self, check_in: bool) -> tuple[int, int] | None:
        """(days right before, days right after) the event's date in check-in or shopping days; None: it is in already.

        Of the facts without the event, whose own day may have been counted for another event.
        """
        if check_in not in self._runs:
            days = self.before.check_in_days if check_in else self.before.shopping_days
            on = self.on
            self._runs[check_in] = None if days.has(on) else days.run_around(on)
        return self._runs[check_in]

    def eligible(self, lines: Matcher) -> tuple[tuple[int, ...], int]:
        """(places of the order's lines that match, their paid fen). Equal filters have one matcher: see `Makings`."""
        found = self._lines.get(id(lines))
        if found is None:
            categories, tags = lines.categories, lines.tags
            places: list[int] = []
            total = 0
            for place, line in enumerate(self.body.lines):
                if (categories is None or line.category in categories) and (
                    tags is None or not tags.isdisjoint(line.tags)
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
Give: TypeAlias = Callable[[Scene, tuple[Part, ...], int | None], None]
"""Grants what `parts` promise for the scene's order; the fen, where there is one part and they are known."""
Make: TypeAlias = Callable[[Event, str, str, int, str | None], Grant]


def caps_of(rule: Rule) -> Caps:
    """What the rule caps, as its grants carry it."""
    return tuple((cap.per, cap.points) for cap in rule.caps)


def event_maker(rule: Rule, version: int, dates: Dates) -> Make:
    """A function (event, member_id, key, points, order_id) → a grant of `rule` that the event itself causes.

    A closure, since this is the hottest call of the room.
    """
    rule_id, wallet, funder, caps, at_once = rule.id, rule.wallet, rule.funder, caps_of(rule), rule.arrives == "at_once"
    milestone = milestone_of(rule)

    def make(event: Event, member_id: str, key: str, points: int, order_id: str | None) -> Grant:
        earned_on = event.business_on
        settle_on, expires_on = dates[earned_on]
        return Grant(
            member_id, key, rule_id, version, points, wallet, funder, event.occurred_at,
            earned_on, settle_on, expires_on, event.body.type, event.source, event.event_id, order_id,
            caps, at_once,
        )  # fmt: skip

    def make_waiting(event: Event, member_id: str, key: str, points: int, order_id: str | None) -> Grant:
        grant = make(event, member_id, key, points, order_id)
        awaits = milestone(event.body, order_id) if milestone else None
        if awaits is None:
            return grant
        return replace(grant, settle_on=FAR, awaits=awaits, wait_days=dates.settle_after_days)

    return make if milestone is None else make_waiting


class Canonical:
    """Makes grants of one rule whose cause is a set of events: dated the same, whichever of them came last."""

    __slots__ = ("_caps", "_dates", "_event_type", "_rule", "_version")

    def __init__(self, rule: Rule, version: int, dates: Dates, event_type: str) -> None:
        self._rule, self._version, self._dates, self._event_type = rule, version, dates, event_type
        self._caps = caps_of(rule)

    def __call__(
        self, member_id: str, key: str, points: int, at: datetime, on: date, event_id: str, order_id: str | None = None
    ) -> Grant:
        """A grant that arose at the instant `at` on business date `on`, caused by `event_id` of Linli's own making."""
        settle_on, expires_on = self._dates[on]
        rule = self._rule
        return Grant(
            member_id, key, rule.id, self._version, points, rule.wallet, rule.funder, at,
            on, settle_on, expires_on, self._event_type, "linli", event_id, order_id,
            self._caps, rule.arrives == "at_once",
        )  # fmt: skip


class Makings:
    """What the rules of one programme share while it is compiled: the calendar, and equal parts kept once."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.calendar = BusinessCalendar(programme.timezone)
        self.instants = Instants(self.calendar)
        self._dates: dict[tuple[int, int], Dates] = {}
        self._matchers: dict[LineFilter, Matcher] = {}

    def dates(self, rule: Rule) -> Dates:
        """When grants of `rule` settle and expire."""
        terms = terms_of(rule, self.programme)
        return self._dates.setdefault(terms, Dates(*terms))

    def matcher(self, lines: LineFilter) -> Matcher:
        """The one matcher of all filters equal to `lines`."""
        return self._matchers.setdefault(lines, Matcher(lines))


def terms_of(rule: Rule, programme: Programme) -> tuple[int, int]:
    """(settle_after_days, validity_months) of a rule: its own, or the programme's."""
    settle, validity = rule.settle_after_days, rule.validity_months
    usual = {"return_window": programme.return_window_days, "at_once": 0}.get(rule.arrives, programme.settle_after_days)
    return (
        usual if settle is None else settle,
        programme.validity_months if validity is None else validity,
    )
