"""What is wrong with a draft: nothing of it may be published before all is right."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from linli.lottery.types import MILLION, Prize, Terms

_NEEDS = {"points": "points", "coupon": "template_id", "goods": "item_id"}


class Fault(NamedTuple):
    """Where, and what: a code of `i18n/lottery.json`."""

    place: str
    code: str


def faults(terms: Terms, now: datetime) -> list[Fault]:
    """All that must be put right before the draft can be published at `now`."""
    found = [fault for place, prize in enumerate(terms.prizes) for fault in _of_prize(f"prizes[{place}]", prize)]
    ids = [prize.prize_id for prize in terms.prizes]
    if sum(prize.odds_ppm for prize in terms.prizes) != MILLION:
        found.append(Fault("prizes", "odds_sum"))
    if terms.ends_at <= terms.starts_at:
        found.append(Fault("ends_at", "ends_before_it_starts"))
    elif terms.ends_at <= now:
        found.append(Fault("ends_at", "ends_in_the_past"))
    return found + _of_minimum(terms, ids)


def _of_prize(place: str, prize: Prize) -> list[Fault]:
    found: list[Fault] = []
    for kind, field in _NEEDS.items():
        value = getattr(prize, field)
        if prize.kind == kind and not value:
            found.append(Fault(f"{place}.{field}", "missing"))
        elif prize.kind != kind and value is not None:
            found.append(Fault(f"{place}.{field}", "of_another_kind"))
    if prize.kind == "goods" and prize.stock is None:
        found.append(Fault(f"{place}.stock", "goods_without_stock"))
    if prize.kind == "nothing" and prize.cost_fen:
        found.append(Fault(f"{place}.cost_fen", "nothing_costs"))
    return found


def _of_minimum(terms: Terms, ids: list[str]) -> list[Fault]:
    if terms.minimum_prize_id is None:
        may_be_gone = terms.budget_fen is not None or any(
            prize.stock is not None or prize.kind in ("coupon", "goods") for prize in terms.prizes
        )
        found = [Fault("minimum_prize_id", "minimum_missing")] if may_be_gone else []
        return [*found, Fault("minimum_prize_id", "guarantee_of_nothing")] if terms.guarantee_every else found
    if terms.minimum_prize_id not in ids:
        return [Fault("minimum_prize_id", "minimum_unknown")]
    minimum = terms.prize(terms.minimum_prize_id)
    if minimum.stock is not None or minimum.kind not in ("points", "nothing"):
        return [Fault("minimum_prize_id", "minimum_limited")]
    if terms.guarantee_every and minimum.kind == "nothing":
        return [Fault("minimum_prize_id", "guarantee_of_nothing")]
    if terms.budget_fen is not None and minimum.cost_fen > terms.budget_fen:
        return [Fault("budget_fen", "budget_below_minimum")]
    return []
