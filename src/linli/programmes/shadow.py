"""What versions in the shadow would have promised: noted with each batch, summed when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from linli.kit.buckets import fnv1a32
from linli.kit.columns import dates, instants, ints, json_texts, texts
from linli.kit.db import Connection, fetch_all
from linli.programmes import store_rollouts as store

SAMPLES = 200
"""Events that came out differently are kept up to this number, for each version."""


class Line(msgspec.Struct, frozen=True, gc=False):
    """One promise of one event, or (`rule` empty) that there was the event. `event` tells the batch's events apart.

    `key`: of a promise that only the shadow would have made; it counts where it is the first of that key.
    """

    version: int
    on: date
    event: int
    rule: str = ""
    live_points: int = 0
    shadow_points: int = 0
    failed: int = 0
    member_id: str = ""
    key: str | None = None


class Sample(msgspec.Struct, frozen=True):
    """An event that came out differently. `live` and `shadow`: points by rule; `failure`: why it was not judged."""

    member_id: str
    source: str
    event_id: str
    type: str
    occurred_at: datetime
    live: dict[str, int]
    shadow: dict[str, int]
    failure: str | None


class Sums(msgspec.Struct, frozen=True):
    """Sums of a version in the shadow; those of a rule, of a day, or (rule empty) of all."""

    events: int
    changed: int
    failed: int
    live_points: int
    shadow_points: int


class ShadowDay(msgspec.Struct, frozen=True):
    """What one business date's events brought, and would have brought."""

    on: date
    events: int
    changed_events: int
    failed_events: int
    live_points: int
    shadow_points: int


_encode = msgspec.json.Encoder().encode
_points = msgspec.json.Decoder(dict[str, int])


async def note_shadow(conn: Connection, lines: Sequence[Line], samples: Sequence[tuple[int, Sample]]) -> None:
    """Add what a batch found, in one statement; `samples` with the version that they are of."""
    await conn.execute(
        store.NOTE_SHADOW,
        {
            "versions": ints(line.version for line in lines),
            "dates": dates(line.on for line in lines),
            "events": ints(line.event for line in lines),
            "rules": texts(line.rule for line in lines),
            "live": ints(line.live_points for line in lines),
            "shadow": ints(line.shadow_points for line in lines),
            "failed": ints(line.failed for line in lines),
            "member_ids": texts(line.member_id for line in lines),
            "keys": texts(line.key for line in lines),
            "s_versions": ints(version for version, _ in samples),
            "s_places": ints(fnv1a32(f"{s.source}\0{s.event_id}") % SAMPLES for _, s in samples),
            "s_members": texts(s.member_id for _, s in samples),
            "s_sources": texts(s.source for _, s in samples),
            "s_ids": texts(s.event_id for _, s in samples),
            "s_types": texts(s.type for _, s in samples),
            "s_occurred": instants(s.occurred_at for _, s in samples),
            "s_live": json_texts(_encode(s.live) for _, s in samples),
            "s_shadow": json_texts(_encode(s.shadow) for _, s in samples),
            "s_failures": texts(s.failure for _, s in samples),
        },
    )


async def shadow_sums(conn: Connection, versions: Sequence[int]) -> dict[int, dict[str, Sums]]:
    """Version → rule ('' for all) → sums."""
    found: dict[int, dict[str, Sums]] = {}
    for version, rule, *sums in await fetch_all(conn, store.SHADOW, {"versions": ints(versions)}):
        found.setdefault(version, {})[rule] = Sums(*sums)
    return found


async def shadow_days(conn: Connection, version: int) -> list[ShadowDay]:
    """The same by business date."""
    return [ShadowDay(*row) for row in await fetch_all(conn, store.SHADOW_DAYS, {"version": version})]


async def shadow_samples(conn: Connection, version: int, *, limit: int = 50) -> list[Sample]:
    """Some of the events that came out differently, latest first."""
    rows = await fetch_all(conn, store.SHADOW_SAMPLES, {"version": version, "limit": limit})
    return [
        Sample(member_id, source, event_id, type_, at, _points.decode(live), _points.decode(shadow), failure)
        for member_id, source, event_id, type_, at, live, shadow, failure in rows
    ]  # fmt: skip
