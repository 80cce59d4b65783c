"""What caps took away: written once, in the transaction that cuts, and read by whoever asks why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from linli.kit.columns import dates, instants, ints, texts
from linli.kit.db import Connection, fetch_all
from linli.screening import store


class Cut(msgspec.Struct, frozen=True):
    """`cut_points` of the grant `key` were taken away by `cap` in the settlement of `run_on`.

    `cap`: an id of the programme's screening, or `rule:day`, `rule:month`, `rule:life`. `on`: the business date on
    which it was earned. `limit_points`: the most that the cap lets through. `promised`: as the grant promised.
    """

    member_id: str
    key: str
    rule: str
    rule_version: int
    cap: str
    per: str
    on: date
    promised: int
    cut_points: int
    limit_points: int
    run_on: date
    at: datetime


class PlacedCut(NamedTuple):
    """Where a page of cuts ended."""

    run_on: date
    member_id: str
    key: str
    cap: str


FIRST = PlacedCut(date.max, "", "", "")


async def lock(conn: Connection) -> None:
    """Let nobody else screen until this transaction ends."""
    await conn.execute(store.LOCK)


async def note_cuts(conn: Connection, cuts: Sequence[Cut]) -> None:
    """Put cuts on record."""
    if not cuts:
        return
    await conn.execute(
        store.INSERT_CUTS,
        {
            "member_ids": texts(cut.member_id for cut in cuts),
            "keys": texts(cut.key for cut in cuts),
            "rules": texts(cut.rule for cut in cuts),
            "rule_versions": ints(cut.rule_version for cut in cuts),
            "caps": texts(cut.cap for cut in cuts),
            "pers": texts(cut.per for cut in cuts),
            "earned": dates(cut.on for cut in cuts),
            "promised": ints(cut.promised for cut in cuts),
            "cuts": ints(cut.cut_points for cut in cuts),
            "limits": ints(cut.limit_points for cut in cuts),
            "runs": dates(cut.run_on for cut in cuts),
            "ats": instants(cut.at for cut in cuts),
        },
    )


async def cuts(
    conn: Connection, *, on: date | None, member_id: str | None, cap: str | None, after: PlacedCut = FIRST, limit: int
) -> list[Cut]:
    """A page of cuts, those of the latest run first; earned `on`, of one member, by one cap, where that is asked."""
    where = {"on": on, "member_id": member_id, "cap": cap, "limit": limit}
    place = {
        "run_on": after.run_on, "after_member": after.member_id, "after_key": after.key, "after_cap": after.cap,
    }  # fmt: skip
    return [Cut(*row) for row in await fetch_all(conn, store.CUTS, {**where, **place})]


async def cuts_of(conn: Connection, grants: Sequence[tuple[str, str]]) -> list[Cut]:
    """What was cut of grants, by (member_id, key), earliest first."""
    if not grants:
        return []
    columns = {"member_ids": texts(member for member, _ in grants), "keys": texts(key for _, key in grants)}
    return [Cut(*row) for row in await fetch_all(conn, store.CUTS_OF, columns)]
