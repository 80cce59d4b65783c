"""Hints and what lapses next, as members read them."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from linli import rules
from linli.api.me_words import Bilingual, both, days, points, yuan

EXPIRING_DAYS = 30


class Expiring(msgspec.Struct, frozen=True):
    """Points that can be spent until the day before `on`."""

    on: date
    points: int


class Hint(msgspec.Struct, frozen=True):
    """Something that can be earned now. `remaining`, in `unit`: what is still to be spent, or days still to be in a
    run. `points` null: it depends on the order."""

    code: rules.HintCode
    points: int | None
    remaining: int | None
    unit: Literal["fen", "days"] | None
    rule: str | None
    action: rules.Action | None
    text: Bilingual


def told_hint(hint: rules.Hint) -> Hint:
    """The hint in words."""
    key = f"hint.{hint.code}"
    if hint.code == "check_in" and hint.points is None:
        key = "hint.check_in.no_points"
    text = both(
        key,
        name=hint.name,
        points=points(hint.points or 0),
        days=days(hint.remaining or 0),
        yuan=yuan(hint.per_fen or hint.remaining or 0),
    )
    amount = None if hint.code == "shop" else hint.points
    return Hint(hint.code, amount, hint.remaining, hint.unit, hint.rule, hint.action, text)
