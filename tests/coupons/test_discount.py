"""What a coupon takes off: exact sums, never above a line, and the reasons why it takes nothing."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.coupons import CartLine, Terms, discount
from linli.coupons.discount import share

prices = st.lists(st.integers(0, 10_000_000_000) | st.integers(0, 5), min_size=1, max_size=12)


def terms(**more: Any) -> Terms:
    said = {"title": {"zh": "券", "en": "Coupon"}, "kind": "amount", "valid_days": 30, **more}
    return msgspec.convert(said, Terms)


def cart(*fen: int, category: str | None = None) -> list[CartLine]:
    return [CartLine(str(no), f"s{no}", price, category) for no, price in enumerate(fen, 1)]


@given(prices, st.data())
@settings(max_examples=300)
def test_parts_add_up_and_none_is_above_its_line(found: list[int], data: st.DataObject) -> None:
    total = sum(found)
    fen = data.draw(st.integers(0, total))
    parts = share(fen, found)
    assert sum(parts) == fen
    for part, price in zip(parts, found, strict=True):
        assert 0 <= part <= price
        assert not total or abs(part - Fraction(fen * price, total)) < 1


@given(st.lists(st.integers(0, 6), min_size=1, max_size=4), st.data())
@settings(max_examples=200)
def test_no_other_whole_shares_lie_nearer_to_the_exact_ones(found: list[int], data: st.DataObject) -> None:
    fen = data.draw(st.integers(0, sum(found)))
    if not fen:
        return
    exact = [Fraction(fen * price, sum(found)) for price in found]

    def far(parts: Any) -> Fraction:
        return sum(((part - one) ** 2 for part, one in zip(parts, exact, strict=True)), Fraction())

    others = (parts for parts in product(*(range(price + 1) for price in found)) if sum(parts) == fen)
    assert far(share(fen, found)) == min(map(far, others))


@pytest.mark.parametrize(
    ("more", "fen", "expected"),
    [
        ({"off_fen": 500}, (1990, 1010), [332, 168]),
        ({"off_fen": 500}, (300,), [300]),
        ({"off_fen": 100}, (100, 100, 100), [34, 33, 33]),
        ({"off_fen": 800, "threshold_fen": 3000}, (2000, 1000), [533, 267]),
        ({"kind": "percent", "percent_off": 15}, (999, 1), [150, 0]),
        ({"kind": "percent", "percent_off": 20, "most_off_fen": 1000}, (4000, 4000), [500, 500]),
        ({"kind": "percent", "percent_off": 100}, (7, 8), [7, 8]),
    ],
)
def test_examples(more: dict[str, Any], fen: tuple[int, ...], expected: list[int]) -> None:
    found = discount(terms(**more), cart(*fen), None)
    assert [line.discount_fen for line in found.lines] == expected
    assert (found.discount_fen, found.unfit) == (sum(expected), None)


def test_only_goods_that_count_are_reckoned() -> None:
    lines = [*cart(1000, category="fresh"), CartLine("2", "s9", 5000, "fresh"), CartLine("3", "s3", 2000, "dry")]
    said = terms(off_fen=600, threshold_fen=1000, categories=["fresh"], skus_excluded=["s9"])
    found = discount(said, lines, "x")
    assert [(line.discount_fen, line.counts) for line in found.lines] == [(600, True), (0, False), (0, False)]
    assert (found.eligible_fen, found.missing_fen) == (1000, 0)


@pytest.mark.parametrize(
    ("more", "city", "unfit", "missing"),
    [
        ({"off_fen": 100, "cities": ["A"]}, "B", "city", 0),
        ({"off_fen": 100, "cities": ["A"]}, None, "city", 0),
        ({"off_fen": 100, "categories": ["fresh"]}, "A", "goods", 0),
        ({"off_fen": 100, "threshold_fen": 3001}, "A", "threshold", 1),
        ({"kind": "percent", "percent_off": 1}, "A", None, 0),
    ],
)
def test_why_it_takes_nothing(more: dict[str, Any], city: str | None, unfit: str | None, missing: int) -> None:
    found = discount(terms(**more), cart(1000, 2000), city)
    assert (found.unfit, found.missing_fen) == (unfit, missing)
    assert bool(found.discount_fen) == (unfit is None)
    assert discount(terms(kind="percent", percent_off=1), cart(99), None).unfit == "worthless"
