"""Issues: one template's coupons for many members, listed first, then done a chunk at a time, a line once for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Literal, TypeAlias
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from linli.coupons import store_issues as store
from linli.coupons.types import Coupon
from linli.coupons.wallet import LAST
from linli.kit.columns import ints, texts
from linli.kit.csv_rows import CsvMalformed, column_names, read_rows
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.kit.errors import KeyReused, NotFound, Refusal

MOST_LINES = 100_000
COLUMNS = ("member_id",)
_MOST_CHARACTERS = 128
Kind: TypeAlias = Literal["members", "filter", "birthday"]
IssueState: TypeAlias = Literal["preview", "approved", "running", "stopped", "finished", "cancelled"]
LineState: TypeAlias = Literal["ready", "faulty", "done", "failed"]
_encode = msgspec.json.Encoder(enc_hook=str).encode


class IssueNotFound(NotFound):
    """There is no such issue. Fields: `issue_id`."""

    code: ClassVar[str] = "coupon_issue_not_found"


class IssueInState(Refusal):
    """The issue is not in a state that allows it. Fields: `state`."""

    code: ClassVar[str] = "coupon_issue_in_state"


class IssueTooLarge(Refusal):
    """More members than one issue may have. Fields: `most_lines`."""

    code: ClassVar[str] = "coupon_issue_too_large"


class NobodyToIssueTo(Refusal):
    """Nobody in the list can have a coupon. No fields."""

    code: ClassVar[str] = "coupon_issue_for_nobody"


class LineFault(msgspec.Struct, frozen=True):
    """Why a line gets no coupon: a code of `i18n/errors.json`, and the figures of its text."""

    code: str
    fields: dict[str, Any] = {}


class Issue(msgspec.Struct, frozen=True):
    """An issue. `lines` = to be done + `faulty` + `done` + `failed`; faulty ones are never tried. `city`, `tier`: of
    whom it was made, where not of a list."""

    issue_id: UUID
    template_id: str
    kind: Kind
    state: IssueState
    reason: str
    city: str | None
    tier: str | None
    by: str
    created_at: datetime
    finished_at: datetime | None
    lines: int
    faulty: int
    done: int
    failed: int


class IssueLine(msgspec.Struct, frozen=True):
    """A line: a member, and the coupon that they got, or why none."""

    no: int
    member_id: str
    state: LineState
    fault: LineFault | None = None
    coupon_id: UUID | None = None


def read_members(body: bytes) -> list[str]:
    """The members of a CSV file with one column, `member_id`; empty rows do not count, what is no id is cut to fit.

    Raises CsvEncoding, CsvColumns, CsvMalformed, IssueTooLarge.
    """
    rows = read_rows(body)
    column_names(next(rows, []), COLUMNS, COLUMNS)
    found: list[str] = []
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(found) == MOST_LINES:
            raise IssueTooLarge(most_lines=MOST_LINES)
        if len(cells) != 1:
            raise CsvMalformed(row=len(found) + 2, reason=f"{len(cells)} cells")
        said = cells[0].strip()
        found.append(said.replace("\0", "\ufffd")[:_MOST_CHARACTERS])
    return found


async def add(
    conn: Connection, template_id: str, kind: Kind, reason: str, *, by: str, at: datetime, city: str | None = None,
    tier: str | None = None, request: tuple[str, bytes] | None = None,
) -> tuple[UUID, bool]:  # fmt: skip
    """(a new preview without lines, True), or (the one that this `request`, key and digest, made before, False).

    Raises KeyReused.
    """
    key, digest = request or (None, None)
    row = {"template_id": template_id, "kind": kind, "reason": reason, "by": by, "at": at, "city": city, "tier": tier}
    made = await fetch_one(conn, store.ADD, {**row, "issue_id": uuid7(), "request_key": key, "request_digest": digest})
    if made:
        return made[0], True
    known = await fetch_one(conn, store.OF_REQUEST, {"request_key": key})
    assert known is not None, "only a request can be there already"
    if known[1] != digest:
        raise KeyReused(key=key)
    return known[0], False


async def add_lines(
    conn: Connection, issue_id: UUID, first_no: int, lines: Sequence[tuple[str, LineFault | None]]
) -> None:  # fmt: skip
    """Add lines, (member, what is wrong with it), numbered on from `first_no`."""
    row = {
        "issue_id": issue_id,
        "nos": ints(range(first_no, first_no + len(lines))),
        "members": texts(member_id for member_id, _ in lines),
        "faults": texts(_json(fault) for _, fault in lines),
    }
    await conn.execute(store.ADD_LINES, row)


async def count_lines(conn: Connection, issue_id: UUID) -> Issue:
    """The issue, with its lines counted."""
    await conn.execute(store.COUNT_LINES, {"issue_id": issue_id})
    return await get(conn, issue_id)


async def get(conn: Connection, issue_id: UUID, *, lock: bool = False) -> Issue:
    """The issue; with `lock`, nobody else changes it until the transaction ends. Raises IssueNotFound."""
    row = await fetch_one(conn, store.LOCK if lock else store.ISSUE, {"issue_id": issue_id})
    if row is None:
        raise IssueNotFound(issue_id=str(issue_id))
    return Issue(*row)


async def of_request(conn: Connection, key: str) -> UUID | None:
    """The issue that a request made, if it did."""
    row = await fetch_one(conn, store.OF_REQUEST, {"request_key": key})
    return row[0] if row else None


async def issues(
    conn: Connection, *, state: IssueState | None, template_id: str | None, before: UUID | None, limit: int
) -> list[Issue]:  # fmt: skip
    """A page of issues, newest first."""
    asked = {"state": state, "template_id": template_id, "before": before or LAST, "limit": limit}
    return [Issue(*row) for row in await fetch_all(conn, store.ISSUES, asked)]


async def move(conn: Connection, issue_id: UUID, state: IssueState, finished_at: datetime | None = None) -> Issue:
    """Put the issue into `state`."""
    await conn.execute(store.MOVE, {"issue_id": issue_id, "state": state, "finished_at": finished_at})
    return await get(conn, issue_id)


async def lines(
    conn: Connection, issue_id: UUID, *, state: LineState | None, after: int, limit: int
) -> list[IssueLine]:  # fmt: skip
    """A page of lines by their number."""
    asked = {"issue_id": issue_id, "state": state, "after": after, "limit": limit}
    return [_line(row) for row in await fetch_all(conn, store.LINES, asked)]


async def ready_lines(conn: Connection, issue_id: UUID, limit: int) -> list[IssueLine]:
    """The next lines to be done. The caller holds the issue's lock."""
    return [_line(row) for row in await fetch_all(conn, store.READY, {"issue_id": issue_id, "limit": limit})]


async def tell_lines(
    conn: Connection, issue_id: UUID, told: Sequence[tuple[IssueLine, Coupon | Refusal]]
) -> None:  # fmt: skip
    """Write down what became of lines, and count them."""
    done = [one.coupon_id if isinstance(one, Coupon) else None for _, one in told]
    faults = [LineFault(one.code, one.fields) if isinstance(one, Refusal) else None for _, one in told]
    row = {
        "issue_id": issue_id,
        "nos": ints(line.no for line, _ in told),
        "faults": texts(map(_json, faults)),
        "coupons": texts(str(one) if one else None for one in done),
    }
    await conn.execute(store.TELL_LINES, row)
    good = len(done) - done.count(None)
    await conn.execute(store.COUNT_DONE, {"issue_id": issue_id, "done": good, "failed": len(done) - good})


def _line(row: Sequence[Any]) -> IssueLine:
    no, member_id, state, fault, coupon_id = row
    return IssueLine(no, member_id, state, msgspec.json.decode(fault, type=LineFault) if fault else None, coupon_id)


def _json(fault: LineFault | None) -> str | None:
    return _encode(fault).decode() if fault is not None else None
