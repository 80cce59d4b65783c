"""Which terms hold together, and what they say for a coupon that is issued on a date. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from linli.coupons.types import Terms

FREE = ("title", "pieces", "budget_fen", "per_member")
"""What may change once a template was open: nothing that a coupon promised."""
_BOTH = ("off_fen", "percent_off", "most_off_fen")
_OF = {"amount": ("off_fen",), "percent": ("percent_off", "most_off_fen")}


def faults(terms: Terms) -> list[dict[str, str]]:
    """What does not hold together: [{place, detail}], empty where all does."""
    found: dict[str, str] = {}
    for name in _BOTH:
        if name not in _OF[terms.kind] and getattr(terms, name) is not None:
            found[name] = f"not with `{terms.kind}`"
    needed = "off_fen" if terms.kind == "amount" else "percent_off"
    if getattr(terms, needed) is None:
        found[needed] = f"needed with `{terms.kind}`"
    if terms.off_fen and 0 < terms.threshold_fen < terms.off_fen:
        found["threshold_fen"] = "0, or at least `off_fen`"
    if terms.valid_days is None and terms.valid_until is None:
        found["valid_days"] = "or `valid_until` is needed"
    if terms.valid_from and terms.valid_until and terms.valid_from > terms.valid_until:
        found["valid_until"] = "lies before `valid_from`"
    if terms.budget_fen is not None and terms.worth_fen is None:
        found["budget_fen"] = "needs `most_off_fen`, by which it is reckoned"
    elif terms.budget_fen is not None and terms.budget_fen < (terms.worth_fen or 0):
        found["budget_fen"] = "less than one coupon takes off"
    if terms.claim.code is not None and terms.claim.codes != "shared":
        found["claim.code"] = "only with `shared`"
    return [{"place": f"$.{name}", "detail": detail} for name, detail in found.items()]


def changed(was: Terms, now: Terms) -> list[str]:
    """The fields that differ."""
    return [name for name in Terms.__struct_fields__ if getattr(was, name) != getattr(now, name)]


def validity(terms: Terms, on: date) -> tuple[date, date] | None:
    """(first, last) business date of a coupon that is issued on `on`; None where the last has passed."""
    first = max(on, terms.valid_from or on)
    last = terms.valid_until or date.max
    if terms.valid_days is not None:
        last = min(last, first + timedelta(days=terms.valid_days - 1))
    return (first, last) if first <= last else None


def limits(terms: Terms) -> dict[str, Any]:
    """The columns that the database itself holds a template to."""
    return {
        "purpose": terms.purpose, "pieces": terms.pieces, "budget_fen": terms.budget_fen,
        "worth_fen": terms.worth_fen,
    }  # fmt: skip
