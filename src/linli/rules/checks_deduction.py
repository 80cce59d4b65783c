"""The deduction policy, checked: rates that ask for something there is, figures that can be reckoned with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from math import gcd

from linli.rules.deduction_policy import SCOPES, DeductionPolicy, Experiment, Ordinary, Rate
from linli.rules.documents import Fault, pointer

MOST_FINE = 1_000
"""Of points and fen in lowest terms, one is at most this: so that the best split of any cart is found in no time."""


def check_deduction(policy: DeductionPolicy) -> list[Fault]:
    """Every fault of the policy by itself; [] where there is none. Which tiers there are, it cannot know."""
    return list(faults(policy, None))


def faults(policy: DeductionPolicy, tiers: Collection[str] | None) -> Iterator[Fault]:
    """Every fault of the policy that its structs cannot name. `tiers`: those of the programme; None: do not ask."""
    arms = _arms(policy.experiment)
    ids = [rate.id for rate in policy.rates]
    yield from _figures(policy.ordinary, ("ordinary",))
    for at, rate in enumerate(policy.rates):
        place = ("rates", at)
        if rate.id in ids[:at] or rate.id == "ordinary":
            yield _fault((*place, "id"), "duplicate_rate", f"another rate is called {rate.id!r}")
        if all(getattr(rate, scope) is None for scope in SCOPES):
            yield _fault(place, "unscoped_rate", "a rate asks for something: a category, a tag, a weekday, a city …")
        yield from _figures(rate, place)
        yield from _named(rate, place, tiers, arms)
        shares = [share.funder for share in rate.funders]
        if len(set(shares)) != len(shares):
            yield _fault((*place, "funders"), "duplicate_funder", "a funder is named twice")
        if sum(share.percent for share in rate.funders) > 100:
            yield _fault((*place, "funders"), "shares", "together more than 100 %")
    yield from _experiment(policy)


def _arms(experiment: Experiment | None) -> list[str]:
    return [arm.id for arm in experiment.arms] if experiment is not None else []


def _figures(rate: Rate | Ordinary, place: Sequence[str | int]) -> Iterator[Fault]:
    common = gcd(rate.points, rate.fen)
    if min(rate.points, rate.fen) // common > MOST_FINE:
        reason = f"{rate.points // common} : {rate.fen // common} in lowest terms; one of them at most {MOST_FINE}"
        yield _fault((*place, "points"), "rate_too_fine", reason)


def _named(
    rate: Rate, place: Sequence[str | int], tiers: Collection[str] | None, arms: Sequence[str]
) -> Iterator[Fault]:  # fmt: skip
    for tier in rate.tiers or ():
        if tiers is not None and tier not in tiers:
            yield _fault((*place, "tiers"), "unknown_tier", f"the programme has no tier {tier!r}")
    for arm in rate.arms or ():
        if arm not in arms:
            yield _fault((*place, "arms"), "unknown_arm", f"the experiment has no arm {arm!r}")


def _experiment(policy: DeductionPolicy) -> Iterator[Fault]:
    if policy.experiment is None:
        return
    place, arms = ("experiment", "arms"), _arms(policy.experiment)
    asked = {arm for rate in policy.rates for arm in rate.arms or ()}
    for at, arm in enumerate(arms):
        if arm in arms[:at]:
            yield _fault((*place, at, "id"), "duplicate_arm", f"another arm is called {arm!r}")
    if sum(arm.percent for arm in policy.experiment.arms) > 100:
        yield _fault(place, "shares", "together more than 100 %")
    if not asked:
        yield _fault(place, "idle_experiment", "no rate asks for an arm")


def _fault(place: Sequence[str | int], code: str, reason: str) -> Fault:
    return Fault(pointer("deduction", *place), code, reason)
