"""Deduction: rates by what they ask for, caps of lines and orders, the share of each line, and why no more."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kit.resources import resource
from linli.rules import (
    CartSplit,
    DeductionPolicy,
    Goods,
    Shopper,
    arm_of_member,
    decode_programme,
    shares_of,
    split_cart,
    value_of_points,
)
from linli.words.units import MOST_FEN

FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)
FRESH_LIFE = decode_programme((resource("presets") / "fresh-life.yaml").read_bytes()).deduction
NEIGHBOURS = decode_programme((resource("presets") / "neighbours.yaml").read_bytes()).deduction
NAME = {"zh": "一", "en": "a"}


def _policy(**fields: Any) -> DeductionPolicy:
    rates = [{"name": NAME, "points": 100, "fen": 100, **rate} for rate in fields.pop("rates", [])]
    return msgspec.convert({"cap_percent": 100, "rates": rates, **fields}, DeductionPolicy)


def _split(
    policy: DeductionPolicy, *cart: Goods, points: int = 10**6, most_fen: int = MOST_FEN, **who: Any
) -> CartSplit:
    return split_cart(policy, cart, Shopper(**{"on": FRIDAY, **who}), points=points, most_fen=most_fen)


def _one(policy: DeductionPolicy = FRESH_LIFE, points: int = 10**6, on: date = FRIDAY, **goods: Any) -> tuple[Any, ...]:
    """(rate, fen, points) of one line."""
    (line,) = _split(policy, Goods(**{"price_fen": 10_000, **goods}), points=points, on=on).lines
    return line.rate_id, line.fen, line.points


def test_the_example_of_document_b() -> None:
    split = _split(FRESH_LIFE, Goods(10_000, tags=("high_margin",)), points=1500)
    assert (split.fen, split.points, split.cap_fen) == (3000, 1500, 3000)
    assert (split.lines[0].rate_id, split.lines[0].reason) == ("high_margin", "line_cap")


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
    assert _one(points=points_per_yuan, **asked) == (rate, 100, points_per_yuan)


def test_caps_of_the_two_documents() -> None:
    assert _one()[1] == 3000
    # A: 10 % of the order, wherever in it: the first line may be paid in full.
    split = _split(NEIGHBOURS, Goods(1_000), Goods(9_000))
    assert [(line.fen, line.reason) for line in split.lines] == [(1_000, "line_cap"), (0, "order_cap")]


def test_first_or_best_rate_as_the_policy_says() -> None:
    rates = [
        {"id": "dear", "fen": 150, "tags": ["a"]},
        {"id": "cheap", "fen": 300, "tags": ["a", "b"]},
        {"id": "poor", "fen": 50, "tags": ["c"]},
    ]
    first, best = (_policy(rates=rates, pick=pick) for pick in ("first", "best"))
    assert (_one(first, tags=("a",))[0], _one(best, tags=("a",))[0]) == ("dear", "cheap")
    assert (_one(first, tags=("c",))[0], _one(best, tags=("c",))[0]) == ("poor", "ordinary")


@pytest.mark.parametrize(
    ("asks", "meets", "misses"),
    [
        ({"cities": ["hz"]}, {"city": "hz"}, {"city": "nb"}),
        ({"tiers": ["gold"]}, {"tier": "gold"}, {}),
        ({"segments": ["vip"]}, {"segment": "vip"}, {"segment": "new"}),
        ({"arms": ["b"]}, {"arm": "b"}, {"arm": None}),
        ({"weekdays": [6]}, {"on": SATURDAY}, {}),
    ],
)
def test_a_rate_holds_for_whom_it_names(asks: dict[str, Any], meets: dict[str, Any], misses: dict[str, Any]) -> None:
    policy = _policy(rates=[{"id": "r", "fen": 300, **asks}])
    for who, fen in ((meets, 300), (misses, 100)):
        assert _split(policy, Goods(1_000), points=100, **who).fen == fen


def test_caps_of_rate_line_and_order_hold_together() -> None:
    policy = _policy(
        line_cap_percent=20, order_cap_percent=25, most_fen_per_order=2_400,
        rates=[{"id": "vip", "tags": ["v"], "cap_percent": 50}],
    )  # fmt: skip
    plain, special = Goods(5_000), Goods(2_000, tags=("v",))
    assert [line.fen for line in _split(policy, plain, special).lines] == [1_000, 750]  # 25 % of ¥70
    assert _split(policy, plain, special, Goods(3_000)).fen == 2_400  # 25 % of ¥100, but never more than ¥24
    assert [line.cap_fen for line in _split(policy, plain, special).lines] == [1_000, 1_000]


def test_what_is_excluded_gets_nothing_and_says_so() -> None:
    policy = _policy(excluded={"skus": ["egg"], "categories": ["wine"], "tags": ["flash"]})
    cart = (
        Goods(100, "egg"), Goods(100, category="wine"), Goods(100, tags=("x", "flash")), Goods(0), Goods(100, "rice"),
    )  # fmt: skip
    split = _split(policy, *cart)
    assert [line.reason for line in split.lines] == ["excluded"] * 3 + ["no_price", "line_cap"]
    assert split.fen == 100


@pytest.mark.parametrize(
    ("fields", "points", "reason", "fen"),
    [
        ({}, 0, "points_used_up", 0),
        ({}, 60, "points_used_up", 60),
        ({"ordinary": {"points": 3, "fen": 1}}, 2, "under_a_fen", 0),
        ({"ordinary": {"points": 3, "fen": 1}}, 8, "under_a_fen", 2),
        ({"min_points": 100}, 99, "below_minimum", 0),
        ({"step_points": 100}, 99, "below_minimum", 0),
        ({"step_points": 50}, 99, "points_used_up", 50),
        ({"order_cap_percent": 5}, 99, "order_cap", 50),
        ({"order_cap_percent": 0}, 99, "order_cap", 0),
    ],
)
def test_why_no_more(fields: dict[str, Any], points: int, reason: str, fen: int) -> None:
    split = _split(_policy(**fields), Goods(1_000), points=points)
    assert (split.lines[0].reason, split.fen) == (reason, fen)


def test_what_was_wanted_needs_no_reason() -> None:
    split = _split(_policy(), Goods(500), Goods(500), most_fen=700)
    assert [(line.points, line.fen, line.reason) for line in split.lines] == [
        (500, 500, "line_cap"), (200, 200, None)
    ]  # fmt: skip


_goods = st.builds(
    Goods, price_fen=st.integers(0, 3_000), category=st.sampled_from((None, "a", "b")), sku=st.just("s"),
    tags=st.sampled_from(((), ("x",), ("x", "y"))),
)  # fmt: skip
_rate = st.fixed_dictionaries(
    {"points": st.integers(1, 200), "fen": st.integers(1, 200), "cap_percent": st.none() | st.integers(0, 100)}
)


@given(
    st.lists(_goods, max_size=8), st.lists(_rate, min_size=3, max_size=3), st.integers(0, 5_000),
    st.integers(0, 100), st.integers(0, 100), st.integers(1, 60), st.integers(0, 200),
)  # fmt: skip
def test_lines_add_up_and_keep_to_their_rates(
    cart: list[Goods], rates: list[dict[str, Any]], points: int, line: int, order: int, step: int, least: int
) -> None:
    asked = ({"categories": ["a"]}, {"tags": ["x"]}, {"categories": ["b"], "tags": ["y"]})
    policy = _policy(
        rates=[{"id": f"r{at}", **rate, **ask} for at, (rate, ask) in enumerate(zip(rates, asked, strict=True))],
        line_cap_percent=line, order_cap_percent=order, step_points=step, min_points=least,
    )  # fmt: skip
    split = _split(policy, *cart, points=points)
    assert sum(part.points for part in split.lines) == split.points <= points
    assert sum(part.fen for part in split.lines) == split.fen <= split.cap_fen
    assert split.points % step == 0 and (split.points >= least or not split.points)
    assert bool(split.fen) == bool(split.points)
    by_rate: dict[tuple[int, int], list[int]] = {}
    for goods, part in zip(cart, split.lines, strict=True):
        assert 0 <= part.fen <= part.cap_fen <= goods.price_fen
        assert part.points >= 0
        sums = by_rate.setdefault((part.rate.points, part.rate.fen), [0, 0])
        sums[0] += part.points
        sums[1] += part.fen
    for (rate_points, rate_fen), (spent, fen) in by_rate.items():
        assert fen * rate_points <= spent * rate_fen, "no fen is cheaper than its rate"
    if split.fen < split.cap_fen:
        assert all(part.reason for part in split.lines)


def test_arms_are_by_bucket_and_leave_the_rest_alone() -> None:
    policy = _policy(
        experiment={"salt": "s1", "arms": [{"id": "a", "percent": 30}, {"id": "b", "percent": 30}]},
        rates=[{"id": "r", "arms": ["a"]}],
    )
    arms = [arm_of_member(policy.experiment, f"u{number}") for number in range(4_000)]
    assert all(abs(arms.count(arm) - share) < 150 for arm, share in (("a", 1_200), ("b", 1_200), (None, 1_600)))
    assert arm_of_member(None, "u1") is None


def test_funders_bear_their_part_and_the_platform_the_rest() -> None:
    policy = _policy(rates=[{"id": "r", "tags": ["t"], "funders": [{"funder": "supplier:7", "percent": 50}]}])
    (line,) = _split(policy, Goods(333, tags=("t",))).lines
    assert shares_of(line.fen, line.funders) == {"supplier:7": 166, "platform": 167}
    assert shares_of(100, ()) == {"platform": 100}
    assert shares_of(0, line.funders) == {}


def test_points_without_a_cart_are_worth_the_ordinary_rate() -> None:
    assert [value_of_points(FRESH_LIFE, points) for points in (500, 99, 0, -1)] == [500, 99, 0, 0]
