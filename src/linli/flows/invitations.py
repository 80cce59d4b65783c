"""Invitations: who is meant by a code, whom a member brought, and what came of it for the member."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from linli import earning, ledger, members, rules
from linli.earning import FriendPlace
from linli.kit.clock import BusinessCalendar
from linli.kit.db import Connection
from linli.ledger import PartSum
from linli.words.events import Event, MemberRegistered
from linli.words.facts import MemberFacts

_encode = msgspec.json.Encoder().encode
FriendState: TypeAlias = Literal["joined", "ordered", "rewarded", "refused"]
Why: TypeAlias = Literal["no_reward", "ring", "taken_back"]
UNKNOWN_CODE = "invite_code_unknown"


class Friend(msgspec.Struct, frozen=True):
    """Somebody whom the member brought. `points`: on their way while `ordered`, credited once `rewarded`.

    joined: no order completed yet. refused: nothing comes of it (any more), for the reason.
    """

    nickname: str | None
    avatar: str | None
    joined_on: date
    state: FriendState
    points: int
    reason: Why | None


class FriendTotals(msgspec.Struct, frozen=True):
    """Of all friends. `points`: credited for them and not taken back; `pending_points`: on their way."""

    friends: int
    rewarded: int
    points: int
    pending_points: int


class Invited(msgspec.Struct, frozen=True):
    """A page of friends with their places, newest first, and the totals of all."""

    friends: list[tuple[FriendPlace, Friend]]
    totals: FriendTotals


async def name_inviters(conn: Connection, events: Sequence[Event]) -> Sequence[Event]:
    """The events, where a code of somebody stands in a registration with its owner beside it.

    Bytes and digest stay those that were sent. A code is made before anybody can send it, so what it means does not
    depend on the order in which events arrive.
    """
    codes = {body.invite_code for event in events if (body := _asking(event)) and body.invite_code}
    if not codes:
        return events
    found = await members.inviters(conn, codes)
    return [
        replace(event, body=replace(body, inviter_id=found[body.invite_code]))
        if (body := _asking(event)) and body.invite_code in found
        else event
        for event in events
    ]


def told_whole(event: Event) -> Event:
    """The event as the archive keeps it: with the inviter whom its code named, for whoever reads it without codes."""
    body = event.body
    if isinstance(body, MemberRegistered) and body.invite_code and body.inviter_id:
        return replace(event, data=_encode(body))
    return event


def _asking(event: Event) -> MemberRegistered | None:
    body = event.body
    return body if isinstance(body, MemberRegistered) and body.invite_code and not body.inviter_id else None


def unknown_code(event: Event) -> str | None:
    """What is told of a registration whose code is nobody's; None for every other event."""
    body = _asking(event)
    return f"no member has the invite code {body.invite_code!r}: registered without an inviter" if body else None


async def invited_by(
    conn: Connection, member_id: str, wallet: str, calendar: BusinessCalendar, *, before: FriendPlace, limit: int
) -> Invited:
    """A page of those whom the member brought, newest first, and what came of all of them."""
    found = await earning.friends(conn, member_id, before=before, limit=limit)
    sums = _by_friend(await ledger.sums_under(conn, member_id, wallet, rules.INVITE))
    shown = await members.shown(conn, [place.member_id for place, _ in found])
    friends: list[tuple[FriendPlace, Friend]] = []
    for place, facts in found:
        assert facts.invited_at is not None, "who has an inviter was invited at some time"
        state, points, reason = _stands(facts, sums.get(place.member_id, []))
        nickname, avatar = shown.get(place.member_id, (None, None))
        joined_on = calendar.date_of(facts.invited_at)
        friends.append((place, Friend(nickname, avatar, joined_on, state, points, reason)))
    totals = FriendTotals(
        friends=await earning.count_friends(conn, member_id),
        rewarded=sum(any(part.credited for part in parts) for parts in sums.values()),
        points=sum(part.credited for parts in sums.values() for part in parts),
        pending_points=sum(part.pending for parts in sums.values() for part in parts),
    )
    return Invited(friends, totals)


def _by_friend(parts: Sequence[PartSum]) -> dict[str, list[PartSum]]:
    found: dict[str, list[PartSum]] = {}
    for part in parts:
        found.setdefault(rules.friend_of(part.key), []).append(part)
    return found


def _stands(facts: MemberFacts, parts: Sequence[PartSum]) -> tuple[FriendState, int, Why | None]:
    """(state, points, reason) of one friend, from what they did and what was promised for them."""
    if facts.ring:
        return "refused", 0, "ring"
    if credited := sum(part.credited for part in parts):
        return "rewarded", credited, None
    if pending := sum(part.pending for part in parts):
        return "ordered", pending, None
    if parts:
        return "refused", 0, "taken_back"
    return ("joined", 0, None) if facts.first_order is None else ("ordered", 0, "no_reward")
