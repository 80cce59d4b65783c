"""Notices: what a member is told once, on a business date, that no movement says. Each knows whether it was read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from linli.kit.columns import dates, ints, texts
from linli.kit.db import Connection, fetch_all
from linli.notify import store
from linli.notify.messages import Note, Place

NoticeKind: TypeAlias = Literal["expiring", "wake_up"]
NoticePlace: TypeAlias = tuple[date, str, str]
"""(on, kind, member_id)"""
NEWEST: NoticePlace = (date.max, "~", "")


class Notice(msgspec.Struct, frozen=True):
    """A notice. `points` and `lapses_on`: of `expiring`, as it was when the run told it. `coupon`: of `wake_up`."""

    member_id: str
    kind: NoticeKind
    on: date
    points: int | None
    lapses_on: date | None
    coupon: str | None
    created_at: datetime
    read: bool = False

    @property
    def place(self) -> NoticePlace:
        """Where it stands in the list of all."""
        return self.on, self.kind, self.member_id

    @property
    def key(self) -> str:
        """By which it is known for ever: `expiring:2026-11-22:<member>`."""
        return f"{self.kind}:{self.on}:{self.member_id}"

    @property
    def note(self) -> Note:
        """It as a message."""
        return Note(self.kind, self.on, 0, self.created_at, self.points or 0, self.read, self.lapses_on, self.coupon)


class Page(NamedTuple):
    """What to list: of a member, of a kind (None: all), before a place."""

    member_id: str | None = None
    kind: NoticeKind | None = None
    before: NoticePlace = NEWEST


async def add(conn: Connection, notices: Sequence[Notice]) -> set[str]:
    """Keep notices of one run; a member has one a date and kind. Returns the members to whom it is new."""
    if not notices:
        return set()
    first = notices[0]
    row = {"kind": first.kind, "on": first.on, "coupon": first.coupon, "at": first.created_at}
    columns = {
        "members": texts(notice.member_id for notice in notices),
        "points": ints(notice.points or 0 for notice in notices),
        "lapses": dates(notice.lapses_on for notice in notices),
    }
    return {row[0] for row in await fetch_all(conn, store.ADD_NOTICES, {**row, **columns})}


async def of_member(conn: Connection, member_id: str, *, since: date, before: Place, limit: int) -> list[Notice]:
    """The member's notices from business date `since` on, newest first: those that stand before `before`."""
    where = {"member_id": member_id, "since": since, "before_on": before[0], "before_rank": before[1], "limit": limit}
    return [Notice(*row) for row in await fetch_all(conn, store.NOTICES_OF, where)]


async def notices(conn: Connection, page: Page, limit: int) -> list[Notice]:
    """A page of all notices, newest first."""
    on, kind, member_id = page.before
    before = {"before_on": on, "before_kind": kind, "before_member": member_id}
    where = {"member_id": page.member_id, "kind": page.kind, **before, "limit": limit}
    return [Notice(*row) for row in await fetch_all(conn, store.NOTICES, where)]


async def count_unread(conn: Connection, members: Sequence[str], since: date) -> dict[str, int]:
    """Member → unread notices from business date `since` on; members without one are left out."""
    return dict(await fetch_all(conn, store.UNREAD, {"members": texts(members), "since": since}))


async def read_up_to(conn: Connection, member_id: str, place: Place, at: datetime) -> None:
    """Let the member have read the notices that stand at `place` or before."""
    row = {"member_id": member_id, "on": place[0], "rank": place[1], "at": at}
    await conn.execute(store.READ_NOTICES, row)


async def woken_since(conn: Connection, members: Sequence[str], since: date) -> set[str]:
    """Those of `members` who were woken up after business date `since`."""
    rows = await fetch_all(conn, store.WOKEN_SINCE, {"members": texts(members), "since": since})
    return {row[0] for row in rows}
