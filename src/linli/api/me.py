"""The member's own pages: who I am, what I have, what I can earn now, and the rules that hold for me."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec
from litestar import Router, get

from linli import ledger, members, rules
from linli.api import (
    deductions,
    explanation,
    me_cart,
    me_check_in,
    me_coupons,
    me_invitations,
    me_live,
    me_lottery,
    me_mall,
    me_messages,
    me_statement,
)
from linli.api.call import Call, authorize, for_members
from linli.api.me_hints import EXPIRING_DAYS, Expiring, Hint, told_hint
from linli.api.me_words import Bilingual, same
from linli.flows.messages import count_unread
from linli.flows.outlook import hints, look_at_check_in
from linli.flows.publish import NoProgramme
from linli.flows.redeem import WALLET
from linli.kit.db import Connection
from linli.ledger import Pending
from linli.members import MemberNotFound


class MyProgramme(msgspec.Struct, frozen=True):
    """The programme that holds now."""

    name: str
    title: Bilingual


class Me(msgspec.Struct, frozen=True):
    """Who calls. `business_on`: the server's business date; the client's clock decides nothing."""

    member_id: str
    nickname: str | None
    avatar: str | None
    city: str | None
    community_id: str | None
    enrolled_at: datetime
    business_on: date
    programme: MyProgramme


class Home(msgspec.Struct, frozen=True):
    """All that the first page shows. `available` leaves out what has lapsed; `expiring`: in the next 30 days.
    `pending`: by date, as far as one is known; `pending_points`: all that is on its way."""

    business_on: date
    available: int
    pending: list[Pending]
    pending_points: int
    held: int
    debt: int
    expiring: list[Expiring]
    next_expiry: Expiring | None
    checked_in_today: bool
    streak_days: int
    unread: int
    hints: list[Hint]


class RuleSection(msgspec.Struct, frozen=True):
    """One rule in words."""

    rule: str
    name: Bilingual
    sentence: Bilingual
    kind: str


class MeRules(msgspec.Struct, frozen=True):
    """The rules that hold now, in the order of the programme; `deduction`: what points take off an order."""

    title: Bilingual
    sections: list[RuleSection]
    deduction: list[Bilingual]


@get("/", opt=for_members(MemberNotFound, NoProgramme))
async def get_me(call: Call) -> Me:
    """The member whose token it is."""

    async def work(conn: Connection) -> Me:
        me = await members.get_member(conn, call.member_id)
        programme = (await call.programme_of(conn, call.member_id)).programme
        return Me(
            member_id=me.member_id, nickname=me.nickname, avatar=me.avatar, city=me.city, community_id=me.community_id,
            enrolled_at=me.enrolled_at, business_on=call.stamp.on,
            programme=MyProgramme(programme.name, same(programme.title)),
        )  # fmt: skip

    return await call.read(work)


@get("/home", opt=for_members(MemberNotFound, NoProgramme))
async def get_home(call: Call) -> Home:
    """What can be spent, what is on its way, what lapses next, and what can be earned now."""
    member_id, on = call.member_id, call.stamp.on

    async def work(conn: Connection) -> Home:
        me = await members.get_member(conn, member_id)
        compiled = await call.programme_of(conn, call.member_id)
        balance = await ledger.get_balance(conn, member_id, WALLET, on)
        until = on + timedelta(days=EXPIRING_DAYS)
        lapsing = await ledger.expiring(conn, [member_id], WALLET, on=on, until=until)
        outlook = await look_at_check_in(conn, compiled, me, call.stamp, WALLET)
        found = await hints(conn, compiled, me, outlook, call.stamp, WALLET)
        unread = await count_unread(conn, [member_id], WALLET, on)
        lapses = balance.next_expiry
        return Home(
            business_on=on, available=balance.available,
            pending=[part for part in balance.pending if me_statement.dated(part.settle_on)],
            pending_points=sum(part.points for part in balance.pending), held=balance.held, debt=balance.debt,
            expiring=[Expiring(*part) for part in lapsing.get(member_id, [])],
            next_expiry=Expiring(lapses.expires_on, lapses.points) if lapses else None,
            checked_in_today=outlook.checked_in, streak_days=outlook.streak_days, unread=unread[member_id],
            hints=[told_hint(hint) for hint in found],
        )  # fmt: skip

    return await call.read(work)


@get("/rules", opt=for_members(MemberNotFound, NoProgramme))
async def get_my_rules(call: Call) -> MeRules:
    """The rules that hold now in the member's city, in words."""

    async def work(conn: Connection) -> MeRules:
        me = await members.get_member(conn, call.member_id)
        programme = (await call.programme_of(conn, call.member_id)).programme
        said = [
            RuleSection(rule.id, same(rule.name), same(rules.sentence(rule, programme)), rules.kind_of(rule))
            for rule in rules.rules_of(programme, me.city, call.stamp.at)
        ]
        taken_off = rules.deduction_sentences(programme, to_members=True)
        return MeRules(same(programme.title), said, [same(text) for text in taken_off])

    return await call.read(work)


routes = Router(
    "/v1/me",
    route_handlers=[
        get_me, get_home, get_my_rules, *me_statement.handlers, *me_check_in.handlers, *me_messages.handlers,
        *me_invitations.handlers, *me_live.handlers, *explanation.handlers, *me_cart.handlers,
        *me_coupons.handlers,
        *me_mall.handlers,
        *me_lottery.handlers,
        *deductions.mine,
    ],
    guards=[authorize],
    tags=["me"],
)  # fmt: skip
