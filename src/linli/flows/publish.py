"""Publish a programme, and know which version holds for an event."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from typing import ClassVar

from linli import programmes, rules, screening
from linli.kit.db import Connection
from linli.kit.errors import Refusal
from linli.screening import Digester

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


class NoProgramme(Refusal):
    """No programme holds at the event's time: publish one first."""

    code: ClassVar[str] = "no_programme"


class LiveProgrammes:
    """The published versions, compiled once, kept in a process; `refresh` picks up what was published elsewhere."""

    def __init__(self) -> None:
        self.version = 0
        self.digester: Digester | None = None
        """What tells devices apart; None while nothing was read."""
        self._from: list[datetime] = []
        self._compiled: list[rules.CompiledProgramme] = []

    async def refresh(self, conn: Connection) -> None:
        """One tiny query where nothing is new."""
        latest = await programmes.latest_version(conn)
        if self.digester is None:
            self.digester = await screening.digester(conn)
        if latest == self.version:
            return
        for published in await programmes.since(conn, self.version):
            if published.version <= self.version:
                continue  # another task was quicker while this one asked
            compiled = rules.compile_programme(
                rules.decode_programme(published.document), version=published.version, versions=published.rule_versions
            )
            # A later version holds from its own start on, whatever an earlier one had planned for then.
            while self._from and self._from[-1] >= published.effective_from:
                self._from.pop()
                self._compiled.pop()
            self._from.append(published.effective_from)
            self._compiled.append(compiled)
            self.version = published.version

    def at(self, instant: datetime) -> rules.CompiledProgramme:
        """The version that holds at `instant` (business time). Raises NoProgramme."""
        place = bisect_right(self._from, instant)
        if not place:
            raise NoProgramme(at=instant.isoformat())
        return self._compiled[place - 1]


async def publish(
    conn: Connection, document: bytes, *, now: datetime, by: str, effective_from: datetime | None, note: str = ""
) -> programmes.Published | None:
    """Publish `document` as the next version; None where it equals the newest. The first one holds from ever on.

    Raises rules.FaultyProgramme with all its faults.
    """
    programme = rules.decode_programme(document)
    canonical = rules.encode_programme(programme)
    await programmes.lock(conn)
    number = await programmes.latest_version(conn)
    last = await programmes.version(conn, number)
    if last and last.document == canonical:
        return None
    before = rules.decode_programme(last.document) if last else None
    published = programmes.Published(
        version=number + 1,
        name=programme.name,
        document=canonical,
        rule_versions=rules.rule_versions(before, last.rule_versions if last else {}, programme, number + 1),
        effective_from=effective_from or (now if last else ALWAYS),
        published_at=now,
        published_by=by,
        note=note,
    )
    await programmes.add(conn, published)
    return published
