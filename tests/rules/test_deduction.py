"""Deduction: rates by product and weekday, caps, and the points that are really needed."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kit.resources import resource
from linli.rules import DeductionPolicy, DeductionQuote, decode_programme, quote_deduction, value_of_points

FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)
FRESH_LIFE = decode_programme((resource("presets") / "fresh-life.yaml").read_bytes()).deduction
NEIGHBOURS = decode_programme((resource("presets") / "neighbours.yaml").read_bytes()).deduction


def _quote(policy: DeductionPolicy = FRESH_LIFE, **asked: Any) -> DeductionQuote:
    plain: dict[str, Any] = {
        "price_fen": 10_000, "category": None, "tags": (), "on": FRIDAY, "available_points": 1_000_000,
    }  # fmt: skip
    return quote_deduction(policy, **{**plain, **asked})


def test_the_example_of_document_b() -> None:
    quote = _quote(tags=("high_margin",), available_points=1500)
    assert quote == DeductionQuote(3000, 1500, 100, 200, 3000, "high_margin")


@pytest.mark.parametrize(
    ("asked", "rate", "points_per_yuan"),
    [
        ({}, "ordinary", 100),
        ({"tags": ("promotion",)}, "promotion", 50),
        ({"tags": ("local", "high_margin")}, "high_margin", 50),
        ({"tags": ("promotion", "high_margin")}, "high_margin", 50),  # equal rates: the one listed first
        ({"category": "fresh"}, "ordinary", 100),
        ({"category": "fresh", "on": SATURDAY}, "weekend_fresh", 50),
        ({"category": "daily_goods", "on": SATURDAY}, "ordinary", 100),
    ],
)
def test_rates_of_document_b(asked: dict[str, Any], rate: str, points_per_yuan: int) -> None:
    quote = _quote(available_points=points_per_yuan, **asked)
    assert (quote.rate, quote.max_deduction_fen, quote.points_needed) == (rate, 100, points_per_yuan)


def test_caps_of_the_two_documents() -> None:
    assert (_quote().max_deduction_fen, _quote().cap_fen) == (3000, 3000)
    assert (_quote(NEIGHBOURS).max_deduction_fen, NEIGHBOURS.cap_per) == (1000, "order")


def test_first_or_best_rate_as_the_policy_says() -> None:
    rates = [
        {"id": "dear", "name": {"zh": "一", "en": "a"}, "points": 100, "fen": 150, "tags": ["a"]},
        {"id": "cheap", "name": {"zh": "二", "en": "b"}, "points": 100, "fen": 300, "tags": ["a", "b"]},
        {"id": "poor", "name": {"zh": "三", "en": "c"}, "points": 100, "fen": 50, "tags": ["c"]},
    ]
    first, best = (msgspec.convert({"rates": rates, "pick": pick}, DeductionPolicy) for pick in ("first", "best"))
    assert (_quote(first, tags=("a",)).rate, _quote(best, tags=("a",)).rate) == ("dear", "cheap")
    assert (_quote(first, tags=("c",)).rate, _quote(best, tags=("c",)).rate) == ("poor", "ordinary")


@pytest.mark.parametrize("nothing", [{"price_fen": 0}, {"available_points": 0}, {"available_points": -5}])
def test_nothing_gives_nothing(nothing: dict[str, Any]) -> None:
    quote = _quote(**nothing)
    assert (quote.max_deduction_fen, quote.points_needed) == (0, 0)


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(1, 1000), st.integers(1, 1000), st.integers(0, 100))
def test_points_needed_are_the_least_that_give_the_deduction(
    price_fen: int, available: int, rate_points: int, rate_fen: int, percent: int
) -> None:
    policy = msgspec.convert(
        {"ordinary": {"points": rate_points, "fen": rate_fen}, "cap_percent": percent}, DeductionPolicy
    )
    quote = _quote(policy, price_fen=price_fen, available_points=available)
    assert 0 <= quote.max_deduction_fen <= quote.cap_fen <= price_fen
    assert quote.points_needed <= available
    worth = value_of_points(policy, quote.points_needed)
    assert worth >= quote.max_deduction_fen
    if quote.points_needed:
        assert value_of_points(policy, quote.points_needed - 1) < quote.max_deduction_fen


def test_points_without_a_cart_are_worth_the_ordinary_rate() -> None:
    assert [value_of_points(FRESH_LIFE, points) for points in (500, 99, 0, -1)] == [500, 99, 0, 0]
