"""What a member can earn now: the live rules, asked with what is known of the member. Reads only."""

from __future__ import annotations

import hashlib
from datetime import date

import msgspec

from linli import earning, ledger, rules
from linli.kit.db import Connection
from linli.ledger import GrantState, Stamp
from linli.members import Member
from linli.rules import Asker, CompiledProgramme, Hint, StreakReward
from linli.words.events import CheckIn, Event
from linli.words.facts import NO_FACTS, MemberFacts

APP = "linli:app"
"""`source` of events that Linli's own pages cause."""
MOST_ID = 128
"""Characters of an event's id."""


class CheckInOutlook(msgspec.Struct, frozen=True):
    """A member's check-ins as of a business date. `points_today`: what checking in today brings, or has brought."""

    facts: MemberFacts
    checked_in: bool
    streak_days: int
    points_today: int
    next_reward: StreakReward | None
    given: list[GrantState]
    """The grants of today's check-in, where it was done."""


def check_in_id(member_id: str, on: date) -> str:
    """The id of the event by which a member checks in from the app: one a business date.

    Ids are bounded, and a member's own may use all of that: then a digest stands for it.
    """
    return _id_of("check_in", member_id, on)


def made_up_id(member_id: str, on: date) -> str:
    """The id of the event by which a member makes up for the check-in of `on`: one a business date."""
    return _id_of("made_up", member_id, on)


def _id_of(what: str, member_id: str, on: date) -> str:
    event_id = f"{what}:{member_id}:{on}"
    if len(event_id) > MOST_ID:
        event_id = f"{what}:sha256-{hashlib.sha256(member_id.encode()).hexdigest()}:{on}"
    return event_id


def check_in_body(member: Member) -> CheckIn:
    """The event's body, with the member's profile, so that rules of a city hold for it."""
    return CheckIn(
        member_id=member.member_id, city=member.city, leader_id=member.leader_id, community_id=member.community_id
    )


async def look_at_check_in(
    conn: Connection, compiled: CompiledProgramme, member: Member, stamp: Stamp, wallet: str
) -> CheckInOutlook:
    """How the member's check-ins stand, by the rules that hold now."""
    member_id, on = member.member_id, stamp.on
    facts = (await earning.read_facts(conn, [member_id])).get(member_id, NO_FACTS)
    event = Event(APP, check_in_id(member_id, on), stamp.at, on, check_in_body(member), b"", b"")
    claims = rules.check_in_claims(compiled, event, facts, wallet)
    had = await ledger.holders(conn, member_id, [claim.key for claim in claims])
    checked_in = facts.check_in_days.has(on)
    given = [grant for grant in had.values() if grant.earned_on == on] if checked_in else []
    promised = [claim.points for claim in claims if claim.key not in had]
    return CheckInOutlook(
        facts=facts,
        checked_in=checked_in,
        streak_days=facts.check_in_days.run_until(on),
        points_today=sum(grant.points for grant in given) if checked_in else sum(promised),
        next_reward=rules.next_reward(compiled, "check_in", facts.check_in_days, on, wallet),
        given=given,
    )


async def hints(
    conn: Connection, compiled: CompiledProgramme, member: Member, outlook: CheckInOutlook, stamp: Stamp, wallet: str
) -> list[Hint]:
    """What the member can earn now, soonest done first."""
    keys = rules.limit_keys(compiled, stamp.on)
    had = await ledger.holders(conn, member.member_id, keys)
    asker = Asker(
        member_id=member.member_id, city=member.city, leader_id=member.leader_id, community_id=member.community_id,
        facts=outlook.facts, had=frozenset(had),
        check_in_points=0 if outlook.checked_in else outlook.points_today,
    )  # fmt: skip
    return rules.hints_for(compiled, asker, stamp.at, stamp.on, wallet)
