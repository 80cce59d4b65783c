"""补签: a missed day of check-in is made up for with points. Spending and event are one transaction, once a date."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

import msgspec

from linli import earning, inbox, ledger, members
from linli.flows.intake import take_in
from linli.flows.live import LiveProgrammes, programme_of
from linli.flows.outlook import APP, made_up_id
from linli.flows.redeem import WALLET
from linli.inbox import Outcome
from linli.kit.clock import add_months
from linli.kit.db import Connection
from linli.kit.errors import Refusal
from linli.ledger import Stamp
from linli.members import Member
from linli.rules import MakeUp
from linli.words.events import CheckInMadeUp, Event
from linli.words.facts import NO_FACTS, MemberFacts

_encode = msgspec.json.Encoder().encode


class MakeUpNotOffered(Refusal):
    """The programme lets nobody make up for a check-in."""

    code: ClassVar[str] = "make_up_not_offered"


class MakeUpOutOfReach(Refusal):
    """The day lies too far back, or is not over yet. Fields: `on`, `earliest_on`, `latest_on`."""

    code: ClassVar[str] = "make_up_out_of_reach"


class MakeUpsUsedUp(Refusal):
    """So many days of that month were made up for as may be. Fields: `on`, `per_month`."""

    code: ClassVar[str] = "make_ups_used_up"


class MakeUpFailed(Refusal):
    """A rule could not judge the day, so nothing was done and nothing was spent. Fields: `on`, `reason`."""

    code: ClassVar[str] = "make_up_failed"


class MadeUp(msgspec.Struct, frozen=True):
    """What came of it. `already`: the day was checked in or made up for before, and nothing was spent now."""

    spent_points: int
    already: bool
    outcome: Outcome | None = None


def days_open(facts: MemberFacts, terms: MakeUp, today: date) -> list[date]:
    """The days that can be made up for today, in order."""
    days = [today - timedelta(days=back) for back in range(terms.days_back, 0, -1)]
    return [on for on in days if not facts.check_in_days.has(on) and left_in_month(facts, terms, on)]


def left_in_month(facts: MemberFacts, terms: MakeUp, on: date) -> int:
    """How many days of the business month of `on` may still be made up for."""
    first = on.replace(day=1)
    used = facts.made_up.between(first, add_months(first, 1) - timedelta(days=1))
    return max(terms.per_month - len(used), 0)


async def make_up(
    conn: Connection, member: Member, on: date, stamp: Stamp, live: LiveProgrammes, reader: inbox.Reader
) -> MadeUp:
    """Make up for the check-in of business date `on`, for the points that the programme asks.

    Raises MakeUpNotOffered, MakeUpOutOfReach, MakeUpsUsedUp, MakeUpFailed, InsufficientPoints, NoProgramme.
    """
    terms = (await programme_of(conn, live, stamp.at, member.member_id)).programme.check_in.make_up
    if terms is None:
        raise MakeUpNotOffered
    earliest, latest = stamp.on - timedelta(days=terms.days_back), stamp.on - timedelta(days=1)
    if not earliest <= on <= latest:
        raise MakeUpOutOfReach(on=on.isoformat(), earliest_on=earliest.isoformat(), latest_on=latest.isoformat())
    # Locked before the limits are looked at: of two requests at once, the second sees what the first has done.
    await members.lock(conn, member.member_id)
    facts = (await earning.read_facts(conn, [member.member_id])).get(member.member_id, NO_FACTS)
    if facts.check_in_days.has(on):
        return MadeUp(0, already=True)
    if not left_in_month(facts, terms, on):
        raise MakeUpsUsedUp(on=on.isoformat(), per_month=terms.per_month)
    event = reader.one(_raw(member, on, stamp), stamp.at)
    assert isinstance(event, Event), event
    [outcome] = await take_in(conn, [event], stamp, live, reader, channel="app")
    if outcome.outcome != "accepted":
        raise MakeUpFailed(on=on.isoformat(), reason=outcome.code or outcome.outcome)
    if terms.points:
        await ledger.spend(conn, stamp, member.member_id, WALLET, terms.points, f"make_up:{on}", reason="make_up")
    return MadeUp(terms.points, already=False, outcome=outcome)


def _raw(member: Member, on: date, stamp: Stamp) -> bytes:
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "id": made_up_id(member.member_id, on),
        "source": APP,
        "type": CheckInMadeUp.type,
        "time": stamp.at,
        "data": CheckInMadeUp(
            member_id=member.member_id, city=member.city, leader_id=member.leader_id,
            community_id=member.community_id, on=on,
        ),
    }  # fmt: skip
    return _encode(envelope)
