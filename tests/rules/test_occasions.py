"""`fixed` and `share`: keys say how often, natural ids join what is told twice."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.rules.build import compiled, evaluate, event, points, reasons


def _fixed(on: str | list[str], **fields: Any) -> Any:
    return compiled({"id": "r", "kind": "fixed", "on": on, "points": 10, **fields})


@pytest.mark.parametrize(
    ("event_type", "body", "limit", "key"),
    [
        ("review.created", {"review_id": "v1"}, "event", "review:v1:r"),
        ("vote.cast", {"vote_id": "v1"}, "event", "vote:v1:r"),
        ("check_in", {}, "event", "event:platform:e1:r"),
        ("member.registered", {}, "event", "event:platform:e1:r"),
        ("group.formed", {"group_id": "g1"}, "event", "formed:g1:r"),
        ("group.formed", {"group_id": "g1"}, "life", "once:r"),
        ("check_in", {}, "day", "day:r:2026-11-22"),
        ("check_in", {}, "month", "month:r:2026-11"),
        ("order.completed", {"order_id": "o1", "paid_fen": 100}, "order", "order:o1:r"),
        ("order.completed", {"order_id": "o1", "paid_fen": 100}, "event", "order:o1:r"),
        ("review.created", {"review_id": "v1", "order_id": "o1"}, "order", "order:o1:r"),
    ],
)
def test_keys(event_type: str, body: dict[str, Any], limit: str, key: str) -> None:
    result = evaluate(_fixed(event_type, limit=limit), event(event_type, **body))
    assert points(result) == {key: 10}
    assert len(result.awards) == event_type.startswith("order.")


def test_a_review_without_an_order_has_no_order_to_count() -> None:
    assert reasons(evaluate(_fixed("review.created", limit="order"), event("review.created", review_id="v"))) == {
        "r": "no_order"
    }


def test_day_and_month_end_at_midnight_in_shanghai() -> None:
    before, after = "2026-11-30T15:59:59.999999+00:00", "2026-11-30T16:00:00+00:00"
    assert list(points(evaluate(_fixed("check_in", limit="day"), event("check_in", before)))) == ["day:r:2026-11-30"]
    assert list(points(evaluate(_fixed("check_in", limit="day"), event("check_in", after)))) == ["day:r:2026-12-01"]
    assert list(points(evaluate(_fixed("check_in", limit="month"), event("check_in", after)))) == ["month:r:2026-12"]


def test_event_keys_are_short_and_never_alike() -> None:
    rules = _fixed("check_in")
    keys = set()
    for event_id in ("a", "a:b", "a%3Ab", "x" * 500, "x" * 501):
        (key,) = points(evaluate(rules, event("check_in", event_id=event_id)))
        assert len(key) <= 400
        keys.add(key)
    assert len(keys) == 5
    one, other = event("check_in", event_id="b:c"), event("check_in", event_id="c")
    one, other = (msgspec.structs.replace(happened, source=at) for happened, at in ((one, "a"), (other, "a:b")))
    assert points(evaluate(rules, one)) != points(evaluate(rules, other))


def test_one_rule_may_listen_to_several_events() -> None:
    rules = _fixed(["vote.cast", "review.created"], limit="day")
    assert points(evaluate(rules, event("vote.cast", vote_id="v"))) == {"day:r:2026-11-22": 10}
    assert points(evaluate(rules, event("review.created", review_id="v"))) == {"day:r:2026-11-22": 10}
    assert points(evaluate(rules, event("check_in"))) == {}


def test_share_rewards_both_sides_but_never_oneself() -> None:
    rules = compiled({"id": "share", "kind": "share", "sharer_points": 50, "friend_points": 20})
    shared = event("share.converted", share_id="s", friend_id="m2", order_id="o7")
    result = evaluate(rules, shared)
    assert [(grant.member_id, grant.key, grant.points) for grant in result.grants] == [
        ("m1", "share:share:o7", 50),
        ("m2", "shared:share:o7", 20),
    ]
    alone = event("share.converted", share_id="s", friend_id="m1", order_id="o7")
    assert reasons(evaluate(rules, alone)) == {"share": "self_share"}
