"""Birthday coupons: each night those whose month of birth it is and who had none this year get one.

A night's issue is made once, under a key of its date, and done by the same steps as any other; so it may be killed at
any time, and whoever tells the month of birth, or joins, within it is found the next night.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import structlog

from linli import coupons, earning
from linli.coupons import Issue, TemplateNotFound, issues
from linli.flows.coupons_issue import PART, apply_issue, birthday_cause
from linli.flows.publish import LiveProgrammes
from linli.kit.clock import BusinessCalendar, Clock
from linli.kit.db import Connection, Pool, in_transaction
from linli.ledger import Stamp

_log = structlog.get_logger("linli.coupons")
BY = "linli"


async def give_birthday_coupons(pool: Pool, on: date, clock: Clock, calendar: BusinessCalendar) -> Issue | None:
    """The issue of business date `on`, done as far as nobody stops it; None where the programme gives none, or its
    template issues none. Raises NoProgramme."""

    async def begin(conn: Connection) -> Issue | None:
        at = clock()
        live = LiveProgrammes()
        await live.refresh(conn)
        template_id = live.at(at).programme.reminders.birthday_coupon
        return await _begin(conn, template_id, Stamp(at=at, on=on)) if template_id else None

    found = await in_transaction(pool, begin)
    if found is None or found.state not in ("approved", "running"):
        return found
    return await apply_issue(pool, found.issue_id, clock, calendar)


async def _begin(conn: Connection, template_id: str, stamp: Stamp) -> Issue | None:
    """The night's issue: as it is, or made now, with all who are due."""
    key = f"birthday:{stamp.on}"
    if (known := await issues.of_request(conn, key)) is not None:
        return await issues.get(conn, known)
    try:
        template = await coupons.get_template(conn, template_id)
    except TemplateNotFound:
        template = None
    if template is None or template.state != "open":
        _log.warning("birthday_coupon", template_id=template_id, state=template.state if template else "unknown")
        return None
    made, new = await issues.add(conn, template_id, "birthday", key, by=BY, at=stamp.at, request=(key, b""))
    if not new:
        return await issues.get(conn, made)
    await _list(conn, made, stamp.on)
    found = await issues.count_lines(conn, made)
    if not found.lines:
        return await issues.move(conn, made, "finished", stamp.at)
    return await issues.move(conn, made, "approved")


async def _list(conn: Connection, issue_id: UUID, on: date) -> None:
    after, no, cause = "", 1, birthday_cause(on.year)
    while born := await earning.born_in(conn, on.month, after=after, limit=PART):
        after = born[-1]
        had = await coupons.of_causes(conn, [(member_id, cause) for member_id in born])
        due = [(member_id, None) for member_id in born if (member_id, cause) not in had]
        await issues.add_lines(conn, issue_id, no, due)
        no += len(due)
