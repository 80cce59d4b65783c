"""An order as earning remembers it: when it was paid, how its grants were reckoned, what was given back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from linli.kit.errors import Refusal
from linli.words.events import Event, Order, OrderCancelled, OrderLine, OrderPaid, OrderRefunded
from linli.words.facts import FirstOrder
from linli.words.grants import Award, Grant, Refunded


class RefundTooLarge(Refusal):
    """More is given back than was paid, for the order or one line. Fields: `place`, `paid_fen`, `refunded_fen`."""

    code: ClassVar[str] = "refund_exceeds_paid"


class Basis(msgspec.Struct, frozen=True):
    """The amounts of one event of an order, and the awards that were reckoned from them."""

    event_id: str
    paid_fen: int
    lines: tuple[tuple[str, int], ...]
    """(line id, paid fen)"""
    awards: tuple[Award, ...]


class Refunds(msgspec.Struct, frozen=True):
    """All that was given back so far, and by which refunds."""

    refund_ids: tuple[str, ...] = ()
    refunded: Refunded = Refunded()


class More(msgspec.Struct, frozen=True, omit_defaults=True):
    """What few orders have."""

    completed_at: datetime | None = None
    completed_by: str | None = None
    """The event by which it was completed: (time, id) tells a member's first order from the next."""
    void: bool = False
    """Nothing is left of it. As stored; `OrderRecord.void` reckons it."""
    paid_small: bool = False
    """What was paid is less than the least order of the programme of that time."""
    completed_small: bool = False
    """The same, of what its completion tells."""
    waiting: bool = False
    """Something that was promised for it awaits its completion."""
    claims: tuple[Grant, ...] = ()
    """What it caused beyond its awards, whoever holds the claim: gone with the order, or passed to another cause."""


NO_MORE = More()


class OrderRecord(msgspec.Struct, frozen=True):
    """One order of one member. `paid_on` is None until order.paid came."""

    member_id: str
    order_id: str
    paid_fen: int
    paid_on: date | None = None
    completed_on: date | None = None
    bases: tuple[Basis, ...] = ()
    refunds: Refunds = Refunds()
    more: More = NO_MORE

    @property
    def known(self) -> bool:
        """Whether the order itself was told of, not only something that names it."""
        return self.paid_on is not None or self.completed_on is not None

    @property
    def void(self) -> bool:
        """Whether nothing is left of it: cancelled, or all that was paid is given back."""
        return self.refunds.refunded.cancelled or 0 < self.paid_fen <= self.given_back_fen

    @property
    def small(self) -> bool:
        """Whether it is too small to count: by its payment, or where that was not told, by its completion."""
        return self.more.paid_small if self.paid_on is not None else self.more.completed_small

    @property
    def counts(self) -> bool:
        """Whether it counts in histories: neither void nor too small."""
        return not self.void and not self.small

    @property
    def shopped_on(self) -> date | None:
        """The business date of which it makes a shopping day; None where it was not paid, or is too small."""
        return None if self.more.paid_small else self.paid_on

    @property
    def first_order(self) -> FirstOrder | None:
        """The order as its member's first one; None where it is not completed, or does not count."""
        on, more = self.completed_on, self.more
        if on is None or more.completed_at is None or more.completed_by is None or not self.counts:
            return None
        return FirstOrder(more.completed_at, on, more.completed_by, self.order_id)

    @property
    def given_back_fen(self) -> int:
        """Fen given back so far; all of it once the order is cancelled."""
        done = self.refunds.refunded
        if done.cancelled:
            return self.paid_fen
        return sum(done.by_line_fen.values()) + done.unallocated_fen


def line_ids(order: Order) -> list[str]:
    """The id of each line: its own, or its place from \"1\"."""
    return [line.line_id or str(place) for place, line in enumerate(order.lines, 1)]


def basis_of(event_id: str, order: Order, awards: list[Award]) -> Basis:
    """What must be remembered of `order` to reckon `awards` again."""
    lines = tuple((line_id, line.paid_fen) for line_id, line in zip(line_ids(order), order.lines, strict=True))
    return Basis(event_id, order.paid_fen, lines, tuple(awards))


def basis_order(record: OrderRecord, basis: Basis) -> Order:
    """The order of `basis` again, as far as amounts go."""
    return Order(
        member_id=record.member_id,
        order_id=record.order_id,
        paid_fen=basis.paid_fen,
        lines=tuple(OrderLine(sku="-", line_id=line_id, paid_fen=fen) for line_id, fen in basis.lines),
    )


def with_refund(record: OrderRecord, body: OrderRefunded | OrderCancelled) -> OrderRecord:
    """The order after one more refund, or its cancellation. A refund id counts once. Raises RefundTooLarge."""
    done = record.refunds.refunded
    if isinstance(body, OrderCancelled):
        return cancelled(record)
    if body.refund_id in record.refunds.refund_ids:
        return record
    by_line = dict(done.by_line_fen)
    unallocated = done.unallocated_fen
    if body.lines:
        for line in body.lines:
            by_line[line.line_id] = by_line.get(line.line_id, 0) + line.refund_fen
    else:
        unallocated += body.refund_fen
    paid = {line_id: fen for basis in record.bases for line_id, fen in basis.lines}
    for line_id, fen in by_line.items():
        if paid and fen > paid.get(line_id, 0):
            raise RefundTooLarge(place=f"lines/{line_id}", paid_fen=paid.get(line_id, 0), refunded_fen=fen)
    total = sum(by_line.values()) + unallocated
    if total > record.paid_fen:
        raise RefundTooLarge(place="refund_fen", paid_fen=record.paid_fen, refunded_fen=total)
    refunded = replace(done, by_line_fen=dict(sorted(by_line.items())), unallocated_fen=unallocated)
    # Sorted, so that what is kept does not tell in which order the refunds came.
    ids = tuple(sorted({*record.refunds.refund_ids, body.refund_id}))
    return replace(record, refunds=Refunds(ids, refunded))


def told(known: OrderRecord | None, event: Event, body: Order, *, small: bool = False) -> OrderRecord:
    """The order with what the event tells of it. What was paid is what order.paid says, whatever its completion did.

    `small`: by the programme of the event's time, what it tells of is too small to count. It is kept with the order.
    """
    record = known or OrderRecord(body.member_id, body.order_id, body.paid_fen)
    more = record.more
    if isinstance(body, OrderPaid):
        if small:
            more = replace(more, paid_small=True)
        return replace(record, paid_fen=body.paid_fen, paid_on=event.business_on, more=more)
    more = replace(more, completed_at=event.occurred_at, completed_by=event.event_id, completed_small=small)
    paid_fen = record.paid_fen if record.known else body.paid_fen
    return replace(record, paid_fen=paid_fen, completed_on=event.business_on, more=more)


def with_claims(record: OrderRecord, claims: Iterable[Grant]) -> OrderRecord:
    """The order with more claims, in an order that does not tell which came first."""
    kept = {(grant.event_id, grant.member_id, grant.key): grant for grant in (*record.more.claims, *claims)}
    return replace(record, more=replace(record.more, claims=tuple(kept[place] for place in sorted(kept))))


def cancelled(record: OrderRecord) -> OrderRecord:
    """The order, of which all is given back."""
    return replace(record, refunds=replace(record.refunds, refunded=replace(record.refunds.refunded, cancelled=True)))
