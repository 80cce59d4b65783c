"""What a member is told: the ledger's news as messages, and how many of them are unread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from linli import ledger, notify
from linli.kit.clock import BusinessCalendar
from linli.kit.db import Connection
from linli.ledger import Kind, Stamp
from linli.notify import Note, Place, Week

_KINDS: tuple[Kind, ...] = ("settle", "expire", "adjust", "reverse", "refund")
assert set(_KINDS) == set(notify.KIND_OF), "every kind that is told has a message"


async def messages(
    conn: Connection, member_id: str, wallet: str, on: date, calendar: BusinessCalendar,
    *, before: Place = (date.max, 0), limit: int,
) -> list[Note]:  # fmt: skip
    """A page of messages, newest first: those that stand before `before`."""
    mark = (await notify.marks(conn, [member_id]))[member_id]
    found = await ledger.days(
        conn, member_id, wallet, kinds=_KINDS, since=notify.since(on), before=before, limit=limit
    )  # fmt: skip
    notes = [notify.moved(day.kind, day.on, day.seq, day.at, day.points, mark) for day in found]
    for week in (await _weeks(conn, [member_id], wallet, on)).get(member_id, []):
        read = week.announced_on <= mark.on
        at = calendar.starts_at(week.announced_on)
        notes.append(Note(notify.EXPIRING, week.announced_on, 0, at, week.points, read, week.first_on))
    return sorted((note for note in notes if note.place < before), key=lambda note: note.place, reverse=True)[:limit]


async def count_unread(conn: Connection, members: Sequence[str], wallet: str, on: date) -> dict[str, int]:
    """Member → number of unread messages, for many at once."""
    marks = await notify.marks(conn, members)
    seqs = {member_id: mark.seq for member_id, mark in marks.items()}
    moved = await ledger.count_new_days(conn, seqs, wallet, kinds=_KINDS, since=notify.since(on))
    weeks = await _weeks(conn, members, wallet, on)
    return {
        member_id: moved.get(member_id, 0) + notify.count_unread_weeks(weeks.get(member_id, []), mark)
        for member_id, mark in marks.items()
    }


async def mark_read(conn: Connection, member_id: str, wallet: str, up_to: Place, stamp: Stamp) -> None:
    """Let all messages be read that stand at `up_to` or before. Twice is once; a mark never goes back."""
    on = min(up_to[0], stamp.on)
    seq = await ledger.last_seq(
        conn, member_id, wallet, kinds=_KINDS, since=notify.since(stamp.on), up_to=(on, up_to[1])
    )  # fmt: skip
    await notify.advance(conn, member_id, notify.Mark(seq, on), stamp.at)


async def _weeks(conn: Connection, members: Sequence[str], wallet: str, on: date) -> dict[str, list[Week]]:
    until = on + timedelta(days=notify.AHEAD_DAYS)
    lots = await ledger.expiring(conn, members, wallet, on=on, until=until)
    return {member_id: notify.lapsing_weeks(part, on) for member_id, part in lots.items()}
