"""One event before the rules: what it adds to the facts, what it is promised, and what of that hangs on its cause.

A cause may be gone before it is told: an order that was given back, a group that failed. Then nothing is promised, and
what would have been is remembered all the same, so that it ends as if it had been told in time.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import msgspec
from msgspec.structs import replace

from linli import earning, rules
from linli.earning import Elsewhere, OrderRecord, Part
from linli.flows.batch import SHARED, Batch
from linli.flows.budget import closed
from linli.flows.publish import LiveProgrammes, NoProgramme
from linli.flows.rings import with_ring
from linli.flows.shadow import look_from_the_shadow
from linli.kit.db import Connection
from linli.words.events import (
    Event,
    Group,
    GroupFailed,
    GroupFormed,
    MemberRegistered,
    Order,
    OrderCompleted,
    OrderPaid,
    ShareConverted,
)
from linli.words.grants import Grant


async def judge(
    conn: Connection, batch: Batch, event: Event, live: LiveProgrammes
) -> tuple[Event, rules.Evaluation] | None:
    """Let the rules judge one event. A rule that fails parks the event, which then has had no effect."""
    body = event.body
    known = record = None
    if isinstance(body, Order):
        known = batch.orders.get((body.member_id, body.order_id))
        if known and (known.paid_on if isinstance(body, OrderPaid) else known.completed_on):
            await _order_again(conn, batch, event, body, known)
            return None
    before = batch.facts_of(body.member_id)
    try:
        small = False
        if isinstance(body, Order):
            record = _told(batch, event, body, known, live)
            small = record.small
        after = earning.apply_order(before, event, record) if record else earning.apply_event(before, event)
        if isinstance(body, MemberRegistered):
            after = with_ring(batch, body.member_id, after)
        rests = partial(closed, resting=batch.resting, event=event)
        programme, found = live.evaluate(event, before, after, batch.homes, rests, small=small)
    except (rules.RuleFailed, NoProgramme) as failure:
        await batch.park(conn, event, failure.code, str(failure))
        return None
    batch.learn(body.member_id, after)
    if record is not None:
        batch.keep_order(record)
        if known is not None and (known.small, known.void) != (record.small, record.void):
            batch.turned.append((event, known))
    if isinstance(body, Order | Group | ShareConverted):
        _depend(batch, event, found, known)
    outcome = batch.accept(event, programme.version)
    outcome.skipped = list(found.skipped)
    outcome.out_of_scope = msgspec.Raw(found.out_of_scope)
    look_from_the_shadow(batch, live, event, before, after)
    return event, found


async def _order_again(conn: Connection, batch: Batch, event: Event, body: Order, record: OrderRecord) -> None:
    """The order was paid (or completed) by an earlier event: nothing more is earned; other amounts are looked into."""
    if isinstance(body, OrderPaid) and body.paid_fen != record.paid_fen:
        detail = f"order {body.order_id} is known with paid_fen {record.paid_fen}, not {body.paid_fen}"
        await batch.park(conn, event, "order_differs", detail)
        return
    outcome = batch.accept(event, 0)
    outcome.code, outcome.detail = "order_known", "an earlier event told the same of this order"


def _told(
    batch: Batch, event: Event, body: Order, known: OrderRecord | None, live: LiveProgrammes
) -> OrderRecord:  # fmt: skip
    """The order with what the event tells of it; cancelled where its group is known to have failed."""
    small = live.at(event.occurred_at, body.member_id, batch.homes).is_small(event)
    if body.group_id is not None:
        batch.join(Part(body.group_id, body.member_id, f"order:{body.order_id}"))
    return told(known, event, body, failed=batch.failed(body.group_id), small=small)


def told(known: OrderRecord | None, event: Event, body: Order, *, failed: bool, small: bool) -> OrderRecord:
    """The order with what the event tells of it. `failed`: its group did; `small`: it tells too little. Pure."""
    record = earning.told(known, event, body, small=small)
    return earning.cancelled(record) if failed and not (known and known.known) else record


def claims_of(found: rules.Evaluation) -> list[Grant]:
    """What the event caused by itself, and is not reckoned from amounts: gone with its order or group."""
    reckoned = {award.key for award in found.awards}
    return [grant for grant in found.grants if grant.source != "linli" and grant.key not in reckoned]


def why_gone(record: OrderRecord) -> str | None:
    """Why what hangs on the order comes to nothing, if it does."""
    return "order_given_back" if record.void else "small_order" if record.small else None


def drop(found: rules.Evaluation, claims: list[Grant], gone: str) -> None:
    """Promise none of `claims`: what they hang on is `gone`."""
    found.skipped.extend(rules.Skip(grant.rule, gone) for grant in claims)
    found.grants = [grant for grant in found.grants if grant not in claims]


def _depend(batch: Batch, event: Event, found: rules.Evaluation, known: OrderRecord | None) -> None:
    """Keep what hangs on an order or a group with it, and drop it where that is gone already."""
    body = event.body
    if isinstance(body, GroupFormed):
        _form(batch, body.group_id, event.business_on)
    if isinstance(body, OrderCompleted) and known is not None and known.more.waiting:
        _complete(batch, known, event.business_on)
    if not found.grants or isinstance(body, GroupFailed):
        return
    claims = claims_of(found)
    gone = None
    if isinstance(body, Group):
        gone = "group_failed" if batch.failed(body.group_id) else None
        if claims:
            cause = f"event:{event.source}:{event.event_id}"
            batch.join(Part(body.group_id, body.member_id, cause, tuple(claims)))
    else:
        assert isinstance(body, Order | ShareConverted)
        owner = body.friend_id if isinstance(body, ShareConverted) else body.member_id
        record = batch.orders.get((owner, body.order_id)) or OrderRecord(owner, body.order_id, 0)
        gone = why_gone(record)
        waits = any(grant.awaits and not grant.awaits.startswith("formed:") for grant in found.grants)
        if claims:
            record = earning.with_claims(record, claims)
            batch.elsewhere += [
                Elsewhere(grant.member_id, grant.key, owner, body.order_id)
                for grant in claims
                if grant.member_id != owner and grant.key.startswith(SHARED)
            ]
        if waits:
            record = replace(record, more=replace(record.more, waiting=True))
        if claims or waits:
            batch.keep_order(record)
    if gone:
        drop(found, claims, gone)
    if any(grant.awaits for grant in found.grants):
        found.grants = [reached(batch, grant, event) for grant in found.grants]


def _form(batch: Batch, group_id: str, on: date) -> None:
    group = batch.groups[group_id]
    if group.formed_on is None or on < group.formed_on:
        batch.keep_group(replace(group, formed_on=on))


def _complete(batch: Batch, record: OrderRecord, on: date) -> None:
    """What was promised for the order awaits its completion no longer, whoever it was promised to."""
    batch.reached += [
        (record.member_id, f"{kind}:order:{record.order_id}", on) for kind in ("collected", "return_window")
    ]  # fmt: skip
    batch.reached += [
        (grant.member_id, grant.awaits, on)
        for grant in record.more.claims
        if grant.awaits and not grant.awaits.startswith("formed:")
    ]


def reached(batch: Batch, grant: Grant, event: Event) -> Grant:
    """The grant, dated where its milestone has been reached already."""
    kind, _, subject = (grant.awaits or "").partition(":")
    on: date | None = None
    if kind == "formed":
        on = batch.groups[subject].formed_on
    elif kind:
        owner = event.body.friend_id if isinstance(event.body, ShareConverted) else event.body.member_id
        record = batch.orders.get((owner, subject.partition(":")[2]))
        on = record.completed_on if record else None
    return grant if on is None else replace(grant, settle_on=on + timedelta(days=grant.wait_days))
