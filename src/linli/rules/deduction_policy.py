"""Points instead of cash, as a programme settles it: rates and whom they are for, caps, steps, an experiment. Structs.

Every figure is whole. `cap_percent` with `cap_per` says in one breath what `line_cap_percent` and `order_cap_percent`
say apart; where one of these is given, it holds instead.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from linli.rules.figures import Codes, FenFigure, Name, PointsFigure, PointsOrNone, Slug, Weekdays
from linli.words.events import Code

Percent = Annotated[int, Meta(ge=0, le=100)]
Share = Annotated[int, Meta(ge=1, le=100)]
Sku = Annotated[str, Meta(min_length=1, max_length=128)]
Funder = Annotated[str, Meta(min_length=1, max_length=64)]


class FunderShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who bears `percent` of what is deducted. What nobody is named for, the platform bears."""

    funder: Funder
    percent: Share


class Rate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A deduction rate: `points` are worth `fen`. It holds where all that it names is so: the goods' category and one
    of their tags, the weekday, the city, and the member's tier, segment and arm of the experiment."""

    id: Slug
    name: Name
    points: PointsFigure
    fen: FenFigure
    categories: Codes | None = None
    tags: Codes | None = None
    weekdays: Weekdays | None = None
    cities: Codes | None = None
    tiers: Codes | None = None
    segments: Codes | None = None
    """Segments of members as the platform has them; it says the member's in its request."""
    arms: Codes | None = None
    """Arms of the policy's experiment."""
    cap_percent: Percent | None = None
    """Of the price of a line at this rate, instead of the policy's cap of a line."""
    funders: Annotated[tuple[FunderShare, ...], Meta(max_length=10)] = ()


SCOPES = ("categories", "tags", "weekdays", "cities", "tiers", "segments", "arms")
"""What a rate may ask for."""


class Ordinary(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The rate of everything that no other rate matches."""

    points: PointsFigure = 100
    fen: FenFigure = 100


class Excluded(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Goods that points pay nothing for: those of a SKU, a category or a tag that is named."""

    skus: Annotated[tuple[Sku, ...], Meta(max_length=10_000)] = ()
    categories: Annotated[tuple[Code, ...], Meta(max_length=500)] = ()
    tags: Annotated[tuple[Code, ...], Meta(max_length=500)] = ()


class ExperimentArm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of the members, in hundredths."""

    id: Slug
    percent: Share


class Experiment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Members by a stable hash of `salt` and their id: the first arm takes the first buckets, and so on. Who is in no
    arm meets only rates that name none."""

    salt: Annotated[str, Meta(min_length=1, max_length=64)]
    arms: Annotated[tuple[ExperimentArm, ...], Meta(min_length=1, max_length=20)]


class DeductionPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Points instead of cash: at which rate, and up to which part of the price."""

    ordinary: Ordinary = Ordinary()
    rates: Annotated[tuple[Rate, ...], Meta(max_length=100)] = ()
    pick: Literal["first", "best"] = "best"
    """Of several matching rates: the first listed, or the one that gives most for a point."""
    cap_percent: Percent = 10
    cap_per: Literal["product", "order"] = "order"
    """Whether `cap_percent` is of each product's price or of the order."""
    line_cap_percent: Percent | None = None
    """Of each line's price."""
    order_cap_percent: Percent | None = None
    """Of the price of the whole order."""
    most_fen_per_order: FenFigure | None = None
    min_points: PointsOrNone = 0
    """The fewest points that one order may use,"""
    step_points: PointsFigure = 1
    """of which they are a multiple."""
    excluded: Excluded = Excluded()
    experiment: Experiment | None = None
    first_deduction_bonus_points: PointsOrNone = 0
    """Points given back after a member's first deduction."""

    @property
    def line_cap(self) -> int:
        """Percent of a line's price that points may pay, where its rate does not say."""
        if self.line_cap_percent is not None:
            return self.line_cap_percent
        return self.cap_percent if self.cap_per == "product" else 100

    @property
    def order_cap(self) -> int:
        """Percent of the order's price that points may pay."""
        if self.order_cap_percent is not None:
            return self.order_cap_percent
        return self.cap_percent if self.cap_per == "order" else 100
