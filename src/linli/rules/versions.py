"""The stored form of a programme, and in which version each of its rules last changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from linli.rules.programme import Fixed, Multiplier, PerAmount, Programme, Rule, follows_orders
from linli.rules.scene import terms_of


def encode_programme(programme: Programme) -> bytes:
    """Canonical JSON: sorted keys, every default spelled out, so that a later default never changes an old version."""
    return msgspec.json.encode(programme, order="sorted")


def rule_versions(
    old: Programme | None, old_versions: Mapping[str, int], new: Programme, version: int
) -> dict[str, int]:
    """Rule id → version: the old one while what the rule promises is unchanged, else `version`.

    What it promises includes what it inherits: the programme's terms, rounding and smallest order; for a multiplier,
    the rule it multiplies and how multipliers stack.
    """
    before = _promises(old) if old is not None else {}
    return {
        rule_id: old_versions[rule_id] if before.get(rule_id) == promise and rule_id in old_versions else version
        for rule_id, promise in _promises(new).items()
    }


def _promises(programme: Programme) -> dict[str, Any]:
    rules = {rule.id: rule for rule in programme.rules}
    return {
        rule.id: (
            rule, _base(rule, rules),
            terms_of(rule, programme), programme.timezone,
            programme.rounding if isinstance(rule, PerAmount | Multiplier | Fixed) else None,
            programme.stacking if isinstance(rule, Multiplier) else None,
            programme.screening.min_order_fen if follows_orders(rule, _base(rule, rules)) else None,
        )
        for rule in programme.rules
    }  # fmt: skip


def _base(rule: Rule, rules: Mapping[str, Rule]) -> PerAmount | None:
    base = rules.get(rule.of) if isinstance(rule, Multiplier) else None
    return base if isinstance(base, PerAmount) else None
