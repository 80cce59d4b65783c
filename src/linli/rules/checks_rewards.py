"""What a rule gives, checked: figures that must be there and must fit, matrices, and how multipliers stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import TypeAlias

from linli.rules.documents import Fault, pointer
from linli.rules.figures import Factor
from linli.rules.matrices import FactorMatrix, PointsMatrix
from linli.rules.orders import linear_rate
from linli.rules.periods import Window
from linli.rules.policies import Stacking
from linli.rules.programme import Fixed, Invitation, Multiplier, PerAmount, Programme, Rule, Share, listens
from linli.rules.tokens import Problem, tokenise
from linli.words.events import CATALOGUE
from linli.words.units import MOST_FEN, MOST_POINTS

Found: TypeAlias = Iterator[tuple[str, str, str]]
"""(place within the rule, code, reason)"""
_GENEROUS = "more than 100 points for one fen"


def figures(rule: Rule, shell: Programme | None) -> Found:
    """Faults of the figures of a rule by itself."""
    spans = [cap.per for cap in rule.caps]
    for at, span in enumerate(spans):
        if span in spans[:at]:
            yield f"caps/{at}/per", "duplicate_cap", f"the rule has another cap per {span}"
    if isinstance(rule, PerAmount) and MOST_FEN * rule.points > MOST_POINTS * rule.per_fen:
        yield "points", "too_generous", _GENEROUS
    if isinstance(rule, Invitation) and not (rule.inviter_points or rule.invitee_points):
        yield "inviter_points", "no_reward", "neither side gets points"
    if isinstance(rule, Share) and not (rule.sharer_points or rule.friend_points):
        yield "sharer_points", "no_reward", "neither side gets points"
    if isinstance(rule, Fixed):
        if (rule.points is None) == (rule.matrix is None):
            yield "points", "points_or_matrix", "a fixed rule says either points or a matrix"
        if rule.limit == "order":
            without = [name for name in listens(rule) if name in CATALOGUE and not _has_order(name)]
            if without:
                yield "limit", "no_order", f"{', '.join(without)} names no order"
    if isinstance(rule, Fixed | Multiplier) and rule.matrix is not None:
        yield from _matrix(rule.matrix, rule.cities, shell)


def tiers_asked(rule: Rule, shell: Programme | None) -> Found:
    """A condition that compares the tier with one that the programme does not have would never hold."""
    if rule.when is None or shell is None or not shell.tiers:
        return
    try:
        words = [token.text for token in tokenise(rule.when)]
    except Problem:
        return
    known = {tier.id for tier in shell.tiers}
    for at, word in enumerate(words):
        asked: list[str] = []
        if word == "tier" and words[at + 1 : at + 2] in (["=="], ["!="]):
            asked = words[at + 2 : at + 3]
        elif word == "tier" and words[at + 1 : at + 3] == ["in", "["]:
            asked = words[at + 3 : words.index("]", at) if "]" in words[at:] else at]
        unknown = [text for text in asked if text[:1] in "'\"" and text[1:-1] not in {*known, ""}]
        if unknown:
            yield "when", "unknown_tier", f"the programme has no tier {unknown[0]}"
            return


def _has_order(event_type: str) -> bool:
    return "order_id" in CATALOGUE[event_type].__struct_fields__


def _matrix(matrix: FactorMatrix | PointsMatrix, cities: Sequence[str] | None, shell: Programme | None) -> Found:
    tiers = {tier.id for tier in shell.tiers} if shell is not None else None
    seen: set[tuple[str | None, str | None]] = set()
    for at, cell in enumerate(matrix.cells):
        place, where = f"matrix/cells/{at}", (cell.tier, cell.city)
        if where == (None, None):
            yield place, "unscoped_cell", "a cell names a tier, a city or both"
        elif where in seen:
            yield place, "duplicate_cell", f"another cell is for {cell.tier or 'any tier'}, {cell.city or 'any city'}"
        seen.add(where)
        if cell.tier is not None and tiers is not None and cell.tier not in tiers:
            yield f"{place}/tier", "unknown_tier", f"the programme has no tier {cell.tier!r}"
        if cell.city is not None and cities is not None and cell.city not in cities:
            yield f"{place}/city", "other_city", f"the rule is not for {cell.city!r}"
    if isinstance(matrix, PointsMatrix):
        given = [cell.points for cell in matrix.cells] + [matrix.otherwise or 0]
        if not any(given):
            yield "matrix", "no_reward", "no cell gives points"
    for place, factor in _factors(matrix):
        if factor.times < factor.per:
            yield place, "factor", "a factor is at least one: times ≥ per"


def _factors(matrix: FactorMatrix | PointsMatrix) -> Iterator[tuple[str, Factor]]:
    if isinstance(matrix, FactorMatrix):
        for at, cell in enumerate(matrix.cells):
            yield f"matrix/cells/{at}/factor", cell.factor
        if matrix.otherwise is not None:
            yield "matrix/otherwise", matrix.otherwise


def multiplier(rule: Rule, bases: Mapping[str, PerAmount], shell: Programme | None) -> Found:
    """Faults of a multiplier beside its base and its group."""
    if not isinstance(rule, Multiplier):
        return
    base = bases.get(rule.of)
    if (rule.factor is None) == (rule.matrix is None):
        yield "factor", "factor_or_matrix", "a multiplier says either a factor or a matrix"
    if rule.factor is not None and rule.factor.times <= rule.factor.per:
        yield "factor", "factor", "a factor is more than one: times > per"
    if rule.matrix is not None and all(factor.times <= factor.per for _, factor in _factors(rule.matrix)):
        yield "matrix", "no_reward", "no cell gives more than the base"
    if rule.group is not None and shell is not None and rule.group not in {g.id for g in shell.stacking.groups}:
        yield "group", "unknown_group", f"the programme stacks no group {rule.group!r}"
    if base is None:
        yield "of", "unknown_rule", f"no per_amount rule {rule.of!r}"
        return
    silent = [name for name in listens(rule, base) if name not in listens(base)]
    if silent:
        yield "on", "event_not_allowed", f"{rule.of!r} does not listen to {', '.join(silent)[:100]}"
    if rule.wallet != base.wallet:
        yield "wallet", "unlike_base", f"{rule.of!r} pays into {base.wallet!r}"
    for place, factor in _named_factors(rule):
        points, per_fen = linear_rate(factor, base)
        if points > 0 and MOST_FEN * points > MOST_POINTS * per_fen:
            yield place, "too_generous", _GENEROUS


def _named_factors(rule: Multiplier) -> Iterator[tuple[str, Factor]]:
    if rule.factor is not None:
        yield "factor", rule.factor
    if rule.matrix is not None:
        yield from _factors(rule.matrix)


def shared(shell: Programme, rules: Sequence[Rule | None], bases: Mapping[str, PerAmount]) -> Iterator[Fault]:
    """Faults of tiers and groups, and of multipliers that would together promise more than may be posted."""
    yield from _named_twice([tier.id for tier in shell.tiers], ("tiers",), "duplicate_tier", "tier")
    groups = [group.id for group in shell.stacking.groups]
    yield from _named_twice(groups, ("stacking", "groups"), "duplicate_group", "group")
    by_base: dict[str, list[tuple[int, Multiplier]]] = {}
    for at, rule in enumerate(rules):
        if isinstance(rule, Multiplier) and not rule.paused and rule.of in bases:
            by_base.setdefault(rule.of, []).append((at, rule))
    for base_id, members in by_base.items():
        yield from _too_generous(bases[base_id], members, shell.stacking)


def _named_twice(ids: list[str], place: tuple[str, ...], code: str, what: str) -> Iterator[Fault]:
    for at, name in enumerate(ids):
        if name in ids[:at]:
            yield Fault(pointer(*place, at, "id"), code, f"another {what} is called {name!r}")


def _too_generous(base: PerAmount, members: list[tuple[int, Multiplier]], stacking: Stacking) -> Iterator[Fault]:
    """Where factors multiply, a multiplier adds to the product of all that may hold with it: at most so much."""
    most = Fraction(MOST_POINTS * base.per_fen, MOST_FEN * base.points)
    windows = {rule.id: Window(rule) for _, rule in members}
    if _together([rule for _, rule in members], None, stacking) <= most:
        return
    for at, rule in members:
        others = [other for _, other in members if _may_meet(rule, other, windows)]
        if _highest(rule) <= most < _together(others, rule, stacking):
            place = "matrix" if rule.matrix is not None else "factor"
            reason = f"with the factors that it multiplies, {_GENEROUS}"
            yield Fault(pointer("rules", at, place), "too_generous", reason)


def _together(rules: Sequence[Multiplier], asked: Multiplier | None, stacking: Stacking) -> Fraction:
    """The most that `rules` make of the base; with `asked`, only those whose factors meet its own."""
    combine = {group.id: group.combine for group in stacking.groups}
    groups: dict[str, list[Fraction]] = {}
    for rule in rules:
        group = rule.group if rule.group in combine else f" {rule.id}"
        if asked is None or stacking.across == "multiply" or rule.group == asked.group is not None or rule is asked:
            groups.setdefault(group, []).append(_highest(rule))
    product = Fraction(1)
    for group, factors in groups.items():
        how = combine.get(group, "add")
        product *= (
            max(factors) if how == "best" else prod(factors) if how == "multiply" else 1 + sum(f - 1 for f in factors)
        )
    return product


def _highest(rule: Multiplier) -> Fraction:
    return max((Fraction(factor.times, factor.per) for _, factor in _named_factors(rule)), default=Fraction(1))


def _may_meet(one: Multiplier, other: Multiplier, windows: Mapping[str, Window]) -> bool:
    cities = one.cities is None or other.cities is None or not set(one.cities).isdisjoint(other.cities)
    first, second = windows[one.id], windows[other.id]
    return cities and first.start < second.end and second.start < first.end
