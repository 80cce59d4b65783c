"""What people did that others may ask about: who, what, to what, why and when. And what has run out is cleared away."""

from __future__ import annotations

from datetime import datetime

from uuid_utils.compat import uuid7

from linli.access import store
from linli.access.attempts import WINDOW
from linli.kit.db import Connection


async def note_act(conn: Connection, actor: str, act: str, subject: str, reason: str, at: datetime) -> None:
    """Note an act (`user.change`, `run.start`, …) for ever, in the transaction that does it."""
    row = {"act_id": uuid7(), "actor": actor, "act": act, "subject": subject, "reason": reason, "at": at}
    await conn.execute(store.NOTE_ACT, row)


async def tidy(conn: Connection, now: datetime) -> None:
    """Delete sessions, tokens and attempts that no longer count."""
    for statement in store.TIDY:
        await conn.execute(statement, {"now": now, "forgotten": now - WINDOW})
