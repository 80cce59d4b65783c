"""Invitations in a ring: whether one counts hangs on when its inviter was invited, which may be told later."""

from __future__ import annotations

from linli import earning
from linli.flows.batch import Batch
from linli.flows.loss import lose
from linli.flows.publish import LiveProgrammes
from linli.kit.db import Connection
from linli.words.events import Event, MemberRegistered
from linli.words.facts import MemberFacts


def with_ring(batch: Batch, member_id: str, after: MemberFacts) -> MemberFacts:
    """The facts of who has been invited, who knows by now when their inviter was."""
    if after.inviter_id is None or after.inviter_id not in batch.facts:
        return after
    return earning.apply_ring(after, earning.is_ring(member_id, after, batch.facts_of(after.inviter_id)))


async def look_again(conn: Connection, batch: Batch, event: Event, live: LiveProgrammes) -> None:
    """When the member was invited is known by now: their own invitations may be refused for it, or may count again."""
    inviter_id, outcome = event.member_id, batch.outcomes[event.source, event.event_id]
    assert isinstance(event.body, MemberRegistered), "only these tell of invitations"
    friends = [member_id for member_id, facts in batch.facts.items() if facts.inviter_id == inviter_id]
    for member_id in sorted(friends):
        before = batch.facts_of(member_id)
        after = with_ring(batch, member_id, before)
        if after is not before:
            batch.learn(member_id, after)
            since = before.first_order.at if before.first_order else event.occurred_at
            await lose(conn, batch, event, live, outcome, member_id, before, after, f"ring:{inviter_id}", since=since)
