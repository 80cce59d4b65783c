"""What points take off an order, in sentences: each rate, then what holds for all of them. Pure.

The texts stand in `i18n/sentences.json`, under `deduction.…`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from linli.rules.deduction_policy import DeductionPolicy, Excluded, FunderShare, Ordinary, Rate
from linli.rules.figures import LineFilter
from linli.rules.phrases import Language, Speaker
from linli.rules.programme import Programme
from linli.rules.sentences import Sentence, capital


def deduction_sentences(programme: Programme, *, to_members: bool = False) -> list[Sentence]:
    """What points are worth, for whom and up to how much: the ordinary rate, each other one, and the terms of all.

    `to_members`: without what is not theirs to know: rates of segments and arms, and who bears what.
    """
    both = zip(_said(programme, "zh", to_members), _said(programme, "en", to_members), strict=True)
    return [Sentence(zh=zh, en=en) for zh, en in both]


def _said(programme: Programme, language: Language, to_members: bool) -> Iterator[str]:
    speaker, policy = Speaker(language, programme), programme.deduction
    end = speaker.say("end")

    def sentence(parts: Iterator[str | None]) -> str:
        return capital(speaker.say("clause").join(part for part in parts if part)) + end.strip()

    yield sentence(iter([speaker.say("deduction.ordinary"), _worth(policy.ordinary, speaker)]))
    for rate in policy.rates:
        if not (to_members and (rate.segments or rate.arms)):
            yield sentence(_rate(rate, policy, speaker, () if to_members else rate.funders))
    yield sentence(_terms(policy, speaker))
    if policy.excluded != Excluded():
        yield sentence(iter([_excluded(policy.excluded, speaker)]))


def _worth(rate: Rate | Ordinary, speaker: Speaker) -> str:
    return speaker.say("deduction.worth", points=speaker.points(rate.points), amount=speaker.amount(rate.fen))


def _rate(
    rate: Rate, policy: DeductionPolicy, speaker: Speaker, funders: Sequence[FunderShare]
) -> Iterator[str | None]:  # fmt: skip
    yield speaker.quoted(getattr(rate.name, speaker.language))
    yield speaker.weekdays(rate.weekdays) if rate.weekdays else None
    yield speaker.say("cities", cities=speaker.listed(rate.cities)) if rate.cities else None
    if rate.tiers:
        yield speaker.say("deduction.tiers", tiers=speaker.listed(map(speaker.tier, rate.tiers), "or"))
    if rate.segments:
        yield speaker.say("deduction.segments", segments=speaker.listed(map(speaker.quoted, rate.segments), "or"))
    if rate.arms:
        yield speaker.say("deduction.arms", arms=speaker.listed(map(speaker.quoted, rate.arms), "or"))
    yield speaker.lines(LineFilter(categories=rate.categories, tags=rate.tags))
    yield _worth(rate, speaker)
    if rate.cap_percent is not None and rate.cap_percent != policy.line_cap:
        yield speaker.say("deduction.line_cap", percent=rate.cap_percent)
    for share in funders:
        yield speaker.say("deduction.funder", percent=share.percent, funder=speaker.quoted(share.funder))


def _terms(policy: DeductionPolicy, speaker: Speaker) -> Iterator[str | None]:
    """Always something: where neither lines nor orders are capped, points may pay all."""
    line, order, most = policy.line_cap, policy.order_cap, policy.most_fen_per_order
    if line < 100:
        yield speaker.say("deduction.line_cap", percent=line)
    if order < 100:
        yield speaker.say("deduction.order_cap", percent=order)
    if most is not None:
        yield speaker.say("deduction.most", amount=speaker.amount(most))
    if line == order == 100 and most is None:
        yield speaker.say("deduction.no_cap")
    if policy.min_points:
        yield speaker.say("deduction.minimum", points=speaker.points(policy.min_points))
    if policy.step_points > 1:
        yield speaker.say("deduction.step", points=speaker.points(policy.step_points))
    if policy.first_deduction_bonus_points:
        yield speaker.say("deduction.bonus", points=speaker.points(policy.first_deduction_bonus_points))


def _excluded(excluded: Excluded, speaker: Speaker) -> str:
    codes = [*(speaker.word("goods", code) for code in (*excluded.categories, *excluded.tags))]
    if excluded.skus:
        codes.append(speaker.say("deduction.skus", number=f"{len(excluded.skus):,}"))
    return speaker.say("deduction.excluded", goods=speaker.listed(codes))
