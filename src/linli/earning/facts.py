"""How an event changes what is known of its member. Pure; a function of the set of events, not of their order."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from linli.words.events import CheckIn, Event, MemberRegistered, MemberTierChanged, OrderCompleted, OrderPaid
from linli.words.facts import FirstOrder, MemberFacts, TierSince


def month_of(on: date) -> str:
    """`2026-11`."""
    return f"{on.year:04d}-{on.month:02d}"


def apply_event(facts: MemberFacts, event: Event) -> MemberFacts:
    """The facts with `event` in them. The caller sees to it that an order counts once, however often it is told."""
    body = event.body
    if isinstance(body, OrderPaid):
        month = month_of(event.business_on)
        return replace(
            facts,
            shopping_days=facts.shopping_days.with_day(event.business_on),
            month_fen={**facts.month_fen, month: facts.month_fen.get(month, 0) + body.paid_fen},
        )
    if isinstance(body, OrderCompleted):
        first = FirstOrder(event.occurred_at, event.business_on, event.event_id, body.order_id)
        known = facts.first_order
        if known is None or (first.at, first.event_id) < (known.at, known.event_id):
            return replace(facts, first_order=first)
    elif isinstance(body, CheckIn):
        return replace(facts, check_in_days=facts.check_in_days.with_day(event.business_on))
    elif isinstance(body, MemberTierChanged):
        since = TierSince(event.occurred_at, event.event_id, body.tier)
        return replace(facts, tiers=tuple(sorted({*facts.tiers, since})))
    elif isinstance(body, MemberRegistered):
        return _with_birth_month(_with_inviter(facts, event, body), event, body)
    return facts


def _with_inviter(facts: MemberFacts, event: Event, body: MemberRegistered) -> MemberFacts:
    """One inviter for ever: the one of the earliest registration."""
    if not body.inviter_id or body.inviter_id == body.member_id:
        return facts
    claim = (event.occurred_at, body.inviter_id)
    if facts.invited_at is None or claim < (facts.invited_at, facts.inviter_id or ""):
        return replace(facts, inviter_id=body.inviter_id, invited_at=event.occurred_at)
    return facts


def _with_birth_month(facts: MemberFacts, event: Event, body: MemberRegistered) -> MemberFacts:
    """One month of birth for ever: the one that was told first, by business time."""
    if body.birth_month is None:
        return facts
    claim = (event.occurred_at, body.birth_month)
    if facts.birth_told_at is None or claim < (facts.birth_told_at, facts.birth_month or 0):
        return replace(facts, birth_month=body.birth_month, birth_told_at=event.occurred_at)
    return facts


def apply_refund(facts: MemberFacts, paid_on: date | None, given_back_fen: int) -> MemberFacts:
    """The facts with money given back for an order that was paid on `paid_on`: it leaves that month's spending."""
    if paid_on is None or not given_back_fen:
        return facts
    month = month_of(paid_on)
    return replace(facts, month_fen={**facts.month_fen, month: facts.month_fen.get(month, 0) - given_back_fen})
