"""Conditions read straight from the event answer as the CEL library does; what they cannot say is left to it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kit import cel
from linli.rules.scene import Scene
from linli.rules.shortcuts import shortcut
from linli.rules.variables import context_maker, reader, variables_of
from linli.words.facts import MemberFacts
from tests.rules.build import SHANGHAI, event, order

TYPE = "order.paid"
KINDS = variables_of(TYPE)
LITERALS = {
    "int": st.sampled_from((0, 1, 2, 9, 11, 12, 2026, 999, 1000, 1001)).map(str),
    "string": st.sampled_from(("''", "'a'", '"b"', "'fresh'", "'生鲜'")),
}


def _flag(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from((name, f"!{name}"))


def _one(name: str) -> st.SearchStrategy[str]:
    kind = KINDS[name]
    if kind == "bool":
        return _flag(name)
    if kind == "list":
        return LITERALS["string"].map(lambda text: f"{text} in {name}")
    signs = ("==", "!=", "<", "<=", ">", ">=") if kind == "int" else ("==", "!=")
    compared = st.builds(lambda sign, value: f"{name} {sign} {value}", st.sampled_from(signs), LITERALS[kind])
    among = st.lists(LITERALS[kind], min_size=1, max_size=3).map(lambda values: f"{name} in [{', '.join(values)}]")
    return compared | among


parts = st.sampled_from(sorted(KINDS)).flatmap(_one)
conditions = st.lists(st.lists(parts, min_size=1, max_size=3).map(" && ".join), min_size=1, max_size=3).map(" || ".join)
lines = st.lists(
    st.fixed_dictionaries(
        {"paid_fen": st.just(500)},
        optional={
            "category": st.sampled_from(("fresh", "a", "生鲜")),
            "tags": st.lists(st.sampled_from("ab"), max_size=2),
        },
    ),
    max_size=3,
)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "city": st.sampled_from("ab"),
        "leader_id": st.just("a"),
        "group_id": st.just("b"),
        "device_id": st.just("d"),
    },
)


def _scene(body: dict[str, Any], goods: list[dict[str, Any]], hour: int) -> Scene:
    paid = sum(line["paid_fen"] for line in goods) if goods else 1000
    happened = order(paid, *goods, at=f"2026-11-09T{hour:02}:00:00+08:00", **body)
    return Scene(happened, MemberFacts(), MemberFacts(birth_month=11), SHANGHAI.local)


@given(conditions, bodies, lines, st.integers(0, 23))
def test_a_shortcut_answers_as_the_library_does(
    source: str, body: dict[str, Any], goods: list[dict[str, Any]], hour: int
) -> None:
    test = shortcut(source, KINDS, lambda name: reader(TYPE, name))
    assert test is not None, source
    context = context_maker(TYPE, KINDS)(_scene(body, goods, hour))
    assert test(_scene(body, goods, hour)) is cel.compile(source).execute(context)


@pytest.mark.parametrize(
    "source",
    [
        "paid_fen + 1 > 5", "(paid_fen > 5)", "5 < paid_fen", "paid_fen > list_fen", "city > 'a'", "city == 'a\\'b'",
        "size(categories) > 1", "tags.exists(t, t == 'a')", "true", "!(hour > 5)", "city.startsWith('h')",
        "paid_fen == -1", "has_device == true", "hour in [1, 1 + 1]", "hour in []", "unknown == 5",
        "paid_fen > 5 && true", "'a' in ['a', 'b']", "city in tags", "hour >",
    ],
)  # fmt: skip
def test_what_is_of_another_form_stays_with_the_library(source: str) -> None:
    assert shortcut(source, KINDS, lambda name: reader(TYPE, name)) is None


def test_a_field_that_is_absent_reads_empty() -> None:
    test = shortcut("sku == ''", variables_of("review.created"), lambda name: reader("review.created", name))
    happened = event("review.created", review_id="v")
    assert test is not None and test(Scene(happened, MemberFacts(), MemberFacts(), SHANGHAI.local)) is True
