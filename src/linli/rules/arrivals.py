"""When points arrive: some promises wait for a milestone of the order or group that they were made for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from linli.rules.programme import CANONICAL, PerAmount, Rule, Share, Streak, listens
from linli.words.events import CATALOGUE, GroupFormed, OrderCompleted

Milestone = Callable[[Any, str | None], str | None]
"""(the event's body, the order that the grant names) → what the grant awaits; None where it was reached by the event
itself, or where there is no such order or group."""


def milestone_of(rule: Rule) -> Milestone | None:
    """What grants of `rule` wait for; None where they do not wait."""
    if rule.arrives == "formed":
        return _formed
    if rule.arrives in ("collected", "return_window"):
        # A friend's order may bear the id of one of the sharer's own.
        prefix = f"{rule.arrives}:{'friend' if isinstance(rule, Share) else 'order'}:"
        return lambda body, order_id: (
            None if order_id is None or isinstance(body, OrderCompleted) else prefix + order_id
        )  # fmt: skip
    return None


def _formed(body: Any, order_id: str | None) -> str | None:
    group_id = getattr(body, "group_id", None)
    return None if group_id is None or isinstance(body, GroupFormed) else f"formed:{group_id}"


def arrival_faults(rule: Rule, base: PerAmount | None) -> Iterator[tuple[str, str, str]]:
    """(field, code, reason): a milestone that events of the rule do not have."""
    if rule.arrives in ("by_day", "at_once"):
        return
    if isinstance(rule, CANONICAL):
        # Rewards over a history have a date of their own, from which a window can be counted, and no order or group.
        checks_in = isinstance(rule, Streak) and rule.activity == "check_in"
        if checks_in or rule.arrives != "return_window":
            yield "arrives", "not_for_kind", "the rule counts a history: its rewards have no such milestone"
        return
    field = "group_id" if rule.arrives == "formed" else "order_id"
    without = [
        name
        for name in listens(rule, base)
        if name in CATALOGUE and field not in CATALOGUE[name].__struct_fields__
    ]  # fmt: skip
    if without:
        yield "arrives", "no_milestone", f"{', '.join(without)[:100]} has no {field}"
