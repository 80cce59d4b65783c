"""Corrections: many adjustments and reversals at once, by JSON or CSV: previewed, approved, applied, reversed."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.exceptions import HTTPException
from litestar.params import Parameter
from msgspec import Meta

from linli import corrections
from linli.access import Forbidden, FourEyes
from linli.api.call import Call, authorize, needs
from linli.api.errors import Language, hint
from linli.api.idempotent import IdempotencyKey
from linli.api.intake import BodyTooLarge, UnsupportedContent
from linli.api.paging import decode_cursor, page
from linli.api.strict import (
    SAYS,
    BodyId,
    BodyKey,
    BodyWallet,
    Cursor,
    Input,
    Limit,
    Reason,
    StrictRequest,
    decode,
    is_json,
)  # fmt: skip
from linli.corrections import (
    MOST_LINES,
    Act,
    Asked,
    BeingReversed,
    Correction,
    CorrectionInState,
    CorrectionNotFound,
    CsvColumns,
    CsvEncoding,
    CsvMalformed,
    Line,
    LineState,
    NothingToCorrect,
    State,
    TooManyLines,
)
from linli.flows import correct
from linli.flows.publish import NoProgramme
from linli.kit.db import Connection
from linli.kit.errors import Invalid, KeyReused
from linli.words.units import MOST_POINTS

MOST_FILE_BYTES = 32 * 1024 * 1024
CSV = "text/csv"
CsvReason = Annotated[
    str | None,
    Parameter(query="reason", min_length=1, max_length=500, pattern=SAYS, description="With a CSV file: why."),
]
InState = Annotated[State | None, Parameter(query="state", description="Those in this state.")]
LineInState = Annotated[LineState | None, Parameter(query="state", description="Those in this state.")]
_ONE = (CorrectionNotFound, CorrectionInState)


class NewLine(Input, frozen=True, kw_only=True):
    """One line. With a `grant_key`, `points` (left out: all that is left of it) are taken back; without one, they are
    added (> 0) or taken (< 0)."""

    member_id: BodyId
    points: Annotated[int, Meta(ge=-MOST_POINTS, le=MOST_POINTS)] | None = None
    wallet: BodyWallet | None = None
    grant_key: BodyKey | None = None
    reason: Reason | None = None


class NewCorrection(Input, frozen=True, kw_only=True):
    """Lines to preview, and why. A line's own reason comes before that of all."""

    reason: Reason
    lines: Annotated[list[NewLine], Meta(min_length=1, max_length=MOST_LINES)]


class Why(Input, frozen=True, kw_only=True):
    """Why."""

    reason: Reason


class CorrectionView(msgspec.Struct, frozen=True):
    """A correction. `lines` = to be done + `faulty` + `done` + `failed`; faulty lines are never applied. Points are
    those of the lines that are not faulty. `remark`: why it was rejected. `reverses`: the one that it takes back."""

    correction_id: UUID
    state: State
    reason: str
    by: str
    created_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    finished_at: datetime | None
    remark: str | None
    lines: int
    faulty: int
    done: int
    failed: int
    credit_points: int
    debit_points: int
    approval_points: int
    needs_approval: bool
    reverses: UUID | None


class LineFault(msgspec.Struct, frozen=True):
    """Why a line cannot be done, or could not."""

    code: str
    text: str


class LineView(msgspec.Struct, frozen=True):
    """A line. `points`: for the member, > 0 comes, < 0 goes. `available_*`: foreseen; once it is done, as it was."""

    no: int
    member_id: str
    wallet: str
    act: Act
    points: int
    grant_key: str | None
    reason: str
    state: LineState
    fault: LineFault | None
    available_before: int | None
    available_after: int | None


class Corrections(msgspec.Struct, frozen=True):
    """A page of corrections, newest first."""

    items: list[CorrectionView]
    next_cursor: str | None


class Lines(msgspec.Struct, frozen=True):
    """A page of lines, as they stand in the file."""

    items: list[LineView]
    next_cursor: str | None


@post(
    "/",
    opt=needs(
        "points:adjust", NothingToCorrect, TooManyLines, CsvEncoding, CsvColumns, CsvMalformed, KeyReused, NoProgramme
    ) | {"body": NewCorrection, "also": (CSV,)},
    request_max_body_size=MOST_FILE_BYTES,
)  # fmt: skip
async def make_correction(
    call: Call, request: StrictRequest, reason: CsvReason = None, idempotency_key: IdempotencyKey = None
) -> CorrectionView:
    """Preview a correction: what each line would do, and which are faulty. Nothing is done before it is submitted."""
    try:
        body = await request.body()
    except HTTPException:
        raise BodyTooLarge(most_bytes=MOST_FILE_BYTES) from None
    # A thread of its own: a long file is read for a second, while other requests go on.
    why, asked = await asyncio.to_thread(_read, request.media_type, body, reason)
    digest = hashlib.blake2b(body, digest_size=16).digest()
    own = (f"{call.caller.name}:{idempotency_key}", digest) if idempotency_key is not None else None

    async def work(conn: Connection) -> Correction:
        programme = (await call.programme(conn)).programme
        return await correct.make(conn, asked, why, programme, call.stamp, by=call.caller.name, request=own)

    return _view(await call.run(work))


def _read(media_type: str, body: bytes, reason: str | None) -> tuple[str, list[Asked]]:
    """(why, the lines). Raises Invalid, MalformedJson, UnsupportedContent, and what `read_csv` raises."""
    if media_type.lower() == CSV:
        if reason is None:
            raise Invalid(errors=[{"place": "query.reason", "detail": "say why"}])
        return reason, corrections.read_csv(body)
    if not is_json(media_type):
        raise UnsupportedContent(content_type=media_type[:100], supported=["application/json", CSV])
    told: NewCorrection = decode(body, NewCorrection)
    return told.reason, [
        Asked(line.member_id, line.points, line.wallet, line.grant_key, line.reason) for line in told.lines
    ]  # fmt: skip


@get("/", opt=needs("points:read"))
async def list_corrections(
    call: Call, in_state: InState = None, cursor: Cursor = None, limit: Limit = 20
) -> Corrections:  # fmt: skip
    """Corrections, newest first."""
    before = decode_cursor("corrections", cursor, UUID)

    async def work(conn: Connection) -> list[Correction]:
        return await corrections.corrections(conn, state=in_state, before=before, limit=limit + 1)

    items, more = page("corrections", await call.run(work), limit, lambda one: one.correction_id)
    return Corrections([_view(one) for one in items], more)


@get("/{correction_id:str}", opt=needs("points:read", CorrectionNotFound))
async def get_correction(call: Call, correction_id: UUID) -> CorrectionView:
    """One correction, and how far it has come."""

    async def work(conn: Connection) -> Correction:
        return await corrections.get(conn, correction_id)

    return _view(await call.run(work))


@get("/{correction_id:str}/lines", opt=needs("points:read", CorrectionNotFound))
async def list_correction_lines(
    call: Call, correction_id: UUID, in_state: LineInState = None, cursor: Cursor = None, limit: Limit = 50
) -> Lines:
    """The lines of a correction in their order: what each would do, did, or why it cannot."""
    after = decode_cursor("correction.lines", cursor, Annotated[int, Meta(ge=0, le=MOST_LINES)]) or 0

    async def work(conn: Connection) -> list[Line]:
        await corrections.get(conn, correction_id)
        return await corrections.lines(conn, correction_id, state=in_state, after=after, limit=limit + 1)

    items, more = page("correction.lines", await call.run(work), limit, lambda line: line.no)
    return Lines([_line_view(line, call.language) for line in items], more)


@post("/{correction_id:str}/submit", status_code=200, opt=needs("points:adjust", *_ONE, NothingToCorrect, NoProgramme))
async def submit_correction(call: Call, correction_id: UUID) -> CorrectionView:
    """Have it done; where it moves more points than one person may, have it wait for a second one's approval."""

    async def work(conn: Connection) -> Correction:
        programme = (await call.programme(conn)).programme
        found = await correct.submit(conn, correction_id, programme, call.stamp)
        await call.note(conn, "correction.submit", str(correction_id), found.reason)
        return found

    return _view(await call.run(work))


@post("/{correction_id:str}/approve", status_code=200, opt=needs("points:adjust", *_ONE, FourEyes))
async def approve_correction(call: Call, correction_id: UUID) -> CorrectionView:
    """Approve a waiting correction, as another person than who made it: for signed-in users, not for keys."""
    if call.caller.kind != "operator":
        raise Forbidden(scope="operator")
    by = correct.Approver(call.caller.name, alone=not call.process.settings.four_eyes)

    async def work(conn: Connection) -> Correction:
        found = await correct.approve(conn, correction_id, by, call.stamp)
        await call.note(conn, "correction.approve", str(correction_id), found.reason)
        return found

    return _view(await call.run(work))


@post("/{correction_id:str}/reject", status_code=200, opt=needs("points:adjust", *_ONE))
async def reject_correction(call: Call, correction_id: UUID, data: Why) -> CorrectionView:
    """Turn a waiting correction down."""

    async def work(conn: Connection) -> Correction:
        await call.note(conn, "correction.reject", str(correction_id), data.reason)
        return await correct.reject(conn, correction_id, data.reason)

    return _view(await call.run(work))


@post("/{correction_id:str}/cancel", status_code=200, opt=needs("points:adjust", *_ONE))
async def cancel_correction(call: Call, correction_id: UUID) -> CorrectionView:
    """Give up a correction that is not under way. What a stopped one has done stays done, and can be reversed."""

    async def work(conn: Connection) -> Correction:
        await call.note(conn, "correction.cancel", str(correction_id), "")
        return await correct.cancel(conn, correction_id)

    return _view(await call.run(work))


@post("/{correction_id:str}/stop", status_code=200, opt=needs("points:adjust", *_ONE))
async def stop_correction(call: Call, correction_id: UUID) -> CorrectionView:
    """Stop after the chunk in hand. What is done is done."""

    async def work(conn: Connection) -> Correction:
        await call.note(conn, "correction.stop", str(correction_id), "")
        return await correct.stop(conn, correction_id)

    return _view(await call.run(work))


@post("/{correction_id:str}/resume", status_code=200, opt=needs("points:adjust", *_ONE))
async def resume_correction(call: Call, correction_id: UUID) -> CorrectionView:
    """Go on with a stopped correction."""

    async def work(conn: Connection) -> Correction:
        await call.note(conn, "correction.resume", str(correction_id), "")
        return await correct.resume(conn, correction_id)

    return _view(await call.run(work))


@post("/{correction_id:str}/reverse", opt=needs("points:adjust", *_ONE, NothingToCorrect, BeingReversed, NoProgramme))
async def reverse_correction(call: Call, correction_id: UUID, data: Why) -> CorrectionView:
    """Make a new correction of the opposite of all that this one did: a preview, to be submitted like any other."""

    async def work(conn: Connection) -> Correction:
        programme = (await call.programme(conn)).programme
        await call.note(conn, "correction.reverse", str(correction_id), data.reason)
        return await correct.make_opposite(
            conn, correction_id, data.reason, programme, call.stamp, by=call.caller.name
        )  # fmt: skip

    return _view(await call.run(work))


def _view(found: Correction) -> CorrectionView:
    told = {name: getattr(found, name) for name in CorrectionView.__struct_fields__}
    return CorrectionView(**told)


def _line_view(line: Line, language: Language) -> LineView:
    told = {name: getattr(line, name) for name in LineView.__struct_fields__ if name != "fault"}
    fault = line.fault and LineFault(line.fault.code, hint(line.fault.code, line.fault.fields, language))
    return LineView(**told, fault=fault)


routes = Router(
    "/v1/corrections",
    route_handlers=[
        make_correction, list_corrections, get_correction, list_correction_lines, submit_correction,
        approve_correction, reject_correction, cancel_correction, stop_correction, resume_correction,
        reverse_correction,
    ],
    guards=[authorize],
    tags=["corrections"],
)  # fmt: skip
