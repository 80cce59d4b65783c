"""What would become of an event, were it sent now: taken in for real, in a transaction that is rolled back.

So it is judged on the member's real facts, and what is told is what the event itself would be told.
"""

from __future__ import annotations

from linli import inbox, programmes, rules
from linli.flows.intake import take_in
from linli.flows.publish import LiveProgrammes
from linli.inbox import Outcome, Rejected
from linli.kit.db import Connection
from linli.ledger import Stamp


class OneProgramme(LiveProgrammes):
    """One programme for all time, published or not."""

    def __init__(self, compiled: rules.CompiledProgramme) -> None:
        super().__init__()
        self._only = compiled

    async def refresh(self, conn: Connection) -> None:
        """Nothing else will do."""

    def at(self, instant: object, member_id: object = None, homes: object = None) -> rules.CompiledProgramme:
        """The programme."""
        return self._only

    def between(
        self, first: object, last: object, member_id: object = None, homes: object = None
    ) -> list[rules.CompiledProgramme]:
        """The programme."""
        return [self._only]


def published(version: programmes.Published) -> OneProgramme:
    """A published version, as if it held for all time."""
    programme = rules.decode_programme(version.document)
    return OneProgramme(
        rules.compile_programme(programme, version=version.version, versions=version.rule_versions)
    )  # fmt: skip


async def draft(conn: Connection, document: bytes) -> OneProgramme:
    """A draft, with the rule versions that it would get if it were published now. Raises rules.FaultyProgramme."""
    programme = rules.decode_programme(document)
    number = await programmes.latest_version(conn)
    last = await programmes.version(conn, number)
    before = rules.decode_programme(last.document) if last else None
    versions = rules.rule_versions(before, last.rule_versions if last else {}, programme, number + 1)
    return OneProgramme(rules.compile_programme(programme, version=number + 1, versions=versions))


async def dry_run(conn: Connection, raw: bytes, stamp: Stamp, live: LiveProgrammes, reader: inbox.Reader) -> Outcome:
    """The outcome that the event in `raw` would have. Nothing of it stays."""
    event = reader.one(raw, stamp.at)
    if isinstance(event, Rejected):
        return event.outcome()
    async with conn.transaction(force_rollback=True):
        return (await take_in(conn, [event], stamp, live, reader, channel="dry-run"))[0]
