"""Who is in which part: the parts of all buckets (`kit.buckets`) that rollouts take. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, TypeAlias

from linli.kit.buckets import BUCKETS, PER_PERCENT
from linli.kit.errors import Refusal

ELSEWHERE = ""
"""Stands for every city that shares do not name, and for members without one."""

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""(first bucket, the one after the last), in the order in which they were taken."""
Shares: TypeAlias = Mapping[str, Ranges]
"""City → buckets whose members have a version."""


class RolloutOverlap(Refusal):
    """Rollouts would have more than all members of a city. Fields: `city` (null: everywhere else), `percent` (wanted),
    `free_percent`."""

    code: ClassVar[str] = "rollout_overlap"


def ranges_of(shares: Shares, city: str | None) -> Ranges:
    """The buckets that count in `city`."""
    found = shares.get(city) if city else None
    return found if found is not None else shares.get(ELSEWHERE, ())


def has(ranges: Ranges, place: int) -> bool:
    """Whether the bucket lies in one of `ranges`."""
    return any(first <= place < end for first, end in ranges)


def percent_of(ranges: Ranges) -> int:
    """How many hundredths of all buckets they are."""
    return sum(end - first for first, end in ranges) // PER_PERCENT


def share_out(
    had: Shares, others: Sequence[Shares], percent: int, *, cities: Sequence[str] | None, pilots: Iterable[str] = ()
) -> dict[str, Ranges]:
    """Shares of `percent` in `cities` (None: everywhere; then `pilots` keep what they had, if that is more).

    Who was in stays in while the percentage grows, and nobody is in two shares. Where others name a city, ours names
    it too, so that what counts is the sum of each city. Raises RolloutOverlap.
    """
    named = sorted({*pilots, *(city for other in others for city in other if city)})
    places = sorted(set(cities)) if cities is not None else [*named, ELSEWHERE]
    found: dict[str, Ranges] = {}
    for place in places:
        mine = ranges_of(had, place)
        taken = [ranges_of(other, place) for other in others]
        wanted = percent * PER_PERCENT
        if place in pilots:
            wanted = max(wanted, sum(end - first for first, end in mine))
        found[place] = _take(mine, taken, wanted, place)
    return found


def _take(mine: Ranges, taken: Sequence[Ranges], wanted: int, place: str) -> Ranges:
    """`wanted` buckets: those that were ours first, then the lowest that are free."""
    free = [True] * BUCKETS
    for first, end in (pair for ranges in taken for pair in ranges):
        free[first:end] = [False] * (end - first)
    ours = [at for first, end in mine for at in range(first, end) if free[at]][:wanted]
    for at in ours:
        free[at] = False
    rest = [at for at in range(BUCKETS) if free[at]]
    if len(ours) + len(rest) < wanted:
        room = (len(ours) + len(rest)) // PER_PERCENT
        raise RolloutOverlap(city=place or None, percent=-(-wanted // PER_PERCENT), free_percent=room)
    return _joined([*ours, *rest[: wanted - len(ours)]])


def _joined(places: Sequence[int]) -> Ranges:
    found: list[tuple[int, int]] = []
    for at in places:
        if found and found[-1][1] == at:
            found[-1] = (found[-1][0], at + 1)
        else:
            found.append((at, at + 1))
    return tuple(found)
