"""An order as earning remembers it: when it was paid, how its grants were reckoned, what was given back."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from linli.kit.errors import Refusal
from linli.words.events import Order, OrderCancelled, OrderLine, OrderRefunded
from linli.words.grants import Award, Refunded


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


class OrderRecord(msgspec.Struct, frozen=True):
    """One order of one member. `paid_on` is None until order.paid came."""

    member_id: str
    order_id: str
    paid_fen: int
    paid_on: date | None = None
    completed_on: date | None = None
    bases: tuple[Basis, ...] = ()
    refunds: Refunds = Refunds()

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
        return replace(record, refunds=replace(record.refunds, refunded=replace(done, cancelled=True)))
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
