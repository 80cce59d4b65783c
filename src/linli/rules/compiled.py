"""A programme made ready: rules indexed by event type, then by city, so that an event meets only those that may fire.

Per event the work is: one look-up, then for each candidate its period, its weekdays, its condition, its own decision.
Everything else (filters, dates, reasons, the JSON of what the index left out) is made before or remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from linli.kit.clock import BusinessCalendar
from linli.rules.conditions import compile_condition
from linli.rules.histories import goal, invitation, streak
from linli.rules.occasions import fixed, share
from linli.rules.orders import multiplier, per_amount
from linli.rules.outcome import NOTHING, Evaluation, RuleFailed, Skip
from linli.rules.periods import Window
from linli.rules.programme import (
    CANONICAL,
    Fixed,
    Goal,
    Invitation,
    Multiplier,
    PerAmount,
    Programme,
    Rule,
    Share,
    Streak,
    listens,
)  # fmt: skip
from linli.rules.scene import Apply, Makings, Scene
from linli.rules.stacking import Stack, stacks_of
from linli.rules.variables import context_maker, variables_of
from linli.words.events import Event
from linli.words.facts import MemberFacts

_MOST_SCOPES = 2_048
_EVERY_DAY = 0b1111_1110


class _Live:
    """One rule, compiled: what is asked of every event, then `apply`."""

    __slots__ = (
        "apply", "cities", "condition_false", "end", "ended", "execute", "id", "not_started", "other_weekday",
        "start", "variables", "version", "weekdays",
    )  # fmt: skip

    def __init__(self, rule: Rule, version: int, apply: Apply) -> None:
        self.id, self.version, self.apply = rule.id, version, apply
        self.cities = frozenset(rule.cities) if rule.cities is not None else None
        window = Window(rule)
        # Rules over histories ask for the period themselves, of the day that a reward is for.
        open_ended = isinstance(rule, CANONICAL)
        self.start = float("-inf") if open_ended else window.start
        self.end = float("inf") if open_ended else window.end
        self.not_started, self.ended = window.not_started, window.ended
        self.weekdays = sum(1 << day for day in set(rule.weekdays)) if rule.weekdays is not None else _EVERY_DAY
        program = compile_condition(rule.when) if rule.when is not None else None
        self.execute: Any = program.execute if program is not None else None
        self.variables = frozenset(program.variables()) if program is not None else frozenset()
        self.other_weekday, self.condition_false = Skip(rule.id, "other_weekday"), Skip(rule.id, "condition_false")

    def meets(self, city: str | None) -> bool:
        """Whether events of `city` concern the rule."""
        return self.cities is None or city in self.cities


class _Scope:
    """The candidates for one event type and city."""

    __slots__ = ("candidates", "make_context", "out_of_scope")

    def __init__(self, event_type: str, candidates: Iterable[_Live], left_out: list[Skip]) -> None:
        self.candidates = tuple(candidates)
        names = {name for live in self.candidates for name in live.variables}
        self.make_context = context_maker(event_type, names & variables_of(event_type).keys())
        self.out_of_scope = msgspec.Raw(msgspec.json.encode(left_out)) if left_out else NOTHING


class _Listeners:
    """The rules that listen to one event type."""

    __slots__ = ("_scopes", "cities", "event_type", "live", "paused")

    def __init__(self, event_type: str) -> None:
        self.event_type = event_type
        self.live: list[_Live] = []
        self.paused: list[Skip] = []
        self.cities: set[str] = set()
        self._scopes: dict[str | None, _Scope] = {}

    def scope(self, city: str | None) -> _Scope:
        """The candidates for events of `city`; all cities that no rule names share one."""
        found = self._scopes.get(city)
        if found is None:
            if city is not None and city not in self.cities:
                return self.scope(None)
            if len(self._scopes) >= _MOST_SCOPES:
                self._scopes.clear()
            inside = [live for live in self.live if live.meets(city)]
            outside = [Skip(live.id, "other_city") for live in self.live if not live.meets(city)]
            found = self._scopes[city] = _Scope(self.event_type, inside, [*self.paused, *outside])
        return found


class CompiledProgramme:
    """Evaluates events. Pure: the same event and facts give the same result, for ever."""

    def __init__(
        self, programme: Programme, version: int, listeners: dict[str, _Listeners], calendar: BusinessCalendar
    ) -> None:
        self.programme = programme
        self.version = version
        self.calendar = calendar
        self._listeners = listeners

    def evaluate(self, event: Event, before: MemberFacts, after: MemberFacts) -> Evaluation:
        """What the event brings about. `before` and `after`: facts of its member without and with it.

        Raises `RuleFailed` where a condition can be neither true nor false.
        """
        listeners = self._listeners.get(event.body.type)
        scene = Scene(event, before, after)
        skipped = scene.skipped
        if listeners is None:
            return Evaluation(scene.grants, scene.awards, scene.moves, scene.withdrawals, skipped, NOTHING)
        scope = listeners.scope(event.body.city)
        at, weekday, context = event.occurred_at.timestamp(), event.business_on.isoweekday(), None
        for live in scope.candidates:
            if not live.start <= at < live.end:
                skipped.append(live.not_started if at < live.start else live.ended)
            elif not live.weekdays >> weekday & 1:
                skipped.append(live.other_weekday)
            elif live.execute is None:
                live.apply(scene)
            else:
                if context is None:
                    context = scope.make_context(scene, self.calendar.local)
                try:
                    holds = live.execute(context)
                except Exception as error:  # whatever the library raises: it is no answer
                    detail = f"{type(error).__name__}: {str(error)[:300]}"
                    raise RuleFailed(live.id, live.version, detail) from error
                if holds is True:
                    live.apply(scene)
                elif holds is False:
                    skipped.append(live.condition_false)
                else:
                    detail = f"the condition gave {type(holds).__name__}, not true or false"
                    raise RuleFailed(live.id, live.version, detail)
        for settle, held in scene.together.items():
            settle(scene, held)
        return Evaluation(scene.grants, scene.awards, scene.moves, scene.withdrawals, skipped, scope.out_of_scope)


def compile_programme(programme: Programme, *, version: int, versions: Mapping[str, int]) -> CompiledProgramme:
    """The programme ready to evaluate. `versions`: rule id → the version in which the rule last changed.

    The programme must be free of faults (`check_programme`): a fault here is a bug, not a refusal.
    """
    makings = Makings(programme)
    bases = {rule.id: rule for rule in programme.rules if isinstance(rule, PerAmount)}
    multiplied = {rule.of for rule in programme.rules if isinstance(rule, Multiplier)}
    stacks = stacks_of(programme)
    listeners: dict[str, _Listeners] = {}
    # A multiplier asks whether its base held, so bases come first; otherwise the order is the document's.
    for rule in sorted(programme.rules, key=lambda rule: not isinstance(rule, PerAmount)):
        base = bases[rule.of] if isinstance(rule, Multiplier) else None
        live = None
        if not rule.paused:
            rule_version = versions.get(rule.id, version)
            apply = _decision(rule, base, rule_version, makings, rule.id in multiplied, stacks.get(rule.id))
            live = _Live(rule, rule_version, apply)
        for event_type in listens(rule, base):
            here = listeners.setdefault(event_type, _Listeners(event_type))
            if live is None:
                here.paused.append(Skip(rule.id, "paused"))
            else:
                here.live.append(live)
                here.cities |= live.cities or set()
    return CompiledProgramme(programme, version, listeners, makings.calendar)


def _decision(
    rule: Rule, base: PerAmount | None, version: int, makings: Makings, multiplied: bool, stack: Stack | None
) -> Apply:
    match rule:
        case PerAmount():
            return per_amount(rule, version, makings, multiplied=multiplied)
        case Multiplier():
            assert base is not None
            return multiplier(rule, base, version, makings, stack)
        case Fixed():
            return fixed(rule, version, makings)
        case Streak():
            return streak(rule, version, makings)
        case Goal():
            return goal(rule, version, makings)
        case Invitation():
            return invitation(rule, version, makings)
        case Share():
            return share(rule, version, makings)
