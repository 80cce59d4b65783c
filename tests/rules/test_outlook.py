"""What checking in will bring: the outlook says what the rules then give."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.rules import StreakReward, check_in_claims, next_reward
from linli.words.facts import NO_FACTS, Days, MemberFacts
from tests.rules.build import Ledger, compiled, event

DAILY = {"id": "daily", "kind": "fixed", "on": "check_in", "points": 10, "limit": "day"}
WEEK = {"id": "week", "kind": "streak", "activity": "check_in", "days": 7, "points": 50}
TODAY = date(2026, 11, 22)


def run(days: int, until: date = TODAY) -> Days:
    """So many days in a row up to `until`."""
    found = Days()
    for back in range(days):
        found = found.with_day(until - timedelta(days=back))
    return found


@given(st.sets(st.integers(0, 60)), st.integers(0, 60), st.integers(0, 60))
def test_sets_of_days(days: set[int], low: int, high: int) -> None:
    first = date(2026, 11, 1)
    found = Days()
    for day in days:
        found = found.with_day(first + timedelta(days=day))
    listed = found.between(first + timedelta(days=low), first + timedelta(days=high))
    assert listed == [first + timedelta(days=day) for day in sorted(days) if low <= day <= high]
    without = found.without_day(first + timedelta(days=low))
    assert [without.has(first + timedelta(days=day)) for day in range(61)] == [
        day in days - {low} for day in range(61)
    ]  # fmt: skip
    back = without.with_day(first + timedelta(days=low)) if low in days else without
    assert [back.has(first + timedelta(days=day)) for day in range(61)] == [day in days for day in range(61)]


@pytest.mark.parametrize(
    ("days", "checked_in", "at_days", "to_go"),
    [(0, False, 7, 7), (1, True, 7, 6), (6, False, 7, 1), (6, True, 7, 1), (7, True, 14, 7), (7, False, 14, 7)],
)
def test_the_next_reward_counts_today_where_it_is_open(days: int, checked_in: bool, at_days: int, to_go: int) -> None:
    there = run(days, TODAY if checked_in else TODAY - timedelta(days=1))
    assert next_reward(compiled(WEEK), "check_in", there, TODAY, "points") == StreakReward(at_days, 50, to_go, "week")


@given(st.integers(0, 40), st.booleans())
def test_what_is_foreseen_is_what_comes(days: int, checked_in: bool) -> None:
    """Check in every day from now on: the first reward of a streak is the one that was foreseen."""
    rules = compiled({**WEEK, "days": 5}, {**WEEK, "id": "nine", "days": 9, "points": 7})
    there = run(days, TODAY if checked_in else TODAY - timedelta(days=1))
    foreseen = next_reward(rules, "check_in", there, TODAY, "points")
    assert foreseen is not None
    ledger = Ledger(rules, MemberFacts(check_in_days=there))
    start = TODAY + timedelta(days=checked_in and bool(days))
    for later in range(foreseen.days_to_go):
        on = start + timedelta(days=later)
        assert not ledger.kept
        ledger.take([event("check_in", f"{on}T12:00:00+08:00", event_id=f"e{later}")])
    assert sum(grant.points for grant in ledger.kept.values()) == foreseen.points


def test_rewards_of_one_day_are_added_up() -> None:
    rules = compiled(WEEK, {**WEEK, "id": "fortnight", "days": 14, "points": 100})
    there = run(12)
    assert next_reward(rules, "check_in", there, TODAY, "points") == StreakReward(14, 150, 2, "fortnight")


@pytest.mark.parametrize(
    ("period", "to_go"),
    [
        ({"ends_at": "2026-11-28T00:00:00+08:00"}, None),  # the seventh day is the 28th: over by then
        ({"ends_at": "2026-11-28T00:00:01+08:00"}, 7),
        ({"starts_at": "2026-11-28T00:00:00+08:00"}, 7),
        ({"starts_at": "2026-11-28T00:00:01+08:00"}, 14),
        ({"paused": True}, None),
        ({"wallet": "team"}, None),
        ({"activity": "shopping"}, None),
    ],
)
def test_a_reward_must_lie_in_its_period(period: dict[str, object], to_go: int | None) -> None:
    found = next_reward(compiled({**WEEK, **period}), "check_in", Days(), TODAY, "points")
    assert (found.days_to_go if found else None) == to_go


def test_claims_are_those_of_the_day_whether_it_was_counted_or_not() -> None:
    rules, happened = compiled(DAILY, WEEK), event("check_in")
    before, after = MemberFacts(check_in_days=run(6, TODAY - timedelta(days=1))), MemberFacts(check_in_days=run(7))
    keys = {"day:daily:2026-11-22": 10, "streak:week:2026-11-22": 50}
    for facts in (before, after):
        assert {claim.key: claim.points for claim in check_in_claims(rules, happened, facts, "points")} == keys
    assert check_in_claims(rules, happened, after, "team") == []


def test_a_condition_that_fails_promises_nothing() -> None:
    rules = compiled({**DAILY, "when": "100 / (day - 22) > 0"}, WEEK)
    assert check_in_claims(rules, event("check_in"), NO_FACTS, "points") == []
