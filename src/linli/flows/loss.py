"""What is lost with a cause: an order of which nothing is left, a group that failed.

Promises go, and what was credited is undone, as debt where it was spent. Where another cause gives a right to the same,
it takes the place. The end is a function of what happened, however it is mixed with settlements.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from linli import earning, ledger, rules
from linli.earning import OrderRecord
from linli.flows.batch import Batch
from linli.flows.publish import LiveProgrammes
from linli.inbox import Granted, Outcome
from linli.kit.db import Connection
from linli.ledger import GrantKey, Held, Lower
from linli.words.events import Event
from linli.words.facts import MemberFacts
from linli.words.grants import Grant

_SHARED = ("day:", "month:", "once:")
"""Claims that several causes may give a right to: the earliest of them holds it."""


def granted(grant: Grant, key: str | None = None) -> Granted:
    """As it is told to the sender; `key` where the grant stands under another."""
    return Granted(
        grant.member_id, grant.rule, grant.rule_version, grant.points, grant.wallet, grant.settle_on,
        key or grant.key, grant.awaits,
    )  # fmt: skip


async def without(conn: Connection, batch: Batch, old: OrderRecord, new: OrderRecord) -> MemberFacts:
    """The facts of the order's member once it is as `new`: less money, and where nothing is left of it, no order."""
    after = earning.apply_refund(
        batch.facts_of(old.member_id), old.paid_on, new.given_back_fen - old.given_back_fen
    )  # fmt: skip
    if not new.void or old.void:
        return after
    mine = [record for (member_id, _), record in batch.orders.items() if member_id == old.member_id]
    stored = await earning.next_orders(conn, old, [record.order_id for record in mine])
    return earning.apply_loss(after, old, [*mine, *stored])


async def give_up(
    conn: Connection, batch: Batch, event: Event, live: LiveProgrammes, outcome: Outcome,
    old: OrderRecord, new: OrderRecord, after: MemberFacts, cause: str, *, also: Sequence[GrantKey] = (),
) -> None:  # fmt: skip
    """Bring all that the order caused down to what is left of it. `also`: claims that the rules have given up."""
    before = batch.facts_of(old.member_id)
    batch.learn(old.member_id, after)
    batch.keep_order(new)
    outcome.given_back_fen += new.given_back_fen - old.given_back_fen
    outcome.reversed_points += await reprice(conn, batch, new, cause)
    await _lose(conn, batch, rules.Loss(withdrawals=list(also)), outcome, cause)
    if before != after:
        since = began(old, event, live.at(event.occurred_at, event.member_id, batch.homes))
        await lose(conn, batch, event, live, outcome, old.member_id, before, after, cause, since=since)
    if new.void and not old.void:
        await release(conn, batch, new.more.claims, outcome, cause)


async def lose(
    conn: Connection, batch: Batch, event: Event, live: LiveProgrammes, outcome: Outcome,
    member_id: str, before: MemberFacts, after: MemberFacts, cause: str, *, since: datetime,
) -> None:  # fmt: skip
    """Judge the member's rewards over a history again, by the rules that held from `since` to the event."""
    first, last = sorted((since, event.occurred_at))
    for loss in losses(live.between(first, last, member_id, batch.homes), member_id, before, after):
        await _lose(conn, batch, loss, outcome, cause)


def began(order: OrderRecord, event: Event, compiled: rules.CompiledProgramme) -> datetime:
    """Since when the order may have counted in a history, of which `event` takes it. Pure."""
    on = min(filter(None, (order.paid_on, order.completed_on)), default=event.business_on)
    return compiled.calendar.starts_at(on)


def losses(
    held: Sequence[rules.CompiledProgramme], member_id: str, before: MemberFacts, after: MemberFacts
) -> list[rules.Loss]:
    """What the programmes that held, the newest first, make of it: the newest version of each rule. Pure."""
    judged: set[str] = set()
    return [compiled.lose(member_id, before, after, judged) for compiled in held]


async def reprice(conn: Connection, batch: Batch, record: OrderRecord, cause: str) -> int:
    """Bring the order's grants down to what its refunds leave of them. Returns the points undone."""
    wanted: list[Lower] = []
    for basis in record.bases:
        order = earning.basis_order(record, basis)
        for award in basis.awards:
            due = rules.reprice(award, order, record.refunds.refunded)
            wanted.append(Lower(record.member_id, award.key, due, f"{cause}:{award.key}"))
    return sum((await ledger.lower(conn, batch.stamp, wanted, reason=cause)).values())


async def _lose(conn: Connection, batch: Batch, loss: rules.Loss, outcome: Outcome, cause: str) -> None:
    """Write what becomes of rewards over a history. What was credited for one that moves stays where it is."""
    moved = [((move.grant.member_id, move.old_key), move.grant) for move in loss.moves]
    gone = await ledger.withdraw(conn, [key for key, _ in moved])
    for (member_id, old_key), grant in moved:
        if (member_id, old_key) not in gone:
            await ledger.pass_claim(conn, member_id, old_key, grant.key)
    await _take_back(conn, batch, [Held(*key) for key in loss.withdrawals], outcome, cause)
    await _promise(conn, batch, [*(grant for key, grant in moved if key in gone), *loss.grants], outcome)


async def release(conn: Connection, batch: Batch, claims: Sequence[Grant], outcome: Outcome, cause: str) -> None:
    """Take back what a cause held, and let the next earliest cause have what several may give a right to."""
    held = [Held(grant.member_id, grant.key, (grant.source, grant.event_id)) for grant in claims]
    for member_id, claim in sorted(await _take_back(conn, batch, held, outcome, cause)):
        if claim.startswith(_SHARED):
            heir = await _next(conn, batch, member_id, claim)
            await _promise(conn, batch, [heir] if heir else [], outcome)


async def _take_back(
    conn: Connection, batch: Batch, held: Sequence[Held], outcome: Outcome, cause: str
) -> set[GrantKey]:  # fmt: skip
    taken = await ledger.take_back_claims(conn, batch.stamp, held, cause=cause)
    outcome.reversed_points += taken.reversed_points
    outcome.withdrawn = sorted({*outcome.withdrawn, *taken.keys.values()})
    return set(taken.keys)


async def _promise(conn: Connection, batch: Batch, grants: Sequence[Grant], outcome: Outcome) -> None:
    rows = [batch.postponed(grant) for grant in grants]
    written = await ledger.grant(conn, rows)
    for grant in rows:
        if (key := written.get((grant.member_id, grant.key))) is not None:
            outcome.granted.append(granted(grant, key))
            batch.promised(grant, key, outcome)


async def _next(conn: Connection, batch: Batch, member_id: str, claim: str) -> Grant | None:
    """The earliest of the causes left that give a right to the claim."""
    mine = [record for (owner, _), record in batch.orders.items() if owner == member_id]
    stored = await earning.orders_with_claim(conn, member_id, claim, [record.order_id for record in mine])
    found = [
        _dated(grant, record.completed_on)
        for record in (*mine, *stored)
        if not record.void
        for grant in record.more.claims
    ]
    parts = await earning.live_claims(conn, member_id)
    parts += [(part.group_id, grant) for part in batch.new_parts for grant in part.claims]
    found += [grant for group_id, grant in parts if group_id not in batch.groups or not batch.failed(group_id)]
    rights = [grant for grant in found if (grant.member_id, grant.key) == (member_id, claim)]
    heir = min(rights, key=lambda grant: (grant.occurred_at, grant.event_id), default=None)
    if heir is not None and heir.awaits and heir.awaits.startswith("formed:"):
        group = (await earning.lock_groups(conn, [heir.awaits[7:]]))[heir.awaits[7:]]
        return _dated(heir, group.formed_on, "formed:")
    return heir


def _dated(grant: Grant, on: date | None, kind: str = "") -> Grant:
    """The grant, settled so long after the date of its milestone, where that was reached."""
    if on is None or grant.awaits is None or grant.awaits.startswith("formed:") != (kind == "formed:"):
        return grant
    return replace(grant, settle_on=on + timedelta(days=grant.wait_days))
