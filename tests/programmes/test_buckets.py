"""Buckets are GrowthBook's, and shares of several rollouts never meet."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kit.buckets import bucket
from linli.programmes import ELSEWHERE, RolloutOverlap, Shares, has, percent_of, ranges_of, share_out

# Seed, value, bucket: of GrowthBook's own cases for its SDKs, hash version 2.
PUBLISHED = [
    ("seed", "a", 505), ("seed", "b", 2696), ("foo", "ab", 2575), ("foo", "def", 2019),
    ("90850943850283058242805", "123", 7516), ("()**(%$##$%#$#", '___)((*":&', 128),
]  # fmt: skip
CITIES = ("hz", "nb", "sh")
EVERYWHERE = (*CITIES, "nowhere-named", None)


@pytest.mark.parametrize(("seed", "value", "expected"), PUBLISHED)
def test_buckets_are_those_of_growthbook(seed: str, value: str, expected: int) -> None:
    assert bucket(seed, value) == expected


def test_members_are_spread_evenly() -> None:
    found = [0] * 10
    for number in range(20_000):
        found[bucket("rollout:7", f"u{number}") // 1_000] += 1
    assert all(1_850 < count < 2_150 for count in found), found


def test_who_was_in_stays_in_while_the_percentage_grows() -> None:
    first = share_out({}, [], 10, cities=None)
    other = share_out({}, [first], 15, cities=None)
    grown = share_out(first, [other], 40, cities=None)
    members = [(f"u{n}", bucket("s", f"u{n}")) for n in range(3_000)]
    was = {member for member, at in members if has(ranges_of(first, None), at)}
    now = {member for member, at in members if has(ranges_of(grown, None), at)}
    others = {member for member, at in members if has(ranges_of(other, None), at)}
    assert was < now and not now & others
    assert percent_of(ranges_of(grown, "anywhere")) == 40


def test_pilot_cities_keep_what_they_have_when_the_others_follow() -> None:
    pilot = share_out({}, [], 100, cities=["hz"])
    assert ranges_of(pilot, "nb") == ()
    wider = share_out(pilot, [], 10, cities=None, pilots=["hz"])
    assert [percent_of(ranges_of(wider, city)) for city in ("hz", "nb", None)] == [100, 10, 10]
    narrower = share_out(wider, [], 5, cities=None, pilots=["hz"])
    assert [percent_of(ranges_of(narrower, city)) for city in ("hz", "nb")] == [100, 5]


def test_cities_at_130_percent_are_refused() -> None:
    first = share_out({}, [], 80, cities=["hz", "nb"])
    with pytest.raises(RolloutOverlap) as refused:
        share_out({}, [first], 50, cities=["hz", "sh"])
    assert refused.value.fields == {"city": "hz", "percent": 50, "free_percent": 20}
    with pytest.raises(RolloutOverlap):
        share_out({}, [first], 50, cities=None)
    assert share_out({}, [first], 100, cities=["sh"]) == {"sh": ((0, 10_000),)}
    assert percent_of(ranges_of(share_out({}, [first], 20, cities=None), "hz")) == 20


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2), st.one_of(st.none(), st.lists(st.sampled_from(CITIES), min_size=1)), st.integers(1, 100)
        ),
        max_size=12,
    )
)
def test_no_bucket_is_in_two_rollouts_and_each_has_what_it_was_given(
    wishes: list[tuple[int, list[str] | None, int]],
) -> None:
    held: dict[int, Shares] = {}
    for rollout, cities, percent in wishes:
        others = [shares for name, shares in held.items() if name != rollout]
        sums = {city: sum(percent_of(ranges_of(other, city)) for other in others) for city in EVERYWHERE}
        places = cities if cities is not None else EVERYWHERE
        try:
            held[rollout] = share_out(held.get(rollout, {}), others, percent, cities=cities)
        except RolloutOverlap:
            assert any(sums[city] + percent > 100 for city in places)
            continue
        for city in EVERYWHERE:
            wanted = percent if city in places else 0
            assert percent_of(ranges_of(held[rollout], city)) == wanted
            taken = [at for shares in held.values() for first, end in ranges_of(shares, city) for at in (first, end)]
            covered = [at for s in held.values() for first, end in ranges_of(s, city) for at in range(first, end)]
            assert len(covered) == len(set(covered)), (city, taken)
    assert ELSEWHERE == ""
