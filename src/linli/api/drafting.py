"""Drafts that are kept: written, checked, approved by a second person or rejected, and released."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post, put
from litestar.params import Parameter
from msgspec import Meta
from uuid_utils.compat import uuid7

from linli import programmes, rules
from linli.access import FourEyes
from linli.api.call import Call, authorize, needs
from linli.api.paging import decode_cursor, page
from linli.api.programmes import Document, Note, RuleSentence, document_text, effective_year, rule_sentences
from linli.api.strict import Cursor, Input, Limit, Reason
from linli.flows import drafts, rollout, trials
from linli.flows.drafts import ApprovalByPerson
from linli.flows.rollout import NothingBeneath, Wish
from linli.flows.trials import Rollout
from linli.kit.db import Connection
from linli.kit.errors import Invalid
from linli.programmes import (
    Draft,
    DraftChanged,
    DraftLine,
    DraftNotFound,
    DraftState,
    DraftStateRefused,
    Guardrails,
    RolloutOverlap,
    Trial,
)  # fmt: skip
from linli.rules import Change, Fault, FaultyProgramme
from linli.words.events import Code

Revision = Annotated[int, Meta(ge=1, lt=2**31, description="The draft's, as its reader saw it.")]
Cities = Annotated[tuple[Code, ...], Meta(max_length=500)]
Percent = Annotated[int, Meta(ge=1, le=100)]
InState = Annotated[DraftState | None, Parameter(query="state")]
_MOST_DOCUMENT = 2_000_000
_MOVED = (DraftNotFound, DraftChanged, DraftStateRefused)


class NewDraft(Input, frozen=True, kw_only=True):
    """A draft to keep; it may have faults. `draft_id`: the sender's own, so that sent twice it is one draft."""

    document: Document
    note: Note = ""
    draft_id: UUID | None = None


class DraftEdit(Input, frozen=True, kw_only=True):
    """What the draft says from now on. `revision` is the one that was edited."""

    document: Document
    note: Note = ""
    revision: Revision


class DraftCheck(Input, frozen=True, kw_only=True):
    """Which revision is meant; left out, whatever it is by now."""

    revision: Revision | None = None


class Approval(Input, frozen=True, kw_only=True):
    """Why the draft is good, and which revision was read."""

    note: Note = ""
    revision: Revision | None = None


class Rejection(Input, frozen=True, kw_only=True):
    """Why the draft is not to be released."""

    reason: Reason
    revision: Revision | None = None


class Release(Input, frozen=True, kw_only=True):
    """The first step of the version that the draft becomes. `effective_from`: now, unless told; never before now."""

    stage: Trial
    cities: Cities = ()
    percent: Percent | None = None
    guardrails: Guardrails = Guardrails()
    effective_from: Annotated[datetime, Meta(tz=True)] | None = None
    reason: Reason
    revision: Revision | None = None


class Drafts(msgspec.Struct, frozen=True):
    """A page of drafts, newest first."""

    items: list[DraftLine]
    next_cursor: str | None


class DraftDetail(msgspec.Struct, frozen=True):
    """A draft with its document as it was sent, what is wrong with it, what each rule says that can be read, and (where
    nothing is wrong) what it changes of the programme that holds now."""

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
    document: Document
    faults: list[Fault]
    sentences: list[RuleSentence]
    changes: list[Change]


async def _detail(call: Call, conn: Connection, draft: Draft) -> DraftDetail:
    live = await call.find_programme(conn)
    looked = await drafts.look(conn, draft, rules.encode_programme(live.programme) if live else None)
    line: dict[str, Any] = msgspec.structs.asdict(draft.line)
    return DraftDetail(
        **line, document=msgspec.Raw(draft.document), faults=looked.faults,
        sentences=rule_sentences(looked.programme) if looked.programme is not None else [], changes=looked.changes,
    )  # fmt: skip


@get("/", opt=needs("points:read"))
async def list_drafts(call: Call, in_state: InState = None, cursor: Cursor = None, limit: Limit = 20) -> Drafts:
    """Drafts, newest first."""
    before = decode_cursor("drafts", cursor, UUID)

    async def work(conn: Connection) -> list[DraftLine]:
        return await programmes.drafts(conn, state=in_state, before=before, limit=limit + 1)

    return Drafts(*page("drafts", await call.run(work), limit, lambda draft: draft.draft_id))


@post("/", opt=needs("programme:write", DraftChanged))
async def add_draft(call: Call, data: NewDraft) -> DraftDetail:
    """Keep a draft, faulty or not."""
    document, text = bytes(data.document), _text(data.document)

    async def work(conn: Connection) -> DraftDetail:
        draft = await programmes.add_draft(
            conn, data.draft_id or uuid7(), drafts.title_of(text), document, data.note, author=call.caller.name,
            now=call.stamp.at,
        )  # fmt: skip
        return await _detail(call, conn, draft)

    return await call.run(work)


@get("/{draft_id:str}", opt=needs("points:read", DraftNotFound))
async def get_draft(call: Call, draft_id: UUID) -> DraftDetail:
    """One draft, checked and compared with what holds now."""

    async def work(conn: Connection) -> DraftDetail:
        return await _detail(call, conn, await programmes.get_draft(conn, draft_id))

    return await call.run(work)


@put("/{draft_id:str}", opt=needs("programme:write", *_MOVED))
async def edit_draft(call: Call, draft_id: UUID, data: DraftEdit) -> DraftDetail:
    """Change a draft: it is to be checked and approved anew. A released one stays as it is."""
    document, text = bytes(data.document), _text(data.document)

    async def work(conn: Connection) -> DraftDetail:
        draft = await drafts.edit(
            conn, draft_id, document, text, data.note, data.revision, by=call.caller.name, now=call.stamp.at
        )
        return await _detail(call, conn, draft)

    return await call.run(work)


@post("/{draft_id:str}/check", status_code=200, opt=needs("programme:write", *_MOVED))
async def check_draft(call: Call, draft_id: UUID, data: DraftCheck) -> DraftDetail:
    """Let a draft wait for approval, if nothing is wrong with it; else it stays a draft, and `faults` says why."""

    async def work(conn: Connection) -> DraftDetail:
        draft = await drafts.check(conn, draft_id, data.revision, by=call.caller.name, now=call.stamp.at)
        return await _detail(call, conn, draft)

    return await call.run(work)


@post(
    "/{draft_id:str}/approve", status_code=200,
    opt=needs("programme:write", *_MOVED, FourEyes, ApprovalByPerson, FaultyProgramme),
)  # fmt: skip
async def approve_draft(call: Call, draft_id: UUID, data: Approval) -> DraftDetail:
    """Approve a checked draft, as somebody who neither wrote it nor changed it last."""

    async def work(conn: Connection) -> DraftDetail:
        draft = await drafts.approve(
            conn, draft_id, data.note, data.revision, by=call.caller.name, now=call.stamp.at,
            four_eyes=call.process.settings.four_eyes, person=call.caller.kind == "operator",
        )  # fmt: skip
        return await _detail(call, conn, draft)

    return await call.run(work)


@post("/{draft_id:str}/reject", status_code=200, opt=needs("programme:write", *_MOVED))
async def reject_draft(call: Call, draft_id: UUID, data: Rejection) -> DraftDetail:
    """Send a draft back to who wrote it, with the reason."""

    async def work(conn: Connection) -> DraftDetail:
        draft = await drafts.reject(
            conn, draft_id, data.reason, data.revision, by=call.caller.name, now=call.stamp.at
        )  # fmt: skip
        return await _detail(call, conn, draft)

    return await call.run(work)


@post(
    "/{draft_id:str}/release", status_code=201,
    opt=needs("programme:write", *_MOVED, RolloutOverlap, NothingBeneath, FaultyProgramme),
)  # fmt: skip
async def release_draft(call: Call, draft_id: UUID, data: Release) -> Response[Rollout]:
    """Make an approved draft a version, and take its first step: in the shadow, for cities, for a percentage, for all.

    The same once more is answered with how the rollout stands.
    """
    if data.effective_from is not None:
        effective_year(data.effective_from)
    wish = Wish(data.stage, data.cities, data.percent)

    async def work(conn: Connection) -> Rollout:
        version = await rollout.release(
            conn, draft_id, wish, data.guardrails, data.reason, revision=data.revision,
            effective_from=data.effective_from, by=call.caller.name, now=call.stamp.at,
        )  # fmt: skip
        return await trials.get_rollout(conn, version, call.stamp.at)

    return Response(await call.run(work), status_code=201)


def _text(document: msgspec.Raw) -> bytes:
    """The document's text. Raises Invalid for what cannot be kept."""
    try:
        bytes(document).decode()
    except UnicodeDecodeError:
        raise Invalid(errors=[{"place": "$.document", "detail": "not UTF-8"}]) from None
    text = document_text(document)
    if len(text) > _MOST_DOCUMENT:
        raise Invalid(errors=[{"place": "$.document", "detail": f"more than {_MOST_DOCUMENT} bytes"}])
    return text


routes = Router(
    "/v1/programme/drafts",
    route_handlers=[
        list_drafts, add_draft, get_draft, edit_draft, check_draft, approve_draft, reject_draft, release_draft,
    ],
    guards=[authorize], tags=["programme"],
)  # fmt: skip
