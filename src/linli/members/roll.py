"""The roll of members: enrol by sight, look up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import ClassVar

import msgspec

from linli.kit.columns import instants, texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.kit.errors import NotFound
from linli.members import store

_NEVER = datetime(1, 1, 1, tzinfo=UTC)


class MemberNotFound(NotFound):
    """No event has named this member. Fields: `member_id`."""

    code: ClassVar[str] = "member_not_found"


class Member(msgspec.Struct, frozen=True):
    """A member as the platform's events describe them; nickname and picture as the platform tells them."""

    member_id: str
    city: str | None
    leader_id: str | None
    community_id: str | None
    registered_at: datetime | None
    enrolled_at: datetime
    nickname: str | None = None
    avatar: str | None = None


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """What one event says of a member. Without a city it leaves the profile as it is."""

    member_id: str
    seen_at: datetime
    city: str | None = None
    leader_id: str | None = None
    community_id: str | None = None
    registered: bool = False


async def enrol(conn: Connection, sightings: Sequence[Sighting], now: datetime) -> None:
    """Enrol those who are new, bring profiles up to date, and lock all of them, in order of member id."""
    profile: dict[str, Sighting] = {}
    registered: dict[str, datetime] = {}
    for seen in sightings:
        known = profile.get(seen.member_id)
        if known is None or (seen.city and (known.city is None or _rank(seen) > _rank(known))):
            profile[seen.member_id] = seen
        if seen.registered:
            registered[seen.member_id] = min(seen.seen_at, registered.get(seen.member_id, seen.seen_at))
    rows = [profile[member_id] for member_id in sorted(profile)]
    await conn.execute(
        store.ENROL,
        {
            "member_ids": texts(s.member_id for s in rows),
            "cities": texts(s.city for s in rows),
            "leaders": texts(s.leader_id if s.city else None for s in rows),
            "communities": texts(s.community_id if s.city else None for s in rows),
            "profiled": instants(s.seen_at if s.city else _NEVER for s in rows),
            "registered": instants(registered.get(s.member_id) for s in rows),
            "now": now,
        },
    )


async def lock(conn: Connection, member_id: str) -> None:
    """Lock the member until the transaction ends, as intake does. Raises MemberNotFound."""
    if await fetch_one(conn, store.LOCK, {"member_id": member_id}) is None:
        raise MemberNotFound(member_id=member_id)


def _rank(seen: Sighting) -> tuple[datetime, str, str, str]:
    """The later profile holds; of two at one instant, the one whose words sort last, as in SQL."""
    return seen.seen_at, seen.city or "", seen.leader_id or "", seen.community_id or ""


async def find_member(conn: Connection, member_id: str) -> Member | None:
    """The member, or None."""
    row = await fetch_one(conn, store.MEMBER, {"member_id": member_id})
    return Member(*row) if row else None


async def cities(conn: Connection, member_ids: Sequence[str]) -> dict[str, str]:
    """Member → city, of those whose city is known."""
    rows = await fetch_all(conn, store.CITIES, {"member_ids": texts(member_ids)})
    return dict(rows)


async def get_member(conn: Connection, member_id: str) -> Member:
    """The member. Raises MemberNotFound."""
    if found := await find_member(conn, member_id):
        return found
    raise MemberNotFound(member_id=member_id)


async def members_by_id(conn: Connection, member_ids: Iterable[str]) -> dict[str, Member]:
    """Those of `member_ids` who are members."""
    rows = await fetch_all(conn, store.MEMBERS, {"member_ids": texts(member_ids)})
    return {row[0]: Member(*row) for row in rows}


async def enrolled(conn: Connection, member_ids: Iterable[str]) -> set[str]:
    """Those of `member_ids` who are members."""
    rows = await fetch_all(conn, store.AMONG, {"member_ids": texts(member_ids)})
    return {row[0] for row in rows}


async def set_profile(
    conn: Connection, member_id: str, nickname: str, avatar: str | None, now: datetime
) -> Member:  # fmt: skip
    """Let a member be shown by this nickname and picture. Raises MemberNotFound."""
    await get_member(conn, member_id)
    row = {"member_id": member_id, "nickname": nickname, "avatar": avatar, "now": now}
    await conn.execute(store.SET_PROFILE, row)
    return await get_member(conn, member_id)


async def shown(conn: Connection, member_ids: Collection[str]) -> dict[str, tuple[str | None, str | None]]:
    """Member → (nickname, picture), as far as the platform told them."""
    rows = await fetch_all(conn, store.SHOWN, {"member_ids": texts(member_ids)})
    return {member_id: (nickname, avatar) for member_id, nickname, avatar in rows}


async def count_members(conn: Connection) -> int:
    """How many there are."""
    row = await fetch_one(conn, store.COUNT)
    assert row is not None, "an aggregate returns a row"
    return row[0]


async def ids_after(conn: Connection, after: str, limit: int) -> list[str]:
    """The next members by id."""
    return [row[0] for row in await fetch_all(conn, store.IDS_AFTER, {"after": after, "limit": limit})]
