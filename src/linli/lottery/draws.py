"""Draws as they are kept: who drew how often, what came of it, and the log of a campaign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias
from uuid import UUID

from linli.kit.columns import blobs, dates, instants, ints, texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.lottery import store, store_draws
from linli.lottery.types import Draw, Entrant, Why
from linli.lottery.wheel import Wheel

LAST = UUID(int=2**128 - 1)
LAST_SEQ = 2**62
Entry: TypeAlias = tuple[str, UUID]
"""(member_id, campaign_id)"""


class Result(NamedTuple):
    """How often tickets said `drawn_id` and `prize_id` was given, `why`; points spent on it, and what it cost."""

    drawn_id: str
    prize_id: str
    why: Why
    draws: int
    points: int
    cost_fen: int


async def entrants(conn: Connection, entries: Iterable[Entry]) -> dict[Entry, Entrant]:
    """Those of (member, campaign) who have drawn. Whoever counts on it holds the campaigns' locks."""
    asked = set(entries)
    where = {
        "member_ids": texts(sorted({member_id for member_id, _ in asked})),
        "campaign_ids": sorted({campaign_id for _, campaign_id in asked}),
    }
    rows = await fetch_all(conn, store_draws.ENTRANTS, where)
    return {(row[0], row[1]): Entrant(*row[2:]) for row in rows}


def save(
    conn: Connection, draws: Sequence[Draw], entered: Mapping[Entry, Entrant], wheels: Mapping[UUID, tuple[int, Wheel]]
) -> None:
    """Write down draws, how often their members have drawn by now, and what is left on the wheels (campaign → (its last
    place, its wheel)). The caller holds the campaigns' locks. Rides with the next statement, or with the commit."""
    if not draws:
        return
    counted = [(str(campaign_id), *found) for campaign_id, found in wheels.items()]
    won = [(campaign_id, *one) for campaign_id, _, wheel in counted for one in wheel.changed()]
    entrants_now = {
        "member_ids": texts(member_id for member_id, _ in entered),
        "campaign_ids": texts(str(campaign_id) for _, campaign_id in entered),
        "draws": ints(entrant.draws for entrant in entered.values()),
        "last": dates(entrant.last_on for entrant in entered.values()),
        "on_last": ints(entrant.draws_on_last for entrant in entered.values()),
    }
    counts = {
        "campaign_ids": texts(campaign_id for campaign_id, _, _ in counted),
        "draws": ints(last for _, last, _ in counted),
        "costs": ints(wheel.cost_fen for _, _, wheel in counted),
    }
    given = {
        "campaign_ids": texts(campaign_id for campaign_id, _, _ in won),
        "prize_ids": texts(prize_id for _, prize_id, _ in won),
        "won": ints(number for _, _, number in won),
    }
    conn.later(
        conn.execute(store_draws.ADD_DRAWS, _columns(draws)),
        conn.execute(store_draws.SAVE_ENTRANTS, entrants_now),
        conn.execute(store.COUNT, counts),
        conn.execute(store.COUNT_PRIZES, given),
    )


def _columns(draws: Sequence[Draw]) -> dict[str, object]:
    return {
        "ats": instants(draw.at for draw in draws),
        "ons": dates(draw.on for draw in draws),
        "draw_ids": texts(str(draw.draw_id) for draw in draws),
        "campaign_ids": texts(str(draw.campaign_id) for draw in draws),
        "member_ids": texts(draw.member_id for draw in draws),
        "seqs": ints(draw.seq for draw in draws),
        "numbers": ints(draw.number for draw in draws),
        "digests": blobs(draw.digest for draw in draws),
        "nonces": texts(draw.nonce for draw in draws),
        "tickets": ints(draw.ticket for draw in draws),
        "drawn": texts(draw.drawn_id for draw in draws),
        "prizes": texts(draw.prize_id for draw in draws),
        "whys": texts(draw.why for draw in draws),
        "points": ints(draw.points_spent for draw in draws),
        "costs": ints(draw.cost_fen for draw in draws),
        "coupons": texts(draw.coupon_id for draw in draws),
        "orders": texts(draw.mall_order_id for draw in draws),
        "settles": dates(draw.settle_on for draw in draws),
    }


async def of_member(
    conn: Connection, member_id: str, *, campaign_id: UUID | None, before: UUID | None, limit: int
) -> list[Draw]:
    """A page of the member's draws, newest first."""
    asked = {"member_id": member_id, "campaign_id": campaign_id, "before": before or LAST, "limit": limit}
    return [_draw(row) for row in await fetch_all(conn, store_draws.OF_MEMBER, asked)]


async def log(conn: Connection, campaign_id: UUID, *, after: int, limit: int) -> list[Draw]:
    """A page of a campaign's draws in their order."""
    asked = {"campaign_id": campaign_id, "after": after, "limit": limit}
    return [_draw(row) for row in await fetch_all(conn, store_draws.LOG, asked)]


async def draws_of(
    conn: Connection, campaign_id: UUID, *, member_id: str | None, prize_id: str | None, before: int | None, limit: int
) -> list[Draw]:
    """A page of a campaign's draws, the last first: of a member, of what was given, where that is asked."""
    asked = {"campaign_id": campaign_id, "member_id": member_id, "prize_id": prize_id}
    rows = await fetch_all(conn, store_draws.DRAWS, {**asked, "before": before or LAST_SEQ, "limit": limit})
    return [_draw(row) for row in rows]


async def results(conn: Connection, campaign_id: UUID) -> tuple[int, list[Result]]:
    """(members who drew, what came of it)."""
    count = await fetch_one(conn, store_draws.COUNT_ENTRANTS, {"campaign_id": campaign_id})
    assert count is not None, "an aggregate returns a row"
    rows = await fetch_all(conn, store_draws.FIGURES, {"campaign_id": campaign_id})
    return count[0], [Result(*row) for row in rows]


def _draw(row: Sequence[object]) -> Draw:
    told = dict(zip(Draw.__struct_fields__, row, strict=True))
    told["digest"] = bytes(told["digest"])  # pyright: ignore[reportArgumentType]
    return Draw(**told)  # pyright: ignore[reportArgumentType]
