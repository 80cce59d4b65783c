"""What other members' events decide in a member's life, as it stands at the end of a back-test's span.

Which groups failed, which orders of friends came to nothing, and when inviters were invited themselves. Where a life
ends does not hang on when that was told, so it is known from the first event on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from msgspec.structs import replace

from linli import earning, inbox
from linli.earning import OrderRecord
from linli.flows.publish import LiveProgrammes, NoProgramme
from linli.kit.db import Connection
from linli.words.events import (
    Event,
    MemberRegistered,
    Order,
    OrderCancelled,
    OrderPaid,
    OrderRefunded,
    ShareConverted,
)  # fmt: skip
from linli.words.facts import NO_FACTS, MemberFacts

OrderKey = tuple[str, str]
"""(member_id, order_id)"""


class Others:
    """What is known of others by business date `until`, as far as events were looked at."""

    def __init__(self, held: LiveProgrammes, until: date) -> None:
        self._held, self._until = held, until
        self._groups: set[str] = set()
        self._inviters: dict[str, MemberFacts] = {}
        self.failed: set[str | None] = set()
        """Groups that failed."""
        self.void: set[OrderKey] = set()
        """Orders that shares led to, and of which nothing is left."""
        self._told: dict[OrderKey, list[Event]] = {}
        """What tells of orders that shares led to."""

    async def look(self, conn: Connection, events: Sequence[Event]) -> None:
        """Read, set-wise, what concerns these events."""
        shared = {(body.friend_id, body.order_id) for event in events if isinstance(body := event.body, ShareConverted)}
        orders = await inbox.told_of_orders(conn, shared, self._until) if shared else []
        groups = {group for event in (*events, *orders) if (group := getattr(event.body, "group_id", None))}
        if fresh := groups - self._groups:
            self._groups |= fresh
            failed = await earning.failed_at(conn, fresh)
            self.failed.update(group for group, at in failed.items() if self._in_time(at))
        self.void |= void_orders(orders, self.failed)
        for event in orders:
            if isinstance(body := event.body, Order):
                self._told.setdefault((body.member_id, body.order_id), []).append(event)
        told = {event.body.inviter_id for event in events if isinstance(event.body, MemberRegistered)}
        if inviters := {inviter_id for inviter_id in told if inviter_id} - self._inviters.keys():
            found = await earning.read_facts(conn, inviters)
            self._inviters.update({inviter_id: found.get(inviter_id, NO_FACTS) for inviter_id in inviters})

    def why_gone(self, key: OrderKey, book: LiveProgrammes) -> str | None:
        """Why a share that led to the order comes to nothing, if it does."""
        if key in self.void:
            return "order_given_back"
        told = self._told.get(key, ())
        # What was paid is what order.paid says, whatever its completion did.
        paid = [event for event in told if isinstance(event.body, OrderPaid)] or told
        return "small_order" if any(is_small(event, book) for event in paid) else None

    def with_ring(self, member_id: str, after: MemberFacts) -> MemberFacts:
        """The facts of who has been invited, who knows when their inviter was."""
        inviter = self._inviters.get(after.inviter_id or "")
        if inviter is None:
            return after
        if inviter.invited_at is not None and not self._in_time(inviter.invited_at):
            inviter = replace(inviter, invited_at=None)
        return earning.apply_ring(after, earning.is_ring(member_id, after, inviter))

    def _in_time(self, at: datetime) -> bool:
        try:
            return self._held.at(at).calendar.date_of(at) <= self._until
        except NoProgramme:  # what held then was taken off since
            return at.date() <= self._until


def void_orders(events: Iterable[Event], failed: set[str | None]) -> set[OrderKey]:
    """Those of the orders that events tell of of which nothing is left; pure. `failed`: groups that did."""
    records: dict[OrderKey, OrderRecord] = {}
    refunds: list[tuple[OrderKey, OrderRefunded | OrderCancelled]] = []
    for event in events:
        body = event.body
        if isinstance(body, Order):
            key = (body.member_id, body.order_id)
            record = earning.told(records.get(key), event, body)
            records[key] = earning.cancelled(record) if body.group_id in failed else record
        elif isinstance(body, OrderRefunded | OrderCancelled):
            refunds.append(((body.member_id, body.order_id), body))
    for key, body in refunds:
        if key in records:
            records[key] = earning.with_refund(records[key], body)
    return {key for key, record in records.items() if record.void}


def is_small(event: Event, book: LiveProgrammes) -> bool:
    """Whether an order is too small to count, by what the event tells of it."""
    try:
        return book.at(event.occurred_at).is_small(event)
    except NoProgramme:  # then nothing judges it
        return False
