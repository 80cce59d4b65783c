"""Coupons for many members at once: previewed, then issued by the worker, a chunk of members a transaction.

What a chunk issued, which lines it was, and how far the issue has come are committed together: it may be stopped,
killed and gone on with. A member's coupon of an issue has the issue as its cause, so a line is done once for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID

from linli import coupons, earning, members
from linli.coupons import Issue, IssueInState, IssueLine, IssueTooLarge, LineFault, NobodyToIssueTo, Wanted, issues
from linli.flows.coupons import issue_many
from linli.kit.clock import BusinessCalendar, Clock
from linli.kit.db import Connection, Pool, in_transaction
from linli.kit.jobs import defer
from linli.ledger import Stamp

ISSUE = "linli.issue_coupons"
"""The worker's task."""
PART = 5_000
"""Members that are looked at and written together."""
CHUNK = 500
Progress = Callable[[int], None]


class Whom(NamedTuple):
    """Who is to get a coupon: these, or all of a city and of a tier as far as these are named."""

    member_ids: Sequence[str] | None = None
    city: str | None = None
    tier: str | None = None


async def make(
    conn: Connection, template_id: str, whom: Whom, reason: str, stamp: Stamp, *, by: str,
    request: tuple[str, bytes] | None = None,
) -> Issue:  # fmt: skip
    """A preview: who would get a coupon, and which lines are faulty. Nothing is issued yet.

    Raises TemplateNotFound, IssueTooLarge, NobodyToIssueTo, KeyReused.
    """
    await coupons.get_template(conn, template_id)
    listed = whom.member_ids is not None
    made, new = await issues.add(
        conn, template_id, "members" if listed else "filter", reason, by=by, at=stamp.at, city=whom.city,
        tier=whom.tier, request=request,
    )  # fmt: skip
    if not new:
        return await issues.get(conn, made)
    seen: set[str] = set()
    no = 1
    async for part in _parts(conn, whom, stamp):
        if no - 1 + len(part) > issues.MOST_LINES:
            raise IssueTooLarge(most_lines=issues.MOST_LINES)
        known = await members.enrolled(conn, part) if listed else {*part}
        lines = [(member_id, _fault(member_id, known, seen)) for member_id in part]
        await issues.add_lines(conn, made, no, lines)
        no += len(part)
    if no == 1:
        raise NobodyToIssueTo
    return await issues.count_lines(conn, made)


def _fault(member_id: str, known: set[str], seen: set[str]) -> LineFault | None:
    if member_id not in known:
        return LineFault("member_not_found", {"member_id": member_id})
    if member_id in seen:
        return LineFault("coupon_line_double")
    seen.add(member_id)
    return None


async def _parts(conn: Connection, whom: Whom, stamp: Stamp) -> AsyncIterator[Sequence[str]]:
    """Whom it is for, part by part: as they stand in the list, or by id."""
    if whom.member_ids is not None:
        for begin in range(0, len(whom.member_ids), PART):
            yield whom.member_ids[begin : begin + PART]
        return
    after = ""
    while found := await members.search(conn, query=None, city=whom.city, after=after, limit=PART):
        after = found[-1].member_id
        part = [member.member_id for member in found]
        if whom.tier is not None:
            facts = await earning.read_facts(conn, part)
            part = [one for one in part if one in facts and facts[one].tier_at(stamp.at) == whom.tier]
        if part:
            yield part


async def start(conn: Connection, issue_id: UUID) -> Issue:
    """Have a preview done, or go on with a stopped issue. Twice is once. Raises IssueNotFound, IssueInState,
    NobodyToIssueTo."""
    found = await issues.get(conn, issue_id, lock=True)
    if found.state == "cancelled":
        raise IssueInState(state=found.state)
    if found.state not in ("preview", "stopped"):
        return found
    if found.faulty == found.lines:
        raise NobodyToIssueTo
    moved = await issues.move(conn, issue_id, "approved")
    await defer(conn, ISSUE, lock=f"issue_coupons:{issue_id}", issue_id=str(issue_id))
    return moved


async def stop(conn: Connection, issue_id: UUID) -> Issue:
    """Let it stop after the chunk in hand. Raises IssueNotFound, IssueInState."""
    found = await issues.get(conn, issue_id, lock=True)
    if found.state in ("stopped", "finished"):
        return found
    if found.state not in ("approved", "running"):
        raise IssueInState(state=found.state)
    return await issues.move(conn, issue_id, "stopped")


async def cancel(conn: Connection, issue_id: UUID) -> Issue:
    """Give up an issue that is not under way. What a stopped one has issued stays. Raises IssueNotFound,
    IssueInState."""
    found = await issues.get(conn, issue_id, lock=True)
    if found.state not in ("preview", "stopped", "cancelled"):
        raise IssueInState(state=found.state)
    return await issues.move(conn, issue_id, "cancelled")


async def apply_issue(
    pool: Pool, issue_id: UUID, clock: Clock, calendar: BusinessCalendar, *, progress: Progress = lambda lines: None,
    stop: asyncio.Event | None = None,
) -> Issue:  # fmt: skip
    """Do all lines that are not done yet, until the issue is finished or somebody stops it. `progress` is told how
    many lines each chunk had. `stop` leaves it running, for the next call."""

    async def one(conn: Connection) -> int:
        at = clock()
        return await _chunk(conn, issue_id, Stamp(at=at, on=calendar.date_of(at)), calendar)

    while (stop is None or not stop.is_set()) and (lines := await in_transaction(pool, one)):
        progress(lines)
    return await in_transaction(pool, partial(issues.get, issue_id=issue_id))


async def _chunk(conn: Connection, issue_id: UUID, stamp: Stamp, calendar: BusinessCalendar) -> int:
    """Do the next lines; how many. 0: it is finished, or not to go on."""
    found = await issues.get(conn, issue_id, lock=True)
    if found.state not in ("approved", "running"):
        return 0
    lines = await issues.ready_lines(conn, issue_id, CHUNK)
    if not lines:
        await issues.move(conn, issue_id, "finished", stamp.at)
        return 0
    if found.state == "approved":
        await issues.move(conn, issue_id, "running")
    wanted = [_wanted(found, line, calendar) for line in lines]
    told = await issue_many(conn, stamp, wanted)
    await issues.tell_lines(conn, issue_id, list(zip(lines, told, strict=True)))
    return len(lines)


def _wanted(found: Issue, line: IssueLine, calendar: BusinessCalendar) -> Wanted:
    if found.kind == "birthday":
        year = calendar.date_of(found.created_at).year
        return Wanted(found.template_id, line.member_id, birthday_cause(year), "birthday")
    return Wanted(found.template_id, line.member_id, f"issue:{found.issue_id}", "issue")


def birthday_cause(year: int) -> str:
    """One birthday coupon a year, whichever template it is of."""
    return f"birthday:{year}"
