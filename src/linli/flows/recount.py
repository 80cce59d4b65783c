"""An order that counts, or does not, otherwise than it seemed: what was paid is told after its completion, or after a
share that led to it, and it is too small, or nothing is left of it; or it is neither."""

from __future__ import annotations

from msgspec.structs import replace

from linli import earning
from linli.earning import OrderRecord
from linli.flows.batch import Batch
from linli.flows.judge import reached
from linli.flows.loss import began, claims_held, lose, promise, repriced, without
from linli.flows.publish import LiveProgrammes
from linli.kit.db import Connection
from linli.ledger import Held
from linli.words.events import Event, Order, OrderCompleted


async def recount(conn: Connection, batch: Batch, event: Event, known: OrderRecord, live: LiveProgrammes) -> None:
    """Bring the member's history, and what hangs on the order, which was `known`, to what is told of it by now."""
    body, outcome = event.body, batch.outcomes[event.source, event.event_id]
    assert isinstance(body, Order), "only these tell of orders"
    member_id, cause = body.member_id, f"order:{body.order_id}"
    record, before = batch.orders[member_id, body.order_id], batch.facts_of(member_id)
    after = earning.apply_first_order(before, record.first_order)
    held: list[Held] = []
    if not record.counts:
        after = await without(conn, batch, known, record)
        held = claims_held(record.more.claims)
    if record.small:
        # What its completion earned goes as a whole: had it been told last, it would have earned nothing.
        held += [Held(member_id, award.key) for basis in record.bases for award in basis.awards]
        claims = tuple(grant for grant in record.more.claims if grant.event_type != OrderCompleted.type)
        record = replace(record, bases=(), more=replace(record.more, claims=claims))
        batch.keep_order(record)
    batch.learn(member_id, after)
    since = began(record, event, live.at(event.occurred_at, member_id, batch.homes))
    await lose(
        conn, batch, event, live, outcome, member_id, before, after, cause, since=since, held=held,
        lowered=repriced(record, cause),
    )  # fmt: skip
    if record.counts:
        await promise(conn, batch, [reached(batch, grant, event) for grant in record.more.claims], outcome)
