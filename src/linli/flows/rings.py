"""Invitations as more is told of them: one in a ring counts or not by when its inviter was invited, and one inviter may
take the place of another."""

from __future__ import annotations

from linli import earning, ledger
from linli.flows.batch import Batch
from linli.flows.loss import lose
from linli.flows.publish import LiveProgrammes
from linli.kit.db import Connection
from linli.ledger import GrantKey, Held
from linli.rules import Evaluation
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


async def change_inviter(
    conn: Connection, batch: Batch, event: Event, found: Evaluation
) -> dict[GrantKey, str]:  # fmt: skip
    """Take back, credited or not, what was given to an inviter in whose place an earlier one has come."""
    held, cause = [Held(*claim) for claim in found.withdrawals], f"inviter:{event.member_id}"
    taken = await ledger.take_back_claims(conn, held, cause=cause)
    batch.undone += taken.undone
    batch.outcomes[event.source, event.event_id].reversed_points += taken.points
    return taken.keys
