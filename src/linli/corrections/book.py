"""Corrections as they are kept: added with their lines, read, and moved from state to state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from linli.corrections import store
from linli.corrections.types import (
    BeingReversed,
    Correction,
    CorrectionNotFound,
    Fault,
    Line,
    LineState,
    State,
    Trace,
)
from linli.kit.columns import ints, texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.kit.errors import KeyReused

_encode = msgspec.json.Encoder().encode
LAST = UUID(int=2**128 - 1)


async def add(
    conn: Connection, reason: str, *, by: str, at: datetime, approval_points: int, reverses: UUID | None = None,
    request: tuple[str, bytes] | None = None,
) -> tuple[UUID, bool]:  # fmt: skip
    """(a new correction without lines, True), or (the one that this `request`, key and digest, made before, False).

    Raises KeyReused, BeingReversed.
    """
    key, digest = request or (None, None)
    row = {"reason": reason, "by": by, "at": at, "approval_points": approval_points, "reverses": reverses}
    made = await fetch_one(
        conn, store.ADD, {**row, "correction_id": uuid7(), "request_key": key, "request_digest": digest}
    )
    if made:
        return made[0], True
    if key and (known := await fetch_one(conn, store.OF_REQUEST, {"request_key": key})):
        if known[1] != digest:
            raise KeyReused(key=key)
        return known[0], False
    other = await fetch_one(conn, store.REVERSAL_OF, {"correction_id": reverses})
    raise BeingReversed(correction_id=str(other[0]) if other else None)


async def add_lines(conn: Connection, correction_id: UUID, lines: Sequence[Line]) -> None:
    """Add decided lines, set-wise."""
    await conn.execute(
        store.ADD_LINES,
        {
            "correction_id": correction_id,
            "nos": ints(line.no for line in lines),
            "members": texts(line.member_id for line in lines),
            "wallets": texts(line.wallet for line in lines),
            "acts": texts(line.act for line in lines),
            "points": ints(line.points if line.state == "ready" else _kept(line.points) for line in lines),
            "grants": texts(line.grant_key for line in lines),
            "reasons": texts(line.reason for line in lines),
            "states": texts(line.state for line in lines),
            "faults": texts(_json(line.fault) for line in lines),
            "befores": ints(_or_none(line.available_before) for line in lines),
            "afters": ints(_or_none(line.available_after) for line in lines),
            "undoes": ints(line.undoes or 0 for line in lines),
        },
    )


async def count_lines(conn: Connection, correction_id: UUID) -> Correction:
    """The correction, with its lines counted and added up."""
    await conn.execute(store.COUNT_LINES, {"correction_id": correction_id})
    return await get(conn, correction_id)


async def get(conn: Connection, correction_id: UUID, *, lock: bool = False) -> Correction:
    """The correction; with `lock`, nobody else changes it until the transaction ends. Raises CorrectionNotFound."""
    query = store.LOCK if lock else store.CORRECTION
    row = await fetch_one(conn, query, {"correction_id": correction_id})
    if row is None:
        raise CorrectionNotFound(correction_id=str(correction_id))
    return Correction(*row)


async def corrections(
    conn: Connection, *, state: State | None, before: UUID | None, limit: int
) -> list[Correction]:  # fmt: skip
    """A page of corrections, newest first."""
    asked = {"state": state, "before": before or LAST, "limit": limit}
    return [Correction(*row) for row in await fetch_all(conn, store.CORRECTIONS, asked)]


async def move(conn: Connection, correction_id: UUID, state: State, **more: Any) -> Correction:
    """Put the correction into `state`; `more`: remark, approval_points, approved_by, approved_at, finished_at."""
    known = {
        name: more.get(name) for name in ("remark", "approval_points", "approved_by", "approved_at", "finished_at")
    }
    await conn.execute(store.MOVE, {"correction_id": correction_id, "state": state, **known})
    return await get(conn, correction_id)


async def lines(
    conn: Connection, correction_id: UUID, *, state: LineState | None, after: int, limit: int
) -> list[Line]:  # fmt: skip
    """A page of lines by their number."""
    asked = {"correction_id": correction_id, "state": state, "after": after, "limit": limit}
    return [_line(row) for row in await fetch_all(conn, store.LINES, asked)]


async def done_lines(conn: Connection, correction_id: UUID, *, before: int, limit: int) -> list[Line]:
    """Lines that are done and not undone, the last first: those with a number below `before`."""
    asked = {"correction_id": correction_id, "before": before, "limit": limit}
    return [_line(row) for row in await fetch_all(conn, store.DONE_BEFORE, asked)]


async def ready_lines(conn: Connection, correction_id: UUID, limit: int) -> list[Line]:
    """The next lines to be done. The caller holds the correction's lock."""
    return [
        _line(row) for row in await fetch_all(conn, store.READY, {"correction_id": correction_id, "limit": limit})
    ]  # fmt: skip


async def lines_by_no(conn: Connection, correction_id: UUID, nos: Sequence[int]) -> dict[int, Line]:
    """Number → line, of those asked for."""
    rows = await fetch_all(conn, store.LINES_BY_NO, {"correction_id": correction_id, "nos": ints(nos)})
    return {row[0]: _line(row) for row in rows}


async def tell_lines(conn: Connection, correction: Correction, lines: Sequence[Line]) -> None:
    """Write down what became of lines, done or failed, and count them."""
    done = [line for line in lines if line.state == "done"]
    await conn.execute(
        store.TELL_LINES,
        {
            "correction_id": correction.correction_id,
            "nos": ints(line.no for line in lines),
            "states": texts(line.state for line in lines),
            "faults": texts(_json(line.fault) for line in lines),
            "traces": texts(_json(line.trace) for line in lines),
            "befores": ints(_or_none(line.available_before) for line in lines),
            "afters": ints(_or_none(line.available_after) for line in lines),
        },
    )
    if correction.reverses:
        undone = ints(line.undoes for line in done if line.undoes)
        await conn.execute(store.UNDONE, {"correction_id": correction.reverses, "nos": undone})
    count = {"done": len(done), "failed": len(lines) - len(done)}
    await conn.execute(store.COUNT_DONE, {"correction_id": correction.correction_id, **count})


def _line(row: Sequence[Any]) -> Line:
    told = dict(zip(Line.__struct_fields__, row, strict=True))
    fault, trace = told.pop("fault"), told.pop("trace")
    return Line(
        **told,
        fault=msgspec.json.decode(fault, type=Fault) if fault else None,
        trace=msgspec.json.decode(trace, type=Trace) if trace else None,
    )


def _json(value: Fault | Trace | None) -> str | None:
    return _encode(value).decode() if value is not None else None


def _or_none(points: int | None) -> int:
    return -1 if points is None else points


def _kept(points: int) -> int:
    """A figure that no line could have, cut to what the column takes: its fault says what it was."""
    return max(-(2**62), min(2**62, points))
