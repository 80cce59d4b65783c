"""What people did that others may ask about: who, what, to what, why and when. And what has run out is cleared away."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from linli.access import store
from linli.access.attempts import WINDOW
from linli.kit.db import Connection, fetch_all


class Act(msgspec.Struct, frozen=True):
    """Something that somebody did: `act` is a stable code (`user.change`, `rollout.percent`), `subject` what it was
    done to."""

    act_id: UUID
    actor: str
    act: str
    subject: str
    reason: str
    at: datetime


async def acts(
    conn: Connection, *, actor: str | None = None, act: str | None = None, from_at: datetime | None = None,
    to_at: datetime | None = None, before: UUID | None = None, limit: int,
) -> list[Act]:  # fmt: skip
    """A page of acts at or after `from_at` and before `to_at`, newest first. `act` may be the first part of a code
    (`rollout`)."""
    row = {"actor": actor, "act": act, "from_at": from_at, "to_at": to_at, "before": before, "limit": limit}
    return [Act(*found) for found in await fetch_all(conn, store.ACTS, row)]


async def note_act(conn: Connection, actor: str, act: str, subject: str, reason: str, at: datetime) -> None:
    """Note an act (`user.change`, `run.start`, …) for ever, in the transaction that does it."""
    row = {"act_id": uuid7(), "actor": actor, "act": act, "subject": subject, "reason": reason, "at": at}
    await conn.execute(store.NOTE_ACT, row)


async def tidy(conn: Connection, now: datetime) -> None:
    """Delete sessions, tokens and attempts that no longer count."""
    for statement in store.TIDY:
        await conn.execute(statement, {"now": now, "forgotten": now - WINDOW})
