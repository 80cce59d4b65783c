"""Budgets: what was issued against what was sold, by month, city and rule, and what rests because of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import Parameter

from linli import budgets
from linli.api.call import Call, authorize, needs
from linli.api.insights import LAZY_STEPS, OfCity
from linli.api.movements import Named
from linli.budgets import BudgetLine as Line
from linli.budgets import Kept, Key, State
from linli.flows import budget
from linli.flows.publish import NoProgramme
from linli.kit.clock import add_months
from linli.kit.db import Connection

MONTHS = 12
OfMonth = Annotated[
    str | None, Parameter(query="month", pattern=r"^(20|21)\d\d-(0[1-9]|1[0-2])$", description="`2026-11`; this one.")
]


class BudgetLine(msgspec.Struct, frozen=True):
    """One scope of the month. Where the budget does not name it, `allowance_fen` is 0 and `state` ok.

    `issued_points`: promised less what refunds undid; `issued_fen` is their cost. `used_basis_points`: of the
    allowance. `since_at`: since when it is in this state, where it was ever in another.
    """

    scope: budgets.Scope
    id: str | None
    name: Named | None
    sales_fen: int
    allowance_fen: int
    issued_points: int
    issued_fen: int
    used_basis_points: int
    state: State
    since_at: datetime | None


class BudgetMonth(msgspec.Struct, frozen=True):
    """A month of the programme, or of the city that was asked for."""

    month: str
    sales_fen: int
    issued_fen: int
    allowance_fen: int


class BudgetReport(msgspec.Struct, frozen=True):
    """The lines of one month, and the twelve months up to it, oldest first. `city`: where one was asked for."""

    month: str
    city: str | None
    lines: list[BudgetLine]
    months: list[BudgetMonth]


@get("/budget", opt=needs("points:read"))
async def get_budget(call: Call, month: OfMonth = None, city: OfCity = None) -> BudgetReport:
    """What was issued against what was sold. With `city`: of that city, by rule, without the states of rules.

    Bonus rules rest where a budget is used up: for one city, for all, or one rule; they go on when sales have grown.
    """
    process, at = call.process, call.stamp.at
    settings, this = process.settings, budget.month_of(call.stamp.on)
    await budget.refresh(
        process.pool, lambda: at, settings.calendar, process.live, most_steps=LAZY_STEPS
    )  # so that what is told is what holds
    asked = date.fromisoformat(f"{month}-01") if month else this

    async def work(conn: Connection) -> BudgetReport:
        months = [add_months(asked, -behind) for behind in range(MONTHS - 1, -1, -1)]
        lines = await budget.months_lines(conn, months, at, process.live, city)
        kept = await budgets.kept(conn, [asked])
        names = _names(call)
        scope = "all" if city is None else "city"
        return BudgetReport(
            month=f"{asked:%Y-%m}",
            city=city,
            lines=[_view(line, (asked, line.scope, line.id or ""), kept, names) for line in _told(lines[asked], city)],
            months=[_month(on, next((line for line in lines[on] if line.scope == scope), None)) for on in months],
        )

    return await call.read(work)


def _told(lines: list[Line], city: str | None) -> list[Line]:
    """Of one city: its own line, and what each rule issued there; what a rule may issue is of all cities."""
    if city is None:
        return lines
    rules = [
        line._replace(allowance_fen=0, used_basis_points=0, state="ok")
        for line in lines
        if line.scope == "rule" and line.issued_points
    ]
    return [line for line in lines if line.scope == "city" and line.id == city] + rules


def _view(line: Line, key: Key, kept: dict[Key, Kept], names: dict[str, Named]) -> BudgetLine:
    state = kept.get(key)
    return BudgetLine(
        line.scope, line.id, names.get(line.id or "") if line.scope == "rule" else None, line.sales_fen,
        line.allowance_fen, line.issued_points, line.issued_fen, line.used_basis_points, line.state,
        state.since_at if state and state.state == line.state else None,
    )  # fmt: skip


def _month(month: date, line: Line | None) -> BudgetMonth:
    figures = (line.sales_fen, line.issued_fen, line.allowance_fen) if line else (0, 0, 0)
    return BudgetMonth(f"{month:%Y-%m}", *figures)


def _names(call: Call) -> dict[str, Named]:
    try:
        programme = call.process.live.at(call.stamp.at).programme
    except NoProgramme:
        return {}
    return {rule.id: Named(rule.name.zh, rule.name.en) for rule in programme.rules}


routes = Router("/v1/insights", route_handlers=[get_budget], guards=[authorize], tags=["insights"])
