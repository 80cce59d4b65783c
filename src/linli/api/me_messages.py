"""消息: what the member is told, and how far it was read."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from litestar import get, post

from linli import members, notify
from linli.api.call import Call, for_members
from linli.api.me_words import Bilingual, both, day, points
from linli.api.paging import decode_cursor, page
from linli.api.strict import BodyId, Cursor, Input, Limit
from linli.flows.messages import mark_read, messages
from linli.flows.redeem import WALLET
from linli.kit.db import Connection
from linli.kit.errors import Invalid
from linli.members import MemberNotFound
from linli.notify import MessageKind, Note


class Message(msgspec.Struct, frozen=True):
    """`points`: signed as in the statement; what will lapse is positive. `params`: the figures of the text."""

    message_id: str
    kind: MessageKind
    at: datetime
    points: int
    params: dict[str, int | str]
    title: Bilingual
    text: Bilingual
    read: bool


class Messages(msgspec.Struct, frozen=True):
    """A page of messages, newest first."""

    items: list[Message]
    next_cursor: str | None


class UpTo(Input, frozen=True, kw_only=True):
    """The newest message that was shown: it and all below it in the list are read."""

    up_to: BodyId


@get("/messages", opt=for_members(MemberNotFound))
async def list_my_messages(call: Call, cursor: Cursor = None, limit: Limit = 20) -> Messages:
    """What happened to the member's points, a message for each business date and kind; what lapses soon, and more."""
    before = decode_cursor("me.messages", cursor, tuple[date, int]) or (date.max, 0)

    async def work(conn: Connection) -> list[Note]:
        await members.get_member(conn, call.member_id)
        return await messages(conn, call.member_id, WALLET, call.stamp.on, before=before, limit=limit + 1)

    items, next_cursor = page("me.messages", await call.read(work), limit, lambda note: note.place)
    return Messages([_told(note) for note in items], next_cursor)


@post("/messages/read", status_code=204, opt=for_members(MemberNotFound))
async def read_my_messages(call: Call, data: UpTo) -> None:
    """Mark messages as read. Twice is once, and what was read stays read."""
    place = notify.place_of(data.up_to)
    if place is None:
        raise Invalid(errors=[{"place": "$.up_to", "detail": "no id of a message"}])

    async def work(conn: Connection) -> None:
        await members.get_member(conn, call.member_id)
        await mark_read(conn, call.member_id, WALLET, place, call.stamp)

    await call.run(work)


def _told(note: Note) -> Message:
    params: dict[str, int | str] = {"points": abs(note.points)}
    if note.coupon is not None:
        params["coupon"] = note.coupon
    if note.lapses_on is not None:
        params["lapses_on"] = note.lapses_on.isoformat()
    title = both(f"message.{note.kind}.title")
    return Message(note.message_id, note.kind, note.at, note.points, params, title, text_of(note), note.read)


def text_of(note: Note) -> Bilingual:
    """What a message says."""
    key = "text"
    if note.kind == "adjusted" and note.points < 0:
        key = "taken"
    elif note.kind == "reversed" and note.points > 0:
        key = "restored"
    elif note.coupon is not None:
        key = "coupon"
    return both(f"message.{note.kind}.{key}", points=points(note.points), day=day(note.lapses_on or note.on))


handlers = [list_my_messages, read_my_messages]
