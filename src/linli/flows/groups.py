"""A group that formed, or failed: it concerns all who are in it."""

from __future__ import annotations

from msgspec.structs import replace

from linli import earning
from linli.flows.batch import Batch
from linli.flows.loss import bring_down, claims_held, give_up, without
from linli.flows.publish import LiveProgrammes
from linli.kit.db import Connection
from linli.rules import Loss
from linli.words.events import Event, GroupFailed, Order


def note_formed(batch: Batch) -> None:
    """What was promised to members of groups that have formed awaits that no longer."""
    for group_id in sorted(batch.changed_groups):
        on = batch.groups[group_id].formed_on
        if on is not None:
            members = sorted({part.member_id for part in batch.parts.get(group_id, {}).values()})
            batch.reached += [(member_id, f"formed:{group_id}", on) for member_id in members]


async def fall_apart(conn: Connection, batch: Batch, event: Event, live: LiveProgrammes) -> None:
    """Take back all that a group brought that has failed: its orders count as cancelled, what its events caused goes.

    The same holds for an order that is told to belong to it only now.
    """
    body, outcome = event.body, batch.outcomes[event.source, event.event_id]
    assert isinstance(body, GroupFailed | Order)
    group_id = body.group_id
    assert group_id is not None, "it is told of a group"
    group, cause = batch.groups[group_id], f"group:{group_id}"
    parts = batch.parts.get(group_id, {})
    if isinstance(body, GroupFailed):
        known = group.failed_at
        if known is None or event.occurred_at < known:
            batch.keep_group(replace(group, failed_at=event.occurred_at))
        if known is not None:
            return
    else:
        place = (body.member_id, f"order:{body.order_id}")
        parts = {place: parts[place]}
    for place in sorted(parts):
        part = parts[place]
        if part.order_id is not None:
            old = batch.orders.get((part.member_id, part.order_id))
            if old is not None and old.known and not old.void:
                new = earning.cancelled(old)
                after = await without(conn, batch, old, new)
                await give_up(conn, batch, event, live, outcome, old, new, after, cause)
        if part.claims:
            await bring_down(conn, batch, Loss(), outcome, cause, held=claims_held(part.claims))
