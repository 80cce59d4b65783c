"""A parked event tried again, once what was wrong is mended. One that fails again stays parked, counted.

One whose key is taken by another body by now cannot be taken in under it: it ends in state `conflict`, until somebody
discards it or, the other one gone, tries it once more. A batch that was parked whole, because it was too large, is
taken in by steps, of which each is a transaction; what of it cannot be taken in is parked for itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import msgspec

from linli import inbox
from linli.flows.intake import take_in
from linli.flows.publish import LiveProgrammes
from linli.flows.set_aside import aside, failed, passes, set_aside
from linli.inbox import Outcome, Rejected
from linli.kit.db import Connection
from linli.ledger import Stamp
from linli.words.events import Event

STEP = 500
"""Events of a batch that are taken in by one transaction."""

Read = tuple[bytes, Event | Rejected]
"""An event's bytes, and what they say."""


class Replayed(Outcome):
    """What became of a parked event; of a batch that was parked whole, what became of its events.

    `events`: how many of a batch ended how. `left`: how many of it are still to be taken in.
    """

    events: dict[str, int] = msgspec.field(default_factory=dict)
    left: int = 0


async def replay_parked(
    conn: Connection, parked_id: UUID, stamp: Stamp, live: LiveProgrammes, reader: inbox.Reader
) -> Replayed:
    """Take the event in as if it came now; of a batch, the next events: call again, in a transaction of its own, until
    none is `left`. Raises ParkedNotFound, ParkedClosed.

    One that was parked unread, and must wait now that it is read, waits as a parked event of its own.
    """
    found = await inbox.lock_parked(conn, parked_id)
    if found.reason == inbox.TOO_LARGE:
        items = reader.items(found.raw)
        assert not isinstance(items, Rejected), "it was counted before it was parked"
        step = [(bytes(item), reader.one(item, stamp.at)) for item in items[found.taken : found.taken + STEP]]
        return await _next_events(conn, found, step, len(items), stamp, live, reader)
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
    return Replayed(**{name: getattr(outcome, name) for name in Outcome.__struct_fields__})


async def in_steps(step: Callable[[], Awaitable[Replayed]]) -> Replayed:
    """`step`, one call of `replay_parked`, again and again until nothing is left; the last with the events of all."""
    events: Counter[str] = Counter()
    while True:
        told = await step()
        events.update(told.events)
        if not told.left:
            told.events = dict(events)
            return told


async def _next_events(
    conn: Connection, found: inbox.ParkedEvent, step: Sequence[Read], size: int, stamp: Stamp, live: LiveProgrammes,
    reader: inbox.Reader,
) -> Replayed:  # fmt: skip
    """Take in some events of a batch. The last of them resolves it: each is in by then, or is parked for itself."""

    async def taken(some: Sequence[Read]) -> list[Outcome | Rejected]:
        async with conn.transaction():
            events = [event for _, event in some if isinstance(event, Event)]
            told = iter(await take_in(conn, events, stamp, live, reader, channel=found.channel) if events else [])
            return [read if isinstance(read, Rejected) else next(told) for _, read in some]

    try:
        answers = await taken(step)
    except Exception as failure:
        if passes(failure):
            raise
        answers = [await _alone(taken, read) for read in step]  # one of them failed them all
    apart = [aside(answer, raw) for answer, (raw, _) in zip(answers, step, strict=True)]
    rejected = [one for one in apart if one is not None]
    await set_aside(conn, rejected, channel=found.channel, reader=reader, now=stamp.at)
    await inbox.advance_parked(conn, found.parked_id, len(step))
    left = size - found.taken - len(step)
    if not left:
        await inbox.resolve_parked(conn, [found.parked_id], stamp.at)
    kinds = Counter("invalid" if isinstance(answer, Rejected) else answer.outcome for answer in answers)
    return Replayed(id=None, source=None, outcome="accepted", events=dict(kinds), left=left)


async def _alone(
    taken: Callable[[Sequence[Read]], Awaitable[list[Outcome | Rejected]]], read: Read
) -> Outcome | Rejected:
    """One event of a step that failed: what failed by itself is set aside."""
    try:
        return (await taken([read]))[0]
    except Exception as failure:
        if passes(failure):
            raise
        return failed(failure, read[0])


async def discard_parked(conn: Connection, parked_id: UUID, stamp: Stamp) -> None:
    """Give the event up, by an operator's decision; its bytes are kept. Raises ParkedNotFound, ParkedClosed."""
    await inbox.lock_parked(conn, parked_id)
    await inbox.discard_parked(conn, parked_id, stamp.at)
