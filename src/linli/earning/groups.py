"""A group as earning remembers it: whether it formed or failed, who is in it, and what it caused.

Its row is locked before its members, by every event that names it: so whoever fails it sees all of its parts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

import msgspec

from linli.earning import store
from linli.kit.columns import dates, instants, json_texts, texts
from linli.kit.db import Connection, fetch_all
from linli.words.grants import Grant

_claims = msgspec.json.Decoder(tuple[Grant, ...])
_encode = msgspec.json.Encoder(order="deterministic").encode


class Part(msgspec.Struct, frozen=True):
    """A member's part in a group, by an order (`order:<id>`) or by an event (`event:<source>:<id>`)."""

    group_id: str
    member_id: str
    cause: str
    claims: tuple[Grant, ...] = ()

    @property
    def order_id(self) -> str | None:
        """The order by which the member is in."""
        return self.cause[6:] if self.cause.startswith("order:") else None


class GroupRecord(msgspec.Struct, frozen=True):
    """A group. Both instants are the earliest that were told: they do not depend on the order of arrival."""

    group_id: str
    formed_on: date | None = None
    failed_at: datetime | None = None


async def lock_groups(conn: Connection, group_ids: Collection[str]) -> dict[str, GroupRecord]:
    """The groups, made where they are new, locked until the transaction ends."""
    if not group_ids:
        return {}
    rows = await fetch_all(conn, store.LOCK_GROUPS, {"group_ids": texts(sorted(group_ids))})
    return {row[0]: GroupRecord(*row) for row in rows}


async def failed_at(conn: Connection, group_ids: Collection[str]) -> dict[str, datetime]:
    """When it was that those of the groups failed that did; nothing is locked."""
    return dict(await fetch_all(conn, store.FAILED, {"group_ids": texts(sorted(group_ids))}))


async def read_parts(conn: Connection, group_ids: Collection[str]) -> list[Part]:
    """All parts of the groups."""
    rows = await fetch_all(conn, store.PARTS, {"group_ids": texts(sorted(group_ids))})
    return [
        Part(group, member, cause, _claims.decode(claims) if claims else ()) for group, member, cause, claims in rows
    ]


async def live_claims(conn: Connection, member_id: str) -> list[tuple[str, Grant]]:
    """(group, claim) of the member's parts in groups that have not failed."""
    rows = await fetch_all(conn, store.LIVE_CLAIMS_OF_PARTS, {"member_id": member_id})
    return [(group_id, grant) for group_id, claims in rows for grant in _claims.decode(claims)]


async def write_groups(conn: Connection, groups: Iterable[GroupRecord]) -> None:
    """Bring groups up to date."""
    rows = sorted(groups, key=lambda group: group.group_id)
    if rows:
        columns = {
            "group_ids": texts(group.group_id for group in rows),
            "formed": dates(group.formed_on for group in rows),
            "failed": instants(group.failed_at for group in rows),
        }
        await conn.execute(store.WRITE_GROUPS, columns)


async def write_parts(conn: Connection, parts: Iterable[Part]) -> None:
    """Add parts; one that is there stays as it is."""
    rows = sorted(parts, key=lambda part: (part.group_id, part.member_id, part.cause))
    if rows:
        columns = {
            "group_ids": texts(part.group_id for part in rows),
            "member_ids": texts(part.member_id for part in rows),
            "causes": texts(part.cause for part in rows),
            "claims": json_texts(_encode(part.claims) for part in rows),
        }
        await conn.execute(store.WRITE_PARTS, columns)
