"""Coupons that a message promised: taken out of the outbox, and issued in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import structlog

from linli.coupons import TemplateNotFound, Wanted
from linli.flows.coupons import issue_many
from linli.kit.db import Connection
from linli.kit.errors import Refusal
from linli.ledger import Stamp
from linli.notify import Notice, Outgoing

_log = structlog.get_logger("linli.coupons")
TOPIC = "coupon_wanted"
_notice = msgspec.json.Decoder(Notice)


async def fulfil(conn: Connection, stamp: Stamp, taken: Sequence[Outgoing]) -> list[Outgoing]:
    """Issue the coupons among what was taken out of the outbox; returns what is still to be sent: all else, and
    coupons of templates that are not ours, which are another system's.

    What a template refuses, since it is closed or has none left, is told in the log: a message promises no more than
    its template holds.
    """
    asked = [(one, notice) for one in taken if one.topic == TOPIC and (notice := _notice.decode(one.body)).coupon]
    wanted = [
        Wanted(notice.coupon or "", one.member_id, f"{notice.kind}:{notice.on}", notice.kind) for one, notice in asked
    ]  # fmt: skip
    strange: set[int] = set()
    for (one, _), told in zip(asked, await issue_many(conn, stamp, wanted), strict=True):
        if isinstance(told, TemplateNotFound):
            strange.add(one.outbox_id)
        elif isinstance(told, Refusal):
            _log.warning("coupon_wanted", key=one.key, refused=told.code, **told.fields)
    done = {one.outbox_id for one, _ in asked} - strange
    return [one for one in taken if one.outbox_id not in done]
