"""States of a month's budgets as they are kept: what rests, since when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from linli.budgets import store
from linli.budgets.lines import Scope, State
from linli.kit.columns import dates, texts
from linli.kit.db import Connection, fetch_all

Key = tuple[date, Scope, str]
"""(first of the business month, scope, its id or \"\")"""


class Kept(NamedTuple):
    """A state, and since when it is so."""

    state: State
    since_at: datetime


class Resting(NamedTuple):
    """What a budget has paused: everything that is not essential, of all, of a city, or one rule."""

    all: frozenset[date]
    cities: frozenset[tuple[date, str]]
    rules: frozenset[tuple[date, str]]

    def rests(self, month: date, city: str | None, rule: str) -> bool:
        """Whether a bonus rule rests for events of `city` in the business month that begins on `month`."""
        return (
            month in self.all
            or (month, rule) in self.rules
            or (city is not None and (month, city) in self.cities)
        )  # fmt: skip


NOTHING_RESTS = Resting(frozenset(), frozenset(), frozenset())


async def resting(conn: Connection) -> Resting:
    """All that rests: a few rows, nearly always none."""
    rows = await fetch_all(conn, store.RESTING)
    if not rows:
        return NOTHING_RESTS
    of = {scope: frozenset((month, name) for month, kind, name in rows if kind == scope) for scope in ("city", "rule")}
    return Resting(frozenset(month for month, kind, _ in rows if kind == "all"), of["city"], of["rule"])


async def kept(conn: Connection, months: Collection[date]) -> dict[Key, Kept]:
    """States of the months, by their key; what was never anything but ok may be missing."""
    rows = await fetch_all(conn, store.KEPT, {"months": dates(months)})
    return {(month, scope, name): Kept(state, since_at) for month, scope, name, state, since_at in rows}


async def lock(conn: Connection) -> None:
    """Let nobody else refresh the states until this transaction ends."""
    await conn.execute(store.LOCK)


async def change(conn: Connection, states: Mapping[Key, State], at: datetime) -> None:
    """Keep these states, as of `at` where they are new."""
    keys: Sequence[Key] = sorted(states)
    if keys:
        await conn.execute(
            store.CHANGE,
            {
                "months": dates(month for month, _, _ in keys),
                "scopes": texts(scope for _, scope, _ in keys),
                "ids": texts(name for _, _, name in keys),
                "states": texts(states[key] for key in keys),
                "at": at,
            },
        )


async def worst(conn: Connection, month: date) -> State:
    """The worst state of the month's budgets."""
    found = {one.state for one in (await kept(conn, [month])).values()}
    return "paused" if "paused" in found else "warning" if "warning" in found else "ok"
