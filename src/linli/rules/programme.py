"""The programme document: what a loyalty programme promises, as data. Structs only; `checks` says what is faulty.

Every figure is whole: points, fen, days, months, percent. Times carry an offset and are compared with business time.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from linli.rules.deduction_policy import DeductionPolicy
from linli.rules.figures import (
    CapFigure,
    Codes,
    EventName,
    EventNames,
    Factor,
    FenFigure,
    LineFilter,
    Moment,
    Name,
    PointsFigure,
    PointsOrNone,
    SettleDays,
    Slug,
    ValidMonths,
    Weekdays,
)
from linli.rules.matrices import FactorMatrix, PointsMatrix
from linli.rules.policies import Rounding, Stacking, Tier
from linli.words.events import Code
from linli.words.units import MOST_FEN, MOST_POINTS

Arrival: TypeAlias = Literal["by_day", "at_once", "return_window", "formed", "collected"]


class Cap(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many points at the most for one member by one rule: in a business date, a business month, or a life."""

    per: Literal["day", "month", "life"]
    points: CapFigure


class RuleBase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """What every rule says. `starts_at` is in the window, `ends_at` is not. Left out, a scope does not ask."""

    id: Slug
    name: Name
    on: EventName | EventNames | None = None
    """Event types; left out, those of the kind. Only `fixed` must say it."""
    when: str | None = None
    """A CEL condition over the variables of the event types (`linli.rules.variables`)."""
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    cities: Codes | None = None
    """An event's own city; an event without one meets only rules without `cities`."""
    weekdays: Weekdays | None = None
    paused: bool = False
    wallet: Slug = "points"
    funder: Annotated[str, Meta(min_length=1, max_length=64)] = "platform"
    settle_after_days: SettleDays | None = None
    validity_months: ValidMonths | None = None
    caps: Annotated[tuple[Cap, ...], Meta(max_length=3)] = ()
    essential: bool | None = None
    """Whether no budget makes it rest. Left out: only what orders earn by their amount is."""
    arrives: Arrival = "by_day"
    """When what it grants is credited: `settle_after_days` after the business date, at once, when the return window of
    the order closes, when the group has formed, or when the order was collected."""


class PerAmount(RuleBase, frozen=True, kw_only=True, tag="per_amount"):
    """`points` for each full-priced share: eligible paid fen × points ÷ per_fen, rounded as `rounding` says."""

    points: PointsFigure
    per_fen: FenFigure
    lines: LineFilter | None = None
    min_order_fen: Annotated[int, Meta(ge=0, le=MOST_FEN)] = 0
    """The order's paid fen below which it earns nothing."""


class Multiplier(RuleBase, frozen=True, kw_only=True, tag="multiplier"):
    """Extra points on top of the `per_amount` rule `of`, where that rule earns: eligible fen × its rate × (factor − 1).

    Lines count when they match both rules' filters. `factor`, or `matrix` by tier and city. How several multipliers
    stack is the programme's `stacking`; `group` is one of its groups.
    """

    of: Slug
    factor: Factor | None = None
    matrix: FactorMatrix | None = None
    group: Slug | None = None
    lines: LineFilter | None = None
    min_order_fen: Annotated[int, Meta(ge=0, le=MOST_FEN)] = 0


class Fixed(RuleBase, frozen=True, kw_only=True, tag="fixed"):
    """`points` for an event, or those of a `matrix` by tier and city; at most once per `limit`."""

    points: PointsFigure | None = None
    matrix: PointsMatrix | None = None
    limit: Literal["event", "day", "month", "life", "order"] = "event"


class Streak(RuleBase, frozen=True, kw_only=True, tag="streak"):
    """`points` at every `days`-th day of an unbroken run of business dates."""

    activity: Literal["check_in", "shopping"]
    days: Annotated[int, Meta(ge=2, le=366)]
    points: PointsFigure


class Goal(RuleBase, frozen=True, kw_only=True, tag="goal"):
    """`points` when the fen paid in a business month, less what was given back, reach `threshold_fen`."""

    period: Literal["month"] = "month"
    threshold_fen: FenFigure
    points: PointsFigure


class Invitation(RuleBase, frozen=True, kw_only=True, tag="invitation"):
    """Points when an invited member completes a first order."""

    inviter_points: PointsOrNone = 0
    invitee_points: PointsOrNone = 0


class Share(RuleBase, frozen=True, kw_only=True, tag="share"):
    """Points when a friend orders through a link that a member shared."""

    sharer_points: PointsOrNone = 0
    friend_points: PointsOrNone = 0


Rule: TypeAlias = PerAmount | Multiplier | Fixed | Streak | Goal | Invitation | Share


class ScreeningCap(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many points at the most, earned on one business date by one member, or from one device, address, telephone.

    `purchases`: what orders themselves earn. `others`: all else. It holds at settlement, on the whole day's data.
    """

    id: Slug
    of: Literal["purchases", "others", "all"] = "all"
    per: Literal["member", "device", "ip", "phone"]
    points: CapFigure


class Screening(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What protects the programme from being milked. Its caps are applied in this order, after those of the rules."""

    min_order_fen: Annotated[int, Meta(ge=0, le=MOST_FEN)] = 0
    """The paid fen below which an order earns nothing by any rule, and counts in no history."""
    caps: Annotated[tuple[ScreeningCap, ...], Meta(max_length=20)] = ()


class Reminders(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What members are told of by themselves. 0 days: never."""

    expiry_days_ahead: Annotated[int, Meta(ge=0, le=366)] = 15
    """How long before they lapse points are spoken of."""
    silent_after_days: Annotated[int, Meta(ge=0, le=3_660)] = 30
    """A member of whom nothing came for so long is asked to come back,"""
    silent_again_days: Annotated[int, Meta(ge=1, le=3_660)] = 90
    """and once more after so long."""
    silent_coupon: Code | None = None
    """The template of the coupon that they are to get with it."""
    birthday_coupon: Code | None = None
    """The template of the coupon that members get in their month of birth, once a year."""


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a business month may issue: a part of its sales. Bonus rules rest where it is used up, until sales grow.

    `points_per_yuan`: what a yuan of cost is in points. `floor_fen`: the least that is allowed, of the whole programme
    and of each city, however little was sold. `cities`: city → basis points of its own sales. `rules`: rule → fen.
    """

    sales_basis_points: Annotated[int, Meta(ge=1, le=10_000)] = 200
    points_per_yuan: Annotated[int, Meta(ge=1, le=1_000_000)] = 100
    warn_percent: Annotated[int, Meta(ge=1, le=100)] = 80
    pause_percent: Annotated[int, Meta(ge=1, le=1_000)] = 100
    floor_fen: Annotated[int, Meta(ge=0, le=MOST_FEN)] = 0
    cities: Annotated[dict[Code, Annotated[int, Meta(ge=1, le=10_000)]], Meta(max_length=500)] = {}
    rules: Annotated[dict[Slug, FenFigure], Meta(max_length=1_000)] = {}


class MakeUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A missed check-in may be made up for `points`: one of the last `days_back` days, so often in a business month."""

    points: PointsOrNone
    days_back: Annotated[int, Meta(ge=1, le=31)]
    per_month: Annotated[int, Meta(ge=1, le=31)]


class CheckInTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What holds for check-ins, whatever they earn."""

    make_up: MakeUp | None = None


class Programme(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole programme. Its rules are checked in the order written; ids are unique."""

    name: Slug
    title: Name
    timezone: Annotated[str, Meta(min_length=1, max_length=64)] = "Asia/Shanghai"
    wallets: Annotated[tuple[Slug, ...], Meta(min_length=1, max_length=20)] = ("points", "team")
    settle_after_days: SettleDays = 1
    validity_months: ValidMonths = 12
    hold_minutes: Annotated[int, Meta(ge=1, le=44_640)] = 30
    lapsed_grace_days: Annotated[int, Meta(ge=0, le=366)] = 0
    deduction: DeductionPolicy = DeductionPolicy()
    tiers: Annotated[tuple[Tier, ...], Meta(max_length=50)] = ()
    stacking: Stacking = Stacking()
    rounding: Rounding = Rounding()
    screening: Screening = Screening()
    budget: Budget | None = None
    correction_approval_points: Annotated[int, Meta(ge=0, le=MOST_POINTS)] = 10_000
    """A correction of more points than this, all its lines together, is approved by a second person."""
    reminders: Reminders = Reminders()
    return_window_days: SettleDays = 7
    """Days after an order was collected in which it can be returned."""
    check_in: CheckInTerms = CheckInTerms()
    rules: tuple[Rule, ...] = ()


MOST_RULES = 1_000
ORDERS = ("order.paid", "order.completed")
"""Event types that carry an order."""
_REWARDABLE = (
    *ORDERS, "group.opened", "group.formed", "group.failed", "group.joined",
    "member.registered", "member.tier_changed", "review.created", "vote.cast", "share.converted", "check_in",
)  # fmt: skip
ALLOWED: dict[type[RuleBase], tuple[str, ...]] = {
    PerAmount: ORDERS,
    Multiplier: ORDERS,
    Fixed: _REWARDABLE,
    Streak: ("check_in", "order.paid"),
    Goal: ("order.paid", "order.refunded", "order.cancelled"),
    Invitation: ("order.completed", "member.registered"),
    Share: ("share.converted",),
}
"""Event types that a kind may name in `on`."""

_FROM_ORDERS = {*ORDERS, "share.converted"}

CANONICAL = (Streak, Goal, Invitation)
"""Kinds over a history: no `when`, `cities` or `weekdays`; their period is asked of the reward's own date."""


def is_essential(rule: Rule) -> bool:
    """Whether no budget makes the rule rest."""
    return isinstance(rule, PerAmount) if rule.essential is None else rule.essential


def follows_orders(rule: Rule, base: PerAmount | None = None) -> bool:
    """Whether orders that are too small to count would make a difference to the rule."""
    return not _FROM_ORDERS.isdisjoint(listens(rule, base))


def listens(rule: Rule, base: PerAmount | None = None) -> tuple[str, ...]:
    """The event types that `rule` is evaluated on; `base` is the rule that a multiplier multiplies."""
    if rule.on is not None:
        return (rule.on,) if isinstance(rule.on, str) else tuple(dict.fromkeys(rule.on))
    if isinstance(rule, Streak):
        return ("check_in",) if rule.activity == "check_in" else ("order.paid",)
    if isinstance(rule, Multiplier) and base is not None:
        return listens(base)
    if isinstance(rule, PerAmount | Multiplier):
        return ("order.paid",)
    return () if isinstance(rule, Fixed) else ALLOWED[type(rule)]


def heeds(rule: Rule, base: PerAmount | None = None) -> tuple[str, ...]:
    """What `rule` listens to, and what else makes it be asked again: a day that was made up for is one of its days."""
    if isinstance(rule, Streak) and rule.activity == "check_in":
        return (*listens(rule), "check_in.made_up")
    return listens(rule, base)
