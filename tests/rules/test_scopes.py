"""Which rules an event meets: event type, city, period, weekday, paused; and what the index left out."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.rules.build import BASE, compiled, evaluate, event, order, points, reasons


def _left_out(result: Any) -> dict[str, str]:
    return {skip["rule"]: skip["reason"] for skip in msgspec.json.decode(result.out_of_scope)}


def test_a_city_rule_meets_only_events_of_its_cities() -> None:
    rules = compiled(
        BASE, {**BASE, "id": "hz", "cities": ["hangzhou", "ningbo"]}, {**BASE, "id": "sh", "cities": ["sh"]}
    )
    home = evaluate(rules, order(500, city="hangzhou"))
    assert (list(points(home)), _left_out(home)) == (["order:o1:base", "order:o1:hz"], {"sh": "other_city"})
    for elsewhere in ({"city": "atlantis"}, {}):
        result = evaluate(rules, order(500, **elsewhere))
        assert list(points(result)) == ["order:o1:base"]
        assert _left_out(result) == {"hz": "other_city", "sh": "other_city"}


def test_cities_that_no_rule_names_share_one_scope() -> None:
    rules = compiled(BASE, {**BASE, "id": "hz", "cities": ["hangzhou"]})
    for at in range(50):
        evaluate(rules, order(500, city=f"c{at}"))
    evaluate(rules, order(500, city="hangzhou"))
    assert set(rules._listeners["order.paid"]._scopes) == {None, "hangzhou"}
    assert {city for city, _ in rules._listeners["order.paid"]._plans} == {None, "hangzhou"}


def test_a_paused_rule_is_left_out_and_said_so() -> None:
    result = evaluate(compiled(BASE, {**BASE, "id": "off", "paused": True}), order(500))
    assert (list(points(result)), _left_out(result)) == (["order:o1:base"], {"off": "paused"})


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("2026-02-06T15:59:59.999999+00:00", "not_started"),
        ("2026-02-06T16:00:00+00:00", None),
        ("2026-02-23T23:59:59.999999+08:00", None),
        ("2026-02-24T00:00:00+08:00", "ended"),
    ],
)
def test_the_period_has_its_start_and_not_its_end(at: str, reason: str | None) -> None:
    rule = {**BASE, "starts_at": "2026-02-07T00:00:00+08:00", "ends_at": "2026-02-24T00:00:00+08:00"}
    result = evaluate(compiled(rule), order(500, at=at))
    assert reasons(result) == ({"base": reason} if reason else {})
    assert bool(result.grants) == (reason is None)


def test_weekdays_are_business_dates() -> None:
    weekend = compiled({**BASE, "weekdays": [6, 7]})
    assert points(evaluate(weekend, order(500, at="2026-11-20T16:00:00+00:00")))  # Saturday in Shanghai
    assert reasons(evaluate(weekend, order(500, at="2026-11-20T15:59:00+00:00"))) == {"base": "other_weekday"}
    assert reasons(evaluate(weekend, order(500, at="2026-11-22T16:00:00+00:00"))) == {"base": "other_weekday"}


def test_an_event_that_no_rule_listens_to_brings_nothing() -> None:
    result = evaluate(compiled(BASE), event("check_in"))
    assert (result.grants, result.skipped, _left_out(result)) == ([], [], {})


def test_the_zone_of_the_programme_decides_local_time() -> None:
    rules = compiled({**BASE, "when": "hour == 9"}, timezone="Asia/Tokyo")
    assert points(evaluate(rules, order(500, at="2026-11-22T00:30:00+00:00")))


def test_evaluations_do_not_share_state() -> None:
    rules = compiled(BASE)
    first, second = evaluate(rules, order(500)), evaluate(rules, order(700, order_id="o2"))
    assert (points(first), points(second)) == ({"order:o1:base": 5}, {"order:o2:base": 7})
