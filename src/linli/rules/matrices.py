"""Matrices tier × city: what a rule gives by the member's tier and the event's city. Data, and their look-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import Meta

from linli.rules.figures import Factor, PointsOrNone, Slug
from linli.words.events import Code

MOST_CELLS = 2_000
_MOST_SEEN = 4_096


class Cell(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a figure holds: for members of `tier`, for events of `city`, or both; it names at least one."""

    tier: Slug | None = None
    city: Code | None = None


class FactorCell(Cell, frozen=True, kw_only=True):
    """A multiplier's factor there; 1 gives nothing extra."""

    factor: Factor


class PointsCell(Cell, frozen=True, kw_only=True):
    """A fixed reward's points there; 0 gives nothing."""

    points: PointsOrNone


class FactorMatrix(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The most specific cell holds: tier and city, then tier, then city; `otherwise` where none does."""

    cells: Annotated[tuple[FactorCell, ...], Meta(min_length=1, max_length=MOST_CELLS)]
    otherwise: Factor | None = None


class PointsMatrix(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The most specific cell holds: tier and city, then tier, then city; `otherwise` where none does."""

    cells: Annotated[tuple[PointsCell, ...], Meta(min_length=1, max_length=MOST_CELLS)]
    otherwise: PointsOrNone | None = None


Figure = TypeVar("Figure")


class Grid(Generic[Figure]):
    """A matrix made ready. Each pair of tier and city is decided once and remembered."""

    __slots__ = ("_cells", "_otherwise", "_seen")

    def __init__(self, cells: dict[tuple[str | None, str | None], Figure], otherwise: Figure | None) -> None:
        self._cells, self._otherwise = cells, otherwise
        self._seen: dict[tuple[str, str | None], Figure | None] = {}

    def at(self, tier: str, city: str | None) -> Figure | None:
        """What holds for a member of `tier` ('' has none) and an event of `city`; None: no cell, and no otherwise."""
        try:
            return self._seen[tier, city]
        except KeyError:
            pass
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        cells = ((tier, city), (tier, None), (None, city))
        holds = next((self._cells[cell] for cell in cells if cell in self._cells), self._otherwise)
        self._seen[tier, city] = holds
        return holds


def factors_of(matrix: FactorMatrix, ready: Callable[[Factor], Figure]) -> Grid[Figure]:
    """The look-up of a multiplier's matrix, each factor made `ready`."""
    cells = {(cell.tier, cell.city): ready(cell.factor) for cell in matrix.cells}
    return Grid(cells, ready(matrix.otherwise) if matrix.otherwise is not None else None)


def points_of(matrix: PointsMatrix) -> Grid[int]:
    """The look-up of a fixed reward's matrix."""
    return Grid({(cell.tier, cell.city): cell.points for cell in matrix.cells}, matrix.otherwise)
