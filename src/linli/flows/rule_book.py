"""Rules as they were when they promised something: their names and sentences, by version. Kept in a process."""

from __future__ import annotations

from linli import programmes, rules
from linli.kit.db import Connection
from linli.rules import Programme, Rule

_MOST_KEPT = 200


class RuleBook:
    """Published versions are immutable, so what was read once is remembered."""

    def __init__(self) -> None:
        self._kept: dict[int, Programme] = {}

    async def find(self, conn: Connection, rule_id: str, version: int) -> tuple[Rule, Programme] | None:
        """The rule as version `version` has it, and that programme; None where that version has no such rule."""
        programme = await self.programme(conn, version)
        found = programme and next((rule for rule in programme.rules if rule.id == rule_id), None)
        return (found, programme) if programme and found else None

    async def programme(self, conn: Connection, version: int) -> Programme | None:
        """The programme of a version, or None."""
        programme = self._kept.get(version)
        if programme is None:
            published = await programmes.version(conn, version)
            if published is None:
                return None
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            programme = self._kept[version] = rules.decode_programme(published.document)
        return programme
