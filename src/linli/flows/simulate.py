"""One member's stored events, lived again under a programme: what would have been granted. Pure.

Facts, rules, refunds and their rates are the live code (`earning`, `rules`); what stands here is what the ledger's
statements do with them: one grant a key for the earliest cause, promises moved and taken back, orders that shrink.
Events come in the order of business time, which ends where any other order ends (decision 0001). Settlement is left
out: a promise and the points it becomes are the same figure.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from linli import earning, rules
from linli.flows.judge import claims_of
from linli.flows.publish import NoProgramme
from linli.rules import CompiledProgramme, Evaluation
from linli.words.events import Event, Order, OrderCancelled, OrderPaid, OrderRefunded
from linli.words.facts import NO_FACTS, MemberFacts
from linli.words.grants import Award, Grant

GrantKey = tuple[str, str]
At = Callable[[datetime], CompiledProgramme]
"""The programme that judges an event of that instant. Raises NoProgramme."""


class Held(msgspec.Struct, frozen=True, gc=False):
    """A grant and what refunds left of it. `counts`: its event lies in the span; `city`: that event's."""

    grant: Grant
    points: int
    counts: bool
    city: str | None


class Life:
    """A member under one programme: facts, orders, and the grants that their events earned, for whomever."""

    __slots__ = ("_facts", "_orders", "_waiting", "failed", "held")

    def __init__(self) -> None:
        self._facts: MemberFacts = NO_FACTS
        self._orders: dict[str, earning.OrderRecord] = {}
        self._waiting: dict[str, list[tuple[Event, At]]] = {}
        self.held: dict[GrantKey, Held] = {}
        self.failed = 0
        """Events that the programme could not judge: live, they would have been parked."""

    def fork(self) -> Life:
        """The same past, with a future of its own."""
        other = Life()
        other._facts, other._orders, other.held = self._facts, dict(self._orders), dict(self.held)
        other._waiting = {order_id: list(events) for order_id, events in self._waiting.items()}
        other.failed = self.failed
        return other

    def take(self, event: Event, at: At, *, counts: bool) -> bool:
        """Live through one event. False where it came to nothing: the order is known, or no rule could judge it."""
        if isinstance(event.body, OrderRefunded | OrderCancelled):
            return self._give_back(event, at)
        body = event.body
        known = record = None
        if isinstance(body, Order):
            known = self._orders.get(body.order_id)
            if known and (known.paid_on if isinstance(body, OrderPaid) else known.completed_on):
                return False
            record = earning.told(known, event, body)
        before = self._facts
        after = earning.apply_order(before, event, known, record) if record else earning.apply_event(before, event)
        found = self._judge(event, at, after)
        if found is None:
            return False
        if record is not None:
            claims = claims_of(found)
            record = self._orders[record.order_id] = earning.with_claims(record, claims) if claims else record
            if record.void:
                found.grants = [grant for grant in found.grants if grant not in claims]
        kept = self._promise(found, event, counts=counts)
        if isinstance(body, Order):
            self._freeze(event, body, [award for award in found.awards if award.key in kept])
            for waiting, then in self._waiting.pop(body.order_id, ()):
                self._give_back(waiting, then)
        return True

    def given_back_fen(self, order_id: str) -> int:
        """Fen of an order that were given back."""
        record = self._orders.get(order_id)
        return record.given_back_fen if record else 0

    @property
    def left_waiting(self) -> int:
        """Refunds whose order never came."""
        return sum(map(len, self._waiting.values()))

    def _judge(self, event: Event, at: At, after: MemberFacts) -> Evaluation | None:
        try:
            found = at(event.occurred_at).evaluate(event, self._facts, after)
        except (rules.RuleFailed, NoProgramme):
            self.failed += 1
            return None
        self._facts = after
        return found

    def _promise(self, found: Evaluation, event: Event, *, counts: bool) -> set[str]:
        """Write down what was judged, as `flows.intake` and the ledger do. Returns the keys that are the event's."""
        city = event.body.city
        had = {key: self.held.pop((member_id, key), None) is not None for member_id, key in found.withdrawals}
        kept: set[str] = set()
        for move in found.moves:
            if self.held.pop((move.grant.member_id, move.old_key), None) is not None:
                kept |= self._propose(move.grant, city, counts)
        for grant in found.grants:
            # The same key taken from one member and given to another: only what was there changes hands.
            if had.get(grant.key, True):
                kept |= self._propose(grant, city, counts)
        return kept

    def _propose(self, grant: Grant, city: str | None, counts: bool) -> set[str]:
        key = (grant.member_id, grant.key)
        other = self.held.get(key)
        if other is not None:
            earlier = (grant.occurred_at, grant.event_id) < (other.grant.occurred_at, other.grant.event_id)
            if not earlier or other.points != other.grant.points:
                return set()
        self.held[key] = Held(grant, grant.points, counts, city)
        return {grant.key}

    def _freeze(self, event: Event, body: Order, awards: list[Award]) -> None:
        """Keep how the order's grants were reckoned; money given back before counts at once."""
        if not awards:
            return
        record = self._orders[body.order_id]
        bases = sorted([*record.bases, earning.basis_of(event.event_id, body, awards)], key=lambda one: one.event_id)
        record = self._orders[body.order_id] = replace(record, bases=tuple(bases))
        if record.given_back_fen:
            self._reprice(record)

    def _give_back(self, event: Event, at: At) -> bool:
        """Money given back: grants shrink as `flows.refund` has it. A refund that is early waits for its order."""
        body = event.body
        assert isinstance(body, OrderRefunded | OrderCancelled), "only these give something back"
        record = self._orders.get(body.order_id)
        if record is None:
            self._waiting.setdefault(body.order_id, []).append((event, at))
            return False
        try:
            refunded = earning.with_refund(record, body)
        except earning.RefundTooLarge:
            if record.paid_on is None:  # it may yet tell that more was paid
                self._waiting.setdefault(body.order_id, []).append((event, at))
            else:
                self.failed += 1
            return False
        before = self._facts
        after = earning.apply_refund(before, record.paid_on, refunded.given_back_fen - record.given_back_fen)
        gone = refunded.void and not record.void
        if gone:
            after = earning.apply_loss(after, record, self._orders.values())
        found = self._judge(event, at, after)
        if found is None:
            return False
        self._orders[body.order_id] = refunded
        self._reprice(refunded)
        loss = at(event.occurred_at).lose(event.member_id, before, after, set())
        for key in (*found.withdrawals, *loss.withdrawals):
            self.held.pop(key, None)
        for move in loss.moves:
            if (old := self.held.pop((move.grant.member_id, move.old_key), None)) is not None:
                self._propose(move.grant, old.city, old.counts)
        for grant in loss.grants:
            self._propose(grant, event.body.city, True)
        if gone:
            self._release(refunded)
        return True

    def _release(self, gone: earning.OrderRecord) -> None:
        """Take back what hung on an order, and let the next earliest order have what several give a right to."""
        for claim in gone.more.claims:
            key = (claim.member_id, claim.key)
            held = self.held.get(key)
            if held is None or (held.grant.source, held.grant.event_id) != (claim.source, claim.event_id):
                continue
            del self.held[key]
            rights = [
                right
                for order in self._orders.values()
                if not order.void
                for right in order.more.claims
                if (right.member_id, right.key) == key
            ]
            if rights:
                heir = min(rights, key=lambda right: (right.occurred_at, right.event_id))
                self._propose(heir, held.city, held.counts)

    def _reprice(self, record: earning.OrderRecord) -> None:
        """Bring the order's grants down to what its refunds leave of them."""
        for basis in record.bases:
            order = earning.basis_order(record, basis)
            for award in basis.awards:
                key = (record.member_id, award.key)
                held, due = self.held.get(key), rules.reprice(award, order, record.refunds.refunded)
                if held is not None and held.points > due:
                    self.held[key] = replace(held, points=due)
