"""Staged rollout: for whom a version holds, step by step. Steps are only ever added; each holds from its instant on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from linli.kit.columns import ints, texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.programmes import store_rollouts as store
from linli.programmes.buckets import Ranges, Shares

Trial = Literal["shadow", "cities", "percent", "all"]
"""What a step may ask for."""
Stage = Literal["shadow", "cities", "percent", "all", "retired", "rolled_back"]
OVER: frozenset[str] = frozenset(("retired", "rolled_back"))
BasisPoints = Annotated[int, Meta(ge=0, le=1_000_000, description="Hundredths of a percent.")]


class Guardrails(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a rollout is rolled back by itself, once its candidate has judged `least_orders`; null: it is not asked.

    Cost is the worth of the points granted, refunds are fen given back, both against the candidate's sales.
    """

    max_cost_basis_points: BasisPoints | None = None
    max_refund_basis_points: BasisPoints | None = None
    least_orders: Annotated[int, Meta(ge=1, le=1_000_000_000)] = 100


class Step(msgspec.Struct, frozen=True):
    """One step of a version: from `at` on (business time) it holds for `shares`, or no longer for anybody."""

    step_no: int
    version: int
    stage: Stage
    cities: tuple[str, ...]
    percent: int | None
    shares: Shares
    at: datetime
    actor: str
    reason: str


class Rollout(msgspec.Struct, frozen=True):
    """What stays the same in a version's rollout."""

    version: int
    salt: str
    guardrails: Guardrails


_shares = msgspec.json.Decoder(dict[str, Ranges])
_guardrails = msgspec.json.Decoder(Guardrails)


def _step(row: tuple) -> Step:  # pyright: ignore[reportMissingTypeArgument]
    step_no, version, stage, cities, percent, shares, *rest = row
    return Step(step_no, version, stage, tuple(cities or ()), percent, _shares.decode(shares), *rest)


def _rollout(row: tuple) -> Rollout:  # pyright: ignore[reportMissingTypeArgument]
    version, salt, guardrails = row
    return Rollout(version, salt, _guardrails.decode(guardrails))


async def latest_step(conn: Connection) -> int:
    """The number of the last step; 0 where there is none. It changes whenever something is published."""
    row = await fetch_one(conn, store.LATEST_STEP)
    assert row is not None, "an aggregate returns a row"
    return row[0]


async def steps_since(conn: Connection, step_no: int) -> list[Step]:
    """All steps after `step_no`, in their order."""
    return [_step(row) for row in await fetch_all(conn, store.STEPS_SINCE, {"step_no": step_no})]


async def steps_of(conn: Connection, versions: Sequence[int]) -> dict[int, list[Step]]:
    """The steps of `versions`, in their order."""
    found: dict[int, list[Step]] = {version: [] for version in versions}
    for row in await fetch_all(conn, store.STEPS_OF, {"versions": ints(versions)}):
        step = _step(row)
        found[step.version].append(step)
    return found


def whole_at(steps: Iterable[Step], at: datetime) -> int | None:
    """Of `steps`, in their order, the version that holds for all at `at`: the one that was let do so last; None where
    none does."""
    holding = {step.version: step for step in steps if step.at <= at}
    whole = [step for step in holding.values() if step.stage == "all"]
    return max(whole, key=lambda step: step.step_no).version if whole else None


async def add_step(
    conn: Connection, version: int, stage: Stage, *, at: datetime, actor: str, reason: str,
    shares: Shares | None = None, cities: Sequence[str] | None = None, percent: int | None = None,
) -> None:  # fmt: skip
    """Let the version stand at `stage` from `at` on. The caller holds the lock of the versions."""
    row = {
        "version": version, "stage": stage, "at": at, "actor": actor, "reason": reason, "percent": percent,
        "cities": list(cities) if cities else None, "shares": msgspec.json.encode(shares or {}).decode(),
    }  # fmt: skip
    await conn.execute(store.ADD_STEP, row)


async def add_rollout(conn: Connection, rollout: Rollout) -> None:
    """Begin a rollout. The caller holds the lock, and adds its first step."""
    row = {
        "version": rollout.version, "salt": rollout.salt,
        "guardrails": msgspec.json.encode(rollout.guardrails).decode(),
    }  # fmt: skip
    await conn.execute(store.ADD_ROLLOUT, row)


async def rollouts(conn: Connection, *, before: int = 2**31 - 1, limit: int) -> list[Rollout]:
    """A page of rollouts, newest first."""
    return [_rollout(row) for row in await fetch_all(conn, store.ROLLOUTS, {"before": before, "limit": limit})]


async def rollout(conn: Connection, version: int) -> Rollout | None:
    """The rollout of a version; None where it was published for all at once."""
    row = await fetch_one(conn, store.ROLLOUT, {"version": version})
    return _rollout(row) if row else None


async def homes(conn: Connection, member_ids: Sequence[str]) -> dict[tuple[str, str], str]:
    """(salt, member) → the city that was kept."""
    rows = await fetch_all(conn, store.HOMES, {"member_ids": texts(member_ids)})
    return {(salt, member_id): city for salt, member_id, city in rows}


async def keep_homes(conn: Connection, found: Mapping[tuple[str, str], str]) -> None:
    """Keep (salt, member) → city for ever; what was kept before stays."""
    if not found:
        return
    rows = sorted(found.items())
    await conn.execute(
        store.KEEP_HOMES,
        {
            "salts": texts(salt for (salt, _), _ in rows),
            "member_ids": texts(member_id for (_, member_id), _ in rows),
            "cities": texts(city for _, city in rows),
        },
    )
