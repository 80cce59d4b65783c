"""The two documents, line by line, as the presets keep them. Each test names the line that it holds to."""

from __future__ import annotations

from typing import Any

import pytest

from linli.kit.resources import resource
from linli.rules import CompiledProgramme, check_programme, compile_programme, decode_programme, encode_programme
from linli.words.events import Event
from linli.words.facts import Days
from tests.rules.build import Ledger, event, order


def _preset(name: str) -> CompiledProgramme:
    programme = decode_programme((resource("presets") / f"{name}.yaml").read_bytes())
    return compile_programme(programme, version=1, versions={})


A, B = _preset("neighbours"), _preset("fresh-life")


def _check_ins(days: int) -> list[Event]:
    return [event("check_in", f"2026-11-{day:02}T08:00:00+08:00", event_id=f"c{day}") for day in range(1, days + 1)]


def _shopping(days: int) -> list[Event]:
    return [
        order(101, order_id=f"o{d}", at=f"2026-11-{d:02}T08:00:00+08:00", event_id=f"p{d}") for d in range(1, days + 1)
    ]


def _invited() -> list[Event]:
    done = event("order.completed", order_id="o1", paid_fen=2000, event_id="e2")
    return [event("member.registered", event_id="e1", inviter_id="m0"), done]


REVIEW = event("review.created", review_id="v", with_picture=True)
WEDNESDAY = "2026-11-18T12:00:00+08:00"
FRESH = {"paid_fen": 3000, "category": "fresh"}
DAILY = {"paid_fen": 3000, "category": "daily_goods"}
SHARED = event("share.converted", share_id="s", friend_id="m2", order_id="o")

LINES: list[tuple[str, CompiledProgramme, list[Event], dict[tuple[str, str], int]]] = [
    ("A27 1 point for each yuan", A, [order(3099)], {("m1", "base"): 30}),
    ("A28 first group +50, once", A, [
        event("group.formed", group_id="g1", event_id="e1"),
        event("group.formed", group_id="g2", event_id="e2"),
    ], {("m1", "first_group"): 50}),
    ("A28 a group that failed gives nothing", A, [
        event("group.opened", group_id="g1"), event("group.failed", group_id="g1", event_id="e2"),
    ], {}),
    ("A29 inviter +100 after the first order", A, _invited(), {("m0", "invitation"): 100, ("m1", "base"): 0}),
    ("A30 review with picture +10", A, [REVIEW], {("m1", "picture_review"): 10}),
    ("A30 review without picture", A, [event("review.created", review_id="v")], {}),
    ("A31 seven check-ins +50", A, _check_ins(7), {("m1", "check_in_streak"): 50}),
    ("A31 six check-ins", A, _check_ins(6), {}),
    ("A32 vote +5 each", A, [event("vote.cast", vote_id=v, event_id=v) for v in "ab"], {("m1", "vote"): 10}),
    ("B13 B201 1 point for each yuan", B, [order(3099, at=WEDNESDAY)], {("m1", "base"): 30}),
    ("B14 seven shopping days +500", B, _shopping(7), {("m1", "base"): 7, ("m1", "shopping_streak"): 500}),
    ("B179 registration 500", B, [event("member.registered")], {("m1", "registration"): 500}),
    ("B180 monthly goal", B, [order(50_000, at=WEDNESDAY)], {("m1", "base"): 500, ("m1", "monthly_goal"): 100}),
    ("B183 double at Spring Festival", B, [order(3000, at="2026-02-17T12:00:00+08:00")],
     {("m1", "base"): 30, ("m1", "spring_festival_2026"): 30}),
    ("B183 double at Mid-Autumn", B, [order(3000, at="2027-09-15T12:00:00+08:00")],
     {("m1", "base"): 30, ("m1", "mid_autumn_2027"): 30}),
    ("B184 double on fresh food", B, [order(3000, FRESH, at=WEDNESDAY)],
     {("m1", "base"): 30, ("m1", "double_fresh"): 30}),
    ("B184 double on daily goods", B, [order(3000, DAILY, at=WEDNESDAY)],
     {("m1", "base"): 30, ("m1", "double_daily_goods"): 30}),
    ("B185 invitation 200 each", B, _invited(),
     {("m0", "invitation"): 200, ("m1", "invitation"): 200, ("m1", "registration"): 500}),
    ("B202 check-in 10 a day and a bonus", B, _check_ins(7),
     {("m1", "daily_check_in"): 70, ("m1", "check_in_streak"): 50}),
    ("B202 twice a day is once", B, [*_check_ins(1), event("check_in", "2026-11-01T20:00:00+08:00", event_id="c0")],
     {("m1", "daily_check_in"): 10}),
    ("B203 share 50 each", B, [SHARED], {("m1", "share"): 50, ("m2", "share"): 50}),
    ("B211 an order of one yuan earns nothing", B, [order(100, at=WEDNESDAY)], {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("programme", "events", "earned"), [line[1:] for line in LINES], ids=[line[0] for line in LINES]
)
def test_lines_of_the_documents(
    programme: CompiledProgramme, events: list[Event], earned: dict[tuple[str, str], int]
) -> None:
    found: dict[tuple[str, str], int] = {}
    for (member_id, _), grant in Ledger(programme).take(events).items():
        found[member_id, grant.rule] = found.get((member_id, grant.rule), 0) + grant.points
    assert found == {who: points for who, points in earned.items() if points}


@pytest.mark.parametrize("name", ["neighbours", "fresh-life"])
def test_presets_have_no_fault_in_either_language(name: str) -> None:
    text = (resource("presets") / f"{name}.yaml").read_bytes()
    assert check_programme(text) == []
    programme = decode_programme(text)
    assert programme.name == name
    assert decode_programme(encode_programme(programme)) == programme


@pytest.mark.parametrize(
    ("line", "programme", "field", "value"),
    [
        ("A33 credited on T+1", A, "settle_after_days", 1),
        ("A41 valid for 12 months", A, "validity_months", 12),
        ("A38 10 % of an order", A, "deduction.cap_percent", 10),
        ("B210 valid for 12 months", B, "validity_months", 12),
        ("B37 30 % of the price", B, "deduction.cap_percent", 30),
        ("B207 +50 after the first deduction", B, "deduction.first_deduction_bonus_points", 50),
    ],
)
def test_figures_beside_the_rules(line: str, programme: CompiledProgramme, field: str, value: Any) -> None:
    here: Any = programme.programme
    for step in field.split("."):
        here = getattr(here, step)
    assert here == value, line


def test_weekend_points_are_ready_but_switched_off() -> None:
    result = Ledger(B).take([order(3000, at="2026-11-21T12:00:00+08:00")])
    assert {grant.rule for grant in result.values()} == {"base"}


def test_days_are_a_set() -> None:
    assert Days().mask() == 0
