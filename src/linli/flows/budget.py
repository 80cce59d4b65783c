"""Budgets against what was issued: states brought up to date, and what rests because of them.

A state is a function of its month's sums and of the programme that holds now, so a refresh may be asked for by anybody,
at any time; each change is an act on record. A rule that rests gives nothing for an event, or all: what an event was
promised stays, whatever becomes of the budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial

from linli import access, budgets, insights
from linli.budgets import BudgetLine, Figures, Key, Resting, State
from linli.flows.publish import LiveProgrammes, NoProgramme
from linli.flows.roll_up import roll_up
from linli.insights import MonthSum
from linli.kit.clock import BusinessCalendar, Clock, add_months
from linli.kit.db import Connection, Pool, in_transaction
from linli.rules import CompiledProgramme
from linli.words.events import Event

ACTOR = "budget"
MONTHS_BEHIND = 1
"""Months before the present one whose states still change: late events are judged by the state of their own month."""


async def refresh(
    pool: Pool, clock: Clock, calendar: BusinessCalendar, live: LiveProgrammes, *, most_steps: int | None = None
) -> int:
    """Bring the states of this and the last business month up to date. Returns how many have changed."""
    await roll_up(pool, clock, calendar, most_steps=most_steps)
    return await in_transaction(pool, partial(refresh_states, now=clock(), calendar=calendar, live=live))


async def refresh_states(conn: Connection, now: datetime, calendar: BusinessCalendar, live: LiveProgrammes) -> int:
    """The same in one transaction, on sums up to this moment."""
    this = month_of(calendar.date_of(now))
    months = [add_months(this, -behind) for behind in range(MONTHS_BEHIND, -1, -1)]
    await budgets.lock(conn)
    kept = await budgets.kept(conn, months)
    states: dict[Key, State] = dict.fromkeys(kept, "ok")  # of what is no longer in the programme
    for month, lines in (await months_lines(conn, months, now, live)).items():
        states |= {(month, line.scope, line.id or ""): line.state for line in lines}
    before: dict[Key, State] = {key: kept[key].state if key in kept else "ok" for key in states}
    changed: dict[Key, State] = {key: state for key, state in states.items() if state != before[key]}
    await budgets.change(conn, changed, now)
    for (month, scope, name), state in changed.items():
        subject = f"{month:%Y-%m} {scope} {name}".rstrip()
        await access.note_act(conn, ACTOR, f"budget.{state}", subject, before[month, scope, name], now)
    return len(changed)


async def months_lines(
    conn: Connection, months: Sequence[date], now: datetime, live: LiveProgrammes, city: str | None = None
) -> dict[date, list[BudgetLine]]:
    """The lines of each month (its first day), by the budget that holds now; of one `city` alone where it is asked."""
    await live.refresh(conn)
    try:
        terms = live.at(now).programme.budget
    except NoProgramme:
        terms = None
    sums = await insights.month_sums(conn, min(months), max(months))
    return {
        month: budgets.assess(
            terms, (_figures(one) for one in sums if one.month == month and (city is None or one.city == city))
        )
        for month in months
    }


def _figures(one: MonthSum) -> Figures:
    return Figures(one.city, one.rule, one.sales_fen, one.points)


def month_of(on: date) -> date:
    """The first day of the business month."""
    return on.replace(day=1)


def closed(programme: CompiledProgramme, resting: Resting, event: Event) -> frozenset[str]:
    """Ids of the rules that rest for this event: by the state of its own business month, for its own city."""
    if resting is budgets.NOTHING_RESTS or programme.programme.budget is None:
        return frozenset()
    month, city = month_of(event.business_on), event.body.city
    return frozenset(rule for rule in programme.bonuses if resting.rests(month, city, rule))
