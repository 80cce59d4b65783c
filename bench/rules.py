"""P3: what one event costs against 50 and 500 live rules. `python -m bench.rules` prints it.

`live_rules(n)` is both presets whole, with nothing paused and every period open, and beside them matrices tier × city,
a group of multipliers that multiply, conditions (about half of which hold for the sample order), and rules of cities:
of 50 rules 16 are a city's, of 500 there are 440, of forty cities, as a platform grows. CPU time is measured, not the
clock on the wall: the machine is shared.
"""

from __future__ import annotations

import statistics
import time
import timeit
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from linli.kit.resources import resource
from linli.rules import CompiledProgramme, compile_programme, decode_programme
from linli.words.events import CATALOGUE, Event
from linli.words.facts import Days, FirstOrder, MemberFacts, TierSince

_AT = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
_ON = date(2026, 11, 22)
_HOME = "city00"


def _rule(at: int, kind: str, **fields: Any) -> dict[str, Any]:
    return {"id": f"r{at:04}", "kind": kind, "name": {"zh": f"规则{at}", "en": f"Rule {at}"}, **fields}


def _preset(name: str, prefix: str) -> list[dict[str, Any]]:
    """The rules of a preset, all of them live, under ids of their own."""
    document = decode_programme((resource("presets") / f"{name}.yaml").read_bytes())
    rules = []
    for rule in msgspec.to_builtins(document)["rules"]:
        of = {"of": prefix + rule["of"]} if "of" in rule else {}
        rules.append(rule | {"id": prefix + rule["id"], "paused": False} | of)
    return rules


def _more(at: int) -> dict[str, Any]:
    """What the presets leave out; every second round asks for more."""
    more = at // 9 % 2
    goods, least_fen, before_hour = ("frozen", 5_000, 9) if more else ("fresh", 3_000, 12)
    twice, half_more = {"times": 2}, {"times": 3, "per": 2}
    tiers = [{"tier": "gold", "city": _HOME, "factor": twice}, {"tier": "silver", "factor": {"times": 6, "per": 5}}]
    points = [{"tier": "gold", "points": 8}, {"tier": "gold", "city": "elsewhere", "points": 9}]
    makers: tuple[dict[str, Any], ...] = (
        {"kind": "multiplier", "of": "a_base", "matrix": {"cells": tiers, "otherwise": half_more}},
        {"kind": "fixed", "on": "check_in", "limit": "day", "matrix": {"cells": points, "otherwise": 2}},
        {"kind": "multiplier", "of": "a_base", "group": "product", "factor": twice, "when": f"paid_fen >= {least_fen}"},
        {
            "kind": "multiplier",
            "of": "a_base",
            "group": "product",
            "factor": half_more,
            "lines": {"tags": ["promotion"]},
        },
        {"kind": "multiplier", "of": "b_base", "factor": twice, "when": f"'{goods}' in categories"},
        {"kind": "per_amount", "points": 1, "per_fen": 100, "lines": {"categories": ["daily_goods"]}},
        {"kind": "goal", "threshold_fen": 50_000 + at, "points": 100},
        {"kind": "fixed", "on": "group.formed", "points": 50, "limit": "life", "when": "size >= 3 && tier == 'gold'"},
        {
            "kind": "fixed",
            "on": "order.paid",
            "points": 5,
            "limit": "order",
            "when": f"hour < {before_hour} && line_count >= 3",
        },
    )
    return _rule(at, **makers[at % len(makers)])


def _local(at: int, city: str) -> dict[str, Any]:
    makers: tuple[dict[str, Any], ...] = (
        {"kind": "multiplier", "of": "a_base", "factor": {"times": 2}, "when": "leader_id != ''"},
        {"kind": "fixed", "on": "check_in", "points": 2, "limit": "day", "weekdays": [6, 7]},
        {"kind": "multiplier", "of": "a_base", "factor": {"times": 3, "per": 2}, "lines": {"tags": ["promotion"]}},
        {"kind": "share", "sharer_points": 5, "friend_points": 5},
        {"kind": "fixed", "on": "order.completed", "points": 3, "limit": "day", "when": "paid_fen > 5000"},
        {"kind": "fixed", "on": "review.created", "points": 2, "when": "with_picture"},
    )
    return _rule(at, **makers[at % len(makers)], cities=[city])


def live_rules(n: int) -> bytes:
    """A faultless programme document of `n` live rules (n ≥ 50)."""
    presets = [*_preset("neighbours", "a_"), *_preset("fresh-life", "b_")]
    nationwide = 34 if n < 100 else 60
    cities = 4 if n < 100 else 40
    rules = presets + [_more(at) for at in range(nationwide - len(presets))]
    rules += [_local(at, f"city{at % cities:02}") for at in range(nationwide, n)]
    window = {"starts_at": "2026-01-01T00:00:00+08:00", "ends_at": "2027-01-01T00:00:00+08:00"}
    name = {"zh": "测速", "en": "Bench"}
    programme = {
        "name": "bench",
        "title": name,
        "tiers": [{"id": tier, "name": name} for tier in ("silver", "gold", "black")],
        "stacking": {"groups": [{"id": "bonus", "combine": "best"}, {"id": "product", "combine": "multiply"}]},
        "rules": [rule | window for rule in rules],
    }
    return msgspec.json.encode(programme)


def compiled(n: int) -> CompiledProgramme:
    """`live_rules(n)` ready to evaluate."""
    programme = decode_programme(live_rules(n))
    return compile_programme(programme, version=1, versions={rule.id: 1 for rule in programme.rules})


def _event(event_type: str, **fields: Any) -> Event:
    common = {"member_id": "m1", "city": _HOME, "leader_id": "leader1"}
    body = msgspec.convert({**common, **fields}, CATALOGUE[event_type])
    return Event("platform", f"e-{event_type}", _AT, _ON, body, b"", b"")


def samples() -> list[tuple[Event, MemberFacts, MemberFacts]]:
    """One event of each type that earns, with the member's facts without and with it."""
    lines = [
        {"sku": "egg", "paid_fen": 1990, "category": "fresh", "tags": ["promotion"]},
        {"sku": "tissue", "paid_fen": 1590, "category": "daily_goods"},
        {"sku": "greens", "paid_fen": 620, "category": "fresh", "quantity": 2},
    ]
    order = {"order_id": "o1", "paid_fen": 4200, "lines": lines, "group_id": "g1"}
    six = Days()
    for day in range(16, 22):
        six = six.with_day(date(2026, 11, day))
    before = MemberFacts(
        six,
        six,
        {"2026-10": 41_000, "2026-11": 18_000},
        inviter_id="m0",
        invited_at=_AT,
        tiers=(TierSince(datetime(2026, 3, 1, tzinfo=UTC), "t1", "gold"),),
        birth_month=11,
    )
    paid = msgspec.structs.replace(
        before, shopping_days=six.with_day(_ON), month_fen={**before.month_fen, "2026-11": 22_200}
    )
    completed = msgspec.structs.replace(before, first_order=FirstOrder(_AT, _ON, "e-order.completed", "o1"))
    checked = msgspec.structs.replace(before, check_in_days=six.with_day(_ON))
    return [
        (_event("order.paid", **order), before, paid),
        (_event("order.completed", **order), before, completed),
        (_event("check_in"), before, checked),
        (_event("review.created", review_id="v1", with_picture=True), before, before),
        (_event("vote.cast", vote_id="v1"), before, before),
        (_event("group.formed", group_id="g1", size=5), before, before),
        (_event("share.converted", share_id="s1", friend_id="m2", order_id="o2"), before, before),
    ]


def _microseconds(programme: CompiledProgramme, sample: tuple[Event, MemberFacts, MemberFacts], rounds: int) -> float:
    evaluate, number = programme.evaluate, 1_000
    times = timeit.repeat(lambda: evaluate(*sample), number=number, repeat=rounds, timer=time.process_time)
    return statistics.median(times) / number * 1e6


def run(rounds: int = 9) -> dict[str, Any]:
    """Microseconds per event by number of rules: of a paid order (the dearest), of each type, and their mean."""
    result: dict[str, Any] = {}
    for n in (50, 500):
        programme = compiled(n)
        by_type = {sample[0].type: round(_microseconds(programme, sample, rounds), 2) for sample in samples()}
        result[str(n)] = {
            "order_paid_us": by_type["order.paid"],
            "mean_us": round(statistics.mean(by_type.values()), 2),
            "by_type_us": by_type,
        }
    result["ratio_order_paid"] = round(result["500"]["order_paid_us"] / result["50"]["order_paid_us"], 2)
    result["ratio_mean"] = round(result["500"]["mean_us"] / result["50"]["mean_us"], 2)
    return result


if __name__ == "__main__":
    print(msgspec.json.format(msgspec.json.encode(run())).decode())
