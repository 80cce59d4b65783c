"""Applying a correction: a chunk of lines a transaction, in the order of the file.

What a chunk did, which lines it was, and how far the correction has come are committed together: it may be killed at
any time, and goes on where it was. Its key in the ledger makes each line one effect for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID

import msgspec

from linli import corrections, earning, ledger, members
from linli.corrections import Correction, Fault, Line, Trace, line_key
from linli.flows.loss import repriced
from linli.flows.publish import LiveProgrammes
from linli.kit.clock import BusinessCalendar, Clock, add_months
from linli.kit.db import Connection, Pool, in_transaction
from linli.kit.errors import Refusal
from linli.ledger import GrantChanged, GrantState, Stamp
from linli.rules import Programme

CHUNK = 200
Progress = Callable[[int], None]
FUNDER = "platform"


class Chunk(NamedTuple):
    """A correction under way: who posts, by which terms, and the lines that its own lines undo."""

    conn: Connection
    correction: Correction
    stamp: Stamp
    programme: Programme
    originals: dict[int, Line]


async def apply_correction(
    pool: Pool, correction_id: UUID, clock: Clock, calendar: BusinessCalendar,
    *, progress: Progress = lambda lines: None, stop: asyncio.Event | None = None,
) -> Correction:  # fmt: skip
    """Do all lines of an approved correction that are not done yet, until it is finished or somebody stops it.

    `progress` is told how many lines each chunk had. `stop` leaves it running, for the next call.
    """
    live = LiveProgrammes()

    async def one(conn: Connection) -> int:
        at = clock()
        await live.refresh(conn)
        stamp = Stamp(at=at, on=calendar.date_of(at))
        return await _chunk(conn, correction_id, stamp, live.at(at).programme)

    while (stop is None or not stop.is_set()) and (lines := await in_transaction(pool, one)):
        progress(lines)
    return await in_transaction(pool, partial(corrections.get, correction_id=correction_id))


async def _chunk(conn: Connection, correction_id: UUID, stamp: Stamp, programme: Programme) -> int:
    """Do the next lines; how many. 0: it is finished, or not to go on."""
    found = await corrections.get(conn, correction_id, lock=True)
    if found.state not in ("approved", "running"):
        return 0
    lines = await corrections.ready_lines(conn, correction_id, CHUNK)
    if not lines:
        await corrections.move(conn, correction_id, "finished", finished_at=stamp.at)
        return 0
    if found.state == "approved":
        await corrections.move(conn, correction_id, "running")
    originals: dict[int, Line] = {}
    if found.reverses:
        nos = [line.undoes for line in lines if line.undoes]
        originals = await corrections.lines_by_no(conn, found.reverses, nos)
    stamp = msgspec.structs.replace(stamp, actor=found.by)
    chunk = Chunk(conn, found, stamp, programme, originals)
    await corrections.tell_lines(conn, found, await _do(chunk, lines))
    return len(lines)


async def _do(chunk: Chunk, lines: Sequence[Line]) -> list[Line]:
    """What became of each line. Locks in the order of the house: keys, members, grants, balances."""
    conn, found = chunk.conn, chunk.correction
    keys = [(line.member_id, found.key(line.no)) for line in lines]
    new = await ledger.claim(conn, keys, found.correction_id.bytes, chunk.stamp.at)
    assert len(new) == len(keys), "a line that is ready has had no effect"
    # What is left of an order may not change while it is asked what is due of its grants.
    for member_id in sorted({line.member_id for line in lines if line.undoes and line.grant_key}):
        await members.lock(conn, member_id)
    await ledger.lock_grants(conn, [(line.member_id, line.grant_key) for line in lines if line.grant_key])
    await ledger.lock_wallets(conn, [line.member_id for line in lines])
    # New wallets are locked as they come, so in order as well; of one member, as the lines stand.
    told = {line.no: await _line(chunk, line) for line in sorted(lines, key=lambda one: (one.member_id, one.no))}
    return [told[line.no] for line in lines]


async def _line(chunk: Chunk, line: Line) -> Line:
    before = await _spendable(chunk, line)
    try:
        async with chunk.conn.transaction():  # what a line began before it was refused, is undone
            trace = await _post(chunk, line)
    except Refusal as refusal:
        failed = Fault(refusal.code, refusal.fields)
        return msgspec.structs.replace(
            line, state="failed", fault=failed, available_before=before, available_after=before
        )
    after = await _spendable(chunk, line)
    return msgspec.structs.replace(line, state="done", trace=trace, available_before=before, available_after=after)


async def _spendable(chunk: Chunk, line: Line) -> int:
    found = await ledger.available_of(chunk.conn, [line.member_id], line.wallet, chunk.stamp.on)
    return found[line.member_id]


async def _post(chunk: Chunk, line: Line) -> Trace:
    if line.undoes is not None:
        was = chunk.originals[line.undoes]
        return await (_undo_adjust(chunk, line, was) if line.act == "adjust" else _undo_reverse(chunk, line, was))
    if line.act == "adjust":
        expires_on = add_months(chunk.stamp.on, chunk.programme.validity_months)
        await ledger.adjust(
            chunk.conn, chunk.stamp, line.member_id, line.wallet, line.points, chunk.correction.key(line.no),
            reason=line.reason, expires_on=expires_on, funder=FUNDER,
        )  # fmt: skip
        return Trace(expires_on=expires_on)
    return await _reverse(chunk, line)


async def _reverse(chunk: Chunk, line: Line) -> Trace:
    """Take back of a grant: what is no longer there becomes debt."""
    assert line.grant_key is not None, "it names the grant"
    grant = await ledger.lock_grant(chunk.conn, line.member_id, line.grant_key)
    key = chunk.correction.key(line.no)
    await ledger.reverse(
        chunk.conn, chunk.stamp, line.member_id, line.grant_key, -line.points, key, reason=line.reason
    )  # fmt: skip
    left = await ledger.lock_grant(chunk.conn, line.member_id, line.grant_key)
    return Trace(pending=grant.state == "pending", points=left.points, reversed=left.reversed)


async def _undo_adjust(chunk: Chunk, line: Line, was: Line) -> Trace:
    assert chunk.correction.reverses is not None and was.trace is not None and was.trace.expires_on is not None
    key, lot = chunk.correction.key(line.no), (was.trace.expires_on, FUNDER)
    posting = (chunk.conn, chunk.stamp, line.member_id, line.wallet, abs(line.points), key)
    if line.points < 0:
        await ledger.take_back(*posting, lot=lot, reason=line.reason)
    else:
        await ledger.put_back(
            *posting, use_key=f"adjust:{line_key(chunk.correction.reverses, was.no)}", lot=lot, reason=line.reason,
            lapsed_grace_days=chunk.programme.lapsed_grace_days,
        )  # fmt: skip
    return Trace(expires_on=was.trace.expires_on)


async def _undo_reverse(chunk: Chunk, line: Line, was: Line) -> Trace:
    """Give back to a grant what was reversed of it, or reverse it again. Raises GrantChanged where a refund, or
    whatever else, has changed it since, or would have: what is due of it then is no longer what it was."""
    if line.points < 0:
        return await _reverse(chunk, line)
    assert chunk.correction.reverses is not None and was.trace is not None and line.grant_key is not None
    grant = await ledger.lock_grant(chunk.conn, line.member_id, line.grant_key)
    if (grant.points, grant.reversed) != (was.trace.points, was.trace.reversed):
        raise GrantChanged(key=line.grant_key)
    if grant.points - grant.reversed + line.points > await _due(chunk.conn, grant):
        raise GrantChanged(key=line.grant_key)
    await ledger.restore(
        chunk.conn, chunk.stamp, grant, line.points, chunk.correction.key(line.no),
        use_key=f"reverse:{line_key(chunk.correction.reverses, was.no)}", pending=was.trace.pending,
        reason=line.reason, lapsed_grace_days=chunk.programme.lapsed_grace_days,
    )  # fmt: skip
    return Trace(pending=was.trace.pending)


async def _due(conn: Connection, grant: GrantState) -> int:
    """What refunds leave of a grant: a reversal may have been more than that, so that they changed nothing of it."""
    key = (grant.member_id, grant.order_id or "")
    record = (await earning.read_orders(conn, [key])).get(key)
    due = [one.due for one in repriced(record, "") if one.key == grant.key] if record else []
    return min(due, default=grant.promised)
