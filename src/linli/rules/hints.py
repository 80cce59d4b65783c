"""What a member can earn now (M7), from the live programme and the member's facts. Pure; texts are the edge's matter.

A hint is never a promise that the rules would not keep: a rule that is paused, over, for another city or another day
of the week, or that was used up, gives none. A condition that only the event itself can answer counts as possible.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Literal, TypeAlias, get_args

import msgspec

from linli.kit import cel
from linli.rules.compiled import CompiledProgramme
from linli.rules.conditions import compile_condition
from linli.rules.matrices import factors_of, points_of
from linli.rules.outlook import next_reward
from linli.rules.periods import Window
from linli.rules.programme import (
    ORDERS,
    Fixed,
    Goal,
    Invitation,
    Multiplier,
    Name,
    PerAmount,
    Programme,
    Rule,
    Share,
    listens,
)
from linli.words.facts import MemberFacts

HintCode: TypeAlias = Literal[
    "check_in", "check_in_streak", "monthly_goal", "shopping_streak", "first_order", "first_group", "bonus_today",
    "bonus_period", "bonus_goods", "invitation", "share", "group", "review", "vote", "order", "shop",
]  # fmt: skip
"""Also the order in which hints are told: what is done soonest comes first."""
HINT_CODES: tuple[HintCode, ...] = get_args(HintCode)
Action: TypeAlias = Literal["check_in", "shop", "invite", "review", "group"]
MOST_HINTS = 12
"""So many fit on a screen; what comes later in the order is left out."""

_OF_EVENT: dict[str, tuple[HintCode, Action | None]] = {
    "group.opened": ("group", "group"),
    "group.formed": ("group", "group"),
    "group.joined": ("group", "group"),
    "review.created": ("review", "review"),
    "vote.cast": ("vote", None),
    "share.converted": ("share", "invite"),
    "order.paid": ("order", "shop"),
    "order.completed": ("order", "shop"),
}
"""What a member can do about a `fixed` rule. A check-in is reckoned as a whole; registration lies in the past."""


class Hint(msgspec.Struct, frozen=True):
    """Something that can be earned now. `remaining`: fen to be spent, or days still to be in a run."""

    code: HintCode
    points: int | None = None
    remaining: int | None = None
    unit: Literal["fen", "days"] | None = None
    rule: str | None = None
    action: Action | None = None
    name: Name | None = None
    """Of the rule."""
    per_fen: int | None = None
    """Of `shop`: what must be spent for so many points."""


class Asker(msgspec.Struct, frozen=True):
    """Who asks: the profile that events of the member would carry, and what is known of them."""

    member_id: str
    city: str | None
    leader_id: str | None
    community_id: str | None
    facts: MemberFacts
    had: frozenset[str]
    """Those of `limit_keys` under which the member has a grant."""
    check_in_points: int
    """What checking in today brings; 0 where it was done."""


def limit_keys(compiled: CompiledProgramme, on: date) -> list[str]:
    """Keys of the grants that would use up a `fixed` rule for business date `on`: day, month or life."""
    rules = [rule for rule in compiled.programme.rules if isinstance(rule, Fixed) and not rule.paused]
    return [key for rule in rules if (key := _limit_key(rule, on)) is not None]


def _limit_key(rule: Fixed, on: date) -> str | None:
    """As `occasions` spells it; a test holds the two together."""
    match rule.limit:
        case "day":
            return f"day:{rule.id}:{on}"
        case "month":
            return f"month:{rule.id}:{on.isoformat()[:7]}"
        case "life":
            return f"once:{rule.id}"
        case _:
            return None


def hints_for(compiled: CompiledProgramme, asker: Asker, at: datetime, on: date, wallet: str) -> list[Hint]:
    """What `asker` can earn at the instant `at`, business date `on`, in `wallet`: soonest done first."""
    scope = _Scope(compiled, asker, at, on, wallet)
    found = [*_of_runs(scope), *_of_goals(scope)]
    for rule in compiled.programme.rules:
        if rule.wallet == wallet and scope.holds(rule):
            found += _of_rule(rule, scope)
    shop = [hint for hint in found if hint.code == "shop"]
    rest = [hint for hint in found if hint.code != "shop"]
    return sorted([*rest, *shop[:1]], key=lambda hint: HINT_CODES.index(hint.code))[:MOST_HINTS]


class _Scope:
    """When, where and by whom it is asked."""

    def __init__(self, compiled: CompiledProgramme, asker: Asker, at: datetime, on: date, wallet: str) -> None:
        self.compiled, self.asker, self.at, self.on, self.wallet = compiled, asker, at, on, wallet
        self.bases = {rule.id: rule for rule in compiled.programme.rules if isinstance(rule, PerAmount)}
        self._known = {
            "city": asker.city or "", "leader_id": asker.leader_id or "", "community_id": asker.community_id or "",
            "member_id": asker.member_id, "year": on.year, "month": on.month, "day": on.day,
            "weekday": on.isoweekday(), "hour": compiled.calendar.local(at).hour,
            "tier": asker.facts.tier_at(at), "birthday_month": asker.facts.birth_month == on.month,
        }  # fmt: skip

    def holds(self, rule: Rule) -> bool:
        """Whether an event of now could meet the rule."""
        return (
            not rule.paused
            and Window(rule).has(self.at.timestamp())
            and (rule.cities is None or self.asker.city in rule.cities)
            and (rule.weekdays is None or self.on.isoweekday() in rule.weekdays)
            and self._may_be(rule.when)
            and (not isinstance(rule, Multiplier) or self.holds(self.bases[rule.of]))
        )

    def points(self, rule: Fixed) -> int:
        """What the rule would give the asker; 0 where its matrix gives nothing."""
        if rule.matrix is None:
            return rule.points or 0
        return points_of(rule.matrix).at(self._known["tier"], self.asker.city) or 0

    def gives(self, rule: Multiplier) -> bool:
        """Whether the rule would give the asker more than its base does."""
        if rule.matrix is None:
            return True
        factor = factors_of(rule.matrix, lambda factor: factor).at(self._known["tier"], self.asker.city)
        return factor is not None and factor.times > factor.per

    def _may_be(self, when: str | None) -> bool:
        if when is None:
            return True
        program: Any = compile_condition(when)
        names = set(program.variables())
        if not names <= self._known.keys():
            return True
        try:
            return program.execute(cel.Context(variables={name: self._known[name] for name in names})) is True
        except Exception:  # whatever the library raises: the event would be parked, and nothing earned
            return False


def _of_runs(scope: _Scope) -> Iterator[Hint]:
    asker, facts = scope.asker, scope.asker.facts
    reward = next_reward(scope.compiled, "check_in", facts.check_in_days, scope.on, scope.wallet)
    if not facts.check_in_days.has(scope.on) and (asker.check_in_points or reward):
        yield Hint("check_in", points=asker.check_in_points or None, action="check_in")
    if reward and (reward.days_to_go > 1 or facts.check_in_days.has(scope.on)):
        yield Hint("check_in_streak", reward.points, reward.days_to_go, "days", reward.rule, "check_in")
    reward = next_reward(scope.compiled, "shopping", facts.shopping_days, scope.on, scope.wallet)
    if reward:
        yield Hint("shopping_streak", reward.points, reward.days_to_go, "days", reward.rule, "shop")


def _of_goals(scope: _Scope) -> Iterator[Hint]:
    """The next goal of the month. Its period is asked of the month's end, as by the rule itself."""
    spent = max(scope.asker.facts.month_fen.get(scope.on.isoformat()[:7], 0), 0)
    ends_at = scope.compiled.calendar.month_ends_at(scope.on).timestamp()
    goals = [
        rule
        for rule in scope.compiled.programme.rules
        if isinstance(rule, Goal) and not rule.paused and rule.wallet == scope.wallet
        and Window(rule).has(ends_at) and rule.threshold_fen > spent
    ]  # fmt: skip
    for rule in sorted(goals, key=lambda rule: rule.threshold_fen)[:1]:
        yield Hint("monthly_goal", rule.points, rule.threshold_fen - spent, "fen", rule.id, "shop", rule.name)


def _of_rule(rule: Rule, scope: _Scope) -> Iterator[Hint]:
    match rule:
        case Fixed():
            yield from _of_fixed(rule, scope)
        case Multiplier() if scope.gives(rule) and set(listens(rule, scope.bases[rule.of])) & set(ORDERS):
            code: HintCode = "bonus_today" if rule.weekdays else "bonus_goods" if rule.lines else "bonus_period"
            yield Hint(code, rule=rule.id, action="shop", name=rule.name)
        case PerAmount() if rule.lines is None:
            yield Hint("shop", rule.points, rule=rule.id, action="shop", name=rule.name, per_fen=rule.per_fen)
        case PerAmount():
            yield Hint("bonus_goods", rule=rule.id, action="shop", name=rule.name)
        case Invitation():
            if rule.inviter_points:
                yield Hint("invitation", rule.inviter_points, rule=rule.id, action="invite", name=rule.name)
            if rule.invitee_points and scope.asker.facts.inviter_id and scope.asker.facts.first_order is None:
                yield Hint("first_order", rule.invitee_points, rule=rule.id, action="shop", name=rule.name)
        case Share() if rule.sharer_points:
            yield Hint("share", rule.sharer_points, rule=rule.id, action="invite", name=rule.name)


def _of_fixed(rule: Fixed, scope: _Scope) -> Iterator[Hint]:
    points = scope.points(rule)
    if not points or _limit_key(rule, scope.on) in scope.asker.had:
        return
    for event_type in listens(rule):
        if event_type in _OF_EVENT:
            code, action = _OF_EVENT[event_type]
            if code == "group" and rule.limit == "life":
                code = "first_group"
            yield Hint(code, points, rule=rule.id, action=action, name=rule.name)
            return


def rules_of(programme: Programme, city: str | None, at: datetime) -> list[Rule]:
    """The rules that hold at `at` for a member of `city`, on whichever day of the week, in the document's order."""
    seconds = at.timestamp()
    return [
        rule
        for rule in programme.rules
        if not rule.paused and Window(rule).has(seconds) and (rule.cities is None or city in rule.cities)
    ]


def kind_of(rule: Rule) -> str:
    """The rule's `kind`, as documents spell it."""
    return str(type(rule).__struct_config__.tag)
