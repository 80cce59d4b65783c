"""Publication: every fault is named by its place; nothing makes the check raise or hang."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.rules import (
    FaultyProgramme,
    check_programme,
    decode_programme,
    encode_programme,
    rule_versions,
)
from tests.rules.build import BASE, NAME, document, programme

FIXED = {"id": "f", "kind": "fixed", "on": "review.created", "points": 10}
DOUBLE = {"id": "double", "kind": "multiplier", "of": "base", "factor": {"times": 2}}
STREAK = {"id": "run", "kind": "streak", "activity": "check_in", "days": 7, "points": 50}
GOAL = {"id": "goal", "kind": "goal", "threshold_fen": 50_000, "points": 100}
INVITE = {"id": "inv", "kind": "invitation", "inviter_points": 1}
SHARE = {"id": "share", "kind": "share", "sharer_points": 1}
TIERS = [{"id": "gold", "name": NAME}]
GRID = {"cells": [{"tier": "gold", "factor": {"times": 3}}]}
BY_TIER = {"id": "grid", "kind": "multiplier", "of": "base", "matrix": GRID}
POINTS = {"id": "f", "kind": "fixed", "on": "review.created", "matrix": {"cells": [{"city": "wuhu", "points": 5}]}}
ALL = (BASE, FIXED, DOUBLE, STREAK, GOAL, INVITE, SHARE)


def _found(text: bytes) -> list[tuple[str, str]]:
    return [(fault.place, fault.code) for fault in check_programme(text)]


def test_all_kinds_together_have_no_fault() -> None:
    assert check_programme(document(*ALL)) == []


@pytest.mark.parametrize(
    ("rule", "place", "code"),
    [
        ({**BASE, "kind": "percent"}, "/rules/1/kind", "schema"),
        ({**BASE, "id": "x", "colour": "red"}, "/rules/1/colour", "schema"),
        ({"id": "x", "kind": "per_amount", "points": 1}, "/rules/1/per_fen", "schema"),
        ({**BASE, "id": "X y"}, "/rules/1/id", "schema"),
        ({**BASE, "id": "x\n"}, "/rules/1/id", "schema"),
        ({**BASE, "id": "x", "points": 0}, "/rules/1/points", "schema"),
        ({**BASE, "id": "x", "points": -5}, "/rules/1/points", "schema"),
        ({**BASE, "id": "x", "points": 1.5}, "/rules/1/points", "schema"),
        ({**FIXED, "points": 1_000_001}, "/rules/1/points", "schema"),
        ({**FIXED, "points": 10**30}, "/rules/1/points", "schema"),
        ({**BASE, "id": "x", "lines": {"categories": []}}, "/rules/1/lines/categories", "schema"),
        ({**BASE, "id": "x", "name": {"zh": "只有中文"}}, "/rules/1/name/en", "schema"),
        ({**BASE, "id": "x", "starts_at": "2026-01-01T00:00:00"}, "/rules/1/starts_at", "schema"),
        ({**BASE, "id": "x", "weekdays": [1, 8]}, "/rules/1/weekdays/1", "schema"),
        ({**STREAK, "days": 1}, "/rules/1/days", "schema"),
        (BASE, "/rules/1/id", "duplicate_rule"),
        ({**BASE, "id": "x", "points": 101, "per_fen": 1}, "/rules/1/points", "too_generous"),
        ({**FIXED, "on": "order.eaten"}, "/rules/1/on", "unknown_event"),
        ({**FIXED, "on": ["vote.cast", "order.cancelled"]}, "/rules/1/on", "event_not_allowed"),
        ({"id": "f", "kind": "fixed", "points": 1}, "/rules/1/on", "required"),
        ({**FIXED, "on": "vote.cast", "limit": "order"}, "/rules/1/limit", "no_order"),
        ({**BASE, "id": "x", "on": "check_in"}, "/rules/1/on", "event_not_allowed"),
        ({**GOAL, "on": "order.paid"}, "/rules/1/on", "event_not_allowed"),
        ({**STREAK, "on": "order.paid"}, "/rules/1/on", "event_not_allowed"),
        ({**STREAK, "when": "has_device"}, "/rules/1/when", "not_for_kind"),
        ({**GOAL, "cities": ["hangzhou"]}, "/rules/1/cities", "not_for_kind"),
        ({**INVITE, "weekdays": [1]}, "/rules/1/weekdays", "not_for_kind"),
        ({**INVITE, "inviter_points": 0}, "/rules/1/inviter_points", "no_reward"),
        ({**SHARE, "sharer_points": 0}, "/rules/1/sharer_points", "no_reward"),
        ({**DOUBLE, "of": "nothing"}, "/rules/1/of", "unknown_rule"),
        ({**DOUBLE, "factor": {"times": 3, "per": 3}}, "/rules/1/factor", "factor"),
        ({**DOUBLE, "on": "order.completed"}, "/rules/1/on", "event_not_allowed"),
        ({**DOUBLE, "wallet": "team"}, "/rules/1/wallet", "unlike_base"),
        ({**FIXED, "wallet": "gold"}, "/rules/1/wallet", "unknown_wallet"),
        (
            {**FIXED, "starts_at": "2026-02-01T00:00:00+08:00", "ends_at": "2026-01-31T16:00:00Z"},
            "/rules/1/ends_at",
            "empty_window",
        ),
    ],
)
def test_rule_faults(rule: dict[str, Any], place: str, code: str) -> None:
    assert (place, code) in _found(document(BASE, rule))


@pytest.mark.parametrize(
    ("fields", "place", "code"),
    [
        ({"timezone": "Asia/Atlantis"}, "/timezone", "unknown_timezone"),
        ({"timezone": "Asia"}, "/timezone", "unknown_timezone"),
        ({"timezone": "../../etc/passwd"}, "/timezone", "unknown_timezone"),
        ({"wallets": ["points", "points"]}, "/wallets", "duplicate_wallet"),
        ({"wallets": []}, "/wallets", "schema"),
        ({"validity_months": 0}, "/validity_months", "schema"),
        ({"deduction": {"cap_percent": 101}}, "/deduction/cap_percent", "schema"),
        ({"deduction": {"ordinary": {"points": 0}}}, "/deduction/ordinary/points", "schema"),
        (
            {"deduction": {"rates": [{"id": "r", "name": NAME, "points": 1, "fen": 2}]}},
            "/deduction/rates/0",
            "unscoped_rate",
        ),
        ({"rules": {}}, "/rules", "schema"),
        ({"rules": [3]}, "/rules/0", "schema"),
        ({"colour": 1}, "/colour", "schema"),
        ({"rules": [{"id": f"r{at}"} for at in range(1001)]}, "/rules", "too_many_rules"),
    ],
)
def test_programme_faults(fields: dict[str, Any], place: str, code: str) -> None:
    whole = msgspec.json.encode({**msgspec.json.decode(document()), **fields})
    assert (place, code) in _found(whole)


def _cells(*cells: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**POINTS, "matrix": {"cells": list(cells)}, **fields}


@pytest.mark.parametrize(
    ("rule", "place", "code"),
    [
        ({**DOUBLE, "matrix": GRID}, "/rules/1/factor", "factor_or_matrix"),
        ({**DOUBLE, "factor": None}, "/rules/1/factor", "factor_or_matrix"),
        ({**POINTS, "points": 5}, "/rules/1/points", "points_or_matrix"),
        ({**FIXED, "points": None}, "/rules/1/points", "points_or_matrix"),
        ({**DOUBLE, "group": "nowhere"}, "/rules/1/group", "unknown_group"),
        ({**BY_TIER, "matrix": {"cells": []}}, "/rules/1/matrix/cells", "schema"),
        (_cells({"points": 5}), "/rules/1/matrix/cells/0", "unscoped_cell"),
        (_cells({"city": "a", "points": 5}, {"city": "a", "points": 6}), "/rules/1/matrix/cells/1", "duplicate_cell"),
        (_cells({"tier": "black", "points": 5}), "/rules/1/matrix/cells/0/tier", "unknown_tier"),
        (_cells({"city": "a", "points": 5}, cities=["b"]), "/rules/1/matrix/cells/0/city", "other_city"),
        (_cells({"city": "a", "points": 0}), "/rules/1/matrix", "no_reward"),
        (_cells({"city": "a", "points": -1}), "/rules/1/matrix/cells/0/points", "schema"),
        (_cells({"city": "a", "point": 1}), "/rules/1/matrix/cells/0/point", "schema"),
        ({**BY_TIER, "matrix": {"cells": [{"tier": "gold", "factor": {"times": 1}}]}}, "/rules/1/matrix", "no_reward"),
        (
            {**BY_TIER, "matrix": {**GRID, "otherwise": {"times": 1, "per": 2}}},
            "/rules/1/matrix/otherwise",
            "factor",
        ),
    ],
)
def test_faults_of_matrices_and_groups(rule: dict[str, Any], place: str, code: str) -> None:
    assert (place, code) in _found(document(BASE, rule, tiers=TIERS))


@pytest.mark.parametrize(
    ("when", "faulty"),
    [
        ("tier == 'black'", True), ("tier in ['gold', 'black']", True), ("paid_fen > 1 && tier != 'x'", True),
        ("tier == 'gold'", False), ("tier in ['gold', '']", False), ("city == 'black'", False),
    ],
)  # fmt: skip
def test_a_condition_may_only_ask_for_tiers_that_there_are(when: str, faulty: bool) -> None:
    found = _found(document({**BASE, "when": when}, tiers=TIERS))
    assert found == ([("/rules/0/when", "unknown_tier")] if faulty else [])


def test_tiers_and_groups_are_named_once() -> None:
    groups = [{"id": "g", "combine": "best"}, {"id": "g", "combine": "add"}]
    found = _found(document(BASE, tiers=TIERS * 2, stacking={"groups": groups}))
    assert found == [("/tiers/1/id", "duplicate_tier"), ("/stacking/groups/1/id", "duplicate_group")]


def _many(how: str, **scope: list[str]) -> list[tuple[str, str]]:
    """Faults of three hundredfold multipliers in one group; `scope`: the cities of each."""
    rules = [
        {**DOUBLE, "id": name, "factor": {"times": 100}, "group": "g", **({"cities": cities} if cities else {})}
        for name, cities in scope.items()
    ]
    return _found(document(BASE, *rules, stacking={"groups": [{"id": "g", "combine": how}]}))


def test_factors_that_multiply_may_not_promise_more_than_can_be_posted() -> None:
    together = [(f"/rules/{at}/factor", "too_generous") for at in (1, 2, 3)]
    assert _many("multiply", a=[], b=[], c=[]) == together
    assert _many("multiply", a=["x"], b=["y"], c=["z"]) == []
    assert _many("best", a=[], b=[], c=[]) == []
    assert _many("add", a=[], b=[], c=[]) == []
    across = {"stacking": {"across": "multiply"}}
    found = _found(document(BASE, *({**DOUBLE, "id": name, "factor": {"times": 100}} for name in "abc"), **across))
    assert found == together


def test_one_faulty_rule_does_not_hide_the_next() -> None:
    found = _found(document({**BASE, "points": 0}, {**FIXED, "when": "nope"}, {**GOAL, "points": -1}))
    assert found == [
        ("/rules/0/points", "schema"),
        ("/rules/2/points", "schema"),
        ("/rules/1/when", "unknown_variable"),
    ]


def test_cities_that_nobody_knows_are_fine() -> None:
    assert check_programme(document({**BASE, "cities": ["atlantis"]})) == []


# --- text ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        (b"", "", "syntax"),
        (b"\x00\x01\x02", "", "syntax"),
        (b"\xff\xfe", "", "not_text"),
        (b"[" * 100_000, "", "too_deep"),
        (b'{"a":' * 50_000, "", "too_deep"),
        (b"a: &x [1]\nb: *x", "", "syntax"),
        (b"a: !!python/object:os.system x", "", "syntax"),
        (b"- " * 5_000 + b"x", "", "too_deep"),
        (b"name: a\nname: b", "", "duplicate_key"),
        (b'{"name": "a", "name": "b"}', "", "duplicate_key"),
        (b"a: 1\n---\nb: 2", "", "syntax"),
        (b'{"name": NaN}', "", "syntax"),
        (b'{"n": ' + b"9" * 10_000 + b"}", "", "syntax"),
        (b'{"name": "a\\u0000b"}', "/name", "control_character"),
        (b'{"title": {"zh": "\\ud800"}}', "/title/zh", "control_character"),
        (b"x" * 300_000, "", "too_long"),
        (b"{" + b" " * 2_000_000 + b"}", "", "too_long"),
    ],
)
def test_text_faults(text: bytes, place: str, code: str) -> None:
    assert _found(text)[0] == (place, code)


def test_a_hundred_thousand_rules_are_one_fault() -> None:
    assert _found(b'{"rules": [' + b"{}," * 99_999 + b"{}]}") == [("/rules", "too_many_rules")]


def test_conditions_are_bounded_together() -> None:
    many = [{**BASE, "id": f"r{at}", "when": " || ".join([f"paid_fen > {at}"] * 40)} for at in range(400)]
    assert _found(document(*many)) == [("/rules", "condition_cost")]


def test_faults_are_bounded() -> None:
    assert len(check_programme(document(*({**BASE, "points": 0} for _ in range(900))))) == 100


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_give_faults(text: bytes) -> None:
    assert check_programme(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from(ALL), st.data())
@settings(max_examples=150)
def test_any_value_in_any_field_gives_faults_or_a_programme(rule: dict[str, Any], data: st.DataObject) -> None:
    fields = ("id", "kind", "on", "when", "starts_at", "cities", "weekdays", "lines", "factor", "points", "limit")
    changed = {**rule, data.draw(st.sampled_from(fields)): data.draw(json_values)}
    text = document(BASE, changed)
    faults = check_programme(text)
    if not faults:
        decode_programme(text)
    assert all(fault.place.startswith(("/rules/", "")) and fault.reason for fault in faults)


def test_yaml_is_json_with_a_kinder_spelling() -> None:
    text = """
    name: test
    title: { zh: "规则", en: Rule }
    rules:
      - id: "on"   # YAML 1.1 would read on: and yes as true, and dates as dates
        kind: fixed
        on: vote.cast
        name: { zh: "123", en: yes }
        points: 5
        starts_at: 2026-02-07T00:00:00+08:00
        when: >
          city == 'hangzhou' &&
          hour < 12
    """
    assert check_programme(text.encode()) == []
    rule = decode_programme(text.encode()).rules[0]
    assert (rule.id, rule.on, rule.name.zh, rule.name.en) == ("on", "vote.cast", "123", "yes")


def test_decoding_a_faulty_programme_is_refused_with_its_faults() -> None:
    with pytest.raises(FaultyProgramme) as refused:
        decode_programme(document({**BASE, "points": 0}))
    assert refused.value.fields["faults"][0].place == "/rules/0/points"


# --- canonical form and versions -------------------------------------------------------------------------------------


def test_the_canonical_form_is_stable_and_spells_out_defaults() -> None:
    canonical = encode_programme(programme(*ALL))
    assert encode_programme(decode_programme(canonical)) == canonical
    assert b'"hold_minutes":30' in canonical
    assert b'"funder":"platform"' in canonical


def test_a_rule_keeps_its_version_while_what_it_promises_is_unchanged() -> None:
    first = programme(BASE, DOUBLE, FIXED, GOAL)
    versions = rule_versions(None, {}, first, 1)
    assert versions == {"base": 1, "double": 1, "f": 1, "goal": 1}
    second = programme(FIXED, {**BASE, "points": 2}, DOUBLE, GOAL, SHARE)
    versions = rule_versions(first, versions, second, 2)
    assert versions == {"base": 2, "double": 2, "f": 1, "goal": 1, "share": 2}  # what doubles the base changed with it
    third = programme(FIXED, {**BASE, "points": 2}, DOUBLE, {**GOAL, "validity_months": 12}, SHARE, settle_after_days=2)
    assert rule_versions(second, versions, third, 3) == dict.fromkeys(("base", "double", "f", "goal", "share"), 3)
