"""Caps, applied once to all that a settlement is about to credit, before it credits any of it.

Caps are applied one after another, each to what those before it left: the rules' own (of a day, a month, a life), then
the programme's in its order. A rule's caps are those of the version that promised the grant (of several in one period,
the most generous); the programme's are those of the version that held for all when the business date ended on which it
was earned. So what is cut depends on what happened, not on when it came or who settles; only what an earlier settlement
credited stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import aclosing
from datetime import date, datetime, timedelta
from functools import partial

from linli import ledger, programmes, rules, screening
from linli.kit.clock import BusinessCalendar, Clock
from linli.kit.db import Connection, Pool, in_transaction
from linli.ledger import DayCap, GrantKey, Over, RuleCap, Span
from linli.programmes import Published, Step
from linli.rules import Limits
from linli.screening import Cut

CHUNK = 5_000


async def screen(pool: Pool, on: date, clock: Clock) -> None:
    """Apply the caps to what the settlement of `on` will credit: once, in one transaction, whoever asks and how often.

    The run must have begun: what comes from now on is promised for later runs.
    """
    if await in_transaction(pool, partial(ledger.is_screened, on=on)):
        return
    await in_transaction(pool, ledger.await_promises)
    await in_transaction(pool, partial(_screen, on=on, clock=clock))


async def _screen(conn: Connection, on: date, clock: Clock) -> None:
    await screening.lock(conn)
    if await ledger.is_screened(conn, on):
        return
    at, cut_points = clock(), 0
    due = await ledger.dates_due(conn, on)
    published = await programmes.since(conn, 0) if due else []
    steps = await programmes.steps_since(conn, 0) if due else []
    limits = [rules.limits_of(version.document) for version in published]
    # Where nothing that is due has caps of its rule, none is looked for.
    for cap in [
        *(_rule_caps(published, limits) if any(due.values()) else ()),
        *_day_caps(published, limits, steps, due),
    ]:
        cut_points += await _apply(conn, on, at, cap)
    await ledger.note_screened(conn, on, at, cut_points)


def _rule_caps(published: Sequence[Published], limits: Sequence[Limits]) -> list[RuleCap]:
    """One for each span: what each version of each rule caps."""
    most: dict[Span, dict[tuple[str, int], int]] = {"day": {}, "month": {}, "life": {}}
    for version, limited in zip(published, limits, strict=True):
        for rule in limited.rules:
            for cap in rule.caps:
                most[cap.per][rule.id, version.rule_versions[rule.id]] = cap.points
    return [RuleCap(f"rule:{span}", span, found) for span, found in most.items() if found]


def _day_caps(
    published: Sequence[Published], limits: Sequence[Limits], steps: Sequence[Step], earned: Iterable[date]
) -> list[DayCap]:
    """One for each cap of the programmes that held for all when the dates ended on which something was earned."""
    if not published:
        return []
    calendar = BusinessCalendar(limits[-1].timezone)
    numbers = [version.version for version in published]
    found: dict[tuple[str, str, str], DayCap] = {}
    for on in earned:
        ends_at = calendar.starts_at(on + timedelta(days=1)) - timedelta(microseconds=1)
        number = programmes.whole_at(steps, ends_at)
        for cap in limits[numbers.index(number)].screening.caps if number is not None else ():
            same = found.setdefault((cap.id, cap.per, cap.of), DayCap(cap.id, cap.per, cap.of, {}))
            same.most[on] = cap.points
    return list(found.values())


async def _apply(conn: Connection, on: date, at: datetime, cap: DayCap | RuleCap) -> int:
    """Cut down to one cap, and put on record what was cut. Returns the points taken away."""
    points = 0
    async with aclosing(ledger.over_cap(conn, on, cap, CHUNK)) as chunks:
        async for over in chunks:
            points += sum((await cut_down(conn, on, at, cap, over)).values())
    return points


async def cut_down(
    conn: Connection, on: date, at: datetime, cap: DayCap | RuleCap, over: Sequence[Over]
) -> dict[GrantKey, int]:
    """Cut grants down to what a cap allows of them, and put it on record. Returns the points taken away of each."""
    if not over:
        return {}
    taken = await ledger.cut(conn, over)
    cuts = [
        Cut(
            member_id=grant.member_id, key=grant.key, rule=grant.rule, rule_version=grant.rule_version,
            cap=cap.cap, per=cap.per, on=grant.earned_on, promised=grant.promised,
            cut_points=taken[grant.member_id, grant.key], limit_points=grant.limit_points, run_on=on, at=at,
        )
        for grant in over
        if taken.get((grant.member_id, grant.key))
    ]  # fmt: skip
    await screening.note_cuts(conn, cuts)
    return taken
