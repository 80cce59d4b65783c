"""How far a member has read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from linli.kit.columns import texts
from linli.kit.db import Connection, fetch_all
from linli.notify import store


class Mark(msgspec.Struct, frozen=True):
    """Movements up to `seq` are read. Notices know it by themselves."""

    seq: int


NOTHING_READ = Mark(0)


async def marks(conn: Connection, members: Sequence[str]) -> dict[str, Mark]:
    """Member → mark, NOTHING_READ for who never read anything."""
    rows = await fetch_all(conn, store.MARKS, {"members": texts(members)})
    found = {member_id: Mark(seq) for member_id, seq in rows}
    return {member_id: found.get(member_id, NOTHING_READ) for member_id in members}


async def advance(conn: Connection, member_id: str, mark: Mark, at: datetime) -> None:
    """Let the member have read up to `mark`. A mark never goes back."""
    await conn.execute(store.ADVANCE, {"member_id": member_id, "seq": mark.seq, "at": at})
