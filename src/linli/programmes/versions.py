"""Versions of the programme: a document, the versions of its rules, and from when it holds."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec

from linli.kit.db import Connection, fetch_all, fetch_one
from linli.kit.errors import NotFound
from linli.programmes import store


class VersionNotFound(NotFound):
    """No such version was published. Fields: `version`."""

    code: ClassVar[str] = "version_not_found"


class Published(msgspec.Struct, frozen=True):
    """One version. `document` is canonical JSON; `rule_versions` maps a rule to the version it last changed in."""

    version: int
    name: str
    document: bytes
    rule_versions: dict[str, int]
    effective_from: datetime
    """Events are judged by the latest version whose `effective_from` is not after their business time."""
    published_at: datetime
    published_by: str
    note: str


_rule_versions = msgspec.json.Decoder(dict[str, int])


def _published(row: tuple) -> Published:  # pyright: ignore[reportMissingTypeArgument]
    number, name, document, rule_versions, *rest = row
    return Published(number, name, document.encode(), _rule_versions.decode(rule_versions), *rest)


async def latest_version(conn: Connection) -> int:
    """The newest version's number; 0 where nothing is published."""
    row = await fetch_one(conn, store.LATEST)
    assert row is not None, "an aggregate returns a row"
    return row[0]


async def lock(conn: Connection) -> None:
    """Let nobody else publish until this transaction ends."""
    await conn.execute(store.LOCK)


async def since(conn: Connection, version: int) -> list[Published]:
    """All versions after `version`, oldest first."""
    return [_published(row) for row in await fetch_all(conn, store.SINCE, {"version": version})]


async def version(conn: Connection, number: int) -> Published | None:
    """One version, or None."""
    row = await fetch_one(conn, store.VERSION, {"version": number})
    return _published(row) if row else None


async def get_version(conn: Connection, number: int) -> Published:
    """One version. Raises VersionNotFound."""
    if found := await version(conn, number):
        return found
    raise VersionNotFound(version=number)


async def versions(conn: Connection, *, before: int = 2**31 - 1, limit: int) -> list[Published]:
    """A page of versions, newest first."""
    return [_published(row) for row in await fetch_all(conn, store.VERSIONS, {"before": before, "limit": limit})]


async def add(conn: Connection, published: Published) -> None:
    """Publish. The caller holds the lock and has checked the document."""
    await conn.execute(
        store.ADD,
        {
            "version": published.version,
            "name": published.name,
            "document": published.document.decode(),
            "rule_versions": msgspec.json.encode(published.rule_versions).decode(),
            "effective_from": published.effective_from,
            "published_at": published.published_at,
            "published_by": published.published_by,
            "note": published.note,
        },
    )
