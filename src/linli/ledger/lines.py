"""A wallet as its member reads it: lines of one tab or month with their totals, what is on its way, what lapses."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple, TypeAlias, get_args

import msgspec

from linli.kit.columns import ints, texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.ledger import store_lines as store
from linli.ledger.grants import GrantState
from linli.ledger.reads import BEFORE_ALL
from linli.ledger.store import GRANTS_BY_KEY, HOLDERS
from linli.ledger.types import Kind, Movement

Tab: TypeAlias = Literal["all", "earned", "spent", "expired"]
TABS: dict[Tab, tuple[Kind, ...]] = {
    # What was earned and taken back again; a reservation counts as spent until it is released.
    "earned": ("settle", "adjust", "reverse", "repay"),
    "spent": ("spend", "hold", "release", "refund"),
    "expired": ("expire",),
}
"""Each kind that moves `available` stands in one tab, so the three totals explain how the balance changed."""
TABS["all"] = tuple(kind for kinds in list(TABS.values()) for kind in kinds)
assert set(TABS["all"]) == set(get_args(Kind)) - {"capture"}, "a kind of movement has no tab"


class Line(msgspec.Struct, frozen=True):
    """A movement as its member sees it: `points` > 0 came into `available`, < 0 left it."""

    seq: int
    posted_on: date
    posted_at: datetime
    kind: Kind
    points: int
    available_after: int
    key: str
    order_id: str | None
    reason: str | None


class Totals(msgspec.Struct, frozen=True):
    """Sums of the lines of each tab: earned − spent − expired is what `available` changed by."""

    earned: int = 0
    spent: int = 0
    expired: int = 0


class PendingGrant(msgspec.Struct, frozen=True):
    """A grant on its way, and the rule that promised it."""

    key: str
    points: int
    settle_on: date
    earned_on: date
    rule: str
    rule_version: int
    order_id: str | None
    awaits: str | None = None
    """The milestone that it waits for, or waited for; `settle_on` is 9999-12-31 until it is reached."""
    cut: int = 0
    """Points that were over a limit, and are not among `points`."""


class DaySum(NamedTuple):
    """What movements of one kind brought on one business date; `seq` is the last of them."""

    on: date
    kind: str
    seq: int
    at: datetime
    points: int


async def lines(
    conn: Connection, member_id: str, wallet: str, *, tab: Tab, from_on: date, to_on: date,
    before: int = BEFORE_ALL, limit: int,
) -> list[Line]:  # fmt: skip
    """A page of lines, newest first, those with `seq` < `before`."""
    period = {"from_on": from_on, "to_on": to_on}
    who = {"member_id": member_id, "wallet": wallet, "kinds": texts(TABS[tab])}
    rows = await fetch_all(conn, store.LINES, {**who, **period, "before": before, "limit": limit})
    return [Line(*row) for row in rows]


def line_of(movement: Movement) -> Line | None:
    """The movement as its member sees it; None where it leaves `available` as it is."""
    if "available" not in (movement.from_account, movement.to_account):
        return None
    signed = movement.points if movement.to_account == "available" else -movement.points
    return Line(
        movement.seq, movement.posted_on, movement.posted_at, movement.kind, signed, movement.available_after,
        movement.key, movement.order_id, movement.reason,
    )  # fmt: skip


async def totals(conn: Connection, member_id: str, wallet: str, *, from_on: date, to_on: date) -> Totals:
    """Totals of the lines posted from `from_on` to `to_on`, both included."""
    who = {"member_id": member_id, "wallet": wallet, "from_on": from_on, "to_on": to_on}
    sums = dict(await fetch_all(conn, store.TOTALS, who))
    earned, spent, expired = (sum(sums.get(k, 0) for k in TABS[tab]) for tab in ("earned", "spent", "expired"))
    return Totals(earned, -spent, -expired)


async def pending(
    conn: Connection, member_id: str, wallet: str, *, after: tuple[date, str] = (date.min, ""), limit: int
) -> list[PendingGrant]:
    """A page of grants that are not settled yet, those settled soonest first."""
    where = {"member_id": member_id, "wallet": wallet, "after_on": after[0], "after_key": after[1], "limit": limit}
    return [PendingGrant(*row) for row in await fetch_all(conn, store.PENDING_GRANTS, where)]


async def grants_by_key(conn: Connection, member_id: str, keys: Sequence[str]) -> dict[str, GrantState]:
    """Those of the member's grants that bear one of `keys`."""
    if not keys:
        return {}
    rows = await fetch_all(conn, GRANTS_BY_KEY, {"member_id": member_id, "keys": texts(keys)})
    return {grant.key: grant for grant in (GrantState(*row) for row in rows)}


async def holders(conn: Connection, member_id: str, claims: Sequence[str]) -> dict[str, GrantState]:
    """Claim → the grant that stands for it, for those of the member's claims that are held."""
    if not claims:
        return {}
    rows = await fetch_all(conn, HOLDERS, {"member_id": member_id, "claims": texts(claims)})
    return {claim: GrantState(*row) for claim, *row in rows}


class PartSum(NamedTuple):
    """What one grant brings: `pending` points, or, once it is settled, those `credited` and not taken back."""

    key: str
    pending: int
    credited: int


async def sums_under(conn: Connection, member_id: str, wallet: str, prefix: str) -> list[PartSum]:
    """What the member's grants bring whose keys begin with `prefix`, all of them."""
    where = {"member_id": member_id, "wallet": wallet, "prefix": prefix, "beyond": prefix + chr(0x10FFFF)}
    return [PartSum(*row) for row in await fetch_all(conn, store.SUMS_UNDER, where)]


async def expiring(
    conn: Connection, members: Sequence[str], wallet: str, *, on: date, until: date
) -> dict[str, list[tuple[date, int]]]:
    """Member → (expires_on, points) of what lapses after `on`, `until` at the latest, soonest first."""
    found: dict[str, list[tuple[date, int]]] = {}
    where = {"members": texts(members), "wallet": wallet, "on": on, "until": until}
    for member_id, expires_on, points in await fetch_all(conn, store.EXPIRING, where):
        found.setdefault(member_id, []).append((expires_on, points))
    return found


async def members_expiring(
    conn: Connection, wallet: str, since: date, until: date, *, after: str, chunk: int
) -> AsyncGenerator[list[str], None]:
    """Members with points that lapse after `since`, `until` at the latest, in order, those after member `after`.

    As `members_due`: from a cursor, within a transaction of its own.
    """
    span = {"wallet": wallet, "since": since, "until": until, "after": after}
    async with conn.cursor(name="linli_expiring") as cursor:
        await cursor.execute(store.MEMBERS_EXPIRING, span)
        while rows := await cursor.fetchmany(chunk):
            yield [row[0] for row in rows]


async def count_expiring(conn: Connection, wallet: str, since: date, until: date) -> int:
    """How many members those are."""
    row = await fetch_one(conn, store.COUNT_EXPIRING, {"wallet": wallet, "since": since, "until": until})
    assert row is not None, "an aggregate returns a row"
    return row[0]


async def days(
    conn: Connection, member_id: str, wallet: str, *, kinds: Sequence[Kind], since: date,
    before: tuple[date, int] = (date.max, 0), limit: int,
) -> list[DaySum]:  # fmt: skip
    """A page of what moved by business date and kind since the date `since`: those with (on, seq) < `before`, newest
    first."""
    who = {"member_id": member_id, "wallet": wallet, "kinds": texts(kinds), "since": since}
    where = {**who, "before_on": before[0], "before_seq": before[1], "limit": limit}
    return [DaySum(*row) for row in await fetch_all(conn, store.DAYS, where)]


async def last_seq(
    conn: Connection, member_id: str, wallet: str, *, kinds: Sequence[Kind], since: date, up_to: tuple[date, int]
) -> int:
    """The highest `seq` among `days` with (on, seq) ≤ `up_to`; 0 where there are none."""
    who = {"member_id": member_id, "wallet": wallet, "kinds": texts(kinds), "since": since}
    row = await fetch_one(conn, store.LAST_SEQ, {**who, "up_to_on": up_to[0], "up_to_seq": up_to[1]})
    return row[0] or 0 if row else 0


async def count_new_days(
    conn: Connection, marks: Mapping[str, int], wallet: str, *, kinds: Sequence[Kind], since: date
) -> dict[str, int]:
    """Member → how many of their `days` hold a movement after `marks[member]`; members without one are left out."""
    columns = {"members": texts(marks), "marks": ints(marks.values())}
    where = {**columns, "wallet": wallet, "kinds": texts(kinds), "since": since}
    return dict(await fetch_all(conn, store.NEW_DAYS, where))


async def pulses(conn: Connection, members: Sequence[str], wallet: str) -> dict[str, tuple[int, int]]:
    """Member → (number of the last movement, points pending): whether anything changed, for many at once."""
    rows = await fetch_all(conn, store.PULSES, {"members": texts(members), "wallet": wallet})
    return {member_id: (version, points) for member_id, version, points in rows}
