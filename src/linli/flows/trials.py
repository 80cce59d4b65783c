"""How rollouts stand: their stage, both arms side by side, what a shadow found. And the guardrails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

import msgspec
import structlog

from linli import insights, programmes, rules
from linli.flows.rollout import RolloutNotFound, end, last_steps, pilots_of
from linli.insights import Figures
from linli.kit.clock import Clock
from linli.kit.db import Connection, Pool, in_transaction
from linli.kit.texts import texts
from linli.programmes import OVER, Guardrails, Stage, Step, Sums
from linli.rules import DeductionPolicy, Name, Programme

log = structlog.get_logger()
GUARD = "linli:guardrails"
"""The actor of what no person does."""
_WHOLE = 10_000


class Arm(msgspec.Struct, frozen=True):
    """One side of a rollout: members whose events it judged, and what these brought. Figures of the points wallet.

    Basis points: refunds of sales; worth of the granted points, at the ordinary rate, of sales less refunds. Null
    where nothing was sold.
    """

    members: int
    orders: int
    sales_fen: int
    refunded_fen: int
    granted_points: int
    granted_fen: int
    refund_basis_points: int | None
    cost_basis_points: int | None


class Share(msgspec.Struct, frozen=True):
    """Percent of the members of a city, or (`city` null) of everywhere else, who have the version."""

    city: str | None
    percent: int


class RolloutStep(msgspec.Struct, frozen=True):
    """One step, from `at` on (business time)."""

    stage: Stage
    cities: list[str]
    percent: int | None
    at: datetime
    actor: str
    reason: str


class ShadowRule(msgspec.Struct, frozen=True):
    """Points of one rule: promised, and as the version in the shadow would have promised them."""

    rule: str
    name: rules.Sentence
    live_points: int
    shadow_points: int


class Shadow(msgspec.Struct, frozen=True):
    """What a version in the shadow would have promised, beside what was promised for the same events.

    `failed_events`: those that it could not judge; they are in no sum of points.
    """

    events: int
    changed_events: int
    failed_events: int
    live_points: int
    shadow_points: int
    by_rule: list[ShadowRule]


class Rollout(msgspec.Struct, frozen=True):
    """A version's rollout as it stands. A version that held for all is `retired` once another does.

    `cities` and `percent` are those of the stage; `shares` says it by city.
    """

    version: int
    name: str
    title: rules.Sentence
    stage: Stage
    cities: list[str]
    percent: int | None
    shares: list[Share]
    salt: str
    guardrails: Guardrails
    steps: list[RolloutStep]
    live: Arm
    candidate: Arm
    shadow: Shadow | None


class Told(msgspec.Struct, frozen=True):
    """What is known of one rollout before its figures."""

    rollout: programmes.Rollout
    steps: list[Step]
    whole: list[int]
    """Versions that were let hold for all and may, in the order in which they were. The last of them does."""

    @property
    def since(self) -> datetime:
        """From when on its events count."""
        return self.steps[0].at

    def stage(self) -> Stage:
        """Where it stands; superseded, it is retired."""
        return _stage(self.steps, self.whole)

    def until(self) -> datetime | None:
        """When it ended; None while it goes on, and while what holds for all is guarded."""
        guards = self.rollout.guardrails
        guarded = guards.max_cost_basis_points is not None or guards.max_refund_basis_points is not None
        if self.stage() in ("shadow", "cities", "percent") or (self.stage() == "all" and guarded):
            return None
        return self.steps[-1].at


async def find_trials(conn: Connection, rollouts: Sequence[programmes.Rollout], now: datetime) -> list[Told]:
    """The rollouts with their steps."""
    steps = await last_steps(conn)
    whole = _whole(steps, now)
    return [Told(rollout, steps[rollout.version], whole) for rollout in rollouts]


async def stages_of(conn: Connection, now: datetime) -> dict[int, Stage]:
    """Where each version stands."""
    steps = await last_steps(conn)
    whole = _whole(steps, now)
    return {version: _stage(told, whole) for version, told in steps.items()}


def _whole(steps: Mapping[int, Sequence[Step]], now: datetime) -> list[int]:
    """Versions that were let hold for all and may, in the order in which they were. The last of them does."""
    lasting = [told[-1] for told in steps.values() if told[-1].stage == "all" and told[-1].at <= now]
    return [step.version for step in sorted(lasting, key=lambda step: step.step_no)]


def _stage(steps: Sequence[Step], whole: Sequence[int]) -> Stage:
    last = steps[-1]
    superseded = last.version in whole[:-1]
    return "retired" if superseded else last.stage


async def get_rollout(conn: Connection, version: int, now: datetime) -> Rollout:
    """One rollout with the figures of this moment. Raises RolloutNotFound."""
    rollout = await programmes.rollout(conn, version)
    if rollout is None:
        raise RolloutNotFound(version=version)
    (told,) = await find_trials(conn, [rollout], now)
    found = await insights.arms_now(conn, version, told.since, told.until())
    sums = await programmes.shadow_sums(conn, [version])
    return await _trial(conn, told, found, sums.get(version, {}))


async def rollouts(conn: Connection, now: datetime, *, before: int, limit: int) -> list[Rollout]:
    """A page of rollouts, newest first, with figures as they were added up last."""
    told = await find_trials(conn, await programmes.rollouts(conn, before=before, limit=limit), now)
    versions = [one.rollout.version for one in told]
    found, sums = await insights.arms(conn, versions), await programmes.shadow_sums(conn, versions)
    return [await _trial(conn, one, found[one.rollout.version], sums.get(one.rollout.version, {})) for one in told]


async def _trial(
    conn: Connection, told: Told, figures: Mapping[int, Figures], sums: Mapping[str, Sums]
) -> Rollout:  # fmt: skip
    version = told.rollout.version
    published = await programmes.version(conn, version)
    assert published is not None, "a rollout is of a version"
    programme = rules.decode_programme(published.document)
    last, stage = told.steps[-1], told.stage()
    live = Figures()
    for other, found in figures.items():
        if other != version and other in told.whole:
            live = live.plus(found)
    given = programme.deduction
    return Rollout(
        version=version, name=published.name, title=_said(programme.title), stage=stage,
        cities=list(pilots_of(told.steps)), percent=last.percent,
        shares=[Share(city or None, programmes.percent_of(ranges)) for city, ranges in sorted(last.shares.items())],
        salt=told.rollout.salt, guardrails=told.rollout.guardrails,
        steps=[RolloutStep(s.stage, list(s.cities), s.percent, s.at, s.actor, s.reason) for s in told.steps],
        live=arm_of(live, given), candidate=arm_of(figures.get(version, Figures()), given),
        shadow=_shadow(sums, programme) if sums or stage == "shadow" else None,
    )  # fmt: skip


def _said(name: Name) -> rules.Sentence:
    return rules.Sentence(zh=name.zh, en=name.en)


def arm_of(figures: Figures, policy: DeductionPolicy) -> Arm:
    """The figures with their ratios."""
    cost = rules.value_of_points(policy, figures.granted_points)
    net = figures.sales_fen - figures.refunded_fen
    return Arm(
        figures.members, figures.orders, figures.sales_fen, figures.refunded_fen, figures.granted_points, cost,
        refund_basis_points=figures.refunded_fen * _WHOLE // figures.sales_fen if figures.sales_fen else None,
        cost_basis_points=cost * _WHOLE // net if net > 0 else None,
    )  # fmt: skip


def _shadow(sums: Mapping[str, Sums], programme: Programme) -> Shadow:
    names = {rule.id: _said(rule.name) for rule in programme.rules}
    of_all = sums.get("", Sums(0, 0, 0, 0, 0))
    by_rule = [
        ShadowRule(rule, names.get(rule) or rules.Sentence(zh=rule, en=rule), found.live_points, found.shadow_points)
        for rule, found in sorted(sums.items())
        if rule
    ]
    return Shadow(of_all.events, of_all.changed, of_all.failed, of_all.live_points, of_all.shadow_points, by_rule)


def breach(arm: Arm, guards: Guardrails) -> dict[str, int | str] | None:
    """What of the guardrails is broken, with its figures; None while all is well, or too little is known."""
    if arm.orders < guards.least_orders:
        return None
    net = arm.sales_fen - arm.refunded_fen
    most = guards.max_cost_basis_points
    # By multiplication: where nothing is left of the sales, whatever was granted is too much.
    if most is not None and arm.granted_fen * _WHOLE > most * net:
        return {"guardrail": "cost", "found": arm.granted_fen * _WHOLE // max(net, 1), "most": most}
    most = guards.max_refund_basis_points
    if most is not None and arm.refunded_fen * _WHOLE > most * arm.sales_fen:
        return {"guardrail": "refund", "found": arm.refund_basis_points or 0, "most": most}
    return None


async def guard(pool: Pool, clock: Clock) -> list[int]:
    """Bring the figures of all rollouts under way up to date, and roll back what broke its guardrails.

    Returns the versions rolled back. It may be stopped or killed at any time: the next call goes on.
    """
    undone: list[int] = []
    for told in await in_transaction(pool, partial(_watched, now=clock())):
        while await in_transaction(pool, partial(_add_up, told=told, now=clock())):
            pass
        if await in_transaction(pool, partial(_guard, told=told, now=clock())):
            undone.append(told.rollout.version)
    return undone


async def _watched(conn: Connection, now: datetime) -> list[Told]:
    found: list[programmes.Rollout] = []
    before = 2**31 - 1
    while page := await programmes.rollouts(conn, before=before, limit=200):
        found += page
        before = page[-1].version
    return [told for told in await find_trials(conn, found, now) if told.until() is None]


async def _add_up(conn: Connection, told: Told, now: datetime) -> bool:
    return await insights.add_arms(conn, told.rollout.version, told.since, now, told.until())


async def _guard(conn: Connection, told: Told, now: datetime) -> bool:
    version = told.rollout.version
    if told.stage() == "shadow" or told.stage() in OVER:
        return False
    found = (await insights.arms(conn, [version]))[version].get(version)
    published = await programmes.version(conn, version)
    assert published is not None, "a rollout is of a version"
    policy = rules.decode_programme(published.document).deduction
    broken = breach(arm_of(found, policy), told.rollout.guardrails) if found else None
    if broken is None or found is None:
        return False
    said = texts("texts")[f"guardrail_{broken['guardrail']}"]
    figures = {name: broken[name] for name in ("found", "most")} | {"orders": found.orders}
    reason = " / ".join(said[language].format(**figures) for language in ("zh", "en"))
    log.warning("rollout_rolled_back", version=version, **broken)
    return await end(conn, version, "rolled_back", reason, by=GUARD, now=now)
