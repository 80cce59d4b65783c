"""Publish a programme for all at once: the first of all, and what an administrator answers for alone."""

from __future__ import annotations

from datetime import UTC, datetime

from linli import programmes, rules
from linli.flows.live import LiveProgrammes, NoProgramme
from linli.kit.db import Connection

__all__ = ["ALWAYS", "LiveProgrammes", "NoProgramme", "add_version", "publish"]

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


async def publish(
    conn: Connection, document: bytes, *, now: datetime, by: str, effective_from: datetime | None, note: str = ""
) -> programmes.Published | None:
    """Publish `document` as the next version, for all; None where it equals the newest, which holds or will hold for
    all. The first one holds from ever on.

    Raises rules.FaultyProgramme with all its faults.
    """
    await programmes.lock(conn)
    number = await programmes.latest_version(conn)
    last = await programmes.version(conn, number)
    if last and last.document == rules.encode_programme(rules.decode_programme(document)):
        steps = (await programmes.steps_of(conn, [number]))[number]
        if steps[-1].stage == "all":
            return None
    start = effective_from or (now if last else ALWAYS)
    published = await add_version(conn, document, last, now=now, by=by, effective_from=start, note=note)
    await programmes.add_step(conn, published.version, "all", at=start, actor=by, reason=note)
    return published


async def add_version(
    conn: Connection, document: bytes, last: programmes.Published | None, *, now: datetime, by: str,
    effective_from: datetime, note: str,
) -> programmes.Published:  # fmt: skip
    """The version after `last`, which holds for nobody before its first step. The caller holds the lock.

    Raises rules.FaultyProgramme.
    """
    programme = rules.decode_programme(document)
    number = last.version + 1 if last else 1
    before = rules.decode_programme(last.document) if last else None
    published = programmes.Published(
        version=number,
        name=programme.name,
        document=rules.encode_programme(programme),
        rule_versions=rules.rule_versions(before, last.rule_versions if last else {}, programme, number),
        effective_from=effective_from,
        published_at=now,
        published_by=by,
        note=note,
    )
    await programmes.add(conn, published)
    return published
