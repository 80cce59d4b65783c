"""Which version of the programme judges an event: by the steps that held at its business time, and by its member."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import ClassVar, NamedTuple

from linli import members, programmes, rules, screening
from linli.kit.buckets import bucket
from linli.kit.db import Connection
from linli.kit.errors import Refusal
from linli.programmes import Shares, Step
from linli.rules import CompiledProgramme, Evaluation
from linli.screening import Digester
from linli.words.events import Event
from linli.words.facts import MemberFacts


class NoProgramme(Refusal):
    """No programme holds at the event's time: publish one first."""

    code: ClassVar[str] = "no_programme"


class _Arm(NamedTuple):
    """A version that holds for some."""

    salt: str
    shares: Shares
    compiled: CompiledProgramme


class _Span(NamedTuple):
    """What holds from one step to the next."""

    live: CompiledProgramme | None
    arms: tuple[_Arm, ...]
    shadows: tuple[CompiledProgramme, ...]
    names_cities: bool


_NOTHING = _Span(None, (), (), False)
Homes = Mapping[tuple[str, str], str]
"""(salt, member) → city"""
Rests = Callable[[CompiledProgramme], frozenset[str]]


class LiveProgrammes:
    """The published versions, compiled once, kept in a process; `refresh` picks up what was published elsewhere."""

    def __init__(self) -> None:
        self.version = 0
        self.step = 0
        self.digester: Digester | None = None
        """What tells devices apart; None while nothing was read."""
        self._compiled: dict[int, CompiledProgramme] = {}
        self._salts: dict[int, str] = {}
        self._steps: dict[int, Step] = {}
        self._from: list[datetime] = []
        self._spans: list[_Span] = []
        self._names_cities = False

    async def refresh(self, conn: Connection) -> None:
        """One tiny query where nothing is new."""
        latest = await programmes.latest_step(conn)
        if self.digester is None:
            self.digester = await screening.digester(conn)
        if latest == self.step:
            return
        # Steps first: a step that is seen has its version, which was written with it.
        steps = await programmes.steps_since(conn, self.step)
        for published in await programmes.since(conn, self.version):
            if published.version not in self._compiled:  # another task may have been quicker while this one asked
                self._compiled[published.version] = rules.compile_programme(
                    rules.decode_programme(published.document), version=published.version,
                    versions=published.rule_versions,
                )  # fmt: skip
        self.version = max(self._compiled, default=0)
        for version in {step.version for step in steps} - self._salts.keys():
            found = await programmes.rollout(conn, version)
            self._salts[version] = found.salt if found else ""
        self._steps.update({step.step_no: step for step in steps})
        self._lay_out()
        self.step = max(self._steps, default=0)

    def _lay_out(self) -> None:
        """Spans of time, from the steps. Of a version's steps whose time has come the last written holds; of several
        versions that hold for all, the one that was let do so last."""
        by_time: dict[datetime, list[Step]] = {}
        for step in sorted(self._steps.values(), key=lambda step: step.step_no):
            by_time.setdefault(step.at, []).append(step)
        holding: dict[int, Step] = {}
        begins, spans = [], []
        for at in sorted(by_time):
            for step in by_time[at]:
                known = holding.get(step.version)
                if known is None or known.step_no < step.step_no:
                    holding[step.version] = step
            begins.append(at)
            spans.append(self._span(holding))
        self._from, self._spans = begins, spans
        self._names_cities = any(span.names_cities for span in spans)

    def _span(self, holding: Mapping[int, Step]) -> _Span:
        whole = max(
            (step for step in holding.values() if step.stage == "all"), key=lambda step: step.step_no, default=None
        )
        arms = tuple(
            _Arm(self._salts[version], step.shares, self._compiled[version])
            for version, step in sorted(holding.items())
            if step.stage in ("cities", "percent")
        )
        shadows = tuple(self._compiled[version] for version, step in sorted(holding.items()) if step.stage == "shadow")
        names_cities = any(city for arm in arms for city in arm.shares)
        return _Span(self._compiled[whole.version] if whole else None, arms, shadows, names_cities)

    def _span_at(self, instant: datetime) -> _Span:
        place = bisect_right(self._from, instant)
        return self._spans[place - 1] if place else _NOTHING

    def at(self, instant: datetime, member_id: str | None = None, homes: Homes | None = None) -> CompiledProgramme:
        """The version that holds at `instant` (business time) for the member; without one, for those in no rollout.

        `homes`: where the member lives, as far as `asks_homes`. Raises NoProgramme.
        """
        span = self._span_at(instant)
        if span.arms and member_id is not None:
            for arm in span.arms:
                ranges = programmes.ranges_of(arm.shares, homes.get((arm.salt, member_id)) if homes else None)
                if ranges and programmes.has(ranges, bucket(arm.salt, member_id)):
                    return arm.compiled
        if span.live is None:
            raise NoProgramme(at=instant.isoformat())
        return span.live

    def between(
        self, first: datetime, last: datetime, member_id: str | None = None, homes: Homes | None = None
    ) -> list[CompiledProgramme]:
        """The versions that held for the member at any time from `first` to `last`, the newest first, each once."""
        instants = [first, *(begins for begins in self._from if first < begins <= last)]
        found: dict[int, CompiledProgramme] = {}
        for instant in reversed(instants):
            try:
                compiled = self.at(instant, member_id, homes)
            except NoProgramme:
                continue
            found.setdefault(compiled.version, compiled)
        return list(found.values())

    def evaluate(
        self, event: Event, before: MemberFacts, after: MemberFacts, homes: Homes, rests: Rests, *, small: bool = False
    ) -> tuple[CompiledProgramme, Evaluation]:
        """(the version that judges the event, what comes of it). `rests`: ids of rules that rest, by version; `small`:
        its order is known to be too small to count.

        Raises NoProgramme, RuleFailed.

        What a version cannot judge that has been rolled back or retired since, the one beneath it judges.
        """
        compiled = self.at(event.occurred_at, event.body.member_id, homes)
        try:
            return compiled, compiled.evaluate(event, before, after, rests(compiled), small=small)
        except rules.RuleFailed:
            beneath = self._span_at(event.occurred_at).live
            if beneath is None or beneath is compiled or not self._is_over(compiled.version):
                raise
            return beneath, beneath.evaluate(event, before, after, rests(beneath), small=small)

    def _is_over(self, version: int) -> bool:
        last = max((step for step in self._steps.values() if step.version == version), key=lambda step: step.step_no)
        return last.stage in programmes.OVER

    def salts_at(self, instant: datetime) -> set[str]:
        """Salts of the rollouts at `instant` that ask where members live; mostly there are none."""
        span = self._span_at(instant)
        return {arm.salt for arm in span.arms} if span.names_cities else set()

    def shadows(self, instant: datetime) -> tuple[CompiledProgramme, ...]:
        """The versions that are in the shadow at `instant`."""
        return self._span_at(instant).shadows

    def asks_homes(self, events: Iterable[Event]) -> set[str]:
        """Salts of the rollouts that ask where the members of `events` live; mostly there are none."""
        if not self._names_cities:
            return set()
        return {salt for event in events for salt in self.salts_at(event.occurred_at)}


async def programme_of(conn: Connection, live: LiveProgrammes, now: datetime, member_id: str) -> CompiledProgramme:
    """The version that holds for the member now. Raises NoProgramme."""
    await live.refresh(conn)
    homes: dict[tuple[str, str], str] = {}
    if salts := live.salts_at(now):
        cities = await members.cities(conn, [member_id])
        homes = {(salt, member_id): cities[member_id] for salt in salts if member_id in cities}
        homes.update(await programmes.homes(conn, [member_id]))
    return live.at(now, member_id, homes)
