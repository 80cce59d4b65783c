"""签到 from the member's own pages: a real event, through the gate, once a business date by the server's clock."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
from litestar import get, post

from linli import members
from linli.api.call import Call, for_members
from linli.api.me_statement import Month
from linli.api.strict import Input
from linli.flows.make_up import (
    MakeUpFailed,
    MakeUpNotOffered,
    MakeUpOutOfReach,
    MakeUpsUsedUp,
    days_open,
    left_in_month,
    make_up,
)
from linli.flows.outlook import APP, CheckInOutlook, check_in_body, check_in_id, look_at_check_in
from linli.flows.publish import NoProgramme
from linli.flows.redeem import WALLET
from linli.inbox import Granted, Rejected
from linli.kit.clock import add_months
from linli.kit.db import Connection
from linli.kit.errors import Refusal
from linli.kit.gather import Overloaded
from linli.ledger import GrantState, InsufficientPoints
from linli.members import Member, MemberNotFound
from linli.rules import MakeUp

_encode = msgspec.json.Encoder().encode


class CheckInWaiting(Refusal):
    """The check-in is kept, but a rule could not judge it yet: it counts once that is put right. Fields: `on`."""

    code = "check_in_waiting"


class DayOfWeek(msgspec.Struct, frozen=True):
    """One day of the week that today lies in."""

    on: date
    checked: bool


class NextReward(msgspec.Struct, frozen=True):
    """`points` on the `at_days`-th day in a row, if none of the next `days_to_go` is missed (today counts, if it is
    still open)."""

    at_days: int
    points: int
    days_to_go: int


class MakeUpOffer(msgspec.Struct, frozen=True):
    """What it costs to make up for a day, the days that can be made up for now, and how many more this month."""

    points: int
    days: list[date]
    left_this_month: int


class CheckInState(msgspec.Struct, frozen=True):
    """How the member's check-ins stand. `week`: Monday to Sunday; `days`: of the month that was asked for.

    `points_today`: what checking in today brings, or has brought. `made_up`: those of `days` that were made up for.
    `make_up` null: the programme lets nobody make up for a missed day.
    """

    today: date
    checked_in_today: bool
    streak_days: int
    week: list[DayOfWeek]
    days: list[date]
    next_reward: NextReward | None
    points_today: int
    made_up: list[date]
    make_up: MakeUpOffer | None


class CheckedIn(msgspec.Struct, frozen=True):
    """What checking in brought. `already`: it was done before, and nothing more came of it."""

    state: CheckInState
    granted: list[Granted]
    already: bool


class MissedDay(Input, frozen=True, kw_only=True):
    """The business date to make up for."""

    on: date


class CheckedInLate(msgspec.Struct, frozen=True):
    """What making up brought, and cost. `already`: the day was there before, and nothing was spent."""

    state: CheckInState
    granted: list[Granted]
    already: bool
    spent_points: int


@get("/check-in", opt=for_members(MemberNotFound, NoProgramme))
async def get_check_in(call: Call, month: Month = None) -> CheckInState:
    """The week's strip, the month's days, the run that is under way, and its next reward."""
    _, outlook, terms = await _look(call)
    return _state(call, outlook, terms, month)


@post("/check-in", status_code=200, opt=for_members(MemberNotFound, NoProgramme, CheckInWaiting, Overloaded))
async def check_in(call: Call) -> CheckedIn:
    """Check in for the server's business date. Twice is once: the second answer says `already`, and the same grants."""
    me, outlook, terms = await _look(call)
    already = outlook.checked_in
    if not already:
        outcome = await call.process.gate.one(_event(call, me))
        assert not isinstance(outcome, Rejected), outcome.detail
        # Somebody's other tap came in between: a conflict, since it has its own time, or a duplicate.
        already = outcome.outcome != "accepted"
        _, outlook, terms = await _look(call)
        if not outlook.checked_in:
            raise CheckInWaiting(on=call.stamp.on.isoformat())
    return CheckedIn(_state(call, outlook, terms, None), [_granted(grant) for grant in outlook.given], already)


_LATE = (MakeUpNotOffered, MakeUpOutOfReach, MakeUpsUsedUp, MakeUpFailed, InsufficientPoints)


@post("/check-in/make-up", status_code=200, opt=for_members(MemberNotFound, NoProgramme, *_LATE))
async def make_up_check_in(call: Call, data: MissedDay) -> CheckedInLate:
    """Make up for a missed day with points, so that a run is unbroken. Twice is once: points are spent once a day."""
    process = call.process

    async def work(conn: Connection) -> tuple[int, bool, list[Granted]]:
        me = await members.get_member(conn, call.member_id)
        done = await make_up(conn, me, data.on, call.stamp, process.live, process.reader)
        return done.spent_points, done.already, done.outcome.granted if done.outcome else []

    spent, already, granted = await call.run(work)
    _, outlook, terms = await _look(call)
    month = data.on.isoformat()[:7]
    return CheckedInLate(_state(call, outlook, terms, month), granted, already, spent)


async def _look(call: Call) -> tuple[Member, CheckInOutlook, MakeUp | None]:
    async def work(conn: Connection) -> tuple[Member, CheckInOutlook, MakeUp | None]:
        me = await members.get_member(conn, call.member_id)
        compiled = await call.programme_of(conn, call.member_id)
        outlook = await look_at_check_in(conn, compiled, me, call.stamp, WALLET)
        return me, outlook, compiled.programme.check_in.make_up

    return await call.read(work)


def _event(call: Call, me: Member) -> bytes:
    """The check-in as a CloudEvent, as any other sender would send it."""
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "id": check_in_id(me.member_id, call.stamp.on),
        "source": APP,
        "type": "check_in",
        "time": call.stamp.at,
        "data": check_in_body(me),
    }
    return _encode(envelope)


def _state(call: Call, outlook: CheckInOutlook, terms: MakeUp | None, month: str | None) -> CheckInState:
    today, facts, days = call.stamp.on, outlook.facts, outlook.facts.check_in_days
    monday = today - timedelta(days=today.weekday())
    week = [monday + timedelta(days=place) for place in range(7)]
    first = date.fromisoformat(f"{month}-01") if month else today.replace(day=1)
    last = add_months(first, 1) - timedelta(days=1)
    reward = outlook.next_reward
    return CheckInState(
        today=today,
        checked_in_today=outlook.checked_in,
        streak_days=outlook.streak_days,
        week=[DayOfWeek(on, days.has(on)) for on in week],
        days=days.between(first, last),
        next_reward=NextReward(reward.at_days, reward.points, reward.days_to_go) if reward else None,
        points_today=outlook.points_today,
        made_up=facts.made_up.between(first, last),
        make_up=terms and MakeUpOffer(terms.points, days_open(facts, terms, today), left_in_month(facts, terms, today)),
    )


def _granted(grant: GrantState) -> Granted:
    return Granted(
        grant.member_id, grant.rule, grant.rule_version, grant.points, grant.wallet, grant.settle_on, grant.key
    )  # fmt: skip


handlers = [get_check_in, check_in, make_up_check_in]
