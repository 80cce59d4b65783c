"""The best use of points over several rates: never beaten by trying everything, and quick with silly figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import gcd

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linli.rules.split import Pot, Use, best_use

Lines = Sequence[tuple[tuple[int, int], int]]
"""(points : fen, cap) of each line."""


def _pots(lines: Lines) -> list[Pot]:
    caps: dict[tuple[int, int], int] = {}
    for (points, fen), cap in lines:
        common = gcd(points, fen)
        ratio = (points // common, fen // common)
        caps[ratio] = caps.get(ratio, 0) + cap
    return [Pot(*ratio, cap) for ratio, cap in caps.items()]


def _ways(pots: Sequence[Pot], most_fen: int) -> Iterator[tuple[int, int]]:
    """(fen, points) of every way to use whole points that keeps to what the pots allow."""
    for taken in product(*(range(-(-pot.cap_fen * pot.points // pot.fen) + 1) for pot in pots)):
        got = sum(min(pot.cap_fen, points * pot.fen // pot.points) for pot, points in zip(pots, taken, strict=True))
        yield min(got, most_fen), sum(taken)


def _by_trying(pots: Sequence[Pot], points: int, most_fen: int, step: int, least: int) -> tuple[int, int]:
    """(fen, points) of the best way: the most fen, then the fewest points, never more than the most costs."""
    free = max((way for way in _ways(pots, most_fen) if way[1] <= points), key=lambda way: (way[0], -way[1]))
    kept = [
        (fen, -spent) for fen, spent in _ways(pots, most_fen) if least <= spent <= free[1] and spent % step == 0 and fen
    ]
    fen, spent = max(kept, default=(0, 0))
    return fen, -spent


_ratios = st.tuples(st.integers(1, 9), st.integers(1, 9))


@given(
    st.lists(st.tuples(_ratios, st.integers(0, 12)), max_size=3),
    st.integers(0, 40), st.integers(0, 40), st.integers(1, 6), st.integers(0, 12),
)  # fmt: skip
@example([((3, 1), 12), ((5, 2), 7)], 14, 40, 1, 0)
def test_no_way_is_better(lines: Lines, points: int, most_fen: int, step: int, least: int) -> None:
    pots = _pots(lines)
    use = best_use(pots, points=points, most_fen=most_fen, step=step, least=least)
    assert (use.fen, use.points) == _by_trying(pots, points, most_fen, step, least)
    assert (sum(p for p, _ in use.of_pot), sum(f for _, f in use.of_pot)) == (use.points, use.fen)
    for pot, (spent, got) in zip(pots, use.of_pot, strict=True):
        assert 0 <= got <= pot.cap_fen
        assert got * pot.points <= spent * pot.fen, "no fen is cheaper than its rate"


@given(st.lists(st.tuples(_ratios, st.integers(0, 9)), max_size=3), st.integers(0, 30), st.integers(0, 20))
def test_rounding_line_by_line_is_never_better(lines: Lines, points: int, most_fen: int) -> None:
    use = best_use(_pots(lines), points=points, most_fen=most_fen)
    singly = [Pot(*ratio, cap) for ratio, cap in lines]
    fen, spent = _by_trying(singly, points, most_fen, 1, 0)
    assert (use.fen, -use.points) >= (fen, -spent)


def test_cheapest_first_alone_is_not_best() -> None:
    # 5 points = 2 fen before 3 points = 1 fen: 8 points are 2 + 1 fen, and 3 points left over would buy nothing more.
    assert best_use([Pot(5, 2, 10), Pot(3, 1, 10)], points=8, most_fen=99)[:2] == (8, 3)
    # Filling the cheap pot to its cap wastes half a point; the last fen is better taken from the dearer one.
    assert best_use([Pot(3, 2, 3), Pot(2, 1, 9)], points=7, most_fen=99)[:2] == (7, 4)


@pytest.mark.parametrize(
    ("step", "least", "expected"),
    [(1, 0, (150, 150)), (100, 0, (100, 100)), (100, 150, (0, 0)), (1, 151, (0, 0)), (1, 150, (150, 150))],
)
def test_steps_never_cost_more_than_they_bring(step: int, least: int, expected: tuple[int, int]) -> None:
    # What can be deducted is worth 150 points: nobody is asked for 200.
    use = best_use([Pot(1, 1, 150)], points=1_000, most_fen=10_000, step=step, least=least)
    assert (use.points, use.fen) == expected


def test_a_step_may_round_away_less_than_a_fen() -> None:
    assert best_use([Pot(3, 2, 500)], points=150, most_fen=500, step=100) == Use(100, 66, ((100, 66),))


def test_nothing_of_nothing() -> None:
    assert best_use([], points=10, most_fen=10) == Use(0, 0, ())
    assert best_use([Pot(1, 1, 0)], points=10, most_fen=10) == Use(0, 0, ((0, 0),))
