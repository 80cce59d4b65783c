"""Orders explained and 积分助手, for the member and for whoever answers the member's questions: one shape for both."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
from litestar import get

from linli import ledger, members, rules
from linli.api.call import Call, for_members, needs
from linli.api.me_hints import EXPIRING_DAYS, Expiring, Hint, told_hint
from linli.api.me_statement import Awaits, awaits_of, dated
from linli.api.me_titles import title_of
from linli.api.me_words import Bilingual, both, day, points, same, yuan
from linli.api.strict import MemberId, Name
from linli.flows import explain
from linli.flows.explain import Explained, NotGranted, OrderNotFound, Told
from linli.flows.outlook import hints, look_at_check_in
from linli.flows.publish import NoProgramme
from linli.flows.redeem import WALLET
from linli.kit.db import Connection
from linli.ledger import GrantState
from linli.members import MemberNotFound

MOST_PENDING = 200


class GrantedLine(msgspec.Struct, frozen=True):
    """A grant of the order. `points`: what refunds and caps left of those `promised`; `reversed`: taken back since."""

    rule: str
    name: Bilingual
    sentence: Bilingual | None
    points: int
    promised: int
    reversed: int
    state: str
    settle_on: date | None
    awaits: Awaits | None
    cut_points: int


class NotGrantedLine(msgspec.Struct, frozen=True):
    """A rule that gave nothing for the order, and why: a stable code, and words."""

    rule: str
    name: Bilingual | None
    reason: str
    text: Bilingual


class OrderExplanation(msgspec.Struct, frozen=True):
    """An order: what was told of it, what it earned and did not, and the whole in a sentence."""

    order_id: str
    paid_fen: int
    given_back_fen: int
    paid_on: date | None
    completed_on: date | None
    events: list[Told]
    granted: list[GrantedLine]
    not_granted: list[NotGrantedLine]
    text: Bilingual


class OnItsWay(msgspec.Struct, frozen=True):
    """Points that were earned and are not credited yet, for one reason and date, and what they wait for."""

    reason: Bilingual
    points: int
    settle_on: date | None
    awaits: Awaits


class Assistant(msgspec.Struct, frozen=True):
    """What can be earned now, what is on its way, what lapses next."""

    hints: list[Hint]
    pending: list[OnItsWay]
    expiring: list[Expiring]


@get("/orders/{order_id:str}/explanation", opt=needs(("points:read", "events:read"), MemberNotFound, OrderNotFound))
async def explain_member_order(call: Call, member_id: MemberId, order_id: Name) -> OrderExplanation:
    """An order of the member: which rules gave what, how it stands now, and why the others gave nothing."""
    return await _explain(call, member_id, order_id)


@get("/orders/{order_id:str}/explanation", opt=for_members(MemberNotFound, OrderNotFound))
async def explain_my_order(call: Call, order_id: Name) -> OrderExplanation:
    """My order: which rules gave what, how it stands now, and why the others gave nothing."""
    return await _explain(call, call.member_id, order_id)


@get("/assistant", opt=needs("points:read", MemberNotFound, NoProgramme))
async def get_member_assistant(call: Call, member_id: MemberId) -> Assistant:
    """What the member can earn now, what is on its way, what lapses in the next 30 days."""
    return await _assist(call, member_id)


@get("/assistant", opt=for_members(MemberNotFound, NoProgramme))
async def get_my_assistant(call: Call) -> Assistant:
    """What I can earn now, what is on its way, what lapses in the next 30 days."""
    return await _assist(call, call.member_id)


async def _explain(call: Call, member_id: str, order_id: str) -> OrderExplanation:
    async def work(conn: Connection) -> OrderExplanation:
        await members.get_member(conn, member_id)
        found = await explain.explain_order(conn, call.process.book, member_id, order_id)
        granted = [await _granted(conn, call, grant) for grant in found.grants]
        return OrderExplanation(
            order_id=found.order_id, paid_fen=found.paid_fen, given_back_fen=found.given_back_fen,
            paid_on=found.paid_on, completed_on=found.completed_on, events=found.events, granted=granted,
            not_granted=not_granted(found.not_granted), text=_summary(found, granted),
        )  # fmt: skip

    return await call.read(work)


async def _granted(conn: Connection, call: Call, grant: GrantState) -> GrantedLine:
    known = await call.process.book.find(conn, grant.rule, grant.rule_version)
    pending = grant.state == "pending"
    return GrantedLine(
        rule=grant.rule, name=await title_of(conn, call, grant),
        sentence=same(rules.sentence(*known)) if known else None, points=grant.points, promised=grant.promised,
        reversed=grant.reversed, state=grant.state, settle_on=dated(grant.settle_on) if pending else None,
        awaits=awaits_of(grant.awaits, grant.settle_on) if pending else None, cut_points=grant.cut,
    )  # fmt: skip


def not_granted(found: list[NotGranted]) -> list[NotGrantedLine]:
    """As the API tells it."""
    return [
        NotGrantedLine(line.rule, same(line.name) if line.name else None, line.reason, same(line.text))
        for line in found
    ]


def _summary(found: Explained, granted: list[GrantedLine]) -> Bilingual:
    left = sum(line.points - line.reversed for line in granted)
    waiting = [line for line in granted if line.points and line.settle_on]
    figures: dict[str, Any] = {
        "paid": yuan(found.paid_fen), "back": yuan(found.given_back_fen), "points": points(left),
        "day": day(max(line.settle_on for line in waiting if line.settle_on)) if waiting else None,
    }  # fmt: skip
    back = ".back" if found.given_back_fen else ""
    earned = ".nothing" if not left else ".pending" if waiting else ""
    return both(f"order{back}{earned}", **figures)


async def _assist(call: Call, member_id: str) -> Assistant:
    on = call.stamp.on

    async def work(conn: Connection) -> Assistant:
        me = await members.get_member(conn, member_id)
        compiled = await call.programme_of(conn, member_id)
        outlook = await look_at_check_in(conn, compiled, me, call.stamp, WALLET)
        found = await hints(conn, compiled, me, outlook, call.stamp, WALLET)
        until = on + timedelta(days=EXPIRING_DAYS)
        lapsing = await ledger.expiring(conn, [member_id], WALLET, on=on, until=until)
        return Assistant(
            hints=[told_hint(hint) for hint in found], pending=await _on_its_way(conn, call, member_id),
            expiring=[Expiring(*part) for part in lapsing.get(member_id, [])],
        )  # fmt: skip

    return await call.read(work)


async def _on_its_way(conn: Connection, call: Call, member_id: str) -> list[OnItsWay]:
    """Soonest first; grants of one rule that settle on one date are told as one."""
    sums: dict[tuple[date, Awaits, Bilingual], int] = {}
    for grant in await ledger.pending(conn, member_id, WALLET, limit=MOST_PENDING):
        key = (grant.settle_on, awaits_of(grant.awaits, grant.settle_on), await title_of(conn, call, grant))
        sums[key] = sums.get(key, 0) + grant.points
    return [
        OnItsWay(reason, total, dated(settle_on), awaits)
        for (settle_on, awaits, reason), total in sums.items()
        if total
    ]


for_operators = [explain_member_order, get_member_assistant]
handlers = [explain_my_order, get_my_assistant]
