"""Rules indexed by event type, city and day, so that an event meets only those that may fire for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import msgspec

from linli.kit.clock import BusinessCalendar
from linli.rules.conditions import compile_condition
from linli.rules.outcome import NOTHING, RuleFailed, Skip
from linli.rules.periods import Window
from linli.rules.programme import CANONICAL, Rule
from linli.rules.scene import Apply, Scene
from linli.rules.shortcuts import Test, shortcut
from linli.rules.variables import Read, context_maker, reader, variables_of

_MOST_SCOPES = 2_048
_MOST_PLANS = 4_096
_EVERY_DAY = 0b1111_1110
_TWO_DAYS = 2 * 86_400


class Live:
    """One rule, compiled: when and where it holds, then `apply`."""

    __slots__ = (
        "apply", "cities", "condition_false", "end", "ended", "id", "not_started", "other_weekday", "start", "version",
        "weekdays", "when",
    )  # fmt: skip

    def __init__(self, rule: Rule, version: int, apply: Apply) -> None:
        self.id, self.version, self.apply, self.when = rule.id, version, apply, rule.when
        self.cities = frozenset(rule.cities) if rule.cities is not None else None
        window = Window(rule)
        # Rules over histories ask for the period themselves, of the day that a reward is for.
        open_ended = isinstance(rule, CANONICAL)
        self.start = float("-inf") if open_ended else window.start
        self.end = float("inf") if open_ended else window.end
        self.not_started, self.ended = window.not_started, window.ended
        self.weekdays = sum(1 << day for day in set(rule.weekdays)) if rule.weekdays is not None else _EVERY_DAY
        self.other_weekday, self.condition_false = Skip(rule.id, "other_weekday"), Skip(rule.id, "condition_false")

    def meets(self, city: str | None) -> bool:
        """Whether events of `city` concern the rule."""
        return self.cities is None or city in self.cities


class Candidate(NamedTuple):
    """A rule that may fire for events of one type, city and day."""

    live: Live
    apply: Apply
    test: Test | None
    """Its condition. Raises `RuleFailed` where it is neither true nor false."""
    dated: bool
    """Whether its period must be asked: it begins or ends about that day."""


class Plan(NamedTuple):
    """What events of one type, city and business date meet."""

    candidates: tuple[Candidate, ...]
    skipped: list[Skip]
    """Rules that no event of the day can meet."""
    make_context: Read
    out_of_scope: msgspec.Raw


class Asked(NamedTuple):
    """A live rule with its condition, ready for one event type."""

    live: Live
    test: Test | None
    variables: frozenset[str]
    """Those that the condition wants of a CEL context."""


class Listeners:
    """The rules that listen to one event type."""

    __slots__ = ("_calendar", "_plans", "_scopes", "cities", "event_type", "live", "paused")

    def __init__(self, event_type: str, calendar: BusinessCalendar) -> None:
        self.event_type, self._calendar = event_type, calendar
        self.live: list[Asked] = []
        self.paused: list[Skip] = []
        self.cities: set[str] = set()
        self._scopes: dict[str | None, tuple[list[Asked], Read, msgspec.Raw]] = {}
        self._plans: dict[tuple[str | None, date], Plan] = {}

    def add(self, live: Live) -> None:
        """One more rule listens."""
        self.live.append(_asked(live, self.event_type))
        self.cities |= live.cities or set()

    def plan(self, city: str | None, on: date) -> Plan:
        """What events of `city` and business date `on` meet."""
        if city not in self.cities:
            city = None  # all cities that no rule names share one
        found = self._plans.get((city, on))
        if found is None:
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            found = self._plans[city, on] = self._planned(city, on)
        return found

    def _planned(self, city: str | None, on: date) -> Plan:
        asked, make_context, out_of_scope = self._scope(city)
        candidates, skipped = [], []
        # Two days of room: the event's date may be of another time zone than the programme's.
        noon = self._calendar.starts_at(on).timestamp() + 43_200
        first, last, weekday = noon - _TWO_DAYS, noon + _TWO_DAYS, on.isoweekday()
        for live, test, _ in asked:
            if live.start > last:
                skipped.append(live.not_started)
            elif live.end <= first:
                skipped.append(live.ended)
            elif not live.weekdays >> weekday & 1:
                skipped.append(live.other_weekday)
            else:
                dated = live.start > first or live.end <= last
                candidates.append(Candidate(live, live.apply, test, dated))
        return Plan(tuple(candidates), skipped, make_context, out_of_scope)

    def _scope(self, city: str | None) -> tuple[list[Asked], Read, msgspec.Raw]:
        found = self._scopes.get(city)
        if found is None:
            if len(self._scopes) >= _MOST_SCOPES:
                self._scopes.clear()
            inside = [asked for asked in self.live if asked.live.meets(city)]
            names = {name for asked in inside for name in asked.variables}
            outside = [Skip(asked.live.id, "other_city") for asked in self.live if not asked.live.meets(city)]
            left_out = [*self.paused, *outside]
            raw = msgspec.Raw(msgspec.json.encode(left_out)) if left_out else NOTHING
            found = self._scopes[city] = (inside, context_maker(self.event_type, names), raw)
        return found


def _asked(live: Live, event_type: str) -> Asked:
    if live.when is None:
        return Asked(live, None, frozenset())
    kinds = variables_of(event_type)
    test = shortcut(live.when, kinds, lambda name: reader(event_type, name))
    if test is not None:
        return Asked(live, test, frozenset())
    program: Any = compile_condition(live.when)
    return Asked(live, interpreted(live, program.execute), frozenset(program.variables()) & kinds.keys())


def interpreted(live: Live, execute: Callable[[Any], Any]) -> Test:
    """The condition run by the CEL library. Whatever it answers but true and false is a failure."""

    def test(scene: Scene) -> bool:
        if scene.context is None:
            scene.context = scene.make_context(scene)
        try:
            holds = execute(scene.context)
        except Exception as error:  # whatever the library raises: it is no answer
            detail = f"{type(error).__name__}: {str(error)[:300]}"
            raise RuleFailed(live.id, live.version, detail) from error
        if holds is True or holds is False:
            return holds
        detail = f"the condition gave {type(holds).__name__}, not true or false"
        raise RuleFailed(live.id, live.version, detail)

    return test
