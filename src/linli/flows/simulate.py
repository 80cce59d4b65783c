"""One member's stored events, lived again under a programme: what would have been granted. Pure.

Facts, rules, refunds and their rates are the live code (`earning`, `rules`); what stands here is what the ledger's
statements do with them: one grant a key for the earliest cause, promises moved and taken back, orders that shrink.
Events come in the order of business time, and what others' events say of them (`others`) is known from the first one
on: both end where any other order ends (decision 0001). Settlement is left out: a promise and the points it becomes are
the same figure.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from linli import earning, rules
from linli.flows.judge import claims_of, drop, told, why_gone
from linli.flows.loss import began, loss_of
from linli.flows.others import Others, is_small
from linli.flows.publish import LiveProgrammes, NoProgramme
from linli.rules import Evaluation
from linli.words.events import (
    Event,
    Group,
    GroupFailed,
    MemberRegistered,
    Order,
    OrderCancelled,
    OrderPaid,
    OrderRefunded,
    ShareConverted,
)  # fmt: skip
from linli.words.facts import NO_FACTS, MemberFacts
from linli.words.grants import Award, Grant

GrantKey = tuple[str, str]


class Held(msgspec.Struct, frozen=True, gc=False):
    """A grant and what refunds left of it. `counts`: its event lies in the span; `city`: that event's."""

    grant: Grant
    points: int
    counts: bool
    city: str | None


class Life:
    """A member under one programme: facts, orders, and the grants that their events earned, for whomever."""

    __slots__ = ("_facts", "_orders", "_others", "_rights", "_waiting", "failed", "held")

    def __init__(self, others: Others) -> None:
        self._others = others
        self._facts: MemberFacts = NO_FACTS
        self._orders: dict[str, earning.OrderRecord] = {}
        self._rights: list[Grant] = []
        """What events of groups gave a right to: those that did not fail."""
        self._waiting: dict[str, list[tuple[Event, LiveProgrammes, bool]]] = {}
        self.held: dict[GrantKey, Held] = {}
        self.failed = 0
        """Events that the programme could not judge: live, they would have been parked."""

    def fork(self) -> Life:
        """The same past, with a future of its own."""
        other = Life(self._others)
        other._facts, other._orders, other.held = self._facts, dict(self._orders), dict(self.held)
        other._rights = list(self._rights)
        other._waiting = {order_id: list(events) for order_id, events in self._waiting.items()}
        other.failed = self.failed
        return other

    def take(self, event: Event, book: LiveProgrammes, *, counts: bool) -> bool:
        """Live through one event. False where it came to nothing: the order is known, or no rule could judge it."""
        if isinstance(event.body, OrderRefunded | OrderCancelled):
            return self._give_back(event, book, counts)
        body = event.body
        known = record = None
        if isinstance(body, Order):
            known = self._orders.get(body.order_id)
            if known and (known.paid_on if isinstance(body, OrderPaid) else known.completed_on):
                return False
            failed = body.group_id in self._others.failed
            record = told(known, event, body, failed=failed, small=is_small(event, book))
        before = self._facts
        after = earning.apply_order(before, event, record) if record else earning.apply_event(before, event)
        if isinstance(body, MemberRegistered):
            after = self._others.with_ring(body.member_id, after)
        found = self._judge(event, book, after, small=record is not None and record.small)
        if found is None:
            return False
        if record is not None:
            self._orders[record.order_id] = record
        self._depend(event, found, book)
        kept = self._promise(found, event, counts=counts)
        if isinstance(body, Order):
            self._freeze(event, body, [award for award in found.awards if award.key in kept])
            record = self._orders[body.order_id]
            if known is not None and (known.small, known.void) != (record.small, record.void):
                self._recount(event, book, known, record, counts)
                record = self._orders[body.order_id]
            if body.group_id in self._others.failed and not record.void:  # known before it was told to be of the group
                self._give_up(event, book, record, earning.cancelled(record), counts)
            for waiting, then, counted in self._waiting.pop(body.order_id, ()):
                self._give_back(waiting, then, counted)
        return True

    def _depend(self, event: Event, found: Evaluation, book: LiveProgrammes) -> None:
        """Keep what hangs on an order or a group with it, and drop it where that is gone, as `flows.judge` does."""
        body, gone = event.body, None
        if not found.grants or isinstance(body, GroupFailed) or not isinstance(body, Order | Group | ShareConverted):
            return
        claims = claims_of(found)
        if isinstance(body, Order):
            record = self._orders[body.order_id]
            gone = why_gone(record)
            self._orders[body.order_id] = earning.with_claims(record, claims) if claims else record
        elif isinstance(body, ShareConverted):
            gone = self._others.why_gone((body.friend_id, body.order_id), book)
        elif body.group_id in self._others.failed:
            gone = "group_failed"
        else:
            self._rights += claims
        if gone:
            drop(found, claims, gone)

    def given_back_fen(self, order_id: str) -> int:
        """Fen of an order that were given back."""
        record = self._orders.get(order_id)
        return record.given_back_fen if record else 0

    @property
    def left_waiting(self) -> int:
        """Refunds whose order never came."""
        return sum(map(len, self._waiting.values()))

    def _judge(
        self, event: Event, book: LiveProgrammes, after: MemberFacts, *, small: bool = False
    ) -> Evaluation | None:  # fmt: skip
        try:
            found = book.at(event.occurred_at).evaluate(event, self._facts, after, small=small)
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

    def _give_back(self, event: Event, book: LiveProgrammes, counts: bool) -> bool:
        """Money given back: grants shrink as `flows.refund` has it. A refund that is early waits for its order."""
        body = event.body
        assert isinstance(body, OrderRefunded | OrderCancelled), "only these give something back"
        record = self._orders.get(body.order_id)
        if record is None:
            self._waiting.setdefault(body.order_id, []).append((event, book, counts))
            return False
        try:
            refunded = earning.with_refund(record, body)
        except earning.RefundTooLarge:
            if record.paid_on is None:  # it may yet tell that more was paid
                self._waiting.setdefault(body.order_id, []).append((event, book, counts))
            else:
                self.failed += 1
            return False
        before, after = self._facts, self._without(record, refunded)
        found = self._judge(event, book, after)
        if found is None:
            return False
        for key in found.withdrawals:
            self.held.pop(key, None)
        self._facts = before
        self._give_up(event, book, record, refunded, counts)
        return True

    def _without(self, old: earning.OrderRecord, new: earning.OrderRecord) -> MemberFacts:
        """The facts once the order is as `new`: less money, and where nothing is left of it, no order."""
        after = earning.apply_refund(self._facts, old.shopped_on, new.given_back_fen - old.given_back_fen)
        if new.counts or not old.counts:
            return after
        return earning.apply_loss(after, old, self._orders.values())

    def _give_up(
        self, event: Event, book: LiveProgrammes, old: earning.OrderRecord, new: earning.OrderRecord, counts: bool
    ) -> None:
        """Bring all that the order caused down to what is left of it, as `flows.loss` does."""
        before = self._facts
        self._facts = self._without(old, new)
        self._orders[new.order_id] = new
        self._reprice(new)
        self._judge_again(event, book, old, before, counts)
        if new.void and not old.void:
            self._release(new)

    def _judge_again(
        self, event: Event, book: LiveProgrammes, order: earning.OrderRecord, before: MemberFacts, counts: bool
    ) -> None:
        """Rewards over a history, which has changed with the order."""
        if before != self._facts:
            first, last = sorted((began(order, event, book.at(event.occurred_at)), event.occurred_at))
            loss = loss_of(book.between(first, last), event.member_id, before, self._facts)
            self._lose(loss, event.body.city, counts)

    def _recount(
        self, event: Event, book: LiveProgrammes, known: earning.OrderRecord, record: earning.OrderRecord, counts: bool
    ) -> None:
        """The order counts, or does not, otherwise than it seemed, as `flows.recount` does."""
        before = self._facts
        self._facts = earning.apply_first_order(before, record.first_order)
        if not record.counts:
            self._facts = self._without(known, record)
            self._release(record)
        if record.small:
            for basis in record.bases:
                for award in basis.awards:
                    self.held.pop((record.member_id, award.key), None)
            self._orders[record.order_id] = replace(record, bases=())
        else:
            self._reprice(record)
        self._judge_again(event, book, record, before, counts)
        if record.counts:
            for claim in record.more.claims:
                self._propose(claim, event.body.city, counts)

    def _lose(self, loss: rules.Loss, city: str | None, counts: bool) -> None:
        # All that goes is gone before anything takes its place: rewards of one run may change hands in a chain.
        moved = [(self.held.pop((move.grant.member_id, move.old_key), None), move.grant) for move in loss.moves]
        for key in loss.withdrawals:
            self.held.pop(key, None)
        for old, grant in moved:
            if old is not None:
                self._propose(grant, old.city, old.counts)
        for grant in loss.grants:
            self._propose(grant, city, counts)

    def _release(self, gone: earning.OrderRecord) -> None:
        """Take back what hung on an order, and let the next earliest order have what several give a right to."""
        for claim in gone.more.claims:
            key = (claim.member_id, claim.key)
            held = self.held.get(key)
            if held is None or (held.grant.source, held.grant.event_id) != (claim.source, claim.event_id):
                continue
            del self.held[key]
            told_of = [right for order in self._orders.values() if order.counts for right in order.more.claims]
            rights = [right for right in (*told_of, *self._rights) if (right.member_id, right.key) == key]
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
