"""Points and fen: whole numbers with types of their own. No float touches either."""

from __future__ import annotations

from typing import NewType

Points = NewType("Points", int)
Fen = NewType("Fen", int)
"""Hundredths of a yuan."""

MOST_FEN = 10_000_000_000
"""The largest amount that one event may name: ¥100 million. More is a mistake of the sender."""

MOST_POINTS = 1_000_000_000_000
"""The largest number of points that one posting may move."""


def floor_ratio(amount: int, numerator: int, denominator: int) -> int:
    """`amount` × numerator ÷ denominator, rounded down: the rounding of the house. All whole, `amount` ≥ 0."""
    assert amount >= 0 and numerator >= 0 and denominator > 0
    return amount * numerator // denominator


def round_ratio(numerator: int, denominator: int, mode: str) -> int:
    """`numerator` ÷ `denominator` as a whole number: `down`, `up`, or `half_up` (a half goes up). Neither negative."""
    if mode == "down":
        return numerator // denominator
    if mode == "up":
        return -(-numerator // denominator)
    return (2 * numerator + denominator) // (2 * denominator)
