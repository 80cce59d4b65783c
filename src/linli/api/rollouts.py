"""Rollouts: how they stand, and their steps."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import Router, get, post

from linli import programmes
from linli.api.call import Call, authorize, needs
from linli.api.drafting import Cities, Percent
from linli.api.paging import decode_cursor, page
from linli.api.programmes import Number, VersionNumber
from linli.api.strict import Cursor, Input, Limit, Reason
from linli.flows import rollout, trials
from linli.flows.rollout import NothingBeneath, RolloutNotFound, RolloutOver, Wish
from linli.flows.trials import Rollout
from linli.kit.db import Connection
from linli.programmes import RolloutOverlap, Sample, ShadowDay, Trial

_MOST_SAMPLES = 50


class NewStep(Input, frozen=True, kw_only=True):
    """For whom the version holds from now on. Stage `cities`: those cities, or `percent` of their members. Stage
    `percent`: of everybody (cities named before keep what they have), or of the members of `cities`."""

    stage: Trial
    cities: Cities = ()
    percent: Percent | None = None
    reason: Reason


class Ending(Input, frozen=True, kw_only=True):
    """Why it ends."""

    reason: Reason


class Rollouts(msgspec.Struct, frozen=True):
    """A page of rollouts, newest first; their figures are those that the worker added up last."""

    items: list[Rollout]
    next_cursor: str | None


class ShadowEvent(msgspec.Struct, frozen=True):
    """An event that came out differently. `live` and `shadow`: points by rule; `failure`: why it was not judged."""

    member_id: str
    source: str
    event_id: str
    type: str
    occurred_at: datetime
    live: dict[str, int]
    shadow: dict[str, int]
    failure: str | None


class ShadowDetail(msgspec.Struct, frozen=True):
    """What a version would have promised, day by day, and some of the events that would have come out differently."""

    days: list[ShadowDay]
    samples: list[ShadowEvent]


@get("/", opt=needs("points:read"))
async def list_rollouts(call: Call, cursor: Cursor = None, limit: Limit = 20) -> Rollouts:
    """The versions that were released in steps, newest first."""
    before = decode_cursor("rollouts", cursor, Number) or 2**31 - 1
    found = await call.read(lambda conn: trials.rollouts(conn, call.stamp.at, before=before, limit=limit + 1))
    return Rollouts(*page("rollouts", found, limit, lambda one: one.version))


@get("/{version:str}", opt=needs("points:read", RolloutNotFound))
async def get_rollout(call: Call, version: VersionNumber) -> Rollout:
    """One rollout: its steps, both arms side by side as of this moment, and what its shadow found."""
    return await call.read(lambda conn: trials.get_rollout(conn, version, call.stamp.at))


@get("/{version:str}/shadow", opt=needs("points:read", RolloutNotFound))
async def get_shadow(call: Call, version: VersionNumber) -> ShadowDetail:
    """What the version's shadow found, day by day, and a sample of events."""

    async def work(conn: Connection) -> ShadowDetail:
        if await programmes.rollout(conn, version) is None:
            raise RolloutNotFound(version=version)
        samples = await programmes.shadow_samples(conn, version, limit=_MOST_SAMPLES)
        return ShadowDetail(await programmes.shadow_days(conn, version), [_event(sample) for sample in samples])

    return await call.read(work)


def _event(sample: Sample) -> ShadowEvent:
    return ShadowEvent(*msgspec.structs.astuple(sample))


@post(
    "/{version:str}/steps", status_code=200,
    opt=needs("programme:write", RolloutNotFound, RolloutOver, RolloutOverlap),
)  # fmt: skip
async def take_step(call: Call, version: VersionNumber, data: NewStep) -> Rollout:
    """Let the version hold for others from now on. Who has it keeps it while the percentage grows."""
    wish = Wish(data.stage, data.cities, data.percent)

    async def work(conn: Connection) -> Rollout:
        await rollout.take_step(conn, version, wish, data.reason, by=call.caller.name, now=call.stamp.at)
        return await trials.get_rollout(conn, version, call.stamp.at)

    return await call.run(work)


@post(
    "/{version:str}/rollback", status_code=200,
    opt=needs("programme:write", RolloutNotFound, RolloutOver, NothingBeneath),
)  # fmt: skip
async def roll_back(call: Call, version: VersionNumber, data: Ending) -> Rollout:
    """Take the version from everybody who has it, from now on. What it has promised stays promised."""
    return await _end(call, version, "rolled_back", data.reason)


@post(
    "/{version:str}/retire", status_code=200,
    opt=needs("programme:write", RolloutNotFound, RolloutOver, NothingBeneath),
)  # fmt: skip
async def retire(call: Call, version: VersionNumber, data: Ending) -> Rollout:
    """End a trial as it was planned. What holds for all is retired by what takes its place."""
    return await _end(call, version, "retired", data.reason)


async def _end(call: Call, version: int, stage: programmes.Stage, reason: str) -> Rollout:
    async def work(conn: Connection) -> Rollout:
        await rollout.end(conn, version, stage, reason, by=call.caller.name, now=call.stamp.at)
        return await trials.get_rollout(conn, version, call.stamp.at)

    return await call.run(work)


routes = Router(
    "/v1/programme/rollouts",
    route_handlers=[list_rollouts, get_rollout, get_shadow, take_step, roll_back, retire],
    guards=[authorize], tags=["programme"],
)  # fmt: skip
