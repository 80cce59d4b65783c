"""Rules that follow an order's paid amount: `per_amount` and `multiplier`, and the refund formula of their awards."""

from __future__ import annotations

from linli.rules.outcome import Skip
from linli.rules.programme import Multiplier, PerAmount
from linli.rules.scene import Apply, Makings, Matcher, Scene, event_maker
from linli.words.events import Order
from linli.words.grants import Award, Refunded
from linli.words.units import floor_ratio


def linear_rate(rule: PerAmount | Multiplier, base: PerAmount | None = None) -> tuple[int, int]:
    """(points, per_fen) of what a rule adds: a multiplier's are its base's rate × (factor − 1)."""
    if isinstance(rule, PerAmount):
        return rule.points, rule.per_fen
    assert base is not None
    return base.points * (rule.factor.times - rule.factor.per), base.per_fen * rule.factor.per


def per_amount(rule: PerAmount, version: int, makings: Makings, *, multiplied: bool) -> Apply:
    """Points for the paid amount; `multiplied`: a multiplier asks whether this rule held."""
    return _linear(rule, None, version, makings, multiplied)


def multiplier(rule: Multiplier, base: PerAmount, version: int, makings: Makings) -> Apply:
    """Extra points wherever the base rule held."""
    return _linear(rule, base, version, makings, False)


def _linear(
    rule: PerAmount | Multiplier, base: PerAmount | None, version: int, makings: Makings, multiplied: bool
) -> Apply:
    rule_id, minimum = rule.id, rule.min_order_fen
    points, per_fen = linear_rate(rule, base)
    asked = (rule.lines, base.lines if base else None)
    filters = tuple(makings.matcher(lines) for lines in asked if lines is not None)
    needed = base.id if base is not None else None
    make = event_maker(rule, version, makings.dates(rule))
    not_earned, below = Skip(rule_id, "base_not_earned"), Skip(rule_id, "below_minimum")
    no_line, too_small = Skip(rule_id, "no_line_matches"), Skip(rule_id, "too_small")

    def apply(scene: Scene) -> None:
        order = scene.body
        if needed is not None and needed not in scene.earned:
            return scene.skipped.append(not_earned)
        fen, places = order.paid_fen, None
        if fen < minimum:
            return scene.skipped.append(below)
        if filters:
            places, fen = _matching(scene, filters)
            if not places:
                return scene.skipped.append(no_line)
        if multiplied:
            scene.earned.add(rule_id)
        earned = floor_ratio(fen, points, per_fen)
        if earned == 0:
            return scene.skipped.append(too_small)
        key = f"order:{order.order_id}:{rule_id}"
        scene.grants.append(make(scene.event, order.member_id, key, earned, order.order_id))
        scene.awards.append(Award(key, rule_id, version, points, per_fen, places))
        return None

    return apply


def _matching(scene: Scene, filters: tuple[Matcher, ...]) -> tuple[tuple[int, ...], int]:
    places, fen = scene.eligible(filters[0])
    if len(filters) == 1 or not places or filters[0] is filters[1]:
        return places, fen
    others = set(scene.eligible(filters[1])[0])
    shared = tuple(place for place in places if place in others)
    return shared, sum(scene.body.lines[place].paid_fen for place in shared)


def reprice(award: Award, order: Order, refunded: Refunded) -> int:
    """The points that remain of an award after all that was given back so far: a function of the cumulative sums.

    A refund by line takes from its line; what exceeds the line, or names none, counts as unallocated. The unallocated
    part takes from every line in proportion to what is left of it, so the lines never give back more than they cost
    and a full refund leaves 0. Rounded down once, at the end: without refunds it is the grant's own figure.
    """
    if refunded.cancelled:
        return 0
    left, unallocated = _left_by_line(order, refunded)
    whole = max(order.paid_fen - sum(refunded.by_line_fen.values()) - refunded.unallocated_fen, 0)
    if award.lines is None or whole == 0:
        return floor_ratio(whole, award.points, award.per_fen)
    # What was paid for no line (delivery, say) bears its part of an unallocated refund too.
    unlisted = max(order.paid_fen - sum(line.paid_fen for line in order.lines), 0)
    pool = sum(left) + unlisted
    remaining = max(pool - unallocated, 0)
    if pool == 0:
        return 0
    eligible = sum(left[place] for place in award.lines if place < len(left))
    return floor_ratio(eligible * remaining, award.points, pool * award.per_fen)


def _left_by_line(order: Order, refunded: Refunded) -> tuple[list[int], int]:
    """(fen left of each line after refunds by line, fen given back that no line bears)."""
    owed = dict(refunded.by_line_fen)
    left: list[int] = []
    for place, line in enumerate(order.lines):
        line_id = line.line_id if line.line_id is not None else str(place + 1)
        taken = min(owed.get(line_id, 0), line.paid_fen)
        if taken:
            owed[line_id] -= taken
        left.append(line.paid_fen - taken)
    return left, refunded.unallocated_fen + sum(owed.values())
