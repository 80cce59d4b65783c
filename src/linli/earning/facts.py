"""How an event changes what is known of its member. Pure; a function of the set of events, not of their order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from msgspec.structs import replace

from linli.earning.orders import OrderRecord
from linli.words.events import (
    CheckIn,
    CheckInMadeUp,
    Event,
    MemberRegistered,
    MemberTierChanged,
    OrderCompleted,
    OrderPaid,
)  # fmt: skip
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
        return apply_first_order(facts, first)
    if isinstance(body, CheckIn):
        return replace(facts, check_in_days=facts.check_in_days.with_day(event.business_on))
    if isinstance(body, CheckInMadeUp):
        days = facts.check_in_days.with_day(body.on)
        return replace(facts, check_in_days=days, made_up=facts.made_up.with_day(body.on))
    if isinstance(body, MemberTierChanged):
        since = TierSince(event.occurred_at, event.event_id, body.tier)
        return replace(facts, tiers=tuple(sorted({*facts.tiers, since})))
    if isinstance(body, MemberRegistered):
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


def apply_order(facts: MemberFacts, event: Event, record: OrderRecord) -> MemberFacts:
    """The facts with what an event tells of an order, which is `record` now.

    An order of which nothing is left, or that is too small, is in no history. Where its payment tells that it counts,
    or does not, otherwise than its completion did before, that is a matter of its own (`apply_first_order`,
    `apply_loss`).
    """
    if isinstance(event.body, OrderCompleted):
        return apply_first_order(facts, record.first_order)
    if record.small:
        return facts
    after = apply_refund(apply_event(facts, event), event.business_on, record.given_back_fen)
    return replace(after, shopping_days=facts.shopping_days) if record.void else after


def apply_refund(facts: MemberFacts, shopped_on: date | None, given_back_fen: int) -> MemberFacts:
    """The facts with money given back for an order that counts for `shopped_on`: it leaves that month's spending."""
    if shopped_on is None or not given_back_fen:
        return facts
    month = month_of(shopped_on)
    return replace(facts, month_fen={**facts.month_fen, month: facts.month_fen.get(month, 0) - given_back_fen})


def apply_loss(facts: MemberFacts, record: OrderRecord, others: Iterable[OrderRecord]) -> MemberFacts:
    """The facts without an order that counts no more. `others`: the member's orders that may take its place."""
    on, first = record.shopped_on, facts.first_order
    alive = [other for other in others if other.order_id != record.order_id and other.counts]
    if on is not None and all(other.shopped_on != on for other in alive):
        facts = replace(facts, shopping_days=facts.shopping_days.without_day(on))
    if first is not None and first.order_id == record.order_id:
        found = [candidate for other in alive if (candidate := other.first_order) is not None]
        facts = replace(facts, first_order=min(found, key=lambda one: (one.at, one.event_id), default=None))
    return facts


def apply_first_order(facts: MemberFacts, first: FirstOrder | None) -> MemberFacts:
    """The facts with a completed order that may be the first."""
    known = facts.first_order
    if first is None or (known is not None and (known.at, known.event_id) <= (first.at, first.event_id)):
        return facts
    return replace(facts, first_order=first)


def is_ring(member_id: str, facts: MemberFacts, inviter: MemberFacts) -> bool:
    """Whether an invitation may close a ring: who invites must have been invited earlier, if at all.

    Along any chain of invitations the times then fall, so no chain comes back to where it began; and in every ring at
    least one invitation is refused, whichever of them was told last.
    """
    if facts.inviter_id is None or facts.invited_at is None or inviter.invited_at is None:
        return False
    return (inviter.invited_at, facts.inviter_id) >= (facts.invited_at, member_id)


def apply_ring(facts: MemberFacts, ring: bool) -> MemberFacts:
    """The facts of a member whose invitation closes a ring, or does not."""
    return facts if facts.ring == ring else replace(facts, ring=ring)
