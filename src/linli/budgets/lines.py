"""The decision, pure: from a month's sums and a programme's budget to what is allowed, used, and rests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, Protocol, TypeAlias

Scope: TypeAlias = Literal["all", "city", "rule"]
State: TypeAlias = Literal["ok", "warning", "paused"]
_WHOLE = 10_000
"""Basis points in one."""


class Terms(Protocol):
    """A programme's budget, as `rules.Budget` says it."""

    @property
    def sales_basis_points(self) -> int: ...
    @property
    def points_per_yuan(self) -> int: ...
    @property
    def warn_percent(self) -> int: ...
    @property
    def pause_percent(self) -> int: ...
    @property
    def floor_fen(self) -> int: ...
    @property
    def cities(self) -> Mapping[str, int]: ...
    @property
    def rules(self) -> Mapping[str, int]: ...


class Figures(NamedTuple):
    """Of one month, city (None: of events without one) and rule ("": of none): sales less refunds, points issued."""

    city: str | None
    rule: str
    sales_fen: int
    points: int


class BudgetLine(NamedTuple):
    """One scope of a month. `used_basis_points`: of the allowance; where nothing is allowed and anything used, twice
    the whole."""

    scope: Scope
    id: str | None
    sales_fen: int
    allowance_fen: int
    issued_points: int
    issued_fen: int
    used_basis_points: int
    state: State


def assess(terms: Terms | None, figures: Iterable[Figures]) -> list[BudgetLine]:
    """The lines of a month: all, then its cities, then its rules; first those that the budget names, in its order.

    What it does not name is told as well: with an allowance of 0, and always ok.
    """
    told = list(figures)
    cities, rules = (terms.cities, terms.rules) if terms else ({}, {})
    lines = [_line(terms, "all", None, told, terms.sales_basis_points if terms else None)]
    for city in dict.fromkeys([*cities, *(one.city for one in told if one.city is not None)]):
        lines.append(_line(terms, "city", city, [one for one in told if one.city == city], cities.get(city)))
    for rule in dict.fromkeys([*rules, *(one.rule for one in told if one.rule)]):
        lines.append(_line(terms, "rule", rule, [one for one in told if one.rule == rule], None, rules.get(rule)))
    return lines


def _line(
    terms: Terms | None, scope: Scope, name: str | None, part: list[Figures], basis: int | None, fen: int | None = None
) -> BudgetLine:
    """One line: allowed are `fen`, or `basis` points of its sales, or (both None) whatever it likes."""
    sales, points = sum(one.sales_fen for one in part), sum(one.points for one in part)
    # A part of a fen counts as a whole one: what is allowed is never exceeded unseen.
    issued = -(-max(points, 0) * 100 // terms.points_per_yuan) if terms else 0
    if terms is None or (basis is None and fen is None):
        return BudgetLine(scope, name, sales, 0, points, issued, 0, "ok")
    allowance = fen if basis is None else max(max(sales, 0) * basis // _WHOLE, terms.floor_fen)
    assert allowance is not None, "one of both is given"
    used = issued * _WHOLE // allowance if allowance else (2 * _WHOLE if issued else 0)
    return BudgetLine(scope, name, sales, allowance, points, issued, used, _state(terms, used))


def _state(terms: Terms, used_basis_points: int) -> State:
    percent = used_basis_points // 100
    if percent >= terms.pause_percent:
        return "paused"
    return "warning" if percent >= terms.warn_percent else "ok"
