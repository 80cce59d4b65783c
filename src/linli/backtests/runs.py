"""A back-test's life: asked for, begun, counted chunk by chunk, stopped, gone on with, finished."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from linli.backtests import store
from linli.backtests.types import BackTest, Bucket, Claim, MemberGain, MemberPoints, Result, Sums
from linli.kit.columns import instants, ints, texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.kit.errors import NotFound

TOP = 10
"""Members who gain most, and who lose most, that are named."""
_STEPS = (1, 10, 20, 50)
EDGES = [1, *(step * 10**power for power in range(6) for step in _STEPS[1:])]
"""Where buckets of the distribution begin, above 0; the same below it."""
_sums = msgspec.json.Decoder(Sums)
_result = msgspec.json.Decoder(Result)
_encode = msgspec.json.Encoder(order="deterministic").encode


class BackTestNotFound(NotFound):
    """No such back-test. Fields: `back_test_id`."""

    code: ClassVar[str] = "back_test_not_found"


class Plan(NamedTuple):
    """What is to be tried, on which business dates, beside what; members up to `after` are done."""

    document: bytes
    from_on: date
    to_on: date
    against_version: int | None
    after: str


class Chunk(NamedTuple):
    """What some members come to: those after the last chunk, up to `last`."""

    last: str
    members: int
    events: int
    sums: Sums
    points: Sequence[MemberPoints]
    claims: Sequence[Claim]


class Reckoned(NamedTuple):
    """What is known of the members as a whole once all of them are done."""

    sums: Sums
    live_members: int
    draft_members: int
    gain: int
    lose: int
    same: int
    gains: list[MemberGain]
    losses: list[MemberGain]
    distribution: list[Bucket]


async def request(
    conn: Connection, document: bytes, digest: bytes, *, title: str, from_on: date, to_on: date,
    against_version: int | None, by: str, at: datetime,
) -> tuple[BackTest, bool]:  # fmt: skip
    """(a new back-test, True), or, where the same is open already, (that one, False)."""
    row: dict[str, Any] = {
        "back_test_id": uuid7(), "title": title, "document": document.decode(), "digest": digest, "from_on": from_on,
        "to_on": to_on, "against_version": against_version, "by": by, "at": at,
    }  # fmt: skip
    await conn.execute(store.REQUEST, row)
    found = await fetch_one(conn, store.OPEN, row)
    assert found is not None, "it was there, or is now"
    return _back_test(found), found[0] == row["back_test_id"]


async def find(conn: Connection, back_test_id: UUID) -> BackTest | None:
    """The back-test, or None."""
    row = await fetch_one(conn, store.ONE, {"back_test_id": back_test_id})
    return _back_test(row) if row else None


async def get(conn: Connection, back_test_id: UUID) -> BackTest:
    """The back-test. Raises BackTestNotFound."""
    if found := await find(conn, back_test_id):
        return found
    raise BackTestNotFound(back_test_id=str(back_test_id))


async def newest(conn: Connection, *, before: UUID | None, limit: int) -> list[BackTest]:
    """A page of back-tests, newest first."""
    return [_back_test(row) for row in await fetch_all(conn, store.NEWEST, {"before": before, "limit": limit})]


async def begin(conn: Connection, back_test_id: UUID, at: datetime, members_due: int) -> None:
    """Let one that is queued be under way; what was stopped or is over stays so."""
    await conn.execute(store.BEGIN, {"back_test_id": back_test_id, "at": at, "members_due": members_due})


async def plan_of(conn: Connection, back_test_id: UUID) -> Plan | None:
    """What is to be done, or None where it is not under way."""
    row = await fetch_one(conn, store.PLAN, {"back_test_id": back_test_id})
    return Plan(row[0].encode(), *row[1:]) if row else None


async def count(conn: Connection, back_test_id: UUID, after: str, chunk: Chunk) -> bool:
    """Add a chunk. Returns whether the run is to go on: False once it was stopped, or where somebody else has come
    further with it, whose chunk this was."""
    which: dict[str, Any] = {"back_test_id": back_test_id, "after": after, "states": ["running", "stopped"]}
    row = await fetch_one(conn, store.LOCK, which)
    if row is None:
        return False
    sums = _sums.decode(row[0]) if row[0] else Sums()
    sums.join(chunk.sums)
    members = chunk.points
    await conn.execute(
        store.WRITE_MEMBERS,
        {
            "back_test_id": back_test_id, "member_ids": texts(m.member_id for m in members),
            "live": ints(m.live_points for m in members), "draft": ints(m.draft_points for m in members),
        },
    )  # fmt: skip
    if chunk.claims:
        await conn.execute(store.WRITE_CLAIMS, {"back_test_id": back_test_id, **_columns(chunk.claims)})
    told = await fetch_one(
        conn,
        store.COUNT,
        {
            "back_test_id": back_test_id, "last": chunk.last, "sums": _encode(sums).decode(),
            "members": chunk.members, "events": chunk.events,
        },
    )  # fmt: skip
    assert told is not None, "its row is locked"
    return told[0]


def _columns(claims: Sequence[Claim]) -> dict[str, Any]:
    # One row a key within the statement: of two, the earlier.
    best: dict[tuple[str, str, str], Claim] = {}
    for claim in claims:
        key = (claim.member_id, claim.arm, claim.key)
        other = best.get(key)
        if other is None or (claim.occurred_at, claim.event_id) < (other.occurred_at, other.event_id):
            best[key] = claim
    rows = [best[key] for key in sorted(best)]
    return {
        "member_ids": texts(c.member_id for c in rows), "arms": texts(c.arm for c in rows),
        "keys": texts(c.key for c in rows), "points": ints(c.points for c in rows),
        "counts": ints(int(c.counts) for c in rows), "rules": texts(c.rule for c in rows),
        "months": texts(c.month for c in rows), "cities": texts(c.city for c in rows),
        "occurred": instants(c.occurred_at for c in rows), "event_ids": texts(c.event_id for c in rows),
    }  # fmt: skip


async def finish(
    conn: Connection, back_test_id: UUID, after: str, at: datetime, tell: Callable[[Reckoned], Result]
) -> None:
    """Close the run with what `tell` makes of it, and clear away what it needed. Nothing where it was stopped."""
    which: dict[str, Any] = {"back_test_id": back_test_id, "after": after, "states": ["running"]}
    row = await fetch_one(conn, store.LOCK, which)
    if row is None:
        return
    sums = _sums.decode(row[0]) if row[0] else Sums()
    for arm, rule, month, city, points, grants in await fetch_all(conn, store.CLAIMS, which):
        sums.grant(arm, points, grants, rule=rule, month=month, city=city)
    await conn.execute(store.CLAIMS_TO_MEMBERS, which)
    totals = await fetch_one(conn, store.MEMBERS, which)
    assert totals is not None, "an aggregate returns a row"
    gains, losses = await _lines(conn, store.GAINS, which), await _lines(conn, store.LOSSES, which)
    live_members, draft_members, gain, lose, same = totals
    distribution = await _distribution(conn, which)
    result = tell(Reckoned(sums, live_members, draft_members, gain, lose, same, gains, losses, distribution))
    await conn.execute(store.FINISH, {**which, "at": at, "result": _encode(result).decode()})
    for statement in store.TIDY:
        await conn.execute(statement, which)


async def _lines(conn: Connection, query: str, which: dict[str, Any]) -> list[MemberGain]:
    return [MemberGain(*line) for line in await fetch_all(conn, query, {**which, "limit": TOP})]


async def _distribution(conn: Connection, which: dict[str, Any]) -> list[Bucket]:
    """Members by difference, from the first bucket with anybody in it to the last."""
    starts = [*(1 - edge for edge in reversed(EDGES)), *EDGES]
    rows = await fetch_all(conn, store.DISTRIBUTION, {**which, "edges": ints(starts)})
    members: dict[int, int] = dict(rows)
    if not members:
        return []
    bounds: list[int | None] = [None, *starts, None]
    return [
        Bucket(bounds[at], None if (end := bounds[at + 1]) is None else end - 1, members.get(at, 0))
        for at in range(min(members), max(members) + 1)
    ]


async def stop(conn: Connection, back_test_id: UUID) -> BackTest:
    """Let it stop after the chunk in hand; what is over stays as it is. Raises BackTestNotFound."""
    await conn.execute(store.STOP, {"back_test_id": back_test_id})
    return await get(conn, back_test_id)


async def resume(conn: Connection, back_test_id: UUID) -> BackTest:
    """Let one that was stopped, or failed, go on where it was. Raises BackTestNotFound."""
    await conn.execute(store.RESUME, {"back_test_id": back_test_id})
    return await get(conn, back_test_id)


async def fail(conn: Connection, back_test_id: UUID, fault: str) -> None:
    """It cannot be gone on with, for a reason that is told."""
    await conn.execute(store.FAIL, {"back_test_id": back_test_id, "fault": fault})


def _back_test(row: Any) -> BackTest:
    *fields, result = row
    return BackTest(*fields, result=_result.decode(result) if result else None)
