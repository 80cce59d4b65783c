"""Staged rollout: an approved draft becomes a version, which holds for nobody, for some, for all, and then no more.

A step is only ever added, and holds from its instant on. Whoever takes one holds the lock of the versions, so shares
of several rollouts are reckoned one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from linli import programmes
from linli.access import note_act
from linli.flows.drafts import document_of
from linli.flows.publish import add_version
from linli.kit.db import Connection
from linli.kit.errors import Invalid, NotFound, Refusal
from linli.programmes import OVER, Guardrails, Rollout, Stage, Step, Trial

_ASSIGNED = ("cities", "percent")


class RolloutNotFound(NotFound):
    """No version of this number was released in steps. Fields: `version`."""

    code: ClassVar[str] = "rollout_not_found"


class RolloutOver(Refusal):
    """The rollout has come to its end. Fields: `version`, `stage`."""

    code: ClassVar[str] = "rollout_over"


class NothingBeneath(Refusal):
    """Nothing else would hold: there is no version beneath this one. Fields: `version`."""

    code: ClassVar[str] = "nothing_beneath"


class Wish(msgspec.Struct, frozen=True):
    """For whom a version shall hold: stage `cities` wants cities (`percent` of their members, all unless told),
    stage `percent` wants a percentage (of everybody, or of the members of `cities`)."""

    stage: Trial
    cities: tuple[str, ...] = ()
    percent: int | None = None

    def __post_init__(self) -> None:
        wrong = None
        if self.stage == "cities" and not self.cities:
            wrong = ("$.cities", "stage `cities` names at least one")
        elif self.stage == "percent" and self.percent is None:
            wrong = ("$.percent", "stage `percent` says how many")
        elif self.stage in ("shadow", "all") and (self.cities or self.percent is not None):
            wrong = ("$.stage", f"stage `{self.stage}` has neither cities nor a percentage")
        if wrong:
            raise Invalid(errors=[{"place": wrong[0], "detail": wrong[1]}])

    def is_of(self, step: Step) -> bool:
        """Whether the step says just this."""
        return (self.stage, tuple(sorted(set(self.cities))), self.percent) == (step.stage, step.cities, step.percent)


async def release(
    conn: Connection, draft_id: UUID, wish: Wish, guardrails: Guardrails, reason: str, *, revision: int | None,
    effective_from: datetime | None, by: str, now: datetime,
) -> int:  # fmt: skip
    """Make an approved draft a version, with its first step. The same once more gives the same version.

    Raises DraftNotFound, DraftChanged, DraftStateRefused, RolloutOverlap, NothingBeneath, Invalid.
    """
    if effective_from is not None and effective_from < now:
        raise Invalid(errors=[{"place": "$.effective_from", "detail": f"lies before now, {now.isoformat()}"}])
    await programmes.lock(conn)
    draft = await programmes.get_draft(conn, draft_id, lock=True)
    draft.at_revision(revision)
    if draft.line.version is not None:
        first = (await programmes.steps_of(conn, [draft.line.version]))[draft.line.version][0]
        if wish.is_of(first) and first.reason == reason:
            return draft.line.version
    draft.require("approved")
    number = await programmes.latest_version(conn)
    last = await programmes.version(conn, number)
    if last is None and wish.stage != "all":
        raise NothingBeneath(version=1)
    at = effective_from or now
    published = await add_version(
        conn, document_of(draft), last, now=now, by=by, effective_from=at, note=draft.line.note or reason
    )
    others = await _under_way(conn, but=published.version)
    salt = others[0].salt if others else f"rollout:{published.version}"
    await programmes.add_rollout(conn, Rollout(published.version, salt, guardrails))
    await _add(conn, published.version, wish, [], others, reason, at=at, by=by)
    await programmes.set_state(conn, draft_id, "released", by=by, now=now, version=published.version)
    subject = f"version {published.version}, draft {draft_id}"
    await note_act(conn, by, f"rollout.{wish.stage}", subject, reason, now)
    return published.version


async def take_step(conn: Connection, version: int, wish: Wish, reason: str, *, by: str, now: datetime) -> None:
    """Let the version hold for others from now on. The same step again changes nothing.

    Raises RolloutNotFound, RolloutOver, RolloutOverlap.
    """
    await programmes.lock(conn)
    steps = await _steps(conn, version)
    if wish.is_of(steps[-1]) and steps[-1].at <= now:
        return
    if steps[-1].stage in OVER or (steps[-1].stage == "all" and steps[-1].at <= now):
        raise RolloutOver(version=version, stage=steps[-1].stage)
    others = await _under_way(conn, but=version)
    await _add(conn, version, wish, steps, others, reason, at=now, by=by)
    await note_act(conn, by, f"rollout.{wish.stage}", f"version {version}", reason, now)


async def end(conn: Connection, version: int, stage: Stage, reason: str, *, by: str, now: datetime) -> bool:
    """Let no member be on the version from now on: `rolled_back`, or `retired` as it was planned. False: it is so.

    What was for all gives way to what was for all before it. Raises RolloutNotFound, RolloutOver, NothingBeneath.
    """
    await programmes.lock(conn)
    steps = await _steps(conn, version)
    last = steps[-1]
    if last.stage == stage:
        return False
    if last.stage in OVER or (stage == "retired" and last.stage == "all" and last.at <= now):
        raise RolloutOver(version=version, stage=last.stage)
    if last.stage == "all" and not await _beneath(conn, version):
        raise NothingBeneath(version=version)
    await programmes.add_step(conn, version, stage, at=now, actor=by, reason=reason)
    await note_act(conn, by, f"rollout.{stage}", f"version {version}", reason, now)
    return True


async def _steps(conn: Connection, version: int) -> list[Step]:
    if await programmes.rollout(conn, version) is None:
        raise RolloutNotFound(version=version)
    return (await programmes.steps_of(conn, [version]))[version]


class _Other(msgspec.Struct, frozen=True):
    salt: str
    shares: programmes.Shares


async def _under_way(conn: Connection, *, but: int) -> list[_Other]:
    """Rollouts that hold for some, or may do so yet: their members are theirs."""
    found: list[_Other] = []
    for version, steps in (await last_steps(conn)).items():
        last = steps[-1]
        if version == but or last.stage in OVER or last.stage == "all":
            continue
        rollout = await programmes.rollout(conn, version)
        if rollout is not None:
            found.append(_Other(rollout.salt, last.shares))
    return found


async def last_steps(conn: Connection) -> dict[int, list[Step]]:
    """Version → its steps, of all versions."""
    found: dict[int, list[Step]] = {}
    for step in await programmes.steps_since(conn, 0):
        found.setdefault(step.version, []).append(step)
    return found


async def _beneath(conn: Connection, version: int) -> bool:
    steps = await last_steps(conn)
    return any(other != version and told[-1].stage == "all" for other, told in steps.items())


def pilots_of(steps: Sequence[Step]) -> tuple[str, ...]:
    """The cities that were named last, if only percentages of everybody came after them: they keep what they have."""
    for step in reversed(steps):
        if step.cities or step.stage != "percent":
            return step.cities
    return ()


async def _add(
    conn: Connection, version: int, wish: Wish, steps: Sequence[Step], others: Sequence[_Other], reason: str, *,
    at: datetime, by: str,
) -> None:  # fmt: skip
    cities = sorted(set(wish.cities))
    shares: programmes.Shares = {}
    if wish.stage in _ASSIGNED:
        last = steps[-1] if steps else None
        pilots = pilots_of(steps) if not cities else ()
        shares = programmes.share_out(
            last.shares if last is not None else {}, [other.shares for other in others], wish.percent or 100,
            cities=cities or None, pilots=pilots,
        )  # fmt: skip
    await programmes.add_step(
        conn, version, wish.stage, at=at, actor=by, reason=reason, shares=shares, cities=cities, percent=wish.percent
    )
