"""What checking in brings: today, and at the next reward of a streak. Pure, by the same rules that will judge it."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec
from msgspec.structs import replace

from linli.kit.clock import BusinessCalendar
from linli.rules.compiled import CompiledProgramme
from linli.rules.outcome import RuleFailed
from linli.rules.periods import Window
from linli.rules.programme import Streak
from linli.words.events import Event
from linli.words.facts import Days, MemberFacts
from linli.words.grants import Grant

MOST_DAYS_AHEAD = 366
"""How far ahead a reward is looked for: no streak is longer."""


class StreakReward(msgspec.Struct, frozen=True):
    """`points` for the `at_days`-th day of the run that is under way; `days_to_go` more days must be in it."""

    at_days: int
    points: int
    days_to_go: int
    rule: str
    """The rule that gives most of it."""


def next_reward(
    compiled: CompiledProgramme, activity: Literal["check_in", "shopping"], days: Days, on: date, wallet: str
) -> StreakReward | None:
    """The soonest reward of a streak of `activity`, if every day from now on is in it; None where none is promised.

    Rewards of several rules on one day are added up. The rules are those of today: what changes later is not known.
    """
    run, left_today = days.run_until(on), not days.has(on)
    found: dict[int, list[Streak]] = {}
    for rule in compiled.programme.rules:
        if isinstance(rule, Streak) and rule.activity == activity and rule.wallet == wallet and not rule.paused:
            to_go = _days_to_go(rule, run, on, left_today, compiled.calendar)
            if to_go is not None:
                found.setdefault(to_go, []).append(rule)
    if not found:
        return None
    to_go = min(found)
    rules = found[to_go]
    most = max(rules, key=lambda rule: rule.points)
    return StreakReward(run + to_go, sum(rule.points for rule in rules), to_go, most.id)


def _days_to_go(rule: Streak, run: int, on: date, left_today: bool, calendar: BusinessCalendar) -> int | None:
    """Days that are still to be in the run until the first of its rewards whose date lies in the rule's period."""
    window = Window(rule)
    first = rule.days - run % rule.days
    for to_go in range(first, MOST_DAYS_AHEAD + 1, rule.days):
        seconds = calendar.starts_at(date.fromordinal(on.toordinal() + to_go - left_today)).timestamp()
        if seconds >= window.end:
            return None
        if seconds >= window.start:
            return to_go
    return None


def check_in_claims(compiled: CompiledProgramme, event: Event, facts: MemberFacts, wallet: str) -> list[Grant]:
    """The grants that a check-in promises its member, judged as if its day had not been counted yet.

    Whether one of them was given before (once a life, a month) is for the caller to look up by its key. A check-in
    whose condition fails promises nothing yet: the real one would be parked.
    """
    before = replace(facts, check_in_days=facts.check_in_days.without_day(event.business_on))
    after = replace(before, check_in_days=before.check_in_days.with_day(event.business_on))
    try:
        found = compiled.evaluate(event, before, after)
    except RuleFailed:
        return []
    return [grant for grant in found.grants if grant.member_id == event.member_id and grant.wallet == wallet]
