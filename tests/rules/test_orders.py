"""`per_amount` and `multiplier`: figures, filters, minimum, awards, and the refund formula."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.rules import reprice
from linli.words.events import Order, OrderLine, OrderPaid
from linli.words.grants import Award, Part, Refunded
from tests.rules.build import BASE, compiled, evaluate, event, order, points, reasons

FRESH = {"lines": {"categories": ["fresh"]}}
DOUBLE = {"id": "double", "kind": "multiplier", "of": "base", "factor": {"times": 2}}
LINES: tuple[dict[str, Any], ...] = (
    {"paid_fen": 1550, "category": "fresh", "tags": ["promotion"]},
    {"paid_fen": 1480, "category": "daily_goods"},
    {"paid_fen": 90, "category": "fresh"},
)


@pytest.mark.parametrize(("paid_fen", "earned"), [(3000, 30), (3099, 30), (100, 1), (99, None), (0, None)])
def test_base_rounds_down_once_per_order(paid_fen: int, earned: int | None) -> None:
    result = evaluate(compiled(BASE), order(paid_fen))
    assert points(result) == ({"order:o1:base": earned} if earned else {})
    assert reasons(result) == ({} if earned else {"base": "too_small"})


def test_a_grant_says_all_that_the_ledger_needs() -> None:
    rules = compiled({**BASE, "funder": "supplier:a", "settle_after_days": 7}, versions={"base": 2})
    grant = evaluate(rules, order(3000, at="2026-02-28T23:59:59+08:00", event_id="e9")).grants[0]
    assert (grant.member_id, grant.rule, grant.rule_version, grant.wallet) == ("m1", "base", 2, "points")
    assert (grant.funder, grant.order_id, grant.source, grant.event_id) == ("supplier:a", "o1", "platform", "e9")
    assert (grant.earned_on, grant.settle_on) == (date(2026, 2, 28), date(2026, 3, 7))
    assert grant.expires_on == date(2027, 2, 28)


def test_leap_day_and_midnight() -> None:
    late = evaluate(compiled(BASE), order(100, at="2028-02-29T15:59:59+00:00")).grants[0]
    assert (late.earned_on, late.settle_on, late.expires_on) == (date(2028, 2, 29), date(2028, 3, 1), date(2029, 2, 28))
    next_day = evaluate(compiled(BASE), order(100, at="2028-02-29T16:00:00+00:00")).grants[0]
    assert next_day.earned_on == date(2028, 3, 1)


def test_an_order_of_one_yuan_earns_nothing_and_is_not_multiplied() -> None:
    rules = compiled({**BASE, "min_order_fen": 101}, DOUBLE)
    assert reasons(evaluate(rules, order(100))) == {"base": "below_minimum", "double": "base_not_earned"}
    assert points(evaluate(rules, order(101))) == {"order:o1:base": 1, "order:o1:double": 1}


def test_line_filters_add_up_before_rounding() -> None:
    result = evaluate(compiled({**BASE, **FRESH}), order(3120, *LINES))
    assert points(result) == {"order:o1:base": 16}  # 1550 + 90 fen
    assert result.awards == [Award("order:o1:base", "base", 3, (Part(1, 100, (0, 2)),))]
    assert reasons(evaluate(compiled({**BASE, **FRESH}), order(1480, LINES[1]))) == {"base": "no_line_matches"}
    assert reasons(evaluate(compiled({**BASE, **FRESH}), order(1480))) == {"base": "no_line_matches"}


def test_category_and_tag_must_both_match() -> None:
    both = {**BASE, "lines": {"categories": ["fresh"], "tags": ["promotion", "high_margin"]}}
    assert points(evaluate(compiled(both), order(3120, *LINES))) == {"order:o1:base": 15}


def test_multipliers_add_and_keep_to_the_lines_of_their_base() -> None:
    promotion = {**DOUBLE, "id": "promo", "factor": {"times": 3, "per": 2}, "lines": {"tags": ["promotion"]}}
    result = evaluate(compiled({**BASE, **FRESH}, DOUBLE, promotion), order(3120, *LINES))
    assert points(result) == {"order:o1:base": 16, "order:o1:double": 16, "order:o1:promo": 7}  # 1550 ÷ 200
    assert [award.parts for award in result.awards] == [
        (Part(1, 100, (0, 2)),), (Part(1, 100, (0, 2)),), (Part(1, 200, (0,)),),
    ]  # fmt: skip


def test_a_multiplier_stands_on_a_base_that_holds_even_when_listed_first() -> None:
    away = {**BASE, "cities": ["hangzhou"]}
    assert points(evaluate(compiled(DOUBLE, BASE), order(500))) == {"order:o1:base": 5, "order:o1:double": 5}
    assert reasons(evaluate(compiled(DOUBLE, away), order(500))) == {"double": "base_not_earned"}
    assert reasons(evaluate(compiled(DOUBLE, {**BASE, "when": "paid_fen > 500"}), order(500))) == {
        "base": "condition_false",
        "double": "base_not_earned",
    }


def test_a_multiplier_follows_its_base_to_another_event() -> None:
    rules = compiled({**BASE, "on": "order.completed"}, DOUBLE)
    done = event("order.completed", order_id="o1", paid_fen=500)
    assert points(evaluate(rules, done)) == {"order:o1:base": 5, "order:o1:double": 5}
    assert points(evaluate(rules, order(500))) == {}


# --- refunds ---------------------------------------------------------------------------------------------------------

rates = st.tuples(st.integers(1, 50), st.integers(1, 500))
fens = st.lists(st.integers(0, 20_000), min_size=1, max_size=6)


def _order(paid: list[int], unlisted: int = 0) -> Order:
    lines = tuple(OrderLine(sku="s", paid_fen=fen) for fen in paid)
    return OrderPaid(member_id="m1", order_id="o1", paid_fen=sum(paid) + unlisted, lines=lines)


@st.composite
def refund_paths(draw: st.DrawFn) -> tuple[Order, Award, list[Refunded]]:
    """An order, an award on some of its lines, and cumulative refunds step by step until all is given back."""
    paid = draw(fens)
    whole = _order(paid, draw(st.integers(0, 2_000)))
    places = draw(
        st.none() | st.sets(st.integers(0, len(paid) - 1), min_size=1).map(lambda found: tuple(sorted(found)))
    )
    points_, per_fen = draw(rates)
    path, by_line, loose, left = [Refunded()], {}, 0, whole.paid_fen
    while left:
        step = draw(st.integers(1, left)) if len(path) < 8 else left
        place = draw(st.none() | st.integers(0, len(paid) - 1)) if len(path) < 8 else None
        if place is None:
            loose += step
        else:
            by_line = {**by_line, str(place + 1): by_line.get(str(place + 1), 0) + step}
        left -= step
        path.append(Refunded(by_line, loose))
    return whole, Award("k", "base", 1, (Part(points_, per_fen, places),)), path


@given(refund_paths())
def test_refunds_step_by_step_only_lower_and_end_where_one_full_refund_does(
    path: tuple[Order, Award, list[Refunded]],
) -> None:
    whole, award, steps = path
    left = [reprice(award, whole, step) for step in steps]
    (part,) = award.parts
    counted = whole.paid_fen if part.lines is None else sum(whole.lines[at].paid_fen for at in part.lines)
    assert left[0] == counted * part.points // part.per_fen
    assert left == sorted(left, reverse=True)
    assert min(left) >= 0
    assert left[-1] == 0 == reprice(award, whole, Refunded(unallocated_fen=whole.paid_fen))
    assert reprice(award, whole, Refunded(cancelled=True)) == 0


@given(fens, st.integers(0, 100), st.data())
def test_the_shares_of_an_unallocated_refund_never_exceed_it(
    paid: list[int], percent: int, data: st.DataObject
) -> None:
    whole = _order(paid)
    given_back = whole.paid_fen * percent // 100
    alone = [Award("k", "base", 1, (Part(1, 1, (at,)),)) for at in range(len(paid))]
    kept = sum(reprice(award, whole, Refunded(unallocated_fen=given_back)) for award in alone)
    assert whole.paid_fen - given_back - len(paid) <= kept <= whole.paid_fen - given_back


@pytest.mark.parametrize(
    ("refunded", "left"),
    [
        (Refunded(), 16),
        (Refunded({"1": 1550}), 0),  # 90 fen remain: rounded down
        (Refunded({"2": 1480}), 16),  # a line that did not count
        (Refunded(unallocated_fen=1560), 8),  # half of the order: 820 fen
        (Refunded({"9": 1560}), 8),  # a line that is not there counts as unallocated
        (Refunded({"2": 1480}, unallocated_fen=820), 8),  # half of what was left
        (Refunded({"1": 9_999}), 0),
    ],
)
def test_partial_refunds_by_line(refunded: Refunded, left: int) -> None:
    happened = order(3120, *LINES)
    award = evaluate(compiled({**BASE, **FRESH}), happened).awards[0]
    body = happened.body
    assert isinstance(body, Order)
    assert reprice(award, body, refunded) == left


def test_what_was_paid_for_no_line_bears_its_part_of_a_refund() -> None:
    delivery = _order([1000, 1000], unlisted=1000)
    award = Award("k", "base", 1, (Part(1, 1, (0,)),))
    assert reprice(award, delivery, Refunded(unallocated_fen=1500)) == 500


def test_a_fixed_reward_per_order_goes_back_in_proportion() -> None:
    rules = compiled({"id": "bonus", "kind": "fixed", "on": "order.paid", "limit": "order", "points": 50})
    happened = order(3000)
    result = evaluate(rules, happened)
    assert points(result) == {"order:o1:bonus": 50}
    body = happened.body
    assert isinstance(body, Order)
    assert [reprice(result.awards[0], body, Refunded(unallocated_fen=fen)) for fen in (0, 1500, 3000)] == [50, 25, 0]
    assert reasons(evaluate(rules, order(0))) == {"bonus": "too_small"}
