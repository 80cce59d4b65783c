"""Multipliers reckoned together: best of, add, multiply; line by line; rounding; and refunds of all that."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.rules import reprice
from linli.rules.stacking import extras
from linli.words.events import Order
from linli.words.grants import Award, Part, Refunded
from tests.rules.build import BASE, compiled, evaluate, order, points, reasons

FRESH, RICE = {"paid_fen": 1990, "category": "fresh"}, {"paid_fen": 2990, "category": "grain"}
MODES = ("down", "half_up", "up")


def times(rule_id: str, factor: int, per: int = 1, **fields: Any) -> dict[str, Any]:
    return {"id": rule_id, "kind": "multiplier", "of": "base", "factor": {"times": factor, "per": per}, **fields}


def stacking(across: str = "add", **groups: str) -> dict[str, Any]:
    return {"across": across, "groups": [{"id": name, "combine": combine} for name, combine in groups.items()]}


DOUBLE = times("double", 2, group="g")
TRIPLE = times("triple", 3, group="g")
HALF_MORE = times("half", 3, 2)


@pytest.mark.parametrize(
    ("settings", "earned"),
    [
        (stacking(g="best"), {"triple": 20, "half": 5}),
        (stacking(g="add"), {"double": 10, "triple": 20, "half": 5}),
        (stacking(g="multiply"), {"double": 10, "triple": 40, "half": 5}),
        (stacking("multiply", g="best"), {"triple": 20, "half": 15}),  # ×3, then half more of thirty
        (stacking("multiply", g="add"), {"double": 10, "triple": 20, "half": 20}),  # ×4
        (stacking("multiply", g="multiply"), {"double": 10, "triple": 40, "half": 30}),  # ×6
    ],
)
def test_how_factors_combine(settings: dict[str, Any], earned: dict[str, int]) -> None:
    rules = compiled(BASE, HALF_MORE, DOUBLE, TRIPLE, stacking=settings)
    result = evaluate(rules, order(1000))
    assert points(result) == {f"order:o1:{rule}": n for rule, n in {"base": 10, **earned}.items()}
    beaten = {"double": "not_best"} if "double" not in earned else {}
    assert reasons(result) == beaten
    assert [skip.detail for skip in result.skipped] == [{"best": "triple"}] * len(beaten)


def test_groups_count_in_the_order_stated_and_not_in_the_rules_own() -> None:
    first, second = times("first", 2, group="a"), times("second", 3, group="b")
    one = evaluate(compiled(BASE, second, first, stacking=stacking("multiply", a="best", b="best")), order(1000))
    other = evaluate(compiled(BASE, first, second, stacking=stacking("multiply", b="best", a="best")), order(1000))
    assert points(one) == {"order:o1:base": 10, "order:o1:first": 10, "order:o1:second": 40}
    assert points(other) == {"order:o1:base": 10, "order:o1:second": 20, "order:o1:first": 30}


def test_the_best_is_found_line_by_line() -> None:
    fresh = times("fresh", 3, group="g", lines={"categories": ["fresh"]})
    rules = compiled(BASE, DOUBLE, fresh, stacking=stacking(g="best"))
    result = evaluate(rules, order(4980, FRESH, RICE))
    assert points(result) == {"order:o1:base": 49, "order:o1:double": 29, "order:o1:fresh": 39}
    assert {award.rule: award.parts for award in result.awards} == {
        "base": (Part(1, 100),),
        "double": (Part(1, 100, (1, 2)),),
        "fresh": (Part(1, 50, (0,)),),
    }
    only_fresh = evaluate(rules, order(1990, FRESH))
    assert points(only_fresh) == {"order:o1:base": 19, "order:o1:fresh": 39}


def test_a_multiplied_factor_has_a_rate_for_each_part_of_the_order() -> None:
    fresh = times("fresh", 3, group="a", lines={"categories": ["fresh"]})
    everything = times("all", 2, group="b")
    rules = compiled(BASE, fresh, everything, stacking=stacking("multiply", a="best", b="best"))
    result = evaluate(rules, order(4980, FRESH, RICE))
    award = next(award for award in result.awards if award.rule == "all")
    assert award.parts == (Part(3, 100, (0,)), Part(1, 100, (1, 2)))
    assert points(result)["order:o1:all"] == (1990 * 3 + 2990) // 100 == 89


def test_what_does_not_hold_takes_no_part() -> None:
    rules = compiled(
        BASE, DOUBLE, {**TRIPLE, "cities": ["hangzhou"]}, times("five", 5, group="g", when="paid_fen > 5000"),
        stacking=stacking(g="best"),
    )  # fmt: skip
    assert points(evaluate(rules, order(1000))) == {"order:o1:base": 10, "order:o1:double": 10}
    assert points(evaluate(rules, order(1000, city="hangzhou"))) == {"order:o1:base": 10, "order:o1:triple": 20}


def test_equals_go_to_the_one_listed_first() -> None:
    rules = compiled(BASE, times("b", 2, group="g"), times("a", 2, group="g"), stacking=stacking(g="best"))
    assert points(evaluate(rules, order(1000))) == {"order:o1:base": 10, "order:o1:b": 10}


# --- brute force -----------------------------------------------------------------------------------------------------

factors = st.fractions(min_value=1, max_value=10, max_denominator=7)
group_members = st.lists(factors, min_size=1, max_size=4)
combined = st.sampled_from(("best", "add", "multiply"))


@given(st.lists(st.tuples(combined, group_members), min_size=1, max_size=4), st.sampled_from(("add", "multiply")))
def test_extras_add_up_to_the_factor_of_all(groups: list[tuple[Any, list[Fraction]]], across: str) -> None:
    entries = [(at, combine, factor) for at, (combine, members) in enumerate(groups) for factor in members]
    of_group = [
        max(members) if how == "best" else 1 + sum(f - 1 for f in members) if how == "add" else prod(members)
        for how, members in groups
    ]
    whole = prod(of_group) if across == "multiply" else 1 + sum(factor - 1 for factor in of_group)
    assert 1 + sum(extras(entries, across)) == whole
    assert all(extra >= 0 for extra in extras(entries, across))


@st.composite
def best_of(draw: st.DrawFn) -> tuple[list[int], list[tuple[tuple[int, int], set[int] | None]]]:
    """(fen of each line, [(factor, the lines that it counts for)])"""
    fens = draw(st.lists(st.integers(1, 5_000), min_size=1, max_size=3))
    places = st.none() | st.sets(st.integers(0, len(fens) - 1), min_size=1)
    factor = st.tuples(st.integers(2, 9), st.integers(1, 8)).filter(lambda pair: pair[0] > pair[1])
    return fens, draw(st.lists(st.tuples(factor, places), min_size=2, max_size=3))


@given(best_of(), st.sampled_from(MODES))
def test_no_choice_of_one_multiplier_for_each_line_beats_the_best_of_a_group(
    asked: tuple[list[int], list[tuple[tuple[int, int], set[int] | None]]], mode: str
) -> None:
    """All choices are tried, each line rounded by itself as `per: line` says."""
    fens, wanted = asked
    found = [
        times(f"m{at}", factor, per, group="g", **({} if places is None else {"lines": {"tags": [f"t{at}"]}}))
        for at, ((factor, per), places) in enumerate(wanted)
    ]
    lines = [
        {"paid_fen": fen, "tags": [f"t{at}" for at, (_, places) in enumerate(wanted) if places and place in places]}
        for place, fen in enumerate(fens)
    ]
    rules = compiled(BASE, *found, stacking=stacking(g="best"), rounding={"mode": mode, "per": "line"})
    result = evaluate(rules, order(sum(fens), *lines))
    earned = sum(grant.points for grant in result.grants if grant.rule != "base")

    def worth(choice: tuple[int, ...]) -> int:
        total = 0
        for place, at in enumerate(choice):
            (factor, per), places = wanted[at]
            if places is None or place in places:
                total += _round(Fraction(fens[place] * (factor - per), per * 100), mode)
        return total

    assert earned == max(worth(choice) for choice in product(range(len(wanted)), repeat=len(fens)))


def _round(value: Fraction, mode: str) -> int:
    if mode == "down":
        return value.numerator // value.denominator
    return -(-value.numerator // value.denominator) if mode == "up" else int(value + Fraction(1, 2))


# --- rounding and refunds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "per", "earned"),
    [
        ("down", "order", 4), ("half_up", "order", 5), ("up", "order", 5),
        ("down", "line", 3), ("half_up", "line", 5), ("up", "line", 6),
    ],
)  # fmt: skip
def test_rounding_once_or_line_by_line(mode: str, per: str, earned: int) -> None:
    lines = [{"paid_fen": fen} for fen in (150, 140, 160)]
    result = evaluate(compiled(BASE, rounding={"mode": mode, "per": per}), order(450, *lines))
    assert points(result) == {"order:o1:base": earned}
    assert evaluate(compiled(BASE, rounding={"mode": mode, "per": per}), order(400)).grants[0].points == 4


def test_half_goes_up_and_less_does_not() -> None:
    rules = compiled(BASE, rounding={"mode": "half_up"})
    assert [points(evaluate(rules, order(fen))) for fen in (49, 50)] == [{}, {"order:o1:base": 1}]


@st.composite
def stacked_orders(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """(settings of the programme, its multipliers, the order's lines)"""
    names = ["a", "b"]
    settings = {
        "stacking": stacking(draw(st.sampled_from(("add", "multiply"))), **{name: draw(combined) for name in names}),
        "rounding": {"mode": draw(st.sampled_from(MODES)), "per": draw(st.sampled_from(("order", "line")))},
    }
    multipliers = []
    for at in range(draw(st.integers(1, 4))):
        per = draw(st.integers(1, 3))
        scope = draw(st.sampled_from(({}, {"lines": {"categories": ["fresh"]}}, {"lines": {"categories": ["grain"]}})))
        group = draw(st.sampled_from(({}, {"group": "a"}, {"group": "b"})))
        multipliers.append(times(f"m{at}", per + draw(st.integers(1, 5)), per, **scope, **group))
    kinds = st.sampled_from(({"category": "fresh"}, {"category": "grain"}, {}))
    lines = draw(
        st.lists(st.builds(lambda fen, kind: {"paid_fen": fen, **kind}, st.integers(0, 9_999), kinds), max_size=5)
    )
    return settings, multipliers, lines


@given(stacked_orders(), st.data())
def test_partial_refunds_in_any_order_end_as_one_and_never_raise_what_is_left(
    asked: tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]], data: st.DataObject
) -> None:
    settings, multipliers, lines = asked
    paid = sum(line["paid_fen"] for line in lines) if lines else data.draw(st.integers(1, 9_999))
    happened = order(paid, *lines)
    result = evaluate(compiled(BASE, *multipliers, **settings), happened)
    body = happened.body
    assert isinstance(body, Order)
    assert {award.key: reprice(award, body, Refunded()) for award in result.awards} == points(result)
    steps = _refund_steps(lines, paid, data)
    for award in result.awards:
        _check_steps(award, body, steps, data)


def _refund_steps(lines: list[dict[str, Any]], paid: int, data: st.DataObject) -> list[tuple[str | None, int]]:
    """(line id or None, fen) of refunds that give everything back."""
    steps: list[tuple[str | None, int]] = []
    for place, line in enumerate(lines):
        if line["paid_fen"] and data.draw(st.booleans()):
            steps.append((str(place + 1), data.draw(st.integers(1, line["paid_fen"]))))
    left = paid - sum(fen for _, fen in steps)
    while left:
        step = data.draw(st.integers(1, left)) if len(steps) < 6 else left
        steps.append((None, step))
        left -= step
    return steps


def _check_steps(award: Award, body: Order, steps: list[tuple[str | None, int]], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(steps))
    left = [reprice(award, body, _after(shuffled[:done])) for done in range(len(shuffled) + 1)]
    assert left == sorted(left, reverse=True)
    assert left[-1] == 0
    done = data.draw(st.integers(0, len(steps)))
    again = data.draw(st.permutations(shuffled[:done]))
    assert reprice(award, body, _after(again)) == left[done]
    assert reprice(award, body, Refunded(cancelled=True)) == 0


def _after(steps: list[tuple[str | None, int]]) -> Refunded:
    by_line: dict[str, int] = {}
    for line_id, fen in steps:
        if line_id is not None:
            by_line[line_id] = by_line.get(line_id, 0) + fen
    return Refunded(by_line, sum(fen for line_id, fen in steps if line_id is None))
