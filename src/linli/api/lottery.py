"""The lottery in the back office: campaigns drafted, published, stopped, revealed; who won; how the odds came out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, delete, get, post, put
from litestar.params import Parameter
from msgspec import Meta

from linli import lottery
from linli.api.call import Call, authorize, needs
from linli.api.idempotent import IdempotencyKey, digest_of
from linli.api.lottery_views import LotteryCampaign, told_campaign
from linli.api.me_words import Bilingual, same
from linli.api.paging import decode_cursor, page
from linli.api.strict import PLAIN_LINE, SAYS, Cursor, Input, Limit, Reason
from linli.flows import lottery as flow
from linli.flows.lottery_draw import LotteryDraw, told
from linli.kit.db import Connection
from linli.kit.errors import Invalid, KeyReused
from linli.lottery import (
    Campaign,
    CampaignChanged,
    CampaignFaulty,
    CampaignInState,
    CampaignNotFound,
    Draw,
    Prize,
    PrizeKind,
    Result,
    Said,
    SeedUnreadable,
    State,
    Terms,
    Why,
)
from linli.lottery.types import MILLION
from linli.words.units import MOST_FEN, MOST_POINTS

MOST_PRIZES = 50
Line = Annotated[str, Meta(min_length=1, max_length=60, pattern=PLAIN_LINE)]
Text = Annotated[str, Meta(min_length=1, max_length=4_000, pattern=SAYS)]
Slug = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Reference = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
Times = Annotated[int, Meta(ge=1, le=1_000_000)]
Picture = Annotated[
    str, Meta(pattern=r"^/(?!/)[!-~]{1,300}$", description="A path of this server: the pages load nothing else.")
]
Instant = Annotated[datetime, Meta(tz=True)]
InState = Annotated[State | None, Parameter(query="state", description="Those in this state.")]
OfMember = Annotated[str | None, Parameter(min_length=1, max_length=128, description="Of this member.")]
OfPrize = Annotated[str | None, Parameter(min_length=1, max_length=32, description="What was given.")]


class BodyLine(Input, frozen=True, kw_only=True):
    """A name in both languages."""

    zh: Line
    en: Line


class BodyText(Input, frozen=True, kw_only=True):
    """A text in both languages."""

    zh: Text
    en: Text


class LotteryPrizeBody(Input, frozen=True, kw_only=True):
    """One prize. `odds_ppm`: of a million draws. `cost_fen`: what one costs the shop."""

    prize_id: Slug
    name: BodyLine
    kind: PrizeKind
    odds_ppm: Annotated[int, Meta(ge=0, le=1_000_000)]
    points: Annotated[int, Meta(ge=1, le=MOST_POINTS)] | None = None
    template_id: Reference | None = None
    item_id: Reference | None = None
    stock: Annotated[int, Meta(ge=0, le=1_000_000_000)] | None = None
    cost_fen: Annotated[int, Meta(ge=0, le=MOST_FEN)] = 0
    picture: Picture | None = None


class LotteryBody(Input, frozen=True, kw_only=True):
    """A campaign's terms. A draft may be incomplete: what is missing stands in its `faults`."""

    title: BodyLine
    rules: BodyText | None = None
    price_points: Annotated[int, Meta(ge=0, le=MOST_POINTS)]
    draws_a_day: Times | None = None
    draws_a_member: Times | None = None
    starts_at: Instant
    ends_at: Instant
    prizes: Annotated[list[LotteryPrizeBody], Meta(min_length=1, max_length=MOST_PRIZES)]
    minimum_prize_id: Slug | None = None
    guarantee_every: Times | None = None
    budget_fen: Annotated[int, Meta(ge=0, le=MOST_FEN * 100)] | None = None


class LotteryChange(LotteryBody, frozen=True, kw_only=True):
    """Other terms for the draft that stands at `revision`."""

    revision: int


class WhyStopped(Input, frozen=True, kw_only=True):
    """Why."""

    reason: Reason


class LotteryCampaigns(msgspec.Struct, frozen=True):
    """A page of campaigns, newest first."""

    items: list[LotteryCampaign]
    next_cursor: str | None


class LotteryEntry(msgspec.Struct, frozen=True):
    """A draw, and whose it was."""

    member_id: str
    cost_fen: int
    draw: LotteryDraw


class LotteryEntries(msgspec.Struct, frozen=True):
    """A page of a campaign's draws, the last first."""

    items: list[LotteryEntry]
    next_cursor: str | None


class PrizeFigures(msgspec.Struct, frozen=True):
    """How one prize came out. `drawn`: how often tickets said so; `expected`: of as many draws, by the odds. `given`:
    how often it was given, which differs where prizes were gone or guaranteed."""

    prize_id: str
    name: Bilingual
    odds_ppm: int
    expected: float
    drawn: int
    given: int
    cost_fen: int


class LotteryChance(msgspec.Struct, frozen=True):
    """Pearson's χ² over what was drawn. `p_value`: how often honest draws deviate as much or more."""

    statistic: float
    degrees: int
    p_value: float


class LotteryFigures(msgspec.Struct, frozen=True):
    """What came of a campaign so far. `instead`: draws that were given the minimum prize, by why. `chance` null: too
    few were drawn."""

    draws: int
    members: int
    points_in: int
    cost_fen: int
    budget_fen: int | None
    prizes: list[PrizeFigures]
    instead: dict[Why, int]
    chance: LotteryChance | None


_ONE = (CampaignNotFound, CampaignInState)


@post("/", opt=needs("lottery:write", KeyReused))
async def make_lottery(call: Call, data: LotteryBody, idempotency_key: IdempotencyKey = None) -> LotteryCampaign:
    """Draft a campaign. Nobody sees it before it is published."""
    own = (f"{call.caller.name}:{idempotency_key}", digest_of(data)) if idempotency_key is not None else None

    async def work(conn: Connection) -> Campaign:
        made = await lottery.add(conn, _terms(data), by=call.caller.name, at=call.stamp.at, request=own)
        return await lottery.get(conn, made)

    return told_campaign(await call.run(work), call.stamp.at)


@get("/", opt=needs("points:read"))
async def list_lotteries(
    call: Call, in_state: InState = None, cursor: Cursor = None, limit: Limit = 20
) -> LotteryCampaigns:
    """Campaigns, newest first."""
    before = decode_cursor("lotteries", cursor, UUID)

    async def work(conn: Connection) -> list[Campaign]:
        return await lottery.campaigns(conn, call.stamp.at, state=in_state, before=before, limit=limit + 1)

    items, more = page("lotteries", await call.read(work), limit, lambda one: one.campaign_id)
    return LotteryCampaigns([told_campaign(one, call.stamp.at) for one in items], more)


@get("/{campaign_id:str}", opt=needs("points:read", CampaignNotFound))
async def get_lottery(call: Call, campaign_id: UUID) -> LotteryCampaign:
    """One campaign, with what its prizes cost so far; the seed once it was revealed."""
    return told_campaign(await call.read(lambda conn: lottery.get(conn, campaign_id)), call.stamp.at)


@put("/{campaign_id:str}", opt=needs("lottery:write", *_ONE, CampaignChanged))
async def change_lottery(call: Call, campaign_id: UUID, data: LotteryChange) -> LotteryCampaign:
    """Change a draft. What is published is never changed."""

    async def work(conn: Connection) -> Campaign:
        return await flow.change(conn, campaign_id, _terms(data), data.revision)

    return told_campaign(await call.run(work), call.stamp.at)


@delete("/{campaign_id:str}", status_code=204, opt=needs("lottery:write", *_ONE))
async def drop_lottery(call: Call, campaign_id: UUID) -> None:
    """Delete a draft."""
    await call.run(lambda conn: flow.drop(conn, campaign_id))


@post("/{campaign_id:str}/publish", status_code=200, opt=needs("lottery:write", *_ONE, CampaignFaulty))
async def publish_lottery(call: Call, campaign_id: UUID) -> LotteryCampaign:
    """Publish a draft: from now on its terms stand, and the hash of the seed by which it is drawn."""

    async def work(conn: Connection) -> Campaign:
        found = await flow.publish(conn, campaign_id, call.process.lottery_key(), call.stamp, by=call.caller.name)
        await call.note(conn, "lottery.publish", str(campaign_id), found.terms.title.zh)
        return found

    return told_campaign(await call.run(work), call.stamp.at)


@post("/{campaign_id:str}/stop", status_code=200, opt=needs("lottery:write", *_ONE))
async def stop_lottery(call: Call, campaign_id: UUID, data: WhyStopped) -> LotteryCampaign:
    """Take no more draws, for ever. What was won stays won, and the seed is revealed within minutes."""

    async def work(conn: Connection) -> Campaign:
        await call.note(conn, "lottery.stop", str(campaign_id), data.reason)
        return await flow.stop(conn, campaign_id, call.stamp.at)

    return told_campaign(await call.run(work), call.stamp.at)


@post("/{campaign_id:str}/reveal", status_code=200, opt=needs("lottery:write", *_ONE, SeedUnreadable))
async def reveal_lottery(call: Call, campaign_id: UUID) -> LotteryCampaign:
    """Tell the seed of a campaign that has ended or was stopped, before the worker does so by itself."""

    async def work(conn: Connection) -> Campaign:
        await call.note(conn, "lottery.reveal", str(campaign_id), "")
        return await flow.reveal(conn, campaign_id, call.process.lottery_key(), call.stamp.at)

    return told_campaign(await call.run(work), call.stamp.at)


@get("/{campaign_id:str}/entries", opt=needs("points:read", CampaignNotFound))
async def list_lottery_entries(
    call: Call, campaign_id: UUID, member_id: OfMember = None, prize_id: OfPrize = None, cursor: Cursor = None,
    limit: Limit = 50,
) -> LotteryEntries:  # fmt: skip
    """Who drew, and what they were given: the last first."""
    of = f"lottery.entries:{campaign_id}"
    before = decode_cursor(of, cursor, int)

    async def work(conn: Connection) -> tuple[Campaign, list[Draw]]:
        found = await lottery.get(conn, campaign_id)
        return found, await lottery.draws_of(
            conn, campaign_id, member_id=member_id, prize_id=prize_id, before=before, limit=limit + 1
        )  # fmt: skip

    campaign, found = await call.read(work)
    items, more = page(of, found, limit, lambda draw: draw.seq)
    return LotteryEntries([LotteryEntry(draw.member_id, draw.cost_fen, told(draw, campaign)) for draw in items], more)


@get("/{campaign_id:str}/figures", opt=needs("points:read", CampaignNotFound))
async def get_lottery_figures(call: Call, campaign_id: UUID) -> LotteryFigures:
    """Draws, points that came in, what prizes cost, and how what was drawn fits the odds."""

    async def work(conn: Connection) -> tuple[Campaign, int, list[Result]]:
        found = await lottery.get(conn, campaign_id)
        return found, *await lottery.results(conn, campaign_id)

    found, entrants, results = await call.read(work)
    return _figures(found, entrants, results)


def _figures(found: Campaign, entrants: int, results: Sequence[Result]) -> LotteryFigures:
    prizes = found.terms.prizes
    draws = sum(one.draws for one in results)
    drawn = [sum(one.draws for one in results if one.drawn_id == prize.prize_id) for prize in prizes]
    chance = lottery.chi_square(drawn, [prize.odds_ppm for prize in prizes]) if draws else None
    instead: dict[Why, int] = {}
    for one in results:
        if one.why != "odds":
            instead[one.why] = instead.get(one.why, 0) + one.draws
    return LotteryFigures(
        draws=draws, members=entrants, points_in=sum(one.points for one in results),
        cost_fen=sum(one.cost_fen for one in results), budget_fen=found.terms.budget_fen,
        prizes=[
            PrizeFigures(
                prize.prize_id, same(prize.name), prize.odds_ppm, draws * prize.odds_ppm / MILLION, times,
                sum(one.draws for one in results if one.prize_id == prize.prize_id),
                sum(one.cost_fen for one in results if one.prize_id == prize.prize_id),
            )
            for prize, times in zip(prizes, drawn, strict=True)
        ],
        instead=instead, chance=chance and LotteryChance(*chance),
    )  # fmt: skip


def _terms(data: LotteryBody) -> Terms:
    if len({prize.prize_id for prize in data.prizes}) < len(data.prizes):
        raise Invalid(errors=[{"place": "$.prizes", "detail": "each prize has an id of its own"}])
    told = {name: getattr(data, name) for name in Terms.__struct_fields__ if name not in ("title", "rules", "prizes")}
    return Terms(
        title=Said(data.title.zh, data.title.en), rules=data.rules and Said(data.rules.zh, data.rules.en),
        prizes=tuple(_prize(prize) for prize in data.prizes), **told,
    )  # fmt: skip


def _prize(data: LotteryPrizeBody) -> Prize:
    told = {name: getattr(data, name) for name in Prize.__struct_fields__ if name not in ("name", "won")}
    return Prize(name=Said(data.name.zh, data.name.en), **told)


routes = Router(
    "/v1/lottery/campaigns",
    route_handlers=[
        make_lottery, list_lotteries, get_lottery, change_lottery, drop_lottery, publish_lottery, stop_lottery,
        reveal_lottery, list_lottery_entries, get_lottery_figures,
    ],
    guards=[authorize],
    tags=["lottery"],
)  # fmt: skip
