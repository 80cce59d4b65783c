"""What a back-test tells in the end, of its sums: named, ordered, and valued in money. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from linli import budgets, rules
from linli.backtests import ArmTotal, CityLine, MonthLine, Reckoned, Result, RuleLine, RuleName, Tally
from linli.budgets import Figures
from linli.rules import Programme


def told(reckoned: Reckoned, *, draft: Programme, others: Sequence[Programme]) -> Result:
    """The result; `others` name the rules that the draft does not have, the first of them that knows one."""
    sums = reckoned.sums
    total = sums.total
    difference = total.draft_points - total.live_points
    value = rules.value_of_points(draft.deduction, abs(difference))
    return Result(
        live=ArmTotal(total.live_points, total.live_grants, reckoned.live_members),
        draft=ArmTotal(total.draft_points, total.draft_grants, reckoned.draft_members),
        difference_points=difference,
        difference_fen=value if difference > 0 else -value,
        members_gain=reckoned.gain,
        members_lose=reckoned.lose,
        members_same=reckoned.same,
        gains=reckoned.gains,
        losses=reckoned.losses,
        distribution=reckoned.distribution,
        by_rule=_by_rule(reckoned, [draft, *others]),
        by_month=[_month(month, tally, draft) for month, tally in sorted(sums.months.items())],
        by_city=[
            CityLine(city or None, tally.sales_fen, tally.live_points, tally.draft_points)
            for city, tally in sorted(sums.cities.items())
        ],
        live_failed=sums.live_failed,
        draft_failed=sums.draft_failed,
    )


def _month(month: str, tally: Tally, draft: Programme) -> MonthLine:
    """A month, beside what the draft's budget would have allowed by the sales of the span."""
    line = MonthLine(month, tally.sales_fen, tally.live_points, tally.draft_points)
    if draft.budget is None:
        return line
    whole = budgets.assess(draft.budget, [Figures(None, "", tally.sales_fen, tally.draft_points)])[0]
    breached = whole.issued_fen > whole.allowance_fen
    return msgspec.structs.replace(line, allowance_fen=whole.allowance_fen, breached=breached)


def _by_rule(reckoned: Reckoned, programmes: Sequence[Programme]) -> list[RuleLine]:
    """Every rule of the draft, in its order, then those that only the other arm has."""
    names: dict[str, RuleName] = {}
    for programme in programmes:
        for rule in programme.rules:
            names.setdefault(rule.id, RuleName(rule.name.zh, rule.name.en))
    tallies = reckoned.sums.rules
    own = [rule.id for rule in programmes[0].rules]
    listed = [*own, *sorted(tallies.keys() - set(own))]
    return [
        RuleLine(rule, names.get(rule), tally.live_points if tally else 0, tally.draft_points if tally else 0)
        for rule in listed
        for tally in [tallies.get(rule)]
    ]
