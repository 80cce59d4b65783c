"""抽奖: the campaigns that a member sees, their draws, and what they won."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from uuid import UUID

import msgspec
from litestar import Response, get, post

from linli import lottery
from linli.api.call import Call, for_members
from linli.api.idempotent import IdempotencyKey
from linli.api.lottery_draws import DRAWING, NewLotteryDraw, draw_once
from linli.api.lottery_views import MyLottery, my_draws, told_mine
from linli.api.paging import decode_cursor, page
from linli.api.strict import Cursor, Limit
from linli.flows.lottery_draw import LotteryDraw, told
from linli.kit.db import Connection
from linli.lottery import Campaign, CampaignNotFound, Draw, Entrant, SeedUnreadable


class MyLotteries(msgspec.Struct, frozen=True):
    """A page of campaigns, newest first."""

    items: list[MyLottery]
    next_cursor: str | None


class MyLotteryDraws(msgspec.Struct, frozen=True):
    """A page of the member's draws, newest first."""

    items: list[LotteryDraw]
    next_cursor: str | None


@get("/lottery/campaigns", opt=for_members())
async def list_my_lotteries(call: Call, cursor: Cursor = None, limit: Limit = 20) -> MyLotteries:
    """Campaigns that were published, newest first: those to come, those that run, and those that are over."""
    before = decode_cursor("me.lotteries", cursor, UUID)

    async def work(conn: Connection) -> tuple[list[Campaign], list[MyLottery]]:
        found = await lottery.shown(conn, before=before, limit=limit + 1)
        return found, await _mine(conn, call, found[:limit])

    found, told_ones = await call.read(work)
    _, more = page("me.lotteries", found, limit, lambda one: one.campaign_id)
    return MyLotteries(told_ones, more)


@get("/lottery/campaigns/{campaign_id:str}", opt=for_members(CampaignNotFound))
async def get_my_lottery(call: Call, campaign_id: UUID) -> MyLottery:
    """One campaign: prizes, odds, the hash of the seed, and how often the member may still draw."""

    async def work(conn: Connection) -> MyLottery:
        found = await lottery.get(conn, campaign_id)
        if found.kept == "draft":
            raise CampaignNotFound(campaign_id=str(campaign_id))
        return (await _mine(conn, call, [found]))[0]

    return await call.read(work)


@post("/lottery/campaigns/{campaign_id:str}/draws", opt=for_members(*DRAWING, idempotent=True))
async def draw_mine(
    call: Call, campaign_id: UUID, data: NewLotteryDraw, idempotency_key: IdempotencyKey = None
) -> Response[LotteryDraw]:
    """Draw: points, stock and prize in one transaction, once for one key."""
    return await draw_once(call, call.member_id, campaign_id, data.nonce, idempotency_key)


@get("/lottery/draws", opt=for_members())
async def list_my_draws(
    call: Call, campaign_id: UUID | None = None, cursor: Cursor = None, limit: Limit = 20
) -> MyLotteryDraws:
    """The member's draws, newest first: of one campaign, or of all."""
    of = f"me.lottery.draws:{campaign_id}"
    before = decode_cursor(of, cursor, UUID)

    async def work(conn: Connection) -> tuple[list[Draw], Mapping[UUID, Campaign]]:
        found = await lottery.of_member(
            conn, call.member_id, campaign_id=campaign_id, before=before, limit=limit + 1
        )  # fmt: skip
        return found, await lottery.find(conn, {one.campaign_id for one in found})

    found, campaigns = await call.read(work)
    items, more = page(of, found, limit, lambda one: one.draw_id)
    return MyLotteryDraws([told(one, campaigns[one.campaign_id]) for one in items], more)


async def _mine(conn: Connection, call: Call, found: Sequence[Campaign]) -> list[MyLottery]:
    entrants = await lottery.entrants(conn, {(call.member_id, one.campaign_id) for one in found})
    sealed = await lottery.secrets(conn, {one.campaign_id for one in found})
    views: list[MyLottery] = []
    for one in found:
        member = None
        with suppress(SeedUnreadable):  # one that was sealed by a key of long ago can still be looked at
            opened = lottery.open_seed(call.process.lottery_key(), str(one.campaign_id), sealed[one.campaign_id])
            member = opened.digest_of(call.member_id).hex()
        entrant = entrants.get((call.member_id, one.campaign_id), Entrant())
        views.append(told_mine(one, call.stamp.at, my_draws(one, entrant, member, call.stamp.on)))
    return views


handlers = [list_my_lotteries, get_my_lottery, draw_mine, list_my_draws]
