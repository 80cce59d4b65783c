"""Rules that follow an order's paid amount: `per_amount` and `multiplier`."""

from __future__ import annotations

from typing import NamedTuple

from linli.rules.awards import reckon
from linli.rules.figures import Factor
from linli.rules.matrices import factors_of
from linli.rules.outcome import Skip
from linli.rules.programme import Multiplier, PerAmount
from linli.rules.scene import Apply, Give, Makings, Matcher, Scene, event_maker
from linli.rules.stacking import Stack
from linli.words.grants import Award, Part


def linear_rate(factor: Factor, base: PerAmount) -> tuple[int, int]:
    """(points, per_fen) of what a factor adds to its base: the base's rate × (factor − 1)."""
    return base.points * (factor.times - factor.per), base.per_fen * factor.per


def per_amount(rule: PerAmount, version: int, makings: Makings, *, multiplied: bool) -> Apply:
    """Points for the paid amount; `multiplied`: a multiplier asks whether this rule held."""
    rule_id, minimum = rule.id, rule.min_order_fen
    lines = makings.matcher(rule.lines) if rule.lines is not None else None
    whole, give = (Part(rule.points, rule.per_fen),), _giver(rule, version, makings)
    below, no_line = Skip(rule_id, "below_minimum"), Skip(rule_id, "no_line_matches")

    def apply(scene: Scene) -> None:
        fen, parts = scene.body.paid_fen, whole
        if fen < minimum:
            return scene.skipped.append(below)
        if lines is not None:
            places, fen = scene.eligible(lines)
            if not places:
                return scene.skipped.append(no_line)
            parts = (Part(rule.points, rule.per_fen, places),)
        if multiplied:
            scene.earned.add(rule_id)
        return give(scene, parts, fen)

    return apply


class _Extra(NamedTuple):
    """What a factor adds to its base, ready; `whole` is of the whole order, () where it adds nothing."""

    factor: tuple[int, int]
    rate: tuple[int, int]
    whole: tuple[Part, ...]


def _extra(factor: Factor, base: PerAmount) -> _Extra:
    rate = linear_rate(factor, base)
    return _Extra((factor.times, factor.per), rate, (Part(*rate),) if rate[0] > 0 else ())


def multiplier(rule: Multiplier, base: PerAmount, version: int, makings: Makings, stack: Stack | None) -> Apply:
    """Extra points wherever the base rule held; with a `stack`, reckoned together with others once all are known."""
    rule_id, minimum, base_id = rule.id, rule.min_order_fen, base.id
    filters = tuple({makings.matcher(lines): None for lines in (rule.lines, base.lines) if lines is not None})
    first, second = (*filters, None, None)[:2]
    give = _giver(rule, version, makings)
    rank = stack.enter(rule_id, give) if stack is not None else 0
    everywhere = _extra(rule.factor, base) if rule.factor is not None else None
    grid = factors_of(rule.matrix, lambda factor: _extra(factor, base)) if rule.matrix is not None else None
    # Where nothing but its base decides, what it has to say is always the same.
    always = (rank, everywhere.factor, None) if everywhere is not None else None
    not_earned, below = Skip(rule_id, "base_not_earned"), Skip(rule_id, "below_minimum")
    no_line, no_cell, nothing = (Skip(rule_id, code) for code in ("no_line_matches", "no_cell", "cell_gives_nothing"))

    def apply(scene: Scene) -> None:
        if base_id not in scene.earned:
            return scene.skipped.append(not_earned)
        fen, places = scene.body.paid_fen, None
        if fen < minimum:
            return scene.skipped.append(below)
        extra = everywhere
        if grid is not None:
            extra = grid.at(scene.tier(), scene.body.city)
            if extra is None or not extra.whole:
                return scene.skipped.append(no_cell if extra is None else nothing)
        assert extra is not None
        if first is not None:
            places, fen = scene.eligible(first) if second is None else _matching(scene, first, second)
            if not places:
                return scene.skipped.append(no_line)
        if stack is not None:
            simple = places is None and grid is None
            return scene.hold(stack, always if simple else (rank, extra.factor, places))
        return give(scene, extra.whole if places is None else (Part(*extra.rate, places),), fen)

    return apply


def _giver(rule: PerAmount | Multiplier, version: int, makings: Makings) -> Give:
    """Makes the grant of a rule for an order, and its award, rounded as the programme says."""
    rule_id, rounding, make = rule.id, makings.programme.rounding, event_maker(rule, version, makings.dates(rule))
    mode, by_line = rounding.mode, rounding.per == "line"
    plain, too_small = mode == "down" and not by_line, Skip(rule_id, "too_small")

    def give(scene: Scene, parts: tuple[Part, ...], fen: int | None) -> None:
        if plain and len(parts) == 1:
            part = parts[0]
            earned = (scene.fen(part.lines) if fen is None else fen) * part.points // part.per_fen
        else:
            earned = reckon(parts, scene.amounts(), mode, by_line)
        if not earned:
            return scene.skipped.append(too_small)
        body = scene.body
        order_id = body.order_id
        key = f"order:{order_id}:{rule_id}"
        scene.grants.append(make(scene.event, body.member_id, key, earned, order_id))
        return scene.awards.append(Award(key, rule_id, version, parts, mode, by_line))

    return give


def _matching(scene: Scene, first: Matcher, second: Matcher) -> tuple[tuple[int, ...], int]:
    others = set(scene.eligible(second)[0])
    shared = tuple(place for place in scene.eligible(first)[0] if place in others)
    return shared, scene.fen(shared)
