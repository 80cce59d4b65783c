"""What a programme settles for all of its rules: tiers, how multipliers stack, how points are rounded. Structs only."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from linli.rules.figures import Name, Slug

Combine: TypeAlias = Literal["best", "add", "multiply"]
RoundingMode: TypeAlias = Literal["down", "half_up", "up"]


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A tier that members can have, lowest first. Members come to it by `member.tier_changed`."""

    id: Slug
    name: Name


class StackingGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Multipliers that are reckoned together: the best of them on each line, their extras added, or their factors
    multiplied."""

    id: Slug
    combine: Combine = "best"
    name: Name | None = None


class Stacking(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How multipliers of one `per_amount` rule stack. Groups count in the order written, then each multiplier that
    names no group, in the order of the rules.

    `across` groups, extras add up (double and triple are four times the base: 1 + 1 + 2), or factors multiply (six
    times); what a multiplier grants is then what it adds to those before it.
    """

    across: Literal["add", "multiply"] = "add"
    groups: Annotated[tuple[StackingGroup, ...], Meta(max_length=100)] = ()


class Rounding(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a rule's points for an order become whole: once for the order, or line by line."""

    mode: RoundingMode = "down"
    per: Literal["order", "line"] = "order"
