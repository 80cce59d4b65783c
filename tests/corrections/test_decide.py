"""What each line would do, foreseen in the order of the lines, and which are faulty."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.corrections import Asked, Decider, Fault, Known, Line, Reversible, opposite
from linli.words.units import MOST_POINTS

KNOWN = Known(
    {"m1", "m2"},
    {("m1", "points"): 100, ("m1", "team"): 7},
    {("m1", "g"): Reversible("points", 40, False), ("m1", "p"): Reversible("team", 9, True)},
)


def decide(*asked: Asked) -> list[Line]:
    return Decider(("points", "team"), "all").decide(asked, KNOWN)


def seen(line: Line) -> tuple[Any, ...]:
    return line.act, line.wallet, line.points, line.available_before, line.available_after


def test_each_line_stands_on_those_before() -> None:
    found = decide(
        Asked("m1", -60), Asked("m1", 5, "points"), Asked("m1", -45, reason="own"), Asked("m2", 3, "team"),
        Asked("m1", -1),
    )  # fmt: skip
    assert [seen(line) for line in found[:4]] == [
        ("adjust", "points", -60, 100, 40), ("adjust", "points", 5, 40, 45), ("adjust", "points", -45, 45, 0),
        ("adjust", "team", 3, 0, 3),
    ]  # fmt: skip
    assert [line.reason for line in found[1:3]] == ["all", "own"]
    assert found[4].fault == Fault("insufficient_points", {"available": 0, "wanted": 1})


def test_what_is_left_of_a_grant_is_counted_down() -> None:
    found = decide(
        Asked("m1", 15, None, "g"), Asked("m1", None, None, "g", "rest"), Asked("m1", None, None, "g", "more"),
        Asked("m1", None, None, "p"),
    )  # fmt: skip
    assert [seen(line) for line in (found[0], found[1], found[3])] == [
        ("reverse", "points", -15, 100, 85), ("reverse", "points", -25, 85, 60), ("reverse", "team", -9, 7, 7),
    ]  # fmt: skip
    assert found[2].fault == Fault("reverse_too_large", {"reversible": 0, "wanted": 0})


FAULTY: list[tuple[Asked, str, Any]] = [
    (Asked("m9", 5), "member_not_found", {"member_id": "m9"}),
    (Asked("", 5), "member_not_found", {"member_id": ""}),
    (Asked("m1", 0), "line_points_zero", {}),
    (Asked("m1"), "line_points_zero", {}),
    (Asked("m1", MOST_POINTS + 1), "line_points_too_large", {"most_points": MOST_POINTS}),
    (Asked("m1", -MOST_POINTS - 1), "line_points_too_large", {"most_points": MOST_POINTS}),
    (Asked("m1", 5, "gold"), "unknown_wallet", {"wallet": "gold", "wallets": ["points", "team"]}),
    (Asked("m1", -101), "insufficient_points", {"available": 100, "wanted": 101}),
    (Asked("m2", -1), "insufficient_points", {"available": 0, "wanted": 1}),
    (Asked("m1", 5, None, "no"), "grant_not_found", {"key": "no"}),
    (Asked("m2", 5, None, "g"), "grant_not_found", {"key": "g"}),
    (Asked("m1", 41, None, "g"), "reverse_too_large", {"reversible": 40, "wanted": 41}),
    (Asked("m1", -5, None, "g"), "line_points_of_grant", {}),
    (Asked("m1", 0, None, "g"), "line_points_of_grant", {}),
    (Asked("m1", 5, "points", "p"), "line_wallet_of_grant", {"wallet": "team"}),
    (Asked("m1", 5, fault=Fault("line_cells")), "line_cells", {}),
]


@pytest.mark.parametrize(("asked", "code", "fields"), FAULTY)
def test_a_faulty_line_says_why_and_changes_nothing(asked: Asked, code: str, fields: Any) -> None:
    line, after = decide(asked, Asked("m1", -100, reason="x"))
    assert (line.state, line.fault, line.available_before) == ("faulty", Fault(code, fields), None)
    assert (after.state, after.available_before) == ("ready", 100)


def test_the_very_same_line_twice_is_faulty() -> None:
    found = decide(Asked("m1", 5), Asked("m1", 5, "points"), Asked("m1", 6), Asked("m1", 5, "points", None, "other"))
    assert [line.fault for line in found] == [None, Fault("line_double", {"no": 1}), None, None]


LINE = st.tuples(st.sampled_from(["m1", "m2", "m3"]), st.integers(-150, 150)).map(lambda line: Asked(*line))


@given(st.lists(LINE, max_size=30))
def test_part_by_part_is_the_same_and_undone_it_is_where_it_was(asked: list[Asked]) -> None:
    whole = decide(*asked)
    parts = Decider(("points", "team"), "all")
    assert [line for one in asked for line in parts.decide([one], KNOWN)] == whole
    ready = [line for line in whole if line.state == "ready"]
    balance: dict[str, int] = {}
    for line in [*ready, *opposite(ready[::-1], "undo")]:
        balance[line.member_id] = balance.get(line.member_id, 0) + line.points
        assert line.available_after is None or line.available_after >= 0
    assert not any(balance.values())
    assert [line.undoes for line in opposite(ready[::-1], "undo")] == [line.no for line in reversed(ready)]
