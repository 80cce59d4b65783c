"""Publication's gate: reads a programme document and names every fault by its place. Nothing faulty is ever stored."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from linli.rules import checks_deduction, checks_rewards
from linli.rules.arrivals import arrival_faults
from linli.rules.conditions import check_condition
from linli.rules.documents import Fault, Unreadable, pointer, read_document
from linli.rules.outcome import FaultyProgramme
from linli.rules.programme import (
    ALLOWED,
    CANONICAL,
    MOST_RULES,
    Budget,
    Fixed,
    Multiplier,
    PerAmount,
    Programme,
    Rule,
    is_essential,
    listens,
)  # fmt: skip
from linli.rules.tokens import Problem
from linli.rules.variables import variables_of
from linli.words.events import CATALOGUE

MOST_FAULTS = 100
MOST_CONDITION_CHARACTERS = 200_000
"""Of all conditions together: each is run on samples, and publication must answer within seconds."""
_AT = re.compile(r" - at `\$(.*)`\Z", re.DOTALL)
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]")
_FIELD = re.compile(r"(?:unknown|required) field `([^`]*)`")


def check_programme(document: bytes) -> list[Fault]:
    """Every fault of the document (JSON or YAML), at most 100; [] when it may be published. Never raises."""
    return _read(document).faults


def readable_part(document: bytes) -> tuple[Programme | None, list[Fault]]:
    """(as much of the programme as can be read, every fault): rules that cannot be are left out. Never raises.

    None where the programme itself, or its time zone, cannot be read.
    """
    read = _read(document)
    if read.shell is None or not _zone_exists(read.shell.timezone):
        return None, read.faults
    return msgspec.structs.replace(read.shell, rules=tuple(filter(None, read.rules))), read.faults


def decode_programme(document: bytes) -> Programme:
    """The programme that the document describes. Raises `FaultyProgramme`."""
    read = _read(document)
    if read.shell is None or read.faults:
        raise FaultyProgramme(read.faults)
    return msgspec.structs.replace(read.shell, rules=tuple(filter(None, read.rules)))


class _Read(NamedTuple):
    """A document as far as it can be read. `shell` has no rules; in `rules`, None is one that cannot be read."""

    shell: Programme | None
    rules: list[Rule | None]
    faults: list[Fault]


def _read(document: bytes) -> _Read:
    try:
        value = read_document(document)
    except Unreadable as error:
        return _Read(None, [], [error.fault])
    if not isinstance(value, dict):
        return _Read(None, [], [Fault("", "schema", "the document is not an object")])
    rules = value.get("rules", [])
    if not isinstance(rules, list):
        return _Read(None, [], [Fault("/rules", "schema", "rules is not an array")])
    if len(rules) > MOST_RULES:
        return _Read(
            None, [], [Fault("/rules", "too_many_rules", f"{len(rules)} rules; at most {MOST_RULES} are allowed")]
        )
    if (length := _condition_characters(rules)) > MOST_CONDITION_CHARACTERS:
        reason = f"the conditions have {length} characters together; at most {MOST_CONDITION_CHARACTERS} are allowed"
        return _Read(None, [], [Fault("/rules", "condition_cost", reason)])
    faults: list[Fault] = []
    # Rule by rule, so that one faulty rule does not hide the faults of the next.
    shell = _convert({**value, "rules": []}, Programme, (), faults)
    read: list[Rule | None] = [_convert(rule, Rule, ("rules", at), faults) for at, rule in enumerate(rules)]
    for fault in _Checker(shell, read).faults():
        faults.append(fault)
        if len(faults) >= MOST_FAULTS:
            break
    return _Read(shell, read, faults[:MOST_FAULTS])


def _condition_characters(rules: list[Any]) -> int:
    conditions = [rule["when"] for rule in rules if isinstance(rule, dict) and isinstance(rule.get("when"), str)]
    return sum(len(condition) for condition in set(conditions))


def _convert(value: Any, into: Any, place: tuple[str | int, ...], faults: list[Fault]) -> Any:
    try:
        return msgspec.convert(value, into)
    except (msgspec.ValidationError, OverflowError, ValueError, RecursionError) as error:
        message, where = str(error), ""
        found = _AT.search(message)
        if found is not None:
            message, where = message[: found.start()], found.group(1)
        steps: list[str | int] = [name or int(index) for name, index in _STEP.findall(where)]
        field = _FIELD.search(message)
        if field is not None:
            steps.append(field.group(1))
        faults.append(Fault(pointer(*place, *steps), "schema", message[:300]))
        return None


class _Checker:
    """What the structs cannot say: names that must exist, figures that must fit, conditions that must run."""

    def __init__(self, shell: Programme | None, rules: list[Rule | None]) -> None:
        self.shell = shell
        self.rules = rules
        self.bases = {rule.id: rule for rule in rules if isinstance(rule, PerAmount)}
        self.twice = {rule_id for rule_id, n in Counter(rule.id for rule in rules if rule).items() if n > 1}
        self._conditions: dict[tuple[str, frozenset[Any]], Problem | None] = {}

    def faults(self) -> Iterator[Fault]:
        if self.shell is not None:
            yield from self._shell_faults(self.shell)
            yield from checks_rewards.shared(self.shell, self.rules, self.bases)
        checks: tuple[Callable[[Any], Iterator[tuple[str, str, str]]], ...] = (
            self._identity, self._events, self._scopes,
            lambda rule: checks_rewards.figures(rule, self.shell),
            lambda rule: checks_rewards.multiplier(rule, self.bases, self.shell),
            lambda rule: checks_rewards.tiers_asked(rule, self.shell),
            self._arrival, self._condition,
        )  # fmt: skip
        for at, rule in enumerate(self.rules):
            if rule is not None:
                for check in checks:
                    for field, code, reason in check(rule):
                        yield Fault(pointer("rules", at, *field.split("/")), code, reason)

    def _shell_faults(self, shell: Programme) -> Iterator[Fault]:
        if not _zone_exists(shell.timezone):
            yield Fault("/timezone", "unknown_timezone", f"no time zone {shell.timezone!r}")
        if len(set(shell.wallets)) != len(shell.wallets):
            yield Fault("/wallets", "duplicate_wallet", "a wallet is listed twice")
        caps = [cap.id for cap in shell.screening.caps]
        for at, cap in enumerate(caps):
            if cap in caps[:at]:
                yield Fault(pointer("screening", "caps", at, "id"), "duplicate_cap", f"another cap is called {cap!r}")
        yield from self._budget_faults(shell.budget)
        yield from checks_deduction.faults(shell.deduction, [tier.id for tier in shell.tiers])

    def _budget_faults(self, budget: Budget | None) -> Iterator[Fault]:
        if budget is None:
            return
        if budget.warn_percent > budget.pause_percent:
            yield Fault("/budget/warn_percent", "budget", "a warning comes before the pause")
        rules = {rule.id: rule for rule in self.rules if rule}
        for name in budget.rules:
            place = pointer("budget", "rules", name)
            if name not in rules:
                yield Fault(place, "unknown_rule", f"no rule {name!r}")
            elif is_essential(rules[name]):
                yield Fault(place, "essential_rule", "no budget makes it rest, unless it says `essential: false`")

    def _identity(self, rule: Rule) -> Iterator[tuple[str, str, str]]:
        if rule.id in self.twice:
            yield "id", "duplicate_rule", f"another rule is called {rule.id!r}"
        if self.shell is not None and rule.wallet not in self.shell.wallets:
            yield "wallet", "unknown_wallet", f"the programme has no wallet {rule.wallet!r}"
        if rule.starts_at is not None and rule.ends_at is not None and rule.ends_at <= rule.starts_at:
            yield "ends_at", "empty_window", "ends_at is not after starts_at"

    def _events(self, rule: Rule) -> Iterator[tuple[str, str, str]]:
        if rule.on is None:
            if isinstance(rule, Fixed):
                yield "on", "required", "a fixed rule must name its event types"
            return
        allowed = ALLOWED[type(rule)]
        for name in listens(rule):
            if name not in CATALOGUE:
                yield "on", "unknown_event", f"no event type {name[:64]!r}"
            elif name not in allowed:
                kind = rule.__struct_config__.tag
                yield "on", "event_not_allowed", f"{kind} cannot listen to {name}; it may to {', '.join(allowed)}"
        implied = msgspec.structs.replace(rule, on=None)
        if not isinstance(rule, Fixed | PerAmount | Multiplier) and set(listens(rule)) != set(listens(implied)):
            yield "on", "event_not_allowed", f"this rule listens to {', '.join(listens(implied))}: leave `on` out"

    def _scopes(self, rule: Rule) -> Iterator[tuple[str, str, str]]:
        if not isinstance(rule, CANONICAL):
            return
        for field in ("when", "cities", "weekdays"):
            if getattr(rule, field) is not None:
                reason = "the rule counts a history, so a scope of single events would make it depend on their order"
                yield field, "not_for_kind", reason

    def _arrival(self, rule: Rule) -> Iterator[tuple[str, str, str]]:
        return arrival_faults(rule, self.bases.get(rule.of) if isinstance(rule, Multiplier) else None)

    def _condition(self, rule: Rule) -> Iterator[tuple[str, str, str]]:
        if rule.when is None or isinstance(rule, CANONICAL):
            return
        for event_type in listens(rule, self.bases.get(rule.of) if isinstance(rule, Multiplier) else None):
            if event_type not in CATALOGUE:
                continue
            variables = variables_of(event_type)
            # Only what the text may speak of tells two event types apart, so most rules are run once.
            asked: frozenset[Any] = frozenset((name, kind) for name, kind in variables.items() if name in rule.when)
            key = (rule.when, asked)
            if key not in self._conditions:
                self._conditions[key] = check_condition(rule.when, variables)
            problem = self._conditions[key]
            if problem is not None:
                yield "when", problem.code, f"{problem.reason} (on {event_type})"
                return


def _zone_exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return False
    return True
