"""What a coupon takes off the lines of an order, to the fen. Pure.

The discount is shared over the lines that count in proportion to their prices by the largest remainder: each line gets
the whole fen of its exact share, and what is left goes, a fen each, to the lines with the largest fractions, of equal
ones to the first. So the parts add up exactly, and none is above its line: where the discount is the whole price each
share is whole, and where it is less a share with a fraction is less than its price, so one fen more is not above it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from linli.coupons.types import Terms

MOST_LINES = 200
Unfit: TypeAlias = Literal["city", "goods", "threshold", "worthless"]
_ALL = 100


class CartLine(msgspec.Struct, frozen=True):
    """A line of an order: `price_fen` of the whole line, as far as coupons ask."""

    line_id: str
    sku: str
    price_fen: int
    category: str | None = None


class LineDiscount(msgspec.Struct, frozen=True):
    """What comes off a line. `counts`: whether the coupon is for these goods."""

    line_id: str
    sku: str
    price_fen: int
    discount_fen: int
    counts: bool


class Discount(msgspec.Struct, frozen=True):
    """What a coupon takes off: the sum of its lines. Nothing is taken off where it is `unfit`, and why.

    `eligible_fen`: the price of the goods that count. `missing_fen`: what they lack to the threshold.
    """

    discount_fen: int
    eligible_fen: int
    missing_fen: int
    unfit: Unfit | None
    lines: list[LineDiscount]


def discount(terms: Terms, lines: Sequence[CartLine], city: str | None) -> Discount:
    """The discount of a coupon of these terms on an order of `city`. Its dates are not asked for here."""
    counted = [line.price_fen > 0 and _counts(terms, line) for line in lines]
    prices = [line.price_fen if counts else 0 for line, counts in zip(lines, counted, strict=True)]
    eligible = sum(prices)
    missing = max(0, terms.threshold_fen - eligible)
    fen = _worth(terms, eligible)
    unfit = _unfit(terms, city, eligible, missing, fen)
    parts = share(0 if unfit else fen, prices)
    return Discount(
        sum(parts), eligible, missing, unfit,
        [
            LineDiscount(line.line_id, line.sku, line.price_fen, part, counts)
            for line, part, counts in zip(lines, parts, counted, strict=True)
        ],
    )  # fmt: skip


def share(fen: int, prices: Sequence[int]) -> list[int]:
    """`fen` over lines in proportion to their `prices`, by the largest remainder. 0 ≤ `fen` ≤ their sum."""
    total = sum(prices)
    assert 0 <= fen <= total, "no more than there is"
    if not fen:
        return [0] * len(prices)
    parts = [fen * price // total for price in prices]
    fractions = sorted(range(len(prices)), key=lambda place: (-(fen * prices[place] % total), place))
    for place in fractions[: fen - sum(parts)]:
        parts[place] += 1
    return parts


def _counts(terms: Terms, line: CartLine) -> bool:
    if terms.skus_excluded is not None and line.sku in terms.skus_excluded:
        return False
    return terms.categories is None or line.category in terms.categories


def _worth(terms: Terms, eligible: int) -> int:
    if terms.kind == "amount":
        return min(terms.off_fen or 0, eligible)
    fen = eligible * (terms.percent_off or 0) // _ALL
    return fen if terms.most_off_fen is None else min(fen, terms.most_off_fen)


def _unfit(terms: Terms, city: str | None, eligible: int, missing: int, fen: int) -> Unfit | None:
    if terms.cities is not None and city not in terms.cities:
        return "city"
    if not eligible:
        return "goods"
    if missing:
        return "threshold"
    return None if fen else "worthless"
