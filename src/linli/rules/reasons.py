"""Why a rule gave nothing, in words and with its figures, in both languages. Pure; texts stand in `i18n/skips.json`."""

from __future__ import annotations

from typing import Any

from linli.kit.texts import texts
from linli.rules.outcome import Skip
from linli.rules.phrases import Language, Speaker
from linli.rules.programme import Goal, Multiplier, PerAmount, Programme, Rule, listens
from linli.rules.sentences import Sentence
from linli.words.units import floor_ratio


def reason(skip: Skip, rule: Rule | None, programme: Programme, *, paid_fen: int | None = None) -> Sentence:
    """What `skip` says. `rule`: as it was then, for what it asks for; `paid_fen`: of the order, where it is one.

    A reason that has no words, or whose figures are no longer known, is told by its code.
    """
    return Sentence(zh=_said(skip, rule, programme, paid_fen, "zh"), en=_said(skip, rule, programme, paid_fen, "en"))


def _said(skip: Skip, rule: Rule | None, programme: Programme, paid_fen: int | None, language: Language) -> str:
    speaker = Speaker(language, programme)
    known = texts("skips")
    figures = _figures(skip, rule, speaker, paid_fen)
    if skip.reason == "small_order":
        figures["minimum"] = speaker.amount(programme.screening.min_order_fen)
    if skip.reason in known:
        try:
            return known[skip.reason][language].format(**figures)
        except KeyError:  # figures of a rule that is no longer there
            pass
    return known["other"][language].format(reason=skip.reason)


def _figures(skip: Skip, rule: Rule | None, speaker: Speaker, paid_fen: int | None) -> dict[str, Any]:
    detail = skip.detail
    figures: dict[str, Any] = dict(detail)
    if "missing_fen" in detail:
        figures["missing"] = speaker.amount(int(detail["missing_fen"]))
    if "have" in detail and "need" in detail:
        figures["left"] = int(detail["need"]) - int(detail["have"])
    if rule is not None:
        figures |= _asked(rule, speaker)
        if isinstance(rule, PerAmount | Multiplier) and paid_fen is not None:
            figures["minimum"] = speaker.amount(rule.min_order_fen)
            figures["missing"] = speaker.amount(max(rule.min_order_fen - paid_fen, 0))
    return {name: value for name, value in figures.items() if value is not None}


def _asked(rule: Rule, speaker: Speaker) -> dict[str, str | None]:
    """What the rule asks of an event."""
    lines = rule.lines if isinstance(rule, PerAmount | Multiplier) else None
    return {
        "cities": speaker.listed(rule.cities) if rule.cities else None,
        "window": speaker.window(rule.starts_at, rule.ends_at),
        "weekdays": speaker.weekdays(rule.weekdays) if rule.weekdays else None,
        "condition": speaker.condition(rule.when) if rule.when else None,
        "lines": speaker.lines(lines) if lines else None,
    }


def left_out(programme: Programme, event_type: str, city: str | None) -> list[Skip]:
    """Rules that listen to events of the type and meet none of that city: what an outcome does not keep."""
    bases = {rule.id: rule for rule in programme.rules if isinstance(rule, PerAmount)}
    found = []
    for rule in programme.rules:
        if event_type in listens(rule, bases.get(rule.of) if isinstance(rule, Multiplier) else None):
            if rule.paused:
                found.append(Skip(rule.id, "paused"))
            elif rule.cities is not None and city not in rule.cities:
                found.append(Skip(rule.id, "other_city"))
    return found


def missing_fen(skip: Skip, rule: Rule | None, paid_fen: int) -> int | None:
    """Fen that were missing for the rule to give something for an order of `paid_fen`; None where money is not it."""
    if skip.reason == "goal_not_reached":
        return int(skip.detail["missing_fen"])
    if not isinstance(rule, PerAmount) or rule.lines is not None:
        return None
    if skip.reason in ("below_minimum", "small_order"):
        return max(rule.min_order_fen - paid_fen, int(skip.detail.get("missing_fen", 0)))
    if skip.reason == "too_small":
        return -(-rule.per_fen // rule.points) - paid_fen
    return None


def points_for(rule: Rule, paid_fen: int) -> int:
    """Points that a goal gives, or a rule that follows the paid amount for an order of `paid_fen`; 0 for others."""
    if isinstance(rule, Goal):
        return rule.points
    return floor_ratio(paid_fen, rule.points, rule.per_fen) if isinstance(rule, PerAmount) else 0
