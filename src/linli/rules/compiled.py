"""A programme made ready: rules indexed by event type, city and day, so that an event meets only those that may fire.

Per event the work is: one look-up, then for each candidate its condition and its own decision. Everything else
(filters, dates, reasons, the JSON of what the index left out) is made before or remembered.
"""

from __future__ import annotations

from collections.abc import Mapping

from linli.kit.clock import BusinessCalendar
from linli.rules.histories import Lose, goal, goal_lost, invitation, invitation_lost, streak, streak_lost
from linli.rules.index import Listeners, Live
from linli.rules.occasions import fixed, share
from linli.rules.orders import multiplier, per_amount
from linli.rules.outcome import NOTHING, Evaluation, Loss, Skip
from linli.rules.programme import (
    CANONICAL,
    Fixed,
    Goal,
    Invitation,
    Multiplier,
    PerAmount,
    Programme,
    Rule,
    Share,
    Streak,
    heeds,
    is_essential,
)  # fmt: skip
from linli.rules.scene import Apply, Makings, Scene
from linli.rules.stacking import Stack, stacks_of
from linli.words.events import Event, Order
from linli.words.facts import MemberFacts


def _resting(rule_id: str, over_history: frozenset[str], apply: Apply) -> Apply:
    """What a rule does while its budget is used up. One over a history is asked all the same: what it gave may move."""
    exhausted = Skip(rule_id, "budget_exhausted")

    def rest(scene: Scene) -> None:
        if rule_id not in over_history:
            return scene.skipped.append(exhausted)
        had = len(scene.grants)
        apply(scene)
        if len(scene.grants) > had:
            del scene.grants[had:]
            scene.skipped.append(exhausted)
        return None

    return rest


class CompiledProgramme:
    """Evaluates events. Pure: the same event and facts give the same result, for ever."""

    def __init__(
        self, programme: Programme, version: int, listeners: dict[str, Listeners], calendar: BusinessCalendar,
        losers: dict[str, Lose],
    ) -> None:  # fmt: skip
        self.programme = programme
        self.version = version
        self.calendar = calendar
        self._listeners = listeners
        self._losers = losers
        self.smallest_order_fen = programme.screening.min_order_fen
        self.bonuses = frozenset(rule.id for rule in programme.rules if not is_essential(rule))
        """Ids of the rules that a budget may make rest."""
        self._over_history = frozenset(rule.id for rule in programme.rules if isinstance(rule, CANONICAL))

    def evaluate(
        self, event: Event, before: MemberFacts, after: MemberFacts, closed: frozenset[str] = frozenset(),
        *, small: bool = False,
    ) -> Evaluation:  # fmt: skip
        """What the event brings about. `before` and `after`: facts of its member without and with it. `closed`: ids of
        rules that rest, since their budget is used up: they give nothing, but what does not hold any more is withdrawn.
        `small`: its order is too small to count. Where only what this event says of it is, histories are asked.

        Raises `RuleFailed` where a condition can be neither true nor false.
        """
        scene = Scene(event, before, after, self.calendar.local)
        skipped = scene.skipped
        listeners = self._listeners.get(event.body.type)
        if listeners is None:
            return Evaluation(scene.grants, scene.awards, scene.moves, scene.withdrawals, skipped, NOTHING)
        candidates, never, scene.make_context, out_of_scope = listeners.plan(event.body.city, event.business_on)
        skipped += never
        if small or (self.smallest_order_fen and self.is_small(event)):
            asked = [one for one in candidates if not small and one.live.id in self._over_history]
            missing = {"missing_fen": max(self.smallest_order_fen - scene.body.paid_fen, 0)}
            skipped += [Skip(one.live.id, "small_order", missing) for one in candidates if one not in asked]
            candidates = asked
        if closed:
            candidates = [
                (live, _resting(live.id, self._over_history, apply) if live.id in closed else apply, test, dated)
                for live, apply, test, dated in candidates
            ]
        for live, apply, test, dated in candidates:
            if dated and not live.start <= (at := event.occurred_at.timestamp()) < live.end:
                skipped.append(live.not_started if at < live.start else live.ended)
            elif test is None or test(scene):
                apply(scene)
            else:
                skipped.append(live.condition_false)
        for together, held in scene.together.items():
            together.settle(scene, held)
        return Evaluation(scene.grants, scene.awards, scene.moves, scene.withdrawals, skipped, out_of_scope)

    def is_small(self, event: Event) -> bool:
        """Whether the event tells of an order that is too small to count."""
        return isinstance(event.body, Order) and event.body.paid_fen < self.smallest_order_fen

    def lose(self, member_id: str, before: MemberFacts, after: MemberFacts, judged: set[str], loss: Loss) -> None:
        """Adds to `loss` what becomes of rewards over a history when facts are taken away: `after` is `before` with
        less in it.

        Rules whose ids are in `judged` are left out, and those that are asked are put in: the newest version of a rule
        speaks for it. Paused rules are asked too, for what they promised before.
        """
        for rule_id, lose in self._losers.items():
            if rule_id not in judged:
                judged.add(rule_id)
                lose(member_id, before, after, loss)


def compile_programme(programme: Programme, *, version: int, versions: Mapping[str, int]) -> CompiledProgramme:
    """The programme ready to evaluate. `versions`: rule id → the version in which the rule last changed.

    The programme must be free of faults (`check_programme`): a fault here is a bug, not a refusal.
    """
    makings = Makings(programme)
    bases = {rule.id: rule for rule in programme.rules if isinstance(rule, PerAmount)}
    multiplied = {rule.of for rule in programme.rules if isinstance(rule, Multiplier)}
    stacks = stacks_of(programme)
    listeners: dict[str, Listeners] = {}
    # A multiplier asks whether its base held, so bases come first; otherwise the order is the document's.
    for rule in sorted(programme.rules, key=lambda rule: not isinstance(rule, PerAmount)):
        base = bases[rule.of] if isinstance(rule, Multiplier) else None
        live = None
        if not rule.paused:
            rule_version = versions.get(rule.id, version)
            apply = _decision(rule, base, rule_version, makings, rule.id in multiplied, stacks.get(rule.id))
            live = Live(rule, rule_version, apply)
        for event_type in heeds(rule, base):
            here = listeners.setdefault(event_type, Listeners(event_type, makings.calendar))
            if live is None:
                here.paused.append(Skip(rule.id, "paused"))
            else:
                here.add(live)
    losers = {
        rule.id: lose
        for rule in programme.rules
        if (lose := _loser(rule, versions.get(rule.id, version), makings)) is not None
    }
    return CompiledProgramme(programme, version, listeners, makings.calendar, losers)


def _loser(rule: Rule, version: int, makings: Makings) -> Lose | None:
    match rule:
        case Streak():
            return streak_lost(rule, version, makings)
        case Goal():
            return goal_lost(rule, version, makings)
        case Invitation():
            return invitation_lost(rule, version, makings)
        case _:
            return None


def _decision(
    rule: Rule, base: PerAmount | None, version: int, makings: Makings, multiplied: bool, stack: Stack | None
) -> Apply:
    match rule:
        case PerAmount():
            return per_amount(rule, version, makings, multiplied=multiplied)
        case Multiplier():
            assert base is not None
            return multiplier(rule, base, version, makings, stack)
        case Fixed():
            return fixed(rule, version, makings)
        case Streak():
            return streak(rule, version, makings)
        case Goal():
            return goal(rule, version, makings)
        case Invitation():
            return invitation(rule, version, makings)
        case Share():
            return share(rule, version, makings)
