"""What a member is told: the ledger's news and notices as messages, and how many of them are unread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from linli import ledger, notify
from linli.kit.db import Connection
from linli.ledger import Kind, Stamp
from linli.notify import Note, Place

_KINDS: tuple[Kind, ...] = ("settle", "expire", "adjust", "reverse", "refund")
assert set(_KINDS) == set(notify.KIND_OF), "every kind that is told has a message"


async def messages(
    conn: Connection, member_id: str, wallet: str, on: date, *, before: Place = (date.max, 0), limit: int
) -> list[Note]:
    """A page of messages, newest first: those that stand before `before`."""
    mark = (await notify.marks(conn, [member_id]))[member_id]
    since = notify.since(on)
    found = await ledger.days(conn, member_id, wallet, kinds=_KINDS, since=since, before=before, limit=limit)
    told = await notify.of_member(conn, member_id, since=since, before=before, limit=limit)
    notes = [notify.moved(day.kind, day.on, day.seq, day.at, day.points, mark) for day in found]
    notes += [notice.note for notice in told]
    return sorted(notes, key=lambda note: note.place, reverse=True)[:limit]


async def count_unread(conn: Connection, members: Sequence[str], wallet: str, on: date) -> dict[str, int]:
    """Member → number of unread messages, for many at once."""
    marks = await notify.marks(conn, members)
    seqs = {member_id: mark.seq for member_id, mark in marks.items()}
    since = notify.since(on)
    moved = await ledger.count_new_days(conn, seqs, wallet, kinds=_KINDS, since=since)
    told = await notify.count_unread(conn, members, since)
    return {member_id: moved.get(member_id, 0) + told.get(member_id, 0) for member_id in members}


async def mark_read(conn: Connection, member_id: str, wallet: str, up_to: Place, stamp: Stamp) -> None:
    """Let all messages be read that stand at `up_to` or before. Twice is once; a mark never goes back."""
    place = min(up_to, (stamp.on, up_to[1]))
    seq = await ledger.last_seq(
        conn, member_id, wallet, kinds=_KINDS, since=notify.since(stamp.on), up_to=place
    )  # fmt: skip
    await notify.advance(conn, member_id, notify.Mark(seq), stamp.at)
    await notify.read_up_to(conn, member_id, place, stamp.at)
