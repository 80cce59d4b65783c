"""Where notices go. In the transaction of the run they are put into the member's own list and into the outbox; a sink
sends what is in the outbox, later and on its own: nobody waits for a network within a transaction.

What the outbox holds is sent at least once: a receiver knows it again by its key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

import msgspec
import structlog

from linli.kit.columns import texts
from linli.kit.db import Connection, fetch_all
from linli.notify import store
from linli.notify.notices import Notice, add

Topic: TypeAlias = Literal["notice", "coupon_wanted"]
_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger("linli.notify")


class Outgoing(msgspec.Struct, frozen=True):
    """One thing to send: a notice, or a coupon that a member is to get. `body`: JSON."""

    outbox_id: int
    topic: Topic
    key: str
    member_id: str
    body: str


class Sink(Protocol):
    """A way out of the house: SMS, WeChat's template messages, a coupon system. Raising leaves all of it unsent."""

    async def send(self, outgoing: Sequence[Outgoing]) -> None:
        """Send, in this order."""
        ...


class LogSink:
    """Writes what would be sent into the log, until there is something to send it by."""

    async def send(self, outgoing: Sequence[Outgoing]) -> None:
        """One line each."""
        for one in outgoing:
            _log.info(one.topic, key=one.key, member_id=one.member_id, body=one.body)


async def publish(conn: Connection, told: Sequence[Notice]) -> list[Notice]:
    """Put notices of one run where they belong; those that are new. A notice with a coupon asks for it."""
    new = await add(conn, told)
    fresh = [notice for notice in told if notice.member_id in new]
    await _put(conn, "notice", fresh)
    await _put(conn, "coupon_wanted", [notice for notice in fresh if notice.coupon])
    return fresh


async def _put(conn: Connection, topic: Topic, fresh: Sequence[Notice]) -> None:
    if not fresh:
        return
    columns = {
        "keys": texts(f"{topic}:{notice.key}" for notice in fresh),
        "members": texts(notice.member_id for notice in fresh),
        "bodies": texts(_encode(notice).decode() for notice in fresh),
    }
    await conn.execute(store.PUT, {"topic": topic, **columns, "at": fresh[0].created_at})


async def take(conn: Connection, limit: int) -> list[Outgoing]:
    """The oldest things of the outbox, in order, for the transaction that takes them out; nobody else takes them."""
    taken = [Outgoing(*row) for row in await fetch_all(conn, store.TAKE, {"limit": limit})]
    return sorted(taken, key=lambda one: one.outbox_id)
