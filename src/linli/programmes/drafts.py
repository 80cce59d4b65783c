"""Drafts of the programme: written by one person, checked, approved by another, and released as a version."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

import msgspec

from linli.kit.db import Connection, fetch_all, fetch_one
from linli.kit.errors import NotFound, Refusal
from linli.programmes import store_drafts as store

DraftState = Literal["draft", "checked", "approved", "rejected", "released"]


class DraftNotFound(NotFound):
    """There is no such draft. Fields: `draft_id`."""

    code: ClassVar[str] = "draft_not_found"


class DraftChanged(Refusal):
    """Somebody changed the draft meanwhile. Fields: `revision`, the draft's own, and `editor`."""

    code: ClassVar[str] = "draft_changed"


class DraftStateRefused(Refusal):
    """The draft does not stand where it would have to. Fields: `state`, and `wanted`, the states it may be in."""

    code: ClassVar[str] = "draft_state"


class DraftLine(msgspec.Struct, frozen=True):
    """A draft without its document. `title` is the programme's Chinese title, as far as it can be read; `editor`
    changed the document last; `rejected` says why; `version`: what it was released as."""

    draft_id: UUID
    title: str
    note: str
    author: str
    editor: str
    state: DraftState
    revision: int
    created_at: datetime
    updated_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    rejected: str | None
    version: int | None


class Draft(msgspec.Struct, frozen=True):
    """A draft. `document` is JSON as it was sent: an object, or a text that holds YAML or JSON; perhaps faulty."""

    line: DraftLine
    document: bytes

    def require(self, *states: DraftState) -> None:
        """Raises DraftStateRefused."""
        if self.line.state not in states:
            raise DraftStateRefused(state=self.line.state, wanted=list(states))

    def at_revision(self, revision: int | None) -> None:
        """Raises DraftChanged where the caller has seen another revision."""
        if revision is not None and revision != self.line.revision:
            raise DraftChanged(revision=self.line.revision, editor=self.line.editor)


def _draft(row: tuple) -> Draft:  # pyright: ignore[reportMissingTypeArgument]
    *line, document = row
    return Draft(DraftLine(*line), document.encode())


async def add_draft(
    conn: Connection, draft_id: UUID, title: str, document: bytes, note: str, *, author: str, now: datetime
) -> Draft:
    """A new draft. The same id again is the same draft. Raises DraftChanged where that says something else."""
    row = {
        "draft_id": draft_id, "title": title, "document": document.decode(), "note": note, "author": author, "now": now,
    }  # fmt: skip
    await conn.execute(store.ADD_DRAFT, row)
    found = await get_draft(conn, draft_id)
    if (found.document, found.line.author) != (document, author):
        raise DraftChanged(revision=found.line.revision, editor=found.line.editor)
    return found


async def drafts(
    conn: Connection, *, state: DraftState | None = None, before: UUID | None = None, limit: int
) -> list[DraftLine]:
    """A page of drafts, newest first."""
    rows = await fetch_all(conn, store.DRAFTS, {"state": state, "before": before, "limit": limit})
    return [DraftLine(*row) for row in rows]


async def get_draft(conn: Connection, draft_id: UUID, *, lock: bool = False) -> Draft:
    """One draft; `lock`: nobody else changes it until this transaction ends. Raises DraftNotFound."""
    row = await fetch_one(conn, store.LOCK_DRAFT if lock else store.DRAFT, {"draft_id": draft_id})
    if row is None:
        raise DraftNotFound(draft_id=str(draft_id))
    return _draft(row)


async def edit_draft(
    conn: Connection, draft_id: UUID, title: str, document: bytes, note: str, *, editor: str, now: datetime
) -> None:
    """Another document: whatever was checked or approved was another one. The caller has the lock."""
    row = {
        "draft_id": draft_id, "title": title, "document": document.decode(), "note": note, "editor": editor, "now": now,
    }  # fmt: skip
    await conn.execute(store.EDIT_DRAFT, row)


async def set_state(
    conn: Connection, draft_id: UUID, state: DraftState, *, by: str, now: datetime, rejected: str | None = None,
    version: int | None = None,
) -> None:  # fmt: skip
    """Let the draft stand at `state`. The caller has the lock, and knows that it may."""
    row = {"draft_id": draft_id, "state": state, "by": by, "now": now, "rejected": rejected, "version": version}
    await conn.execute(store.SET_STATE, row)
