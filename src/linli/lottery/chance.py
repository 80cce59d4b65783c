"""Whether what was drawn fits the odds: Pearson's χ². Pure.

The chance of a sum at least as large: Abramowitz & Stegun, Handbook of Mathematical Functions, 26.4.4 and 26.4.5; the
terms are reckoned by their logarithms, so none overflows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

LEAST_EXPECTED = 5.0
"""Cells of which fewer are expected are taken together (W. G. Cochran, 1954): the sum is no χ² otherwise."""


class ChiSquare(NamedTuple):
    """`p_value`: how often honest draws deviate as much or more. Below 0.001 it should be looked into."""

    statistic: float
    degrees: int
    p_value: float


def chi_square(observed: Sequence[int], odds_ppm: Sequence[int]) -> ChiSquare | None:
    """How far counts lie from what odds (of a million, in the same order) make expect; None while too few are there."""
    total = sum(observed)
    cells = [(found, total * odds / sum(odds_ppm)) for found, odds in zip(observed, odds_ppm, strict=True) if odds]
    large = [cell for cell in cells if cell[1] >= LEAST_EXPECTED]
    small = [cell for cell in cells if cell[1] < LEAST_EXPECTED]
    rest = (sum(found for found, _ in small), sum(expected for _, expected in small))
    if rest[1] >= LEAST_EXPECTED:
        large.append(rest)
    elif small and large:
        least = min(large, key=lambda cell: cell[1])
        large[large.index(least)] = (least[0] + rest[0], least[1] + rest[1])
    if len(large) < 2:
        return None
    statistic = sum((found - expected) ** 2 / expected for found, expected in large)
    degrees = len(large) - 1
    return ChiSquare(statistic, degrees, beyond(statistic, degrees))


def beyond(statistic: float, degrees: int) -> float:
    """The probability that χ² with so many degrees of freedom is at least `statistic` ≥ 0."""
    half = statistic / 2
    if not half:
        return 1.0
    odd = degrees % 2
    found = math.erfc(math.sqrt(half)) if odd else 0.0
    for term in range(degrees // 2):
        power = term + odd / 2
        found += math.exp(power * math.log(half) - half - math.lgamma(power + 1))
    return min(found, 1.0)
