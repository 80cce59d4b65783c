"""Who may order what, when; what an order may become; how the shelf stands. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from linli.mall import NOTHING_USED, Buyer, Stock, faults_of, left_for, obstacles, score
from linli.mall.types import Limit
from tests.mall.goods import NOW, item, terms

ON = date(2026, 11, 21)
LIMITS = (Limit("life", 5), Limit("month", 3), Limit("day", 1))


ANYBODY = Buyer()


def codes(found: Any, buyer: Buyer = ANYBODY, used: Any = NOTHING_USED, pieces: int = 1) -> list[str]:
    return [refusal.code for refusal in obstacles(found, buyer, used, at=NOW, on=ON, pieces=pieces)]


def test_nothing_stands_in_the_way_of_what_is_listed_and_left() -> None:
    assert codes(item()) == []
    assert codes(item(Stock(10, 4, 5))) == []
    assert codes(item(Stock(None, 4, 5)), pieces=1_000) == []


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"state": "draft"}, "item_not_listed"),
        ({"state": "delisted"}, "item_not_listed"),
        ({"stock": Stock(10, 4, 6)}, "stock_exhausted"),
        ({"listed_from": NOW + timedelta(microseconds=1)}, "item_not_yet"),
        ({"listed_until": NOW}, "item_ended"),
        ({"best_before": ON - timedelta(days=1)}, "item_ended"),
        ({"cities": ("宁波",)}, "item_not_in_city"),
        ({"tiers": ("gold",)}, "item_for_tiers"),
    ],
)
def test_what_stands_in_the_way(what: dict[str, Any], code: str) -> None:
    assert codes(item(**what), Buyer("杭州", "silver")) == [code]


def test_the_bounds_belong_to_it() -> None:
    assert codes(item(listed_from=NOW, listed_until=NOW + timedelta(microseconds=1), best_before=ON)) == []
    assert codes(item(cities=("杭州",), tiers=("gold",)), Buyer("杭州", "gold")) == []
    assert codes(item(Stock(10, 4, 5)), pieces=2) == ["stock_exhausted"]


def test_each_limit_holds_by_itself() -> None:
    limited = item(limits=LIMITS)
    assert codes(limited, used={"life": 2, "month": 2, "day": 0}) == []
    assert codes(limited, used={"life": 2, "month": 2, "day": 1}) == ["item_limit_reached"]
    assert codes(limited, used={"life": 5, "month": 1, "day": 0}) == ["item_limit_reached"]
    assert codes(limited, used={"life": 0, "month": 0, "day": 0}, pieces=2) == ["item_limit_reached"]
    assert left_for(limited, {"life": 4, "month": 0, "day": 0}) == 1
    assert left_for(limited, {"life": 9, "month": 0, "day": 0}) == 0
    assert left_for(item(), {"life": 9, "month": 9, "day": 9}) is None


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"listed_from": NOW, "listed_until": NOW}, "ends_before_it_begins"),
        ({"kind": "coupon"}, "template_of_coupon"),
        ({"coupon_template_id": "t1"}, "template_of_coupon"),
        ({"kind": "coupon", "coupon_template_id": "t1", "price_fen": 1}, "coupon_for_cash"),
        ({"sourcing": "near_expiry"}, "no_best_before"),
        ({"sourcing": "sponsored"}, "no_supplier"),
        ({"price_fen": 991}, "dearer_than_shops"),
        ({"limits": (Limit("day", 1), Limit("day", 2))}, "limit_twice"),
    ],
)
def test_terms_that_do_not_fit_together(what: dict[str, Any], code: str) -> None:
    assert [fault.code for fault in faults_of(terms(**what))] == [code]


def test_the_shelf_prefers_what_costs_least_as_long_as_it_attracts() -> None:
    def rank(**more: Any) -> int:
        return score(item(**more), ON - timedelta(days=30), ON)

    plain = rank()
    assert rank(cost_fen=100) > plain, "cheaper for the house"
    assert rank(worth_fen=1_200) > plain, "worth more to the member"
    assert rank(funder="supplier:s1") > plain, "somebody else pays"
    sponsored = rank(sourcing="sponsored", supplier="s1")
    assert sponsored > rank(sourcing="high_margin") > plain
    soon, later = (rank(sourcing="near_expiry", best_before=ON + timedelta(days=n)) for n in (3, 40))
    assert soon > later > sponsored
    # A cheap thing that nobody could be glad of stands behind a dear one that attracts.
    assert rank(cost_fen=0, worth_fen=40) < plain
    # Cash that the member pays lowers what the house pays, and what the member gets.
    assert rank(price_fen=200, cost_fen=520) < plain


def test_news_fade_in_a_fortnight() -> None:
    ranks = [score(item(), ON - timedelta(days=days), ON) for days in (0, 7, 13, 14, 100)]
    assert ranks == [ranks[-1] + more for more in (20, 10, 1, 0, 0)]
