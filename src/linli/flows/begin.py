"""How a batch begins: keys claimed, members enrolled and locked, facts and orders read, in one round trip."""

from __future__ import annotations

from collections.abc import Collection, Coroutine, Mapping, Sequence
from typing import Any

import psycopg

from linli import budgets, earning, inbox, ledger, members, programmes
from linli.flows.batch import Batch, EventKey
from linli.flows.publish import LiveProgrammes
from linli.inbox import Known
from linli.kit.db import Connection, later, together
from linli.members import Sighting
from linli.words.events import (
    Event,
    GroupFailed,
    GroupFormed,
    MemberRegistered,
    Order,
    OrderCancelled,
    OrderRefunded,
    ShareConverted,
)  # fmt: skip
from linli.words.facts import NO_FACTS

_CLAIMED = "claimed"
"""Savepoint: keys are claimed, nothing else is written."""


async def begin(
    conn: Connection, batch: Batch, first: Mapping[EventKey, Event], live: LiveProgrammes, reader: inbox.Reader
) -> tuple[list[Event], dict[EventKey, Known]]:
    """(the events that are new, what became of the others). Fills `batch` with what is known of their members.

    Who comes second with a key waits for the first. A key that another body holds is not new. What is parked is read
    once the keys are claimed, in a statement of its own: whoever parks an event has its key. Members are enrolled
    before it is known whose events are new: for a duplicate that changes nothing, and a conflict is undone.
    """
    events = list(first.values())
    salts = live.asks_homes(events)
    new, parked, _, batch.resting, _, batch.last_settled, *_ = await _know(
        conn, batch, events, salts,
        inbox.claim(conn, events), inbox.waiting_under(conn, list(first)), live.refresh(conn),
        budgets.resting(conn), ledger.hear_of_settlement(conn), ledger.last_run(conn, "settle"),
        conn.execute(f"SAVEPOINT {_CLAIMED}"),
    )  # fmt: skip
    if unread := live.asks_homes(events) - salts:  # a rollout that this process has heard of just now
        await together(conn, *_read_homes(conn, batch, events, unread))
    _contest(batch, first, new, parked, reader)
    fresh = [event for key, event in first.items() if key in new and key not in batch.contested]
    seen = await inbox.known(conn, [key for key in first if key not in new])
    if batch.contested or any(known.digest != first[key].digest for key, known in seen.items()):
        # What is refused leaves no trace, not even in the profile of its member.
        await conn.execute(f"ROLLBACK TO {_CLAIMED}")
        await inbox.unclaim(conn, sorted(batch.contested))
        batch.homes.clear()
        await _know(conn, batch, fresh, live.asks_homes(fresh))
    _keep_homes(conn, batch)
    return fresh, seen


async def _know(
    conn: Connection, batch: Batch, events: Sequence[Event], salts: set[str], *ahead: Coroutine[Any, Any, Any]
) -> list[Any]:  # fmt: skip
    """Lock the groups, then the members that events name, and read what is known of them. Results of `ahead`.

    One round trip; more where a group is told to have formed or failed, which concerns all who are in it, or by whom
    somebody was invited, which concerns those whom they invited themselves.
    """
    named = {group_id for event in events if (group_id := getattr(event.body, "group_id", None)) is not None}
    told = {event.body.group_id for event in events if isinstance(event.body, GroupFormed | GroupFailed)}
    invited = {event.body.member_id for event in events if _tells_inviter(event)}

    async def lock() -> None:
        batch.groups = await earning.lock_groups(conn, named)

    if not told and not invited:
        return await together(
            conn, *ahead, *([lock()] if named else []), *_enrol_and_read(conn, batch, events, ()),
            *_read_homes(conn, batch, events, salts),
        )  # fmt: skip
    results = await together(conn, *ahead, lock())
    batch.parts = {}
    for part in await earning.read_parts(conn, told) if told else ():
        batch.parts.setdefault(part.group_id, {})[part.member_id, part.cause] = part
    friends = await earning.invited_by(conn, invited) if invited else set[str]()
    await together(
        conn, *_enrol_and_read(conn, batch, events, friends), *_read_homes(conn, batch, events, salts)
    )  # fmt: skip
    if invited and not await earning.invited_by(conn, invited) <= friends:
        # Somebody came who names one of these, whose lock they had until now: their invitation must be seen too.
        raise psycopg.errors.SerializationFailure("others were invited meanwhile")
    return results


def _tells_inviter(event: Event) -> bool:
    return isinstance(event.body, MemberRegistered) and event.body.inviter_id is not None


def _read_homes(
    conn: Connection, batch: Batch, events: Sequence[Event], salts: set[str]
) -> list[Coroutine[Any, Any, None]]:
    """Where the members live: as it was when a rollout met them first, else as it is known now."""
    if not salts:
        return []
    member_ids = sorted({event.body.member_id for event in events})

    async def read_kept() -> None:
        batch.kept_homes.update(await programmes.homes(conn, member_ids))

    async def read_cities() -> None:
        cities = await members.cities(conn, member_ids)
        batch.homes.update({(salt, member_id): city for salt in salts for member_id, city in cities.items()})

    return [read_kept(), read_cities()]


def _keep_homes(conn: Connection, batch: Batch) -> None:
    """From now on the members live there, as far as these rollouts are concerned."""
    found = {key: city for key, city in batch.homes.items() if key not in batch.kept_homes}
    batch.homes.update(batch.kept_homes)
    if found:
        later(conn, programmes.keep_homes(conn, found))


def _contest(
    batch: Batch, first: Mapping[EventKey, Event], new: set[EventKey], parked: Sequence[inbox.Waiting],
    reader: inbox.Reader,
) -> None:  # fmt: skip
    """Tell what was parked before, and comes again, from what waits under the same key with another body."""
    for waiting in parked:
        key = (waiting.source, waiting.event_id)
        if key not in new:
            continue
        if first[key].digest == (waiting.digest or _digest(waiting, batch, reader)):
            batch.parked_before.setdefault(key, []).append(waiting)
        elif waiting.digest is not None:
            batch.contested.add(key)


def _digest(waiting: inbox.Waiting, batch: Batch, reader: inbox.Reader) -> bytes | None:
    """Of what was parked unread: it may be read by now."""
    found = reader.one(waiting.raw or b"", batch.stamp.at)
    return found.digest if isinstance(found, Event) else None


def _enrol_and_read(
    conn: Connection, batch: Batch, events: Sequence[Event], friends: Collection[str]
) -> list[Coroutine[Any, Any, None]]:
    """Enrol and lock the members, then read what is known of them and of the orders that are named."""
    named = {order for event in events for order in _orders(event)}
    failing = [
        (part, event.occurred_at)
        for event in events
        if isinstance(event.body, GroupFailed)
        for part in batch.parts.get(event.body.group_id, {}).values()
    ]
    known = named | {(part.member_id, part.order_id) for part, _ in failing if part.order_id is not None}
    concerned = {event.body.member_id for event in events} | {part.member_id for part, _ in failing} | {*friends}
    inviters = {event.body.inviter_id for event in events if _tells_inviter(event)}  # pyright: ignore

    async def read_facts() -> None:
        batch.facts = await earning.read_facts(conn, concerned | inviters)
        for inviter_id in inviters:
            batch.facts.setdefault(inviter_id, NO_FACTS)

    async def read_orders() -> None:
        batch.orders = await earning.read_orders(conn, known)

    async def read_waiting() -> None:
        awaited = [(member_id, f"order:{order_id}") for member_id, order_id in sorted(named)]
        batch.waiting = await inbox.parked_for(conn, awaited)

    sightings = [sighting for event in events for sighting in _sightings(event)]
    sightings += [Sighting(part.member_id, at) for part, at in failing]
    sightings += [Sighting(friend, batch.stamp.at) for friend in friends]
    batch.locked = {sighting.member_id for sighting in sightings}
    return [members.enrol(conn, sightings, batch.stamp.at), read_facts(), read_orders(), read_waiting()]


def _orders(event: Event) -> list[tuple[str, str]]:
    """(member, order) of orders that the event names as its cause or its matter."""
    body = event.body
    if isinstance(body, Order | OrderRefunded | OrderCancelled):
        return [(body.member_id, body.order_id)]
    return [(body.friend_id, body.order_id)] if isinstance(body, ShareConverted) else []


def _sightings(event: Event) -> list[Sighting]:
    body = event.body
    registered = isinstance(body, MemberRegistered)
    seen = [Sighting(body.member_id, event.occurred_at, body.city, body.leader_id, body.community_id, registered)]
    # Whoever may be granted something must be on the roll.
    for other in (getattr(body, "inviter_id", None), getattr(body, "friend_id", None)):
        if other:
            seen.append(Sighting(other, event.occurred_at))
    return seen
