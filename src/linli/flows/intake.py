"""The one way in: a batch of typed events becomes outcomes, in one transaction.

Keys are claimed, members locked in order, their facts read set-wise; rules judge (pure); grants, facts, orders and the
archive are written set-wise. Refunds and cancellations come last in a batch (`flows/refund.py`), so an order that
arrives together with its refund is there before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import msgspec
from msgspec.structs import replace

from linli import earning, inbox, ledger, rules
from linli.flows.at_once import credit_at_once
from linli.flows.batch import Batch, EventKey
from linli.flows.begin import begin
from linli.flows.groups import fall_apart, note_formed
from linli.flows.invitations import name_inviters
from linli.flows.judge import judge
from linli.flows.loss import granted, repriced
from linli.flows.publish import LiveProgrammes
from linli.flows.recount import recount
from linli.flows.refund import give_back
from linli.flows.rings import change_inviter, look_again
from linli.flows.shadow import note_differences
from linli.inbox import Outcome
from linli.kit.db import Connection, later
from linli.ledger import GrantKey, Stamp
from linli.screening import Digester
from linli.words.events import Event, GroupFailed, MemberRegistered, Order, OrderCancelled, OrderRefunded
from linli.words.grants import Award, Grant, Marks

_encode = msgspec.json.Encoder().encode
_decode_outcome = msgspec.json.Decoder(Outcome).decode
_REUSED = "the same source and id came before with another body: send it under an id of its own"

Judged = list[tuple[Event, rules.Evaluation]]


async def take_in(
    conn: Connection, events: Sequence[Event], stamp: Stamp, live: LiveProgrammes, reader: inbox.Reader,
    *, channel: str = "http",
) -> list[Outcome]:  # fmt: skip
    """Outcomes of `events`, in their order. The same key again is a duplicate, or, with another body, a conflict."""
    events = await name_inviters(conn, events)
    first: dict[EventKey, Event] = {}
    for event in events:
        first.setdefault((event.source, event.event_id), event)
    batch = Batch(stamp, channel)
    fresh, seen = await begin(conn, batch, first, live, reader)
    if fresh:
        judged = [pair for event in fresh if not _gives_back(event) and (pair := await judge(conn, batch, event, live))]
        await _promise(conn, batch, judged, live.digester)
        for event, known in batch.turned:
            await recount(conn, batch, event, known, live)
        for event, _ in judged:
            if isinstance(event.body, GroupFailed | Order) and _fell_apart(batch, event.body):
                await fall_apart(conn, batch, event, live)
            elif isinstance(event.body, MemberRegistered) and event.body.inviter_id:
                await look_again(conn, batch, event, live)
        for event in sorted(filter(_gives_back, fresh), key=_by_member):
            await give_back(conn, batch, event, live)
        await _set_free(conn, batch, live, reader, first)
        await ledger.book_undone(conn, stamp, batch.undone)
        await credit_at_once(conn, batch)
        _write(conn, batch)
    outcomes = [_answer(event, batch, first, seen) for event in events]
    if batch.contested:
        await _the_others(conn, batch, first, events, outcomes, live, reader)
    return outcomes


def _gives_back(event: Event) -> bool:
    return isinstance(event.body, OrderRefunded | OrderCancelled)


def _fell_apart(batch: Batch, body: GroupFailed | Order) -> bool:
    """Whether it is told that a group failed, or that an order was of one that had."""
    if isinstance(body, GroupFailed):
        return True
    return batch.failed(body.group_id) and not batch.orders[body.member_id, body.order_id].void


def _by_member(event: Event) -> tuple[str, str, str]:
    # In member order, as whoever locks several members' grants.
    return event.body.member_id, event.source, event.event_id


async def _the_others(
    conn: Connection, batch: Batch, first: Mapping[EventKey, Event], events: Sequence[Event], outcomes: list[Outcome],
    live: LiveProgrammes, reader: inbox.Reader,
) -> None:  # fmt: skip
    """Try what came together with a conflict, under its key but with another body: it may be the one that is parked."""
    places = [
        place
        for place, event in enumerate(events)
        if (key := (event.source, event.event_id)) in batch.contested and event.digest != first[key].digest
    ]
    if places:
        others = [events[place] for place in places]
        told = await take_in(conn, others, batch.stamp, live, reader, channel=batch.channel)
        for place, outcome in zip(places, told, strict=True):
            outcomes[place] = outcome


async def _promise(conn: Connection, batch: Batch, judged: Judged, digester: Digester | None) -> None:
    """Write what was judged, set-wise, and tell each event what it was granted."""
    proposed: dict[GrantKey, Grant] = {}
    withdrawals: list[GrantKey] = []
    for _, found in judged:
        _postpone(found, batch)
        withdrawals += found.withdrawals
        withdrawals += [(move.grant.member_id, move.old_key) for move in found.moves]
    gone = await ledger.withdraw(conn, withdrawals)
    for event, found in judged:
        if isinstance(event.body, MemberRegistered) and not gone.keys() >= {*found.withdrawals}:
            gone |= await change_inviter(conn, batch, event, found)
    # Event by event: a later one of the batch may take back what an earlier one was promised, or promise it anew.
    there = set(gone)
    for _, found in judged:
        had = {key: _take_back(proposed, there, (member_id, key)) for member_id, key in found.withdrawals}
        for move in found.moves:
            if _take_back(proposed, there, (move.grant.member_id, move.old_key)):
                _propose(proposed, move.grant)
            else:
                # What was credited already stays where it is, and stands for the other date from now on.
                await ledger.pass_claim(conn, move.grant.member_id, move.old_key, move.grant.key)
        for grant in found.grants:
            # The same key taken from one member and given to another (an inviter's): only what was there changes hands.
            if had.get(grant.key, True):
                _propose(proposed, grant)
    written = await ledger.grant(conn, list(proposed.values()), _marks(judged, proposed, digester))
    note_formed(batch)
    if batch.reached:
        earliest = batch.last_settled + timedelta(days=1) if batch.last_settled else date.min
        later(conn, ledger.arrive(conn, batch.reached, earliest))
    for event, found in judged:
        outcome = batch.outcomes[event.source, event.event_id]
        kept: set[str] = set()
        for grant in [*found.grants, *(move.grant for move in found.moves)]:
            key = (grant.member_id, grant.key)
            if key in written and proposed.get(key) is grant:
                kept.add(grant.key)
                outcome.granted.append(granted(grant, written[key]))
                batch.promised(grant, written[key], outcome)
            else:
                outcome.skipped.append(rules.Skip(grant.rule, "already_granted", {"key": grant.key}))
        outcome.withdrawn = sorted(gone[claim] for claim in found.withdrawals if claim in gone)
        if isinstance(event.body, Order):
            await _freeze(conn, batch, event, event.body, [award for award in found.awards if award.key in kept])


def _marks(judged: Judged, proposed: Mapping[GrantKey, Grant], digester: Digester | None) -> dict[GrantKey, Marks]:
    """Where grants came from: those that one event alone caused, for the member whose device it tells.

    What a set of events causes comes from no one device: whichever of them came last would decide.
    """
    found: dict[GrantKey, Marks] = {}
    if digester is None:
        return found
    for event, told in judged:
        own = event.member_id, event.source, event.event_id
        for grant in told.grants:
            key = (grant.member_id, grant.key)
            if (grant.member_id, grant.source, grant.event_id) == own and proposed.get(key) is grant:
                found[key] = digester.marks(event.body)
    return found


def _postpone(found: rules.Evaluation, batch: Batch) -> None:
    """What comes after its settlement run has begun is credited by the next one, and says so."""
    if batch.last_settled:
        found.grants = [batch.postponed(grant) for grant in found.grants]
        found.moves = [replace(move, grant=batch.postponed(move.grant)) for move in found.moves]


def _take_back(proposed: dict[GrantKey, Grant], there: set[GrantKey], key: GrantKey) -> bool:
    """Drop a promise that this batch made, or found (`there`). Returns whether there was one."""
    had = key in there or key in proposed
    there.discard(key)
    proposed.pop(key, None)
    return had


def _propose(proposed: dict[GrantKey, Grant], grant: Grant) -> None:
    key = (grant.member_id, grant.key)
    other = proposed.get(key)
    if other is None or (grant.occurred_at, grant.event_id) < (other.occurred_at, other.event_id):
        proposed[key] = grant


async def _freeze(conn: Connection, batch: Batch, event: Event, body: Order, awards: list[Award]) -> None:
    """Keep with the order how its grants were reckoned; money given back before counts at once."""
    if not awards:
        return
    record = batch.orders[body.member_id, body.order_id]
    bases = sorted([*record.bases, earning.basis_of(event.event_id, body, awards)], key=lambda basis: basis.event_id)
    record = replace(record, bases=tuple(bases))
    batch.keep_order(record)
    if record.given_back_fen:
        cause = f"event:{event.event_id}"
        batch.undone += (await ledger.take_back_claims(conn, [], repriced(record, cause), cause=cause)).undone


async def _set_free(
    conn: Connection, batch: Batch, live: LiveProgrammes, reader: inbox.Reader, first: Mapping[EventKey, Event]
) -> None:
    """Take in what was parked until an order of this batch came.

    Its key is claimed late, under the member's lock: where its sender sends it again at this very moment, the two may
    wait for each other, and the one that PostgreSQL picks is done again.
    """
    for waiting in batch.waiting:
        order = (waiting.member_id or "", (waiting.awaits or "").removeprefix("order:"))
        if order not in batch.changed_orders or not batch.orders[order].known:
            continue
        event = reader.one(waiting.raw, batch.stamp.at)
        assert isinstance(event, Event), "it was read before it was parked"
        key = (event.source, event.event_id)
        if key in first and key not in batch.contested:
            continue  # it came again with its order, and was tried
        if await inbox.claim(conn, [event]):
            if await give_back(conn, batch, event, live):
                batch.resolved.append(waiting.parked_id)
                continue
            code, detail = batch.outcomes[key].code or "failed", batch.outcomes[key].detail or ""
        elif (await inbox.known(conn, [key]))[key].digest == event.digest:
            batch.resolved.append(waiting.parked_id)
            continue
        else:
            code, detail = inbox.REUSED, _REUSED
        await inbox.retry_failed(conn, waiting.parked_id, code, detail)


def _write(conn: Connection, batch: Batch) -> None:
    """Facts, orders, archive; and what was parked before waits no longer, where it is in or waits under its key.

    Nobody waits for the answers, so all of it rides with the commit.
    """
    kept = []
    for event in batch.taken:
        outcome = batch.outcomes[event.source, event.event_id]
        # Which rules were out of scope follows from the programme's version: not stored with every event.
        scope, outcome.out_of_scope = outcome.out_of_scope, msgspec.UNSET
        kept.append((event, _encode(outcome)))
        outcome.out_of_scope = scope
    for key, before in batch.parked_before.items():
        if key in batch.contested:
            continue
        taken = batch.outcomes[key].outcome == "accepted"
        batch.resolved += [parked.parked_id for parked in before if taken or parked.digest is None]
    later(
        conn,
        earning.write_facts(conn, {member_id: batch.facts[member_id] for member_id in batch.changed_facts}),
        earning.write_groups(conn, [batch.groups[group_id] for group_id in batch.changed_groups]),
        earning.write_parts(conn, batch.new_parts),
        earning.write_elsewhere(conn, batch.elsewhere),
        earning.write_orders(conn, [batch.orders[key] for key in sorted(batch.changed_orders)]),
        inbox.archive(conn, kept, batch.stamp.at),
        inbox.resolve_parked(conn, batch.resolved, batch.stamp.at),
    )
    note_differences(conn, batch)


def _answer(
    event: Event, batch: Batch, first: Mapping[EventKey, Event], seen: Mapping[EventKey, inbox.Known]
) -> Outcome:
    """What the sender is told: the outcome, or that it is a duplicate of, or in conflict with, an earlier event."""
    key = (event.source, event.event_id)
    original = first[key]
    if event is original and key in batch.outcomes and key not in batch.contested:
        return batch.outcomes[key]
    known = seen.get(key)
    if key in batch.contested or event.digest != (known.digest if known else original.digest):
        return Outcome(
            id=event.event_id, source=event.source, outcome="conflict", type=event.body.type,
            member_id=event.body.member_id, code=inbox.REUSED, detail=_REUSED,
        )  # fmt: skip
    if known and known.outcome is None:
        return Outcome(
            id=event.event_id, source=event.source, outcome="duplicate", type=event.body.type,
            member_id=event.body.member_id, detail="it was taken in before; its outcome is no longer kept",
        )  # fmt: skip
    told = _decode_outcome(known.outcome) if known and known.outcome else batch.outcomes[key]
    return replace(told, outcome="duplicate" if told.outcome == "accepted" else told.outcome)
