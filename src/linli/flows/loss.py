"""What is lost with a cause: an order of which nothing is left, a group that failed.

Promises go, and what was credited is undone, as debt where it was spent. Where another cause gives a right to the same,
it takes the place. The end is a function of what happened, however it is mixed with settlements.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from linli import earning, ledger, members, rules
from linli.earning import OrderRecord
from linli.flows.batch import SHARED, Batch
from linli.flows.publish import LiveProgrammes
from linli.inbox import Granted, Outcome
from linli.kit.db import Connection
from linli.ledger import GrantKey, Held, Lower
from linli.words.events import Event
from linli.words.facts import MemberFacts
from linli.words.grants import Grant


def granted(grant: Grant, key: str | None = None) -> Granted:
    """As it is told to the sender; `key` where the grant stands under another."""
    return Granted(
        grant.member_id, grant.rule, grant.rule_version, grant.points, grant.wallet, grant.settle_on,
        key or grant.key, grant.awaits,
    )  # fmt: skip


async def without(conn: Connection, batch: Batch, old: OrderRecord, new: OrderRecord) -> MemberFacts:
    """The facts of the order's member once it is as `new`: less money, and where nothing is left of it, no order."""
    after = earning.apply_refund(
        batch.facts_of(old.member_id), old.shopped_on, new.given_back_fen - old.given_back_fen
    )  # fmt: skip
    if new.counts or not old.counts:
        return after
    return earning.apply_loss(after, old, await _others(conn, batch, old))


async def _others(conn: Connection, batch: Batch, order: OrderRecord) -> list[OrderRecord]:
    """Orders of the same member that may take its place."""
    mine = [record for (member_id, _), record in batch.orders.items() if member_id == order.member_id]
    return [*mine, *await earning.next_orders(conn, order, [record.order_id for record in mine])]


async def give_up(
    conn: Connection, batch: Batch, event: Event, live: LiveProgrammes, outcome: Outcome,
    old: OrderRecord, new: OrderRecord, after: MemberFacts, cause: str, *, also: Sequence[GrantKey] = (),
) -> None:  # fmt: skip
    """Bring all that the order caused down to what is left of it. `also`: claims that the rules have given up."""
    member_id, before = old.member_id, batch.facts_of(old.member_id)
    batch.learn(member_id, after)
    batch.keep_order(new)
    outcome.given_back_fen += new.given_back_fen - old.given_back_fen
    loss = rules.Loss()
    if before != after:
        since = began(old, event, live.at(event.occurred_at, member_id, batch.homes))
        loss = _lost(batch, event, live, member_id, before, after, since)
    loss.withdrawals.extend(claim for claim in also if claim not in loss.withdrawals)
    held = claims_held(new.more.claims) if new.void and not old.void else ()
    await bring_down(conn, batch, loss, outcome, cause, lowered=repriced(new, cause), held=held)


async def lose(
    conn: Connection, batch: Batch, event: Event, live: LiveProgrammes, outcome: Outcome,
    member_id: str, before: MemberFacts, after: MemberFacts, cause: str,
    *, since: datetime, lowered: Sequence[Lower] = (), held: Sequence[Held] = (),
) -> None:  # fmt: skip
    """Judge the member's rewards over a history again, by the rules that held from `since` to the event; beside it,
    what `bring_down` does."""
    loss = _lost(batch, event, live, member_id, before, after, since) if before != after else rules.Loss()
    await bring_down(conn, batch, loss, outcome, cause, lowered=lowered, held=held)


def _lost(
    batch: Batch, event: Event, live: LiveProgrammes, member_id: str, before: MemberFacts, after: MemberFacts,
    since: datetime,
) -> rules.Loss:  # fmt: skip
    first, last = sorted((since, event.occurred_at))
    return loss_of(live.between(first, last, member_id, batch.homes), member_id, before, after)


def began(order: OrderRecord, event: Event, compiled: rules.CompiledProgramme) -> datetime:
    """Since when the order may have counted in a history, of which `event` takes it. Pure."""
    on = min(filter(None, (order.paid_on, order.completed_on)), default=event.business_on)
    return compiled.calendar.starts_at(on)


def loss_of(
    held: Sequence[rules.CompiledProgramme], member_id: str, before: MemberFacts, after: MemberFacts
) -> rules.Loss:
    """What the programmes that held, the newest first, make of it: the newest version of each rule. Pure."""
    judged: set[str] = set()
    loss = rules.Loss()
    for compiled in held:
        compiled.lose(member_id, before, after, judged, loss)
    return loss


def repriced(record: OrderRecord, cause: str) -> list[Lower]:
    """What is due of each of the order's grants, by what its refunds leave. Pure."""
    found: list[Lower] = []
    for basis in record.bases:
        order = earning.basis_order(record, basis)
        for award in basis.awards:
            due = rules.reprice(award, order, record.refunds.refunded)
            found.append(Lower(record.member_id, award.key, due, f"{cause}:{award.key}"))
    return found


def claims_held(claims: Iterable[Grant]) -> list[Held]:
    """The claims, as far as those very grants hold them."""
    return [Held(grant.member_id, grant.key, (grant.source, grant.event_id)) for grant in claims]


async def bring_down(
    conn: Connection, batch: Batch, loss: rules.Loss, outcome: Outcome, cause: str,
    *, lowered: Sequence[Lower] = (), held: Sequence[Held] = (),
) -> None:  # fmt: skip
    """Write what is lost: rewards over a history, what of an order's own grants its refunds took, and what a cause
    `held`, which the next earliest cause has then, where several may give a right to it.

    What was credited for a reward that moves stays where it is. Wallets come last of all in a batch.
    """
    foreign = {one.member_id for one in held if one.member_id not in batch.locked and one.claim.startswith(SHARED)}
    for member_id in sorted(foreign):
        await members.lock(conn, member_id)
    moved = [((move.grant.member_id, move.old_key), move.grant) for move in loss.moves]
    gone = await ledger.withdraw(conn, [key for key, _ in moved])
    for (member_id, old_key), grant in moved:
        if (member_id, old_key) not in gone:
            await ledger.pass_claim(conn, member_id, old_key, grant.key)
    wanted = [*(Held(*key) for key in loss.withdrawals), *held]
    taken = await ledger.take_back_claims(conn, wanted, lowered, cause=cause)
    batch.undone += taken.undone
    outcome.reversed_points += taken.points
    outcome.withdrawn = sorted({*outcome.withdrawn, *taken.keys.values()})
    heirs = [
        heir
        for member_id, claim in sorted({(one.member_id, one.claim) for one in held} & taken.keys.keys())
        if claim.startswith(SHARED) and (heir := await _next(conn, batch, member_id, claim)) is not None
    ]
    await promise(conn, batch, [*(grant for key, grant in moved if key in gone), *loss.grants, *heirs], outcome)


async def promise(conn: Connection, batch: Batch, grants: Sequence[Grant], outcome: Outcome) -> None:
    """Promise what has come free, or true again."""
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
    stored += await _elsewhere(conn, batch, member_id, claim)
    found = [
        dated(grant, record.completed_on)
        for record in (*mine, *stored)
        if record.counts
        for grant in record.more.claims
    ]
    parts = await earning.live_claims(conn, member_id)
    parts += [(part.group_id, grant) for part in batch.new_parts for grant in part.claims]
    found += [grant for group_id, grant in parts if group_id not in batch.groups or not batch.failed(group_id)]
    rights = [grant for grant in found if (grant.member_id, grant.key) == (member_id, claim)]
    heir = min(rights, key=lambda grant: (grant.occurred_at, grant.event_id), default=None)
    if heir is not None and heir.awaits and heir.awaits.startswith("formed:"):
        group = (await earning.lock_groups(conn, [heir.awaits[7:]]))[heir.awaits[7:]]
        return dated(heir, group.formed_on, "formed:")
    return heir


async def _elsewhere(conn: Connection, batch: Batch, member_id: str, claim: str) -> list[OrderRecord]:
    """Orders of others that the claim hangs on: a friend's, to whom the member shared."""
    keys = {*await earning.claims_elsewhere(conn, member_id, claim)}
    keys |= {(one.owner_id, one.order_id) for one in batch.elsewhere if one[:2] == (member_id, claim)}
    stored = await earning.read_orders(conn, sorted(keys - batch.orders.keys()))
    return [*stored.values(), *(batch.orders[key] for key in sorted(keys & batch.orders.keys()))]


def dated(grant: Grant, on: date | None, kind: str = "") -> Grant:
    """The grant, settled so long after the date of its milestone, where that was reached."""
    if on is None or grant.awaits is None or grant.awaits.startswith("formed:") != (kind == "formed:"):
        return grant
    return replace(grant, settle_on=on + timedelta(days=grant.wait_days))
