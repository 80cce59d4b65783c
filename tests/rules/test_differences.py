"""What changed between two versions: named by its place, whatever stands elsewhere in the list."""

from __future__ import annotations

from typing import Any

import msgspec

from linli.kit.resources import resource
from linli.rules import decode_programme, difference, encode_programme
from tests.rules.build import BASE, programme

VOTE = {"id": "vote", "kind": "fixed", "on": "vote.cast", "points": 5}
DOUBLE = {"id": "double", "kind": "multiplier", "of": "base", "factor": {"times": 2}}


def _changes(old: Any, new: Any) -> list[tuple[Any, ...]]:
    sides = [encode_programme(side) if side is not None else None for side in (old, new)]
    assert sides[1] is not None
    return [
        (c.rule, c.place, c.kind, *(None if raw is None else msgspec.json.decode(raw) for raw in (c.before, c.after)))
        for c in difference(sides[0], sides[1])
    ]


def test_nothing_changed() -> None:
    assert _changes(programme(BASE, VOTE), programme(BASE, VOTE)) == []


def test_fields_of_the_programme_and_of_a_rule() -> None:
    old = programme(BASE, DOUBLE)
    new = programme({**BASE, "points": 2}, {**DOUBLE, "factor": {"times": 3}, "weekdays": [6]}, hold_minutes=5)
    assert _changes(old, new) == [
        (None, "/hold_minutes", "changed", 30, 5),
        ("base", "/points", "changed", 1, 2),
        ("double", "/factor/times", "changed", 2, 3),
        ("double", "/weekdays", "changed", None, [6]),
    ]


def test_rules_come_and_go_whole() -> None:
    added, removed = _changes(programme(BASE, DOUBLE), programme(BASE, VOTE))
    assert (removed[0], removed[1], removed[2], removed[4]) == ("vote", "", "added", removed[4])
    assert removed[4]["points"] == 5 and removed[3] is None
    assert (added[:3], added[3]["of"], added[4]) == (("double", "", "removed"), "base", None)


def test_another_place_in_the_list_is_a_change_of_order_and_nothing_else() -> None:
    old, new = programme(BASE, VOTE, DOUBLE), programme(VOTE, BASE, DOUBLE)
    assert _changes(old, new) == [
        (None, "/rules", "changed", ["base", "vote", "double"], ["vote", "base", "double"])
    ]  # fmt: skip


def test_rates_are_told_apart_by_their_id() -> None:
    text = (resource("presets") / "fresh-life.yaml").read_bytes()
    old = decode_programme(text)
    new = decode_programme(text.replace(b"fen: 200", b"fen: 300"))
    assert _changes(old, new) == [(None, "/deduction/rates/high_margin/fen", "changed", 200, 300)]


def test_cells_are_told_apart_by_tier_and_city() -> None:
    gift = {"id": "gift", "kind": "fixed", "on": "vote.cast"}
    tiers = [{"id": "gold", "name": {"zh": "金卡", "en": "Gold"}}]
    cells = [{"tier": "gold", "city": "wuhu", "points": 5}, {"city": "wuhu", "points": 3}]
    old = programme({**gift, "matrix": {"cells": cells}}, tiers=tiers)
    new = programme({**gift, "matrix": {"cells": [{**cells[0], "points": 9}], "otherwise": 1}}, tiers=tiers)
    found = _changes(old, new)
    assert [change[:3] for change in found] == [
        ("gift", "/matrix/cells/* × wuhu", "removed"),
        ("gift", "/matrix/cells/gold × wuhu/points", "changed"),
        ("gift", "/matrix/otherwise", "changed"),
    ]
    assert (found[1][3], found[1][4]) == (5, 9)


def test_a_first_version_is_all_new_rule_by_rule() -> None:
    found = _changes(None, programme(BASE, VOTE))
    assert {(rule, place, kind) for rule, place, kind, *_ in found} >= {("base", "", "added"), ("vote", "", "added")}
    assert all(before is None for _, _, _, before, _ in found)
    assert (None, "/name", "added", None, "test") in found


def test_names_with_slashes_and_tildes_are_pointers() -> None:
    lines = {"tags": ["a/b~c"]}
    found = _changes(programme({**BASE, "lines": lines}), programme({**BASE, "lines": {"tags": ["x"]}}))
    assert found == [("base", "/lines/tags", "changed", ["a/b~c"], ["x"])]
