"""Multipliers that are reckoned together: in groups (best of, add, multiply), and across them, in the stated order.

The best of a group is found line by line: one that counts for fresh food only may win there and another elsewhere.
Each multiplier keeps a grant of its own, for what it adds to those before it, so each has its funder and its terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple, TypeAlias

from linli.rules.outcome import Skip
from linli.rules.policies import Combine, Stacking
from linli.rules.programme import Multiplier, PerAmount, Programme
from linli.rules.scene import Give, Scene
from linli.words.grants import Part

_MOST_SEEN = 4_096
Entry: TypeAlias = tuple[int, Combine, Fraction]
"""(group, how it combines, factor) of a multiplier that holds; those of one group stand together."""

_Holders: TypeAlias = tuple[tuple[int, tuple[int, int]], ...]
"""(rank, factor) of each multiplier that holds."""


def extras(entries: Iterable[Entry], across: str) -> list[Fraction]:
    """What each multiplier adds to the base, as a part of it: 1 + their sum is the factor of all of them together."""
    found: list[Fraction] = []
    before = Fraction(1)
    for (_, combine), group in groupby(entries, key=lambda entry: entry[:2]):
        factors = [factor for _, _, factor in group]
        own = _of_group(factors, combine)
        found += [before * extra for extra in own]
        if across == "multiply":
            before *= 1 + sum(own)
    return found


def _of_group(factors: list[Fraction], combine: Combine) -> list[Fraction]:
    if combine == "best":
        best = factors.index(max(factors))  # the first of equals
        return [factor - 1 if at == best else Fraction(0) for at, factor in enumerate(factors)]
    if combine == "add":
        return [factor - 1 for factor in factors]
    found, before = [], Fraction(1)
    for factor in factors:
        found.append(before * (factor - 1))
        before *= factor
    return found


class Held(NamedTuple):
    """A multiplier that holds for an order. `places` are those of its lines, None the whole order."""

    rank: int
    factor: tuple[int, int]
    """(times, per)"""
    places: tuple[int, ...] | None
    give: Give


class Stack:
    """Multipliers of one base whose factors depend on each other; `ranks`: rule id → its place in the stated order."""

    __slots__ = ("_across", "_base", "_groups", "_ids", "_seen", "ranks")

    def __init__(self, base: PerAmount, across: str, groups: Sequence[tuple[Combine, list[str]]]) -> None:
        self._base, self._across = Fraction(base.points, base.per_fen), across
        self._groups: list[tuple[int, Combine]] = [
            (at, combine) for at, (combine, ids) in enumerate(groups) for _ in ids
        ]
        self._ids = [rule_id for _, ids in groups for rule_id in ids]
        self.ranks = {rule_id: rank for rank, rule_id in enumerate(self._ids)}
        self._seen: dict[_Holders, list[tuple[int, int]]] = {}

    def hold(self, scene: Scene, one: Held) -> None:
        """Notes that a multiplier holds for the scene's order; `settle` follows when all were asked."""
        scene.together.setdefault(self.settle, []).append(one)

    def settle(self, scene: Scene, held: list[Held]) -> None:
        """Lets each of `held` give what it adds; one that is beaten on all of its lines is skipped."""
        held.sort(key=_by_rank)
        number = len(scene.body.lines) + 1
        found: list[dict[tuple[int, int], list[int] | None]] = [{} for _ in held]
        for who, places in _segments(held, number):
            rates = self._rates(tuple((held[at].rank, held[at].factor) for at in who))
            for at, rate in zip(who, rates, strict=True):
                known = found[at].setdefault(rate, None if places is None else [])
                if known is not None and places is not None:
                    known.extend(places)
        for at, (one, rates) in enumerate(zip(held, found, strict=True)):
            parts = [Part(*rate, _whole(places, number)) for rate, places in rates.items() if rate[0]]
            if parts:
                one.give(scene, tuple(parts), None)
            else:
                winner = self._winner(held, found, at)
                scene.skipped.append(Skip(self._ids[one.rank], "not_best", {"best": winner}))

    def _rates(self, key: _Holders) -> list[tuple[int, int]]:
        """(points, per_fen) of each multiplier, where exactly these hold; (0, 1) where another of its group is best."""
        rates = self._seen.get(key)
        if rates is None:
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            entries = [(*self._groups[rank], Fraction(*factor)) for rank, factor in key]
            shares = extras(entries, self._across)
            rates = self._seen[key] = [(self._base * share).as_integer_ratio() for share in shares]
        return rates

    def _winner(self, held: list[Held], found: list[dict[tuple[int, int], list[int] | None]], loser: int) -> str:
        group = self._groups[held[loser].rank]
        winners = [
            one.rank
            for one, rates in zip(held, found, strict=True)
            if self._groups[one.rank] == group and any(points for points, _ in rates)
        ]
        return self._ids[winners[0]] if winners else ""


def _by_rank(one: Held) -> int:
    return one.rank


def _segments(held: list[Held], places: int) -> Iterable[tuple[tuple[int, ...], list[int] | None]]:
    """(who holds, on which places): the order cut into parts on which the same multipliers hold."""
    if all(one.places is None for one in held):
        return [(tuple(range(len(held))), None)]
    who: list[list[int]] = [[] for _ in range(places)]
    for at, one in enumerate(held):
        for place in range(places) if one.places is None else one.places:
            who[place].append(at)
    segments: dict[tuple[int, ...], list[int]] = {}
    for place, holders in enumerate(who):
        if holders:
            segments.setdefault(tuple(holders), []).append(place)
    return segments.items()


def _whole(places: list[int] | None, number: int) -> tuple[int, ...] | None:
    return None if places is None or len(places) == number else tuple(sorted(places))


def stacks_of(programme: Programme) -> dict[str, Stack]:
    """Rule id → the stack in which it is reckoned. A multiplier that only adds its own extra needs none."""
    found: dict[str, Stack] = {}
    for base in programme.rules:
        if isinstance(base, PerAmount):
            groups = _groups_of(base, programme.rules, programme.stacking)
            together = [groups] if programme.stacking.across == "multiply" else [[group] for group in groups]
            for stacked in together:
                ids = [rule_id for _, members in stacked for rule_id in members]
                if len(ids) > 1 and (len(stacked) > 1 or stacked[0][0] != "add"):
                    stack = Stack(base, programme.stacking.across, stacked)
                    found |= dict.fromkeys(ids, stack)
    return found


def _groups_of(base: PerAmount, rules: Sequence[object], stacking: Stacking) -> list[tuple[Combine, list[str]]]:
    members = [rule for rule in rules if isinstance(rule, Multiplier) and rule.of == base.id and not rule.paused]
    named: list[tuple[Combine, list[str]]] = [
        (group.combine, [rule.id for rule in members if rule.group == group.id]) for group in stacking.groups
    ]
    alone: list[tuple[Combine, list[str]]] = [("add", [rule.id]) for rule in members if rule.group is None]
    return [*((combine, ids) for combine, ids in named if ids), *alone]
