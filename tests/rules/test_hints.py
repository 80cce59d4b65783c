"""Hints: only what the rules would keep, to this member, here and now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from linli.rules import Asker, Hint, hints_for, limit_keys
from linli.rules.hints import MOST_HINTS
from linli.words.facts import NO_FACTS, FirstOrder, MemberFacts
from tests.rules.build import BASE, SHANGHAI, compiled, evaluate, event

SUNDAY = "2026-11-22T12:00:00+08:00"
FIXED = {"id": "r", "kind": "fixed", "points": 10}


def told(
    *rules: dict[str, Any], at: str = SUNDAY, city: str | None = None, had: frozenset[str] = frozenset(),
    facts: MemberFacts = NO_FACTS, check_in_points: int = 0,
) -> list[Hint]:  # fmt: skip
    """The hints of a programme to a member."""
    asker = Asker("m1", city, None, None, facts, had, check_in_points)
    moment = datetime.fromisoformat(at)
    return hints_for(compiled(*rules), asker, moment, SHANGHAI.date_of(moment), "points")


def codes(*rules: dict[str, Any], **asked: Any) -> list[str]:
    return [hint.code for hint in told(*rules, **asked)]


@pytest.mark.parametrize(
    ("rule", "code", "action"),
    [
        ({"on": "group.formed", "limit": "life"}, "first_group", "group"),
        ({"on": ["group.opened", "group.joined"]}, "group", "group"),
        ({"on": "review.created", "when": "with_picture"}, "review", "review"),
        ({"on": "vote.cast"}, "vote", None),
        ({"on": "order.completed", "limit": "order"}, "order", "shop"),
        ({"on": "share.converted"}, "share", "invite"),
    ],
)
def test_what_can_be_done_about_a_rule(rule: dict[str, Any], code: str, action: str | None) -> None:
    (hint,) = told({**FIXED, **rule})
    assert (hint.code, hint.action, hint.points, hint.rule) == (code, action, 10, "r")


@pytest.mark.parametrize("rule", [{"on": "member.registered"}, {"on": "group.failed"}, {"on": "check_in"}])
def test_what_cannot_be_done_now_is_no_hint(rule: dict[str, Any]) -> None:
    assert codes({**FIXED, **rule}) == []


@pytest.mark.parametrize(
    "scope",
    [
        {"paused": True},
        {"starts_at": "2026-11-22T12:00:01+08:00"},
        {"ends_at": SUNDAY},
        {"weekdays": [6]},
        {"cities": ["上海"]},
        {"wallet": "team"},
        {"when": 'city == "上海"'},
        {"when": "hour < 12"},
        {"when": "weekday < 6 && month == 11"},
        {"when": "100 / (day - 22) > 0"},
    ],
)
def test_a_rule_that_does_not_hold_here_and_now_is_no_hint(scope: dict[str, Any]) -> None:
    assert codes({**FIXED, "on": "vote.cast"}, city="杭州") == ["vote"]
    assert codes({**FIXED, "on": "vote.cast", **scope}, city="杭州") == []


def test_a_condition_that_only_the_event_can_answer_may_hold() -> None:
    assert codes({**FIXED, "on": "review.created", "when": "with_picture && month == 12"}) == ["review"]


@pytest.mark.parametrize("limit", ["day", "month", "life"])
def test_what_was_used_up_is_no_hint(limit: str) -> None:
    """The key under which the rules give is the one that is looked up."""
    rule = {**FIXED, "on": "vote.cast", "limit": limit}
    (grant,) = evaluate(compiled(rule), event("vote.cast", SUNDAY, vote_id="v1")).grants
    assert limit_keys(compiled(rule), grant.earned_on) == [grant.key]
    assert codes(rule) == ["vote"]
    assert codes(rule, had=frozenset([grant.key])) == []
    later = "2027-01-01T00:00:00+08:00"
    assert codes(rule, had=frozenset([grant.key]), at=later) == ([] if limit == "life" else ["vote"])


def test_bonuses_hold_where_their_base_does() -> None:
    double = {"id": "double", "kind": "multiplier", "of": "base", "factor": {"times": 2}}
    assert codes(BASE, double) == ["bonus_period", "shop"]
    assert codes(BASE, {**double, "weekdays": [6, 7]}) == ["bonus_today", "shop"]
    assert codes(BASE, {**double, "weekdays": [6, 7]}, at="2026-11-23T12:00:00+08:00") == ["shop"]
    assert codes(BASE, {**double, "lines": {"categories": ["fresh"]}}) == ["bonus_goods", "shop"]
    assert codes({**BASE, "cities": ["上海"]}, double, city="杭州") == []


def test_the_nearest_goal_of_the_month() -> None:
    goals = [{"id": f"g{fen}", "kind": "goal", "threshold_fen": fen, "points": fen // 100} for fen in (50000, 20000)]
    facts = MemberFacts(month_fen={"2026-11": 19950, "2026-10": 90000})
    (hint,) = told(*goals, facts=facts)
    assert (hint.code, hint.rule, hint.remaining, hint.unit, hint.points) == ("monthly_goal", "g20000", 50, "fen", 200)
    (hint,) = told(*goals, facts=MemberFacts(month_fen={"2026-11": 20000}))
    assert (hint.rule, hint.remaining) == ("g50000", 30000)
    assert codes(*goals, facts=MemberFacts(month_fen={"2026-11": 50000})) == []
    (hint,) = told(*goals, facts=MemberFacts(month_fen={"2026-11": -300}))  # refunds of an earlier time
    assert hint.remaining == 20000
    over = {**goals[0], "ends_at": "2026-11-30T23:59:59+08:00"}  # before the month is
    assert codes(over) == []


def test_invitations() -> None:
    rule = {"id": "i", "kind": "invitation", "inviter_points": 100, "invitee_points": 20}
    assert codes(rule) == ["invitation"]
    invited = MemberFacts(inviter_id="m0")
    assert [(hint.code, hint.points) for hint in told(rule, facts=invited)] == [
        ("first_order", 20),
        ("invitation", 100),
    ]
    at = datetime.fromisoformat(SUNDAY)
    done = MemberFacts(inviter_id="m0", first_order=FirstOrder(at, SHANGHAI.date_of(at), "e", "o"))
    assert codes(rule, facts=done) == ["invitation"]
    assert codes({**rule, "inviter_points": 0, "invitee_points": 20}) == []


def test_check_in_comes_first_and_goes_when_it_is_done() -> None:
    week = {"id": "week", "kind": "streak", "activity": "check_in", "days": 7, "points": 50}
    first, second = told(week, {**FIXED, "on": "vote.cast"}, check_in_points=10)[:2]
    assert (first.code, first.points) == ("check_in", 10)
    assert (second.code, second.remaining, second.unit) == ("check_in_streak", 7, "days")
    six = NO_FACTS.check_in_days
    for day in range(16, 22):
        six = six.with_day(datetime.fromisoformat(f"2026-11-{day}").date())
    # Today's reward of the streak is within what checking in brings.
    assert codes(week, facts=MemberFacts(check_in_days=six), check_in_points=60) == ["check_in"]
    done = six.with_day(datetime.fromisoformat(SUNDAY).date())
    assert codes(week, facts=MemberFacts(check_in_days=done)) == ["check_in_streak"]


def test_a_screenful_at_the_most() -> None:
    votes = [{**FIXED, "id": f"v{place}", "on": "vote.cast"} for place in range(30)]
    found = codes(BASE, *votes, check_in_points=5)
    assert len(found) == MOST_HINTS
    assert found[0] == "check_in"
