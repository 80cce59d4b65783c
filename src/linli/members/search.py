"""Members found: by the beginning of their id, by a part of their nickname, by city."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from linli.kit.db import Connection, fetch_all
from linli.members import store


class Found(NamedTuple):
    """A member in a list."""

    member_id: str
    nickname: str | None
    avatar: str | None
    city: str | None
    community_id: str | None
    leader_id: str | None
    enrolled_at: datetime


async def search(
    conn: Connection, *, query: str | None, city: str | None, after: str = "", limit: int
) -> list[Found]:  # fmt: skip
    """A page of members by id, those after `after`. `query` None: all of them. Case counts in ids, not in nicknames."""
    asked = {"query": query, "city": city, "after": after, "limit": limit}
    if query is not None:
        # Every id that begins with the query sorts below the query followed by the last character there is.
        asked["beyond"] = query + chr(0x10FFFF)
    rows = await fetch_all(conn, store.ALL if query is None else store.SEARCH, asked)
    return [Found(*row) for row in rows]
