"""Money given back for an order: its grants shrink, or are taken back, by the rates frozen with the order.

What remains of a grant depends on the cumulative refunds alone, so n partial refunds end exactly where one full
refund does, in any order. A refund whose order is unknown waits, parked, until the order comes.
"""

from __future__ import annotations

from functools import partial

from linli import earning, rules
from linli.flows.batch import Batch
from linli.flows.budget import closed
from linli.flows.loss import give_up, without
from linli.flows.publish import LiveProgrammes, NoProgramme
from linli.kit.db import Connection
from linli.words.events import Event, OrderCancelled, OrderRefunded


async def give_back(conn: Connection, batch: Batch, event: Event, live: LiveProgrammes) -> bool:
    """Take in one refund or cancellation. False where it had to be parked."""
    body = event.body
    assert isinstance(body, OrderRefunded | OrderCancelled), "only these give something back"
    record = batch.orders.get((body.member_id, body.order_id))
    if record is None or not record.known:
        detail = f"order {body.order_id} of member {body.member_id} has not come yet"
        await batch.park(conn, event, "order_unknown", detail, awaits=f"order:{body.order_id}")
        return False
    try:
        refunded = earning.with_refund(record, body)
        before = batch.facts_of(body.member_id)
        after = await without(conn, batch, record, refunded)
        rests = partial(closed, resting=batch.resting, event=event)
        programme, found = live.evaluate(event, before, after, batch.homes, rests)
    except (earning.RefundTooLarge, rules.RuleFailed, NoProgramme) as failure:
        # An order that is only known to be completed may yet tell that more was paid.
        awaits = f"order:{body.order_id}" if record.paid_on is None else None
        await batch.park(conn, event, failure.code, str(failure), awaits=awaits)
        return False
    outcome = batch.accept(event, programme.version)
    outcome.skipped = list(found.skipped)
    cause = f"refund:{body.refund_id}" if isinstance(body, OrderRefunded) else f"cancel:{body.order_id}"
    await give_up(
        conn, batch, event, live, outcome, record, refunded, after, cause, also=found.withdrawals
    )  # fmt: skip
    return True
