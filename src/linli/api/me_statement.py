"""What moved the member's points, line by line, what is on its way, and why a line is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Literal, TypeAlias

import msgspec
from litestar import get
from litestar.params import Parameter

from linli import ledger, members, rules
from linli.api.call import Call, for_members
from linli.api.me_titles import grants_of, line_title, of_lottery, title_of
from linli.api.me_words import Bilingual, both, points, same
from linli.api.paging import decode_cursor, page
from linli.api.strict import Cursor, Limit
from linli.flows.redeem import BONUS_RULE, WALLET
from linli.kit.clock import add_months
from linli.kit.db import Connection
from linli.ledger import GrantState, Kind, Line, MovementNotFound, PendingGrant, Tab, Totals
from linli.members import MemberNotFound

# `$` alone would let a trailing newline pass.
Month = Annotated[
    str | None, Parameter(pattern=r"^2[0-9]{3}-(0[1-9]|1[0-2])$(?!\n)", description="A business month, `2026-11`.")
]


Awaits: TypeAlias = Literal["settlement", "formed", "collected", "return_window"]
"""What points on their way wait for."""


class MeLine(msgspec.Struct, frozen=True):
    """A line: `points` > 0 came in, < 0 went out."""

    seq: int
    posted_on: date
    posted_at: datetime
    kind: Kind
    points: int
    available_after: int
    title: Bilingual
    order_id: str | None


class MeStatement(msgspec.Struct, frozen=True):
    """A page of lines, newest first. `totals`: of all lines of the month (or ever), whatever the tab, as of the first
    page."""

    items: list[MeLine]
    next_cursor: str | None
    totals: Totals


class PendingLine(msgspec.Struct, frozen=True):
    """Points on their way. `settle_on` null: not known before what they wait for has come. `cut_points`: what was over
    a limit, and is not among them."""

    key: str
    points: int
    settle_on: date | None
    earned_on: date
    title: Bilingual
    order_id: str | None
    awaits: Awaits
    cut_points: int


class PendingLines(msgspec.Struct, frozen=True):
    """A page of what is on its way, soonest first."""

    items: list[PendingLine]
    next_cursor: str | None


class Because(msgspec.Struct, frozen=True):
    """A rule that gave the points, in words, as it was then, and what it gave them for."""

    rule: str
    rule_version: int
    rule_name: Bilingual
    sentence: Bilingual
    points: int
    event_type: str
    order_id: str | None
    earned_on: date


class LotView(msgspec.Struct, frozen=True):
    """Points that can be spent until the day before `expires_on`."""

    expires_on: date
    points: int


class MeDetail(msgspec.Struct, frozen=True):
    """A line explained. `lots`: when its points lapse or would have lapsed; empty where that is not kept."""

    line: MeLine
    because: list[Because]
    lots: list[LotView]


@get("/statement", opt=for_members(MemberNotFound))
async def get_my_statement(
    call: Call, tab: Tab = "all", month: Month = None, cursor: Cursor = None, limit: Limit = 20
) -> MeStatement:
    """Lines of a tab, of one business month or of all, newest first.

    earned: credited, adjusted, taken back, repaid; spent: used for orders, less what came back; expired: lapsed.
    """
    # The cursor brings the totals of the first page along: they are reckoned once, however far one reads.
    of = f"me.statement:{tab}:{month}"
    at = decode_cursor(of, cursor, tuple[ledger.Seq, Totals])
    from_on, to_on = _period(month)

    async def work(conn: Connection) -> tuple[list[Line], Totals, dict[int, Bilingual]]:
        await members.get_member(conn, call.member_id)
        found = await ledger.lines(
            conn, call.member_id, WALLET, tab=tab, from_on=from_on, to_on=to_on, limit=limit + 1,
            **({} if at is None else {"before": at[0]}),
        )  # fmt: skip
        totals = at[1] if at else await ledger.totals(conn, call.member_id, WALLET, from_on=from_on, to_on=to_on)
        return found, totals, await _titles(conn, call, found)

    found, totals, titles = await call.read(work)
    items, next_cursor = page(of, found, limit, lambda line: (line.seq, totals))
    return MeStatement([_told(line, titles[line.seq]) for line in items], next_cursor, totals)


@get("/statement/{seq:int}", opt=for_members(MemberNotFound, MovementNotFound))
async def get_my_line(call: Call, seq: ledger.Seq) -> MeDetail:
    """One line: which rule gave it, why, and when its points lapse."""

    async def work(conn: Connection) -> MeDetail:
        await members.get_member(conn, call.member_id)
        found = await ledger.detail(conn, call.member_id, WALLET, seq)
        line = ledger.line_of(found.movement)
        if line is None:
            raise MovementNotFound(seq=seq)
        because = [reason for grant in found.grants if (reason := await _because(conn, call, grant, line))]
        title = await line_title(conn, call, line, {grant.key: grant for grant in found.grants})
        lots: dict[date, int] = {}  # who pays for which part is not the member's matter
        for part in found.lots:
            lots[part.expires_on] = lots.get(part.expires_on, 0) + part.points
        return MeDetail(_told(line, title), because, [LotView(*lot) for lot in sorted(lots.items())])

    return await call.read(work)


@get("/pending", opt=for_members(MemberNotFound))
async def list_my_pending(call: Call, cursor: Cursor = None, limit: Limit = 20) -> PendingLines:
    """Points that were earned and are not credited yet, soonest first."""
    after = decode_cursor("me.pending", cursor, tuple[date, str]) or (date.min, "")

    async def work(conn: Connection) -> tuple[list[PendingGrant], list[Bilingual]]:
        await members.get_member(conn, call.member_id)
        found = await ledger.pending(conn, call.member_id, WALLET, after=after, limit=limit + 1)
        return found, [await title_of(conn, call, grant) for grant in found]

    found, titles = await call.read(work)
    items, next_cursor = page("me.pending", found, limit, lambda grant: (grant.settle_on, grant.key))
    told = [
        PendingLine(
            key=grant.key,
            points=grant.points,
            settle_on=dated(grant.settle_on),
            earned_on=grant.earned_on,
            title=title,
            order_id=grant.order_id,
            awaits=awaits_of(grant.awaits, grant.settle_on),
            cut_points=grant.cut,
        )
        for grant, title in zip(items, titles, strict=False)
    ]
    return PendingLines(told, next_cursor)


def dated(settle_on: date) -> date | None:
    """The date on which a grant is credited, once it is known."""
    return None if settle_on == date.max else settle_on


def awaits_of(awaits: str | None, settle_on: date) -> Awaits:
    """What a grant waits for: a milestone until it has come, the end of a return window until it is over, else just the
    settlement of its day."""
    match (awaits or "").partition(":")[0]:
        case "return_window":
            return "return_window"
        case "formed" if settle_on == date.max:
            return "formed"
        case "collected" if settle_on == date.max:
            return "collected"
        case _:
            return "settlement"


def _period(month: str | None) -> tuple[date, date]:
    """First and last business date of a month; all dates that there are without one."""
    if month is None:
        return date.min, date.max
    first = date.fromisoformat(f"{month}-01")
    return first, add_months(first, 1) - timedelta(days=1)


def _told(line: Line, title: Bilingual) -> MeLine:
    return MeLine(
        seq=line.seq, posted_on=line.posted_on, posted_at=line.posted_at, kind=line.kind, points=line.points,
        available_after=line.available_after, title=title, order_id=line.order_id,
    )  # fmt: skip


async def _titles(conn: Connection, call: Call, found: Sequence[Line]) -> dict[int, Bilingual]:
    grants = await grants_of(conn, call.member_id, found)
    return {line.seq: await line_title(conn, call, line, grants) for line in found}


async def _because(conn: Connection, call: Call, grant: GrantState, line: Line) -> Because | None:
    if grant.rule == BONUS_RULE:
        sentence = both("sentence.first_deduction", points=points(grant.promised))
    elif of_lottery(grant.rule):
        sentence = both("sentence.lottery", points=points(grant.promised))
    else:
        found = await call.process.book.find(conn, grant.rule, grant.rule_version)
        if found is None:
            return None
        sentence = same(rules.sentence(*found))
    return Because(
        rule=grant.rule, rule_version=grant.rule_version, rule_name=await title_of(conn, call, grant),
        sentence=sentence, points=line.points, event_type=grant.event_type, order_id=grant.order_id,
        earned_on=grant.earned_on,
    )  # fmt: skip


handlers = [get_my_statement, get_my_line, list_my_pending]
