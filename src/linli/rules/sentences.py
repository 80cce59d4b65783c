"""A sentence for each rule, in the two languages of the house: what is earned for what, where, when, and its terms.

Pure. The texts stand in `i18n/sentences.json`.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from linli.rules.phrases import Language, Speaker
from linli.rules.policies import Rounding
from linli.rules.programme import (
    Fixed,
    Goal,
    Invitation,
    Multiplier,
    PerAmount,
    Programme,
    Rule,
    Share,
    Streak,
    follows_orders,
    listens,
)  # fmt: skip
from linli.rules.scene import terms_of


class Sentence(msgspec.Struct, frozen=True, kw_only=True):
    """The same said in both languages; as long as it needs to be, unlike a `Name`."""

    zh: str
    en: str


def sentence(rule: Rule, programme: Programme) -> Sentence:
    """What `rule` promises, with scope, period, condition, limit, wallet, settlement and validity.

    A condition that has no words is shown as code. `programme` gives the terms that the rule leaves out and the name
    of the rule that a multiplier multiplies; its time zone must exist. Nothing else about it need be faultless.
    """
    return Sentence(zh=_sentence(rule, programme, "zh"), en=_sentence(rule, programme, "en"))


def sentences(programme: Programme) -> dict[str, Sentence]:
    """Rule id → its sentence, in the order of the document."""
    return {rule.id: sentence(rule, programme) for rule in programme.rules}


def _sentence(rule: Rule, programme: Programme, language: Language) -> str:
    speaker = Speaker(language, programme)
    circumstances = speaker.say("clause").join(part for part in _circumstances(rule, programme, speaker) if part)
    said = speaker.say("clause").join(part for part in _promise(rule, programme, speaker) if part)
    terms = speaker.say("clause").join(part for part in _terms(rule, programme, speaker) if part)
    promise = speaker.say("then").join(part for part in (circumstances, said) if part)
    end = speaker.say("end")
    text = f"{capital(promise)}{end}{capital(terms)}{end.strip()}"
    return f"{speaker.say('paused')}{text}" if rule.paused else text


def capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def _circumstances(rule: Rule, programme: Programme, speaker: Speaker) -> list[str | None]:
    """When and where the rule holds, and for which events."""
    return [
        speaker.window(rule.starts_at, rule.ends_at),
        speaker.say("cities", cities=speaker.listed(rule.cities)) if rule.cities else None,
        speaker.weekdays(rule.weekdays) if rule.weekdays else None,
        _events(rule, programme, speaker),
        speaker.condition(rule.when) if rule.when else None,
    ]


def _events(rule: Rule, programme: Programme, speaker: Speaker) -> str | None:
    """The events, where what is promised does not name them itself."""
    if (isinstance(rule, Multiplier) and rule.on is None) or not isinstance(rule, Fixed | PerAmount | Multiplier):
        return None
    names = listens(rule, _base(rule, programme))
    if not names:
        return speaker.say("event.none")
    return speaker.say("event", events=speaker.listed((speaker.word("event", name) for name in names), "or"))


def _base(rule: Rule, programme: Programme) -> PerAmount | None:
    if not isinstance(rule, Multiplier):
        return None
    return next((base for base in programme.rules if base.id == rule.of and isinstance(base, PerAmount)), None)


def _promise(rule: Rule, programme: Programme, speaker: Speaker) -> list[str | None]:
    """What is earned, and its limits."""
    wallet = rule.wallet if rule.wallet != programme.wallets[0] else None
    match rule:
        case PerAmount():
            figures = {"amount": speaker.amount(rule.per_fen), "points": speaker.points(rule.points, wallet)}
            lines = rule.lines and speaker.lines(rule.lines)
            least = max(rule.min_order_fen, programme.screening.min_order_fen)
            said = speaker.say("per_amount.lines" if lines else "per_amount", lines=lines, **figures)
            return [said, _minimum(least, speaker), _rounding(programme, speaker)]
        case Multiplier():
            said = [_multiplied(rule, programme, speaker), _minimum(rule.min_order_fen, speaker)]
            return [*said, *_stacked(rule, programme, speaker), _rounding(programme, speaker)]
        case Fixed():
            return [
                _fixed(rule, wallet, speaker),
                speaker.say(f"limit.{rule.limit}"),
                _counts(rule, programme, speaker),
            ]
        case Streak():
            points = speaker.points(rule.points, wallet)
            said = speaker.say(f"streak.{rule.activity}", days=rule.days, points=points)
            return [said, _counts(rule, programme, speaker)]
        case Goal():
            amount = speaker.amount(rule.threshold_fen)
            said = speaker.say("goal", amount=amount, points=speaker.points(rule.points, wallet))
            return [said, _counts(rule, programme, speaker)]
        case Invitation():
            said = _two("invitation", rule.inviter_points, rule.invitee_points, wallet, speaker)
            return [said, _counts(rule, programme, speaker)]
        case Share():
            said = _two("share", rule.sharer_points, rule.friend_points, wallet, speaker)
            return [said, _counts(rule, programme, speaker)]


def _minimum(least: int, speaker: Speaker) -> str | None:
    return speaker.say("minimum", amount=speaker.amount(least)) if least else None


def _counts(rule: Rule, programme: Programme, speaker: Speaker) -> str | None:
    """Which orders are too small for the programme, where the rule hangs on orders and not on their amount."""
    least = programme.screening.min_order_fen
    return speaker.say("minimum.counts", amount=speaker.amount(least)) if least and follows_orders(rule) else None


def _multiplied(rule: Multiplier, programme: Programme, speaker: Speaker) -> str:
    base = _base(rule, programme)
    name = speaker.quoted(getattr(base.name, speaker.language) if base is not None else rule.of)
    lines = rule.lines and speaker.lines(rule.lines)
    whose = speaker.say("whose", lines=lines) if lines else ""
    if rule.factor is None:
        return speaker.say("multiplier.matrix", base=name, whose=whose, cells=_cells(rule, speaker))
    figure = speaker.factor(rule.factor)
    return speaker.say(
        "multiplier" + (".double" if figure == "2" else "") + (".lines" if lines else ""),
        base=name, factor=figure, lines=lines,
    )  # fmt: skip


def _cells(rule: Multiplier | Fixed, speaker: Speaker) -> str:
    return speaker.cells(rule.matrix) if rule.matrix is not None else "–"


def _fixed(rule: Fixed, wallet: str | None, speaker: Speaker) -> str:
    if rule.points is not None:
        return speaker.say("fixed", points=speaker.points(rule.points, wallet))
    into = speaker.say("into", wallet=speaker.word("wallet", wallet)) if wallet is not None else ""
    return speaker.say("fixed.matrix", cells=_cells(rule, speaker), into=into)


def _stacked(rule: Multiplier, programme: Programme, speaker: Speaker) -> Iterator[str]:
    """How the rule is reckoned with others, where it does not simply add its own extra."""
    group = next((group for group in programme.stacking.groups if group.id == rule.group), None)
    if group is not None and group.combine != "add":
        name = speaker.quoted(getattr(group.name, speaker.language) if group.name is not None else group.id)
        yield speaker.say(f"stacked.{group.combine}", group=name)
    if programme.stacking.across == "multiply":
        yield speaker.say("stacked.across")


def _rounding(programme: Programme, speaker: Speaker) -> str | None:
    rounding = programme.rounding
    return None if rounding == Rounding() else speaker.say(f"rounding.{rounding.per}.{rounding.mode}")


def _two(kind: str, first: int, second: int, wallet: str | None, speaker: Speaker) -> str:
    which = "both" if first and second else "second" if second else "first"
    return speaker.say(
        f"{kind}.{which}", first=speaker.points(first, wallet), second=speaker.points(second, wallet)
    )  # fmt: skip


def _terms(rule: Rule, programme: Programme, speaker: Speaker) -> list[str | None]:
    """Settlement, validity, and who pays where it is not the platform."""
    days, months = terms_of(rule, programme)
    return [
        _credited(rule, days, speaker),
        speaker.say("valid.one" if months == 1 else "valid", months=months),
        *(speaker.say(f"cap.{cap.per}", points=speaker.points(cap.points)) for cap in rule.caps),
        None if rule.funder == "platform" else speaker.say("funder", funder=speaker.quoted(rule.funder)),
    ]


def _credited(rule: Rule, days: int, speaker: Speaker) -> str:
    if rule.arrives == "at_once":
        return speaker.say("credited.at_once")
    after = "credited.month" if isinstance(rule, Goal) else "credited"
    if rule.arrives in ("formed", "collected", "return_window") and not isinstance(rule, Goal):
        after = f"credited.{rule.arrives}"
    return speaker.say(f"{after}.{days if days < 2 else 'n'}", days=days)
