"""The best use of points where several rates hold: the most money for the points, and the fewest points for it. Pure.

All that is deducted at one rate is one *pot*: x points of it give ⌊x × fen ÷ points⌋ fen, up to what its lines allow.
So a pot is rounded once, and lines share in it (`deduction.py`); no split that rounds line by line can do better.

Over several pots this is a bounded knapsack, in which cheapest first is not always best: 3 points left over buy nothing
at 5 points = 2 fen after a whole number of steps, where one step less leaves enough for a fen of another pot. It is
exact all the same: `fewest` proves a bound from below by the price of the pot at the margin (Lagrange), and looks only
at what could beat it. Few rates and small figures keep that search to a handful of states.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cmp_to_key
from typing import NamedTuple


class Pot(NamedTuple):
    """`points` : `fen` in lowest terms, and the most that may be deducted at that rate."""

    points: int
    fen: int
    cap_fen: int


class Use(NamedTuple):
    """Points and fen of each pot, in the order given. `points` and `fen` are the sums."""

    points: int
    fen: int
    of_pot: tuple[tuple[int, int], ...]


class _Choice(NamedTuple):
    """`points` of a pot give `fen`; `loss` says by how much that is dearer than the margin (scaled)."""

    points: int
    fen: int
    loss: int


class _State(NamedTuple):
    """Some pots decided. `path`: their choices, the last first."""

    points: int
    loss: int
    path: tuple[_Choice, _State] | None


_START = _State(0, 0, None)


def best_use(pots: Sequence[Pot], *, points: int, most_fen: int, step: int = 1, least: int = 0) -> Use:
    """The most money for at most `points`, up to `most_fen`; of equals the one of the fewest points.

    Points are a multiple of `step` and at least `least`, and never more than the most money costs without a step. All
    zero where that cannot be.
    """
    nothing = Use(0, 0, ((0, 0),) * len(pots))
    order = sorted(range(len(pots)), key=cmp_to_key(lambda a, b: _dearer(pots[a], pots[b])))
    ranked = [pots[at] for at in order]
    most = min(most_for(ranked, points), most_fen)
    if most <= 0:
        return nothing
    needed, found = fewest_for(ranked, most)
    spent = needed
    if needed % step:
        allowed = needed - needed % step
        most = most_for(ranked, allowed)
        if not most or allowed < least:
            return nothing
        needed, found = fewest_for(ranked, most)
        spent = max(_up(needed, step), _up(least, step))
    if spent < least:
        return nothing
    used = _settled(found, most, spent - needed)
    by_place = dict(zip(order, used, strict=True))
    return Use(spent, most, tuple(by_place[at] for at in range(len(pots))))


def most_for(ranked: Sequence[Pot], points: int) -> int:
    """The most fen that `points` give, over pots with the cheapest first."""
    left, sure, wasted = max(points, 0), 0, False
    for pot in ranked:
        fen = min(pot.cap_fen, left * pot.fen // pot.points)
        cost = _cost(pot, fen)
        left -= cost
        sure += fen
        wasted = wasted or cost * pot.fen != fen * pot.points
    if not (left or wasted) or sure == sum(pot.cap_fen for pot in ranked):
        return sure
    most = _bound(ranked, points)
    # Between what cheapest first gives and what no split can pass: where they differ, the truth is asked for.
    while sure < most:
        middle = (sure + most + 1) // 2
        if fewest_for(ranked, middle)[0] <= points:
            sure = middle
        else:
            most = middle - 1
    return sure


def _bound(ranked: Sequence[Pot], points: int) -> int:
    """What no split of `points` can pass: all that they were worth if nothing had to be rounded."""
    left, bound = Fraction(points), Fraction(0)
    for pot in ranked:
        part = min(Fraction(pot.cap_fen), left * pot.fen / pot.points)
        left -= part * pot.points / pot.fen
        bound += part
    return int(bound)


def fewest_for(ranked: Sequence[Pot], fen: int) -> tuple[int, list[tuple[int, int]]]:
    """(the fewest points that give at least `fen`, points and fen of each pot), over pots with the cheapest first.

    The pots together must allow `fen`.
    """
    greedy, left, margin = list[tuple[int, int]](), fen, 0
    for at, pot in enumerate(ranked):
        part = min(pot.cap_fen, left)
        left -= part
        greedy.append((_cost(pot, part), part))
        if part:
            margin = at
    assert not left, "the pots allow it"
    most = sum(points for points, _ in greedy)
    edge = ranked[margin]
    others = [at for at in range(len(ranked)) if at != margin]
    # Scaled by edge.fen: each choice costs Φ = edge.fen × points − edge.points × fen, and no solution costs less than
    # the sum of the least Φ of all pots + edge.points × fen.
    least = [min(_phi(edge, *choice) for choice in _near(ranked[at], edge, 0)) for at in others]
    bound = sum(least) + edge.points * fen
    for points in range(-(-bound // edge.fen), most):
        room = edge.fen * points - bound
        found = _search(ranked, others, least, margin, fen, points, room)
        if found is not None:
            return found
    return most, greedy


def _search(
    ranked: Sequence[Pot], others: Sequence[int], least: Sequence[int], margin: int, fen: int, points: int, room: int
) -> tuple[int, list[tuple[int, int]]] | None:
    """A way to give `fen` for `points` at the most; None where there is none. `room`: the loss that leaves."""
    edge = ranked[margin]
    offered = [
        (at, [
            _Choice(spent, got, loss)
            for spent, got in _near(ranked[at], edge, room)
            if (loss := _phi(edge, spent, got) - lowest) <= room
        ])
        for at, lowest in zip(others, least, strict=True)
    ]  # fmt: skip
    offered.sort(key=lambda pot: len(pot[1]))  # most pots have but one choice that is of use
    states = {0: _START}
    for _, choices in offered:
        following: dict[int, _State] = {}
        for given, state in states.items():
            for choice in choices:
                loss = state.loss + choice.loss
                if loss <= room:
                    total = given + choice.fen
                    known = following.get(total)
                    if known is None or state.points + choice.points < known.points:
                        following[total] = _State(state.points + choice.points, loss, (choice, state))
        states = _undominated(following) if len(choices) > 1 else following
    for given, state in states.items():
        rest = max(fen - given, 0)
        if rest <= edge.cap_fen and state.points + _cost(edge, rest) <= points:
            used = {margin: (_cost(edge, rest), rest)}
            path = state.path
            for at, _ in reversed(offered):
                assert path is not None, "one choice a pot"
                used[at] = path[0][:2]
                path = path[1].path
            return state.points + used[margin][0], [used[at] for at in range(len(ranked))]
    return None


def _undominated(states: dict[int, _State]) -> dict[int, _State]:
    """Without those that give no more than another for no fewer points."""
    kept: dict[int, _State] = {}
    fewest: int | None = None
    for given in sorted(states, reverse=True):
        state = states[given]
        if fewest is None or state.points < fewest:
            kept[given], fewest = state, state.points
    return kept


def _near(pot: Pot, edge: Pot, room: int) -> Iterator[tuple[int, int]]:
    """(points, fen) of a pot that can be of use: from where it costs least at the margin, as far as `room` lets it."""
    # How much Φ grows with each fen further from there, times pot.fen. What comes later is at least so dear.
    slope = pot.points * edge.fen - edge.points * pot.fen
    lowest: int | None = None
    for spent, got in _steps(pot, upwards=slope >= 0):
        floor = slope * got
        if lowest is not None and floor > (lowest + room) * pot.fen:
            return
        phi = _phi(edge, spent, got)
        lowest = phi if lowest is None else min(lowest, phi)
        yield spent, got


def _steps(pot: Pot, *, upwards: bool) -> Iterator[tuple[int, int]]:
    """All (points, fen) of a pot where a point less gives less, from nothing to all or the other way."""
    most = _cost(pot, pot.cap_fen)
    if pot.points < pot.fen:
        for spent in range(most + 1) if upwards else range(most, -1, -1):
            yield spent, min(pot.cap_fen, spent * pot.fen // pot.points)
    else:
        for got in range(pot.cap_fen + 1) if upwards else range(pot.cap_fen, -1, -1):
            yield _cost(pot, got), got


def _settled(found: Sequence[tuple[int, int]], fen: int, more: int) -> list[tuple[int, int]]:
    """`found` with exactly `fen`, and `more` points than it needs: both where the dearest fen are."""
    used = list(found)
    over = sum(got for _, got in used) - fen
    for at in reversed(range(len(used))):
        spent, got = used[at]
        if got:
            cut = min(over, got)
            over -= cut
            used[at] = (spent + more, got - cut)
            more = 0
    return used


def _dearer(one: Pot, other: Pot) -> int:
    """> 0 where a fen of `one` costs more points than one of `other`."""
    return one.points * other.fen - other.points * one.fen


def _phi(edge: Pot, spent: int, got: int) -> int:
    return edge.fen * spent - edge.points * got


def _cost(pot: Pot, fen: int) -> int:
    """The fewest points of a pot that give `fen`."""
    return -(-fen * pot.points // pot.fen)


def _up(number: int, step: int) -> int:
    return -(-number // step) * step
