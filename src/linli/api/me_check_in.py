"""签到 from the member's own pages: a real event, through the gate, once a business date by the server's clock."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
from litestar import get, post

from linli import members
from linli.api.call import Call, for_members
from linli.api.me_statement import Month
from linli.flows.outlook import APP, CheckInOutlook, check_in_body, check_in_id, look_at_check_in
from linli.flows.publish import NoProgramme
from linli.flows.redeem import WALLET
from linli.inbox import Granted, Rejected
from linli.kit.clock import add_months
from linli.kit.db import Connection
from linli.kit.errors import Refusal
from linli.kit.gather import Overloaded
from linli.ledger import GrantState
from linli.members import Member, MemberNotFound

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


class CheckInState(msgspec.Struct, frozen=True):
    """How the member's check-ins stand. `week`: Monday to Sunday; `days`: of the month that was asked for.

    `points_today`: what checking in today brings, or has brought.
    """

    today: date
    checked_in_today: bool
    streak_days: int
    week: list[DayOfWeek]
    days: list[date]
    next_reward: NextReward | None
    points_today: int


class CheckedIn(msgspec.Struct, frozen=True):
    """What checking in brought. `already`: it was done before, and nothing more came of it."""

    state: CheckInState
    granted: list[Granted]
    already: bool


@get("/check-in", opt=for_members(MemberNotFound, NoProgramme))
async def get_check_in(call: Call, month: Month = None) -> CheckInState:
    """The week's strip, the month's days, the run that is under way, and its next reward."""
    _, outlook = await _look(call)
    return _state(call, outlook, month)


@post("/check-in", status_code=200, opt=for_members(MemberNotFound, NoProgramme, CheckInWaiting, Overloaded))
async def check_in(call: Call) -> CheckedIn:
    """Check in for the server's business date. Twice is once: the second answer says `already`, and the same grants."""
    me, outlook = await _look(call)
    already = outlook.checked_in
    if not already:
        outcome = await call.process.gate.one(_event(call, me))
        assert not isinstance(outcome, Rejected), outcome.detail
        # Somebody's other tap came in between: a conflict, since it has its own time, or a duplicate.
        already = outcome.outcome != "accepted"
        _, outlook = await _look(call)
        if not outlook.checked_in:
            raise CheckInWaiting(on=call.stamp.on.isoformat())
    return CheckedIn(_state(call, outlook, None), [_granted(grant) for grant in outlook.given], already)


async def _look(call: Call) -> tuple[Member, CheckInOutlook]:
    async def work(conn: Connection) -> tuple[Member, CheckInOutlook]:
        me = await members.get_member(conn, call.member_id)
        compiled = await call.programme_of(conn, call.member_id)
        return me, await look_at_check_in(conn, compiled, me, call.stamp, WALLET)

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


def _state(call: Call, outlook: CheckInOutlook, month: str | None) -> CheckInState:
    today, days = call.stamp.on, outlook.facts.check_in_days
    monday = today - timedelta(days=today.weekday())
    week = [monday + timedelta(days=place) for place in range(7)]
    first = date.fromisoformat(f"{month}-01") if month else today.replace(day=1)
    reward = outlook.next_reward
    return CheckInState(
        today=today,
        checked_in_today=outlook.checked_in,
        streak_days=outlook.streak_days,
        week=[DayOfWeek(on, days.has(on)) for on in week],
        days=days.between(first, add_months(first, 1) - timedelta(days=1)),
        next_reward=NextReward(reward.at_days, reward.points, reward.days_to_go) if reward else None,
        points_today=outlook.points_today,
    )


def _granted(grant: GrantState) -> Granted:
    return Granted(
        grant.member_id, grant.rule, grant.rule_version, grant.points, grant.wallet, grant.settle_on, grant.key
    )  # fmt: skip


handlers = [get_check_in, check_in]
