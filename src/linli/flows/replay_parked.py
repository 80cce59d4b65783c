"""A parked event tried again, once what was wrong is mended. One that fails again stays parked, counted.

One whose key is taken by another body by now cannot be taken in under it: it ends in state `conflict`, until somebody
discards it or, the other one gone, tries it once more.
"""

from __future__ import annotations

from uuid import UUID

from linli import inbox
from linli.flows.intake import take_in
from linli.flows.publish import LiveProgrammes
from linli.inbox import Outcome, Rejected
from linli.kit.db import Connection
from linli.ledger import Stamp


async def replay_parked(
    conn: Connection, parked_id: UUID, stamp: Stamp, live: LiveProgrammes, reader: inbox.Reader
) -> Outcome:
    """Take the event in as if it came now. Raises ParkedNotFound, ParkedClosed.

    One that was parked unread, and must wait now that it is read, waits as a parked event of its own.
    """
    found = await inbox.lock_parked(conn, parked_id)
    event = reader.one(found.raw, stamp.at)
    if isinstance(event, Rejected):
        outcome = event.outcome()
    else:
        outcome = (await take_in(conn, [event], stamp, live, reader, channel=found.channel))[0]
    # A duplicate was taken in meanwhile by another way: nothing is left to wait for.
    if outcome.outcome in ("accepted", "duplicate"):
        await inbox.resolve_parked(conn, [parked_id], stamp.at)
    else:
        detail = (outcome.detail or "").replace("\0", "")  # which a text column cannot hold
        await inbox.retry_failed(conn, parked_id, outcome.code or outcome.outcome, detail)
    return outcome


async def discard_parked(conn: Connection, parked_id: UUID, stamp: Stamp) -> None:
    """Give the event up, by an operator's decision; its bytes are kept. Raises ParkedNotFound, ParkedClosed."""
    await inbox.lock_parked(conn, parked_id)
    await inbox.discard_parked(conn, parked_id, stamp.at)
