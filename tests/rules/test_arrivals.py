"""When points arrive: what waits for which milestone, what cannot, and how it is said."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from linli.rules import check_programme
from linli.rules.sentences import sentence
from linli.words.grants import FAR
from tests.rules.build import BASE, compiled, document, evaluate, event, order, programme

FIXED = {"id": "f", "kind": "fixed", "points": 5}


@pytest.mark.parametrize(
    ("arrives", "awaits", "settle_on"),
    [
        ("by_day", None, date(2026, 11, 23)),
        ("at_once", None, date(2026, 11, 22)),
        ("collected", "collected:order:o1", FAR),
        ("return_window", "return_window:order:o1", FAR),
        ("formed", "formed:g1", FAR),
    ],
)
def test_an_order_that_was_paid_waits(arrives: str, awaits: str | None, settle_on: date) -> None:
    [grant] = evaluate(compiled({**BASE, "arrives": arrives}), order(1_000, group_id="g1")).grants
    assert (grant.awaits, grant.settle_on, grant.earned_on) == (awaits, settle_on, date(2026, 11, 22))
    assert grant.wait_days == (0 if awaits is None else 7 if arrives == "return_window" else 1)


def test_what_is_reached_by_the_event_itself_waits_no_longer() -> None:
    done = event("order.completed", order_id="o1", paid_fen=1_000)
    rule = {**BASE, "on": "order.completed"}
    for arrives, settle_on in (("collected", date(2026, 11, 23)), ("return_window", date(2026, 11, 25))):
        [grant] = evaluate(compiled({**rule, "arrives": arrives}, return_window_days=3), done).grants
        assert (grant.awaits, grant.settle_on) == (None, settle_on)
    [alone] = evaluate(compiled({**BASE, "arrives": "formed"}), order(1_000)).grants
    assert (alone.awaits, alone.settle_on) == (None, date(2026, 11, 23)), "an order of no group has none to wait for"


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({**FIXED, "on": "check_in", "arrives": "collected"}, "no_milestone"),
        ({**FIXED, "on": ["order.paid", "vote.cast"], "arrives": "formed"}, "no_milestone"),
        ({"id": "s", "kind": "streak", "activity": "check_in", "days": 7, "points": 5, "arrives": "return_window"},
         "not_for_kind"),
        ({"id": "s", "kind": "goal", "threshold_fen": 5, "points": 5, "arrives": "formed"}, "not_for_kind"),
        ({**FIXED, "on": "order.paid", "arrives": "some_day"}, "schema"),
    ],
)  # fmt: skip
def test_a_milestone_that_never_comes_is_refused(rule: dict[str, Any], code: str) -> None:
    [fault] = check_programme(document(rule))
    assert fault.code == code and fault.place.endswith("/arrives")


@pytest.mark.parametrize(
    ("arrives", "zh", "en"),
    [
        ("at_once", "立即到账", "Credited at once"),
        ("formed", "成团次日到账", "Credited on the day after the group has formed"),
        ("collected", "收货次日到账", "Credited on the day after the order was collected"),
        ("return_window", "退货期7天结束后到账", "Credited when the return window of 7 days closes"),
    ],
)
def test_it_is_said(arrives: str, zh: str, en: str) -> None:
    made = programme({**BASE, "arrives": arrives})
    said = sentence(made.rules[0], made)
    assert zh in said.zh and en in said.en
