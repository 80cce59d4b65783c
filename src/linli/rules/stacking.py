"""Multipliers that are reckoned together: in groups (best of, add, multiply), and across them, in the stated order.

The best of a group is found line by line: one that counts for fresh food only may win there and another elsewhere.
Each multiplier keeps a grant of its own, for what it adds to those before it, so each has its funder and its terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import groupby
from typing import TypeAlias

from linli.rules.outcome import Skip
from linli.rules.policies import Combine, Stacking
from linli.rules.programme import Multiplier, PerAmount, Programme
from linli.rules.scene import Give, Scene
from linli.words.grants import Part

_MOST_SEEN = 4_096
Entry: TypeAlias = tuple[int, Combine, Fraction]
"""(group, how it combines, factor) of a multiplier that holds; those of one group stand together."""

Held: TypeAlias = tuple[int, tuple[int, int], tuple[int, ...] | None]
"""(rank, (times, per), places) of a multiplier that holds for an order; places None is the whole order."""
Settled: TypeAlias = list[tuple[Give, tuple[Part, ...]] | Skip]
"""What each of those that hold gives, or why it gives nothing."""


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


class Stack:
    """Multipliers of one base whose factors depend on each other; `ranks`: rule id → its place in the stated order.

    What the same multipliers give on the same places is reckoned once and remembered: orders of a few lines are alike.
    """

    __slots__ = ("_across", "_base", "_gives", "_groups", "_ids", "_rates", "_seen", "ranks")

    def __init__(self, base: PerAmount, across: str, groups: Sequence[tuple[Combine, list[str]]]) -> None:
        self._base, self._across = Fraction(base.points, base.per_fen), across
        self._groups: list[tuple[int, Combine]] = [
            (at, combine) for at, (combine, ids) in enumerate(groups) for _ in ids
        ]
        self._ids = [rule_id for _, ids in groups for rule_id in ids]
        self.ranks = {rule_id: rank for rank, rule_id in enumerate(self._ids)}
        self._gives: dict[int, Give] = {}
        self._seen: dict[tuple[int, tuple[Held, ...]], Settled] = {}
        self._rates: dict[tuple[tuple[int, tuple[int, int]], ...], list[tuple[int, int]]] = {}

    def enter(self, rule_id: str, give: Give) -> int:
        """The rank of a rule, whose grants `give` makes."""
        rank = self.ranks[rule_id]
        self._gives[rank] = give
        return rank

    def settle(self, scene: Scene, held: list[Held]) -> None:
        """Lets each of `held` give what it adds; one that is beaten on all of its lines is skipped."""
        key = (len(scene.body.lines), tuple(held))
        settled = self._seen.get(key)
        if settled is None:
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            settled = self._seen[key] = self._settled(sorted(held), key[0] + 1)
        for one in settled:
            if isinstance(one, Skip):
                scene.skipped.append(one)
            else:
                one[0](scene, one[1], None)

    def _settled(self, held: list[Held], number: int) -> Settled:
        found: list[dict[tuple[int, int], list[int] | None]] = [{} for _ in held]
        for who, places in _segments(held, number):
            rates = self._rates_of(tuple(held[at][:2] for at in who))
            for at, rate in zip(who, rates, strict=True):
                if rate[0]:
                    found[at][rate] = None if places is None else [*(found[at].get(rate) or ()), *places]
        settled: Settled = []
        for (rank, *_), rates in zip(held, found, strict=True):
            if rates:
                parts = tuple(Part(*rate, _whole(places, number)) for rate, places in rates.items())
                settled.append((self._gives[rank], parts))
            else:
                group = self._groups[rank]
                best = next(self._ids[other] for (other, *_), won in zip(held, found, strict=True)
                            if won and self._groups[other] == group)  # fmt: skip
                settled.append(Skip(self._ids[rank], "not_best", {"best": best}))
        return settled

    def _rates_of(self, key: tuple[tuple[int, tuple[int, int]], ...]) -> list[tuple[int, int]]:
        """(points, per_fen) of each multiplier, where exactly these hold; (0, 1) where another of its group is best."""
        rates = self._rates.get(key)
        if rates is None:
            if len(self._rates) >= _MOST_SEEN:
                self._rates.clear()
            entries = [(*self._groups[rank], Fraction(*factor)) for rank, factor in key]
            shares = extras(entries, self._across)
            rates = self._rates[key] = [(self._base * share).as_integer_ratio() for share in shares]
        return rates


def _segments(held: list[Held], number: int) -> Iterable[tuple[tuple[int, ...], list[int] | None]]:
    """(who holds, on which places): the order cut into parts on which the same multipliers hold."""
    if all(places is None for *_, places in held):
        return [(tuple(range(len(held))), None)]
    who: list[list[int]] = [[] for _ in range(number)]
    for at, (*_, places) in enumerate(held):
        for place in range(number) if places is None else places:
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
