"""Points instead of cash: what they take off a cart, line by line, and why no more. Pure.

Rates and caps after the owner's second document (points-for-cash, lines 16-19, 37-38, 204-207) and the first (10 % of
the order). All whole points and whole fen. Lines of one rate are rounded together, so that splitting an order into
lines never costs a point; among them the fen are given in the order of the cart.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache
from math import gcd
from typing import Literal, TypeAlias

import msgspec

from linli.kit.buckets import PER_PERCENT, bucket
from linli.rules.deduction_policy import DeductionPolicy, Experiment, FunderShare, Ordinary, Rate
from linli.rules.split import Pot, Use, best_use
from linli.words.units import MOST_FEN, floor_ratio

WhyNoMore: TypeAlias = Literal[
    "excluded", "no_price", "line_cap", "order_cap", "points_used_up", "under_a_fen", "below_minimum"
]
"""Why a line's deduction ends where it does. Texts: `i18n/texts.json`, `deduction_why.<code>`."""


class Goods(msgspec.Struct, frozen=True):
    """One line of a cart, as far as rates ask. `price_fen`: of the whole line."""

    price_fen: int
    sku: str = ""
    category: str | None = None
    tags: tuple[str, ...] = ()


class Shopper(msgspec.Struct, frozen=True):
    """Who buys, where and when, as far as rates ask. `segment` is the platform's word, `tier` that of the facts."""

    on: date
    city: str | None = None
    tier: str | None = None
    segment: str | None = None
    arm: str | None = None


class LinePart(msgspec.Struct, frozen=True):
    """What one line gets. `cap_fen`: what it allows. `reason` None: all that was wanted is deducted."""

    points: int
    fen: int
    cap_fen: int
    rate: Rate | Ordinary
    reason: WhyNoMore | None

    @property
    def rate_id(self) -> str:
        """Id of the rate; `ordinary` is that of all else."""
        return self.rate.id if isinstance(self.rate, Rate) else "ordinary"

    @property
    def funders(self) -> tuple[FunderShare, ...]:
        """Who bears the deduction; the platform bears the rest."""
        return self.rate.funders if isinstance(self.rate, Rate) else ()


class CartSplit(msgspec.Struct, frozen=True):
    """The best split of points over a cart. `cap_fen`: what the cart allows, however many points there are."""

    points: int
    fen: int
    cap_fen: int
    lines: tuple[LinePart, ...]


def split_cart(
    policy: DeductionPolicy, cart: Sequence[Goods], shopper: Shopper, *, points: int, most_fen: int = MOST_FEN
) -> CartSplit:
    """The most money that at most `points` take off the cart, up to `most_fen`, by the fewest points that give it.

    Points are a multiple of the policy's step and reach its minimum, or nothing is deducted.
    """
    terms = _terms(_Same(policy), shopper)
    rates = [terms.rate_of(line) for line in cart]
    caps = [terms.cap_of(line, rate) for line, rate in zip(cart, rates, strict=True)]
    order_fen = floor_ratio(sum(line.price_fen for line in cart), policy.order_cap, 100)
    order_fen = min(order_fen, policy.most_fen_per_order or order_fen)
    ratios = [_ratio(rate) for rate in rates]
    pots: dict[tuple[int, int], int] = {}
    for ratio, cap in zip(ratios, caps, strict=True):
        pots[ratio] = pots.get(ratio, 0) + cap
    use = best_use(
        [Pot(*ratio, cap) for ratio, cap in pots.items()], points=points, most_fen=min(order_fen, most_fen),
        step=policy.step_points, least=policy.min_points,
    )  # fmt: skip
    parts = _share_out(use, list(pots), ratios, caps)
    end = _end(policy, use, order_fen=order_fen, most_fen=most_fen, points=points)
    lines = [
        LinePart(spent, fen, cap, rate, _reason(line, fen, cap, excluded=terms.excludes(line), end=end))
        for line, rate, cap, (spent, fen) in zip(cart, rates, caps, parts, strict=True)
    ]
    return CartSplit(use.points, use.fen, min(order_fen, sum(caps)), tuple(lines))


def value_of_points(policy: DeductionPolicy, points: int) -> int:
    """Fen that `points` are worth at the ordinary rate, where no cart is known. Rounded down."""
    return floor_ratio(max(points, 0), policy.ordinary.fen, policy.ordinary.points)


def arm_of_member(experiment: Experiment | None, member_id: str) -> str | None:
    """The arm of the experiment that the member is in, the same for ever for a salt; None: in none."""
    if experiment is None:
        return None
    place, end = bucket(experiment.salt, member_id), 0
    for arm in experiment.arms:
        end += arm.percent * PER_PERCENT
        if place < end:
            return arm.id
    return None


def shares_of(fen: int, funders: Sequence[FunderShare]) -> dict[str, int]:
    """Funder → fen of a deduction of `fen`; the platform bears what is left, and what does not divide."""
    shares: dict[str, int] = {}
    for share in funders:
        shares[share.funder] = shares.get(share.funder, 0) + floor_ratio(fen, share.percent, 100)
    shares["platform"] = shares.get("platform", 0) + fen - sum(shares.values())
    return {funder: part for funder, part in shares.items() if part}


def _share_out(
    use: Use, pots: Sequence[tuple[int, int]], ratios: Sequence[tuple[int, int]], caps: Sequence[int]
) -> list[tuple[int, int]]:
    """(points, fen) of each line: a pot's fen line after line, its points in step with them."""
    left = {ratio: fen for ratio, (_, fen) in zip(pots, use.of_pot, strict=True)}
    given: dict[tuple[int, int], tuple[int, int]] = dict.fromkeys(pots, (0, 0))
    whole = dict(zip(pots, use.of_pot, strict=True))
    parts: list[tuple[int, int]] = []
    for ratio, cap in zip(ratios, caps, strict=True):
        fen = min(cap, left[ratio])
        left[ratio] -= fen
        points_before, fen_before = given[ratio]
        points, of = whole[ratio]
        up_to = -(-points * (fen_before + fen) // of) if of else 0
        given[ratio] = (up_to, fen_before + fen)
        parts.append((up_to - points_before, fen))
    return parts


def _end(
    policy: DeductionPolicy, use: Use, *, order_fen: int, most_fen: int, points: int
) -> WhyNoMore | None:  # fmt: skip
    """What ended the deduction of the whole cart, and with it that of the lines which their own cap did not end."""
    if use.fen == order_fen:
        return "order_cap"
    if use.fen == most_fen:
        return None
    if points and not use.fen and (policy.min_points or policy.step_points > 1):
        return "below_minimum"
    # What is left of the points would give no line another fen: otherwise it would have.
    return "under_a_fen" if points > use.points and policy.step_points == 1 else "points_used_up"


def _reason(line: Goods, fen: int, cap: int, *, excluded: bool, end: WhyNoMore | None) -> WhyNoMore | None:
    if excluded:
        return "excluded"
    if not line.price_fen:
        return "no_price"
    return "line_cap" if fen == cap else end


class _Same:
    """A policy told from others by being the same object: its figures are far too many to be compared at each cart."""

    def __init__(self, policy: DeductionPolicy) -> None:
        self.policy = policy

    def __hash__(self) -> int:
        return id(self.policy)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.policy is self.policy


@lru_cache(maxsize=512)
def _terms(same: _Same, shopper: Shopper) -> _Terms:
    return _Terms(same.policy, shopper)


class _Terms:
    """A policy as one shopper meets it: the rates that hold for them, the best of them first."""

    def __init__(self, policy: DeductionPolicy, shopper: Shopper) -> None:
        self._policy, out = policy, policy.excluded
        self._skus, self._out, self._tags = frozenset(out.skus), frozenset(out.categories), frozenset(out.tags)
        rates = [rate for rate in policy.rates if _holds_for(rate, shopper)]
        if policy.pick == "best":
            # Of equals the one listed first, and the ordinary rate last; what is worse than that is never taken.
            ordinary = Fraction(policy.ordinary.fen, policy.ordinary.points)
            rates = [rate for rate in rates if Fraction(rate.fen, rate.points) >= ordinary]
            rates.sort(key=lambda rate: -Fraction(rate.fen, rate.points))
        self._rates = [(rate, _asked(rate.categories), _asked(rate.tags)) for rate in rates]

    def rate_of(self, line: Goods) -> Rate | Ordinary:
        """The rate of a line."""
        for rate, categories, tags in self._rates:
            if (categories is None or line.category in categories) and (tags is None or not tags.isdisjoint(line.tags)):
                return rate
        return self._policy.ordinary

    def excludes(self, line: Goods) -> bool:
        """Whether points pay nothing for the line."""
        return line.sku in self._skus or line.category in self._out or not self._tags.isdisjoint(line.tags)

    def cap_of(self, line: Goods, rate: Rate | Ordinary) -> int:
        """Fen of the line's price that points may pay."""
        if self.excludes(line):
            return 0
        own = rate.cap_percent if isinstance(rate, Rate) else None
        return floor_ratio(line.price_fen, self._policy.line_cap if own is None else own, 100)


def _asked(codes: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if codes is None else frozenset(codes)


def _holds_for(rate: Rate, shopper: Shopper) -> bool:
    asked = (
        (rate.weekdays, shopper.on.isoweekday()), (rate.cities, shopper.city), (rate.tiers, shopper.tier),
        (rate.segments, shopper.segment), (rate.arms, shopper.arm),
    )  # fmt: skip
    return all(named is None or found in named for named, found in asked)


def _ratio(rate: Rate | Ordinary) -> tuple[int, int]:
    common = gcd(rate.points, rate.fen)
    return rate.points // common, rate.fen // common
