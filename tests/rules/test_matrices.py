"""Matrices tier × city, tiers by time, and the birthday month."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.earning import apply_event
from linli.words.events import Event
from linli.words.facts import NO_FACTS, MemberFacts, TierSince
from tests.rules.build import BASE, NAME, compiled, evaluate, event, order, points, reasons

TIERS = [{"id": tier, "name": NAME} for tier in ("silver", "gold")]
FACTORS = {
    "cells": [
        {"tier": "gold", "city": "hangzhou", "factor": {"times": 4}},
        {"tier": "gold", "factor": {"times": 3}},
        {"city": "hangzhou", "factor": {"times": 2}},
        {"tier": "silver", "city": "wuhu", "factor": {"times": 1}},
    ],
    "otherwise": {"times": 3, "per": 2},
}
MATRIX = {"id": "m", "kind": "multiplier", "of": "base", "matrix": FACTORS}


def of(tier: str | None, at: str = "2026-01-01T00:00:00+08:00") -> MemberFacts:
    since = TierSince(datetime.fromisoformat(at), "t", tier) if tier else None
    return MemberFacts(tiers=(since,) if since else ())


@pytest.mark.parametrize(
    ("tier", "city", "extra"),
    [
        ("gold", "hangzhou", 30), ("gold", "wuhu", 20), ("gold", None, 20), ("silver", "hangzhou", 10),
        (None, "hangzhou", 10), ("silver", None, 5), (None, None, 5), ("unheard-of", "wuhu", 5),
        ("silver", "wuhu", None),
    ],
)  # fmt: skip
def test_the_most_specific_cell_holds(tier: str | None, city: str | None, extra: int | None) -> None:
    rules = compiled(BASE, MATRIX, tiers=TIERS)
    for _ in range(2):  # the second time from what is remembered
        result = evaluate(rules, order(1000, city=city), of(tier))
        assert points(result).get("order:o1:m") == extra
        assert reasons(result) == ({} if extra else {"m": "cell_gives_nothing"})


def test_without_otherwise_a_member_of_no_cell_gets_nothing() -> None:
    rules = compiled(BASE, {**MATRIX, "matrix": {"cells": FACTORS["cells"]}}, tiers=TIERS)
    assert reasons(evaluate(rules, order(1000), of("silver"))) == {"m": "no_cell"}


def test_fixed_points_by_tier_and_city() -> None:
    cells = [{"tier": "gold", "points": 50}, {"city": "wuhu", "points": 0}]
    gift = {"id": "gift", "kind": "fixed", "on": "member.registered", "limit": "life"}
    rules = compiled({**gift, "matrix": {"cells": cells, "otherwise": 5}}, tiers=TIERS)
    told = event("member.registered", city="wuhu")
    assert points(evaluate(rules, told, of("gold"))) == {"once:gift": 50}
    assert points(evaluate(rules, event("member.registered"), of("silver"))) == {"once:gift": 5}
    assert reasons(evaluate(rules, told, of("silver"))) == {"gift": "cell_gives_nothing"}


def test_a_matrix_may_be_of_a_group() -> None:
    other = {"id": "o", "kind": "multiplier", "of": "base", "factor": {"times": 3}, "group": "g"}
    groups = {"groups": [{"id": "g", "combine": "best"}]}
    rules = compiled(BASE, {**MATRIX, "group": "g"}, other, tiers=TIERS, stacking=groups)
    assert points(evaluate(rules, order(1000, city="hangzhou"), of("gold")))["order:o1:m"] == 30
    assert points(evaluate(rules, order(1000), of("silver")))["order:o1:o"] == 20


def test_an_order_is_judged_by_the_tier_of_its_own_time() -> None:
    rules = compiled(BASE, MATRIX, tiers=TIERS)
    facts = NO_FACTS
    for at, tier in (("2026-10-01", "gold"), ("2026-03-01", "silver"), ("2026-12-01", "silver")):
        facts = apply_event(facts, event("member.tier_changed", f"{at}T00:00:00+08:00", tier=tier, event_id=at))
    earned = [
        points(evaluate(rules, order(1000, at=f"{on}T12:00:00+08:00"), facts))["order:o1:m"]
        for on in ("2026-02-01", "2026-03-01", "2026-09-30", "2026-10-01", "2026-12-01")
    ]
    assert earned == [5, 5, 5, 20, 5]
    assert facts.tier_at(datetime.fromisoformat("2026-03-01T00:00:00+08:00")) == "silver"
    assert facts.tier_at(datetime.fromisoformat("2026-02-28T23:59:59+08:00")) == ""


facts_events = st.lists(
    st.one_of(
        st.builds(
            lambda day, tier, n: event(
                "member.tier_changed", f"2026-11-{day:02}T08:00:00+08:00", tier=tier, event_id=f"t{n}"
            ),
            st.integers(1, 5), st.sampled_from(("silver", "gold")), st.integers(0, 9),
        ),
        st.builds(
            lambda day, month: event(
                "member.registered", f"2026-11-{day:02}T08:00:00+08:00", birth_month=month, event_id=f"r{day}{month}"
            ),
            st.integers(1, 5), st.none() | st.integers(1, 12),
        ),
    ),
    max_size=6,
)  # fmt: skip


@given(facts_events, st.randoms())
def test_tiers_and_birth_month_do_not_depend_on_the_order_of_arrival(events: list[Event], chance: Any) -> None:
    def taken(told: list[Event]) -> MemberFacts:
        facts = NO_FACTS
        for one in told:
            facts = apply_event(facts, one)
        return facts

    shuffled = list(events)
    chance.shuffle(shuffled)
    assert taken(events) == taken(shuffled)
    assert msgspec.json.decode(msgspec.json.encode(taken(events)), type=MemberFacts) == taken(events)


def test_conditions_may_ask_for_the_tier_and_the_birthday_month() -> None:
    birthday = {"id": "b", "kind": "multiplier", "of": "base", "factor": {"times": 2}, "when": "birthday_month"}
    gold = {"id": "g", "kind": "fixed", "on": "review.created", "points": 5, "when": "tier in ['gold']"}
    rules = compiled(BASE, birthday, gold, tiers=TIERS)
    born = apply_event(NO_FACTS, event("member.registered", birth_month=11))
    assert "order:o1:b" in points(evaluate(rules, order(1000), born))
    assert reasons(evaluate(rules, order(1000, at="2026-12-01T00:00:00+08:00"), born)) == {"b": "condition_false"}
    assert reasons(evaluate(rules, order(1000))) == {"b": "condition_false"}
    review = event("review.created", review_id="v")
    assert points(evaluate(rules, review, of("gold"))) and not points(evaluate(rules, review, of("silver")))


def test_a_new_tier_may_be_rewarded() -> None:
    gift = {"id": "up", "kind": "fixed", "on": "member.tier_changed", "points": 9, "limit": "life"}
    rules = compiled({**gift, "when": "tier == 'gold'"}, tiers=TIERS)
    assert points(evaluate(rules, event("member.tier_changed", tier="gold"))) == {"once:up": 9}
    assert points(evaluate(rules, event("member.tier_changed", tier="silver"))) == {}
