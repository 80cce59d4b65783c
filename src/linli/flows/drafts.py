"""The way of a draft: written, checked, approved by a second person or rejected, then released (`flows/rollout`)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from linli import programmes, rules
from linli.access import FourEyes, note_act
from linli.kit.db import Connection
from linli.kit.errors import Refusal
from linli.programmes import Draft
from linli.rules import Change, Fault, FaultyProgramme, Programme

_MOST_TITLE = 100


class ApprovalByPerson(Refusal):
    """Drafts are approved by people who have signed in, not by keys. No fields."""

    code: ClassVar[str] = "approval_by_person"


class Looked(msgspec.Struct, frozen=True):
    """A draft, what is wrong with it, the programme as far as it can be read, and what it changes of the live one."""

    draft: Draft
    faults: list[Fault]
    programme: Programme | None
    changes: list[Change]


def document_of(draft: Draft) -> bytes:
    """The document's text: of one that came as a text, what it holds."""
    raw = draft.document
    return msgspec.json.decode(raw, type=str).encode() if raw.startswith(b'"') else raw


def title_of(text: bytes) -> str:
    """How a draft is called in lists: by its programme's title or name, as far as either can be read."""
    programme, _ = rules.readable_part(text)
    return (programme.title.zh or programme.name)[:_MOST_TITLE] if programme is not None else ""


async def look(conn: Connection, draft: Draft, live: bytes | None) -> Looked:
    """Check a draft, and compare it with `live`, the canonical document that holds now."""
    programme, faults = rules.readable_part(document_of(draft))
    changes = rules.difference(live, rules.encode_programme(programme)) if programme is not None and not faults else []
    return Looked(draft, faults, programme, changes)


async def edit(
    conn: Connection, draft_id: UUID, document: bytes, text: bytes, note: str, revision: int, *, by: str, now: datetime
) -> Draft:
    """Another document: it is to be checked and approved anew. The same again changes nothing.

    Raises DraftNotFound, DraftChanged, DraftStateRefused.
    """
    draft = await programmes.get_draft(conn, draft_id, lock=True)
    if (draft.document, draft.line.note, draft.line.editor) == (document, note, by) and revision in (
        draft.line.revision, draft.line.revision - 1,
    ):  # fmt: skip
        return draft
    draft.at_revision(revision)
    draft.require("draft", "checked", "approved", "rejected")
    await programmes.edit_draft(conn, draft_id, title_of(text), document, note, editor=by, now=now)
    return await programmes.get_draft(conn, draft_id)


async def check(conn: Connection, draft_id: UUID, revision: int | None, *, by: str, now: datetime) -> Draft:
    """Let a draft without faults be approved by somebody. One with faults stays what it is: looking at it says why.

    Raises DraftNotFound, DraftChanged, DraftStateRefused.
    """
    draft = await programmes.get_draft(conn, draft_id, lock=True)
    draft.at_revision(revision)
    draft.require("draft", "checked", "approved")
    if draft.line.state != "draft" or rules.readable_part(document_of(draft))[1]:
        return draft
    await programmes.set_state(conn, draft_id, "checked", by=by, now=now)
    return await programmes.get_draft(conn, draft_id)


async def approve(
    conn: Connection, draft_id: UUID, note: str, revision: int | None, *, by: str, now: datetime, four_eyes: bool,
    person: bool,
) -> Draft:  # fmt: skip
    """Approve a checked draft; with `four_eyes`, as a person who neither wrote it nor changed it last.

    Raises DraftNotFound, DraftChanged, DraftStateRefused, FourEyes, ApprovalByPerson, rules.FaultyProgramme.
    """
    draft = await programmes.get_draft(conn, draft_id, lock=True)
    draft.at_revision(revision)
    if draft.line.state == "approved" and draft.line.approved_by == by:
        return draft
    draft.require("checked")
    if four_eyes and by in (draft.line.author, draft.line.editor):
        raise FourEyes(author=", ".join(dict.fromkeys((draft.line.author, draft.line.editor))))
    if four_eyes and not person:
        raise ApprovalByPerson
    if faults := rules.check_programme(document_of(draft)):  # what was no fault yesterday may be one today
        raise FaultyProgramme(faults)
    await programmes.set_state(conn, draft_id, "approved", by=by, now=now)
    await note_act(conn, by, "draft.approve", _subject(draft), note, now)
    return await programmes.get_draft(conn, draft_id)


async def reject(
    conn: Connection, draft_id: UUID, reason: str, revision: int | None, *, by: str, now: datetime
) -> Draft:  # fmt: skip
    """Send a draft back: it is approved by nobody until it has changed. Raises DraftNotFound, DraftChanged,
    DraftStateRefused."""
    draft = await programmes.get_draft(conn, draft_id, lock=True)
    draft.at_revision(revision)
    if (draft.line.state, draft.line.rejected) == ("rejected", reason):
        return draft
    draft.require("draft", "checked", "approved")
    await programmes.set_state(conn, draft_id, "rejected", by=by, now=now, rejected=reason)
    await note_act(conn, by, "draft.reject", _subject(draft), reason, now)
    return await programmes.get_draft(conn, draft_id)


def _subject(draft: Draft) -> str:
    return f"draft {draft.line.draft_id} revision {draft.line.revision}"
