"""A campaign as it is told: to operators with its costs, to members without, to everybody with its proof."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from linli import lottery
from linli.api.me_words import Bilingual, same
from linli.kit.texts import texts
from linli.lottery import Campaign, Entrant, Prize, PrizeKind, State
from linli.lottery.types import MILLION


class LotteryPrize(msgspec.Struct, frozen=True):
    """A prize, what it costs, and how often it was given."""

    prize_id: str
    name: Bilingual
    kind: PrizeKind
    odds_ppm: int
    points: int | None
    template_id: str | None
    item_id: str | None
    stock: int | None
    won: int
    cost_fen: int
    picture: str | None


class LotteryFault(msgspec.Struct, frozen=True):
    """What keeps a draft from being published."""

    place: str
    code: str
    text: Bilingual


class LotteryForecast(msgspec.Struct, frozen=True):
    """What a thousand draws bring in and cost by the odds, as long as every prize is there."""

    points_in: int
    cost_fen: int


class LotteryCampaign(msgspec.Struct, frozen=True):
    """A campaign. `seed_hash` (SHA-256, hex) is there once it is published; `seed` (hex) once it is revealed.
    `terms_hash`: of the terms as they are published. `faults`: of a draft."""

    campaign_id: UUID
    title: Bilingual
    rules: Bilingual | None
    price_points: int
    draws_a_day: int | None
    draws_a_member: int | None
    starts_at: datetime
    ends_at: datetime
    state: State
    seed_hash: str | None
    terms_hash: str | None
    seed: str | None
    prizes: list[LotteryPrize]
    minimum_prize_id: str | None
    guarantee_every: int | None
    budget_fen: int | None
    cost_fen_so_far: int
    draws: int
    forecast: LotteryForecast
    faults: list[LotteryFault]
    revision: int
    created_by: str
    created_at: datetime
    published_by: str | None
    published_at: datetime | None
    stopped_at: datetime | None
    revealed_at: datetime | None


class MyLotteryPrize(msgspec.Struct, frozen=True):
    """A prize as members see it. `left` null: as many as are drawn."""

    prize_id: str
    name: Bilingual
    kind: PrizeKind
    odds_ppm: int
    points: int | None
    stock: int | None
    left: int | None
    picture: str | None


class MyDraws(msgspec.Struct, frozen=True):
    """How often the member has drawn, and may still. `member` stands for them in the public log of this campaign:
    it is fixed before a nonce is chosen. Null where the key of this server is not the one that made it."""

    member: str | None
    draws: int
    left_today: int | None
    left: int | None


class MyLottery(msgspec.Struct, frozen=True):
    """A campaign as a member sees it: prizes with their odds, and the hash that binds the shop."""

    campaign_id: UUID
    title: Bilingual
    rules: Bilingual | None
    price_points: int
    draws_a_day: int | None
    draws_a_member: int | None
    starts_at: datetime
    ends_at: datetime
    state: State
    seed_hash: str
    terms_hash: str
    seed: str | None
    prizes: list[MyLotteryPrize]
    minimum_prize_id: str | None
    guarantee_every: int | None
    draws: int
    mine: MyDraws


def told_campaign(found: Campaign, now: datetime) -> LotteryCampaign:
    """A campaign for operators."""
    faults = lottery.faults(found.terms, now) if found.kept == "draft" else []
    return LotteryCampaign(
        **_common(found, now),
        prizes=[_prize(prize) for prize in found.terms.prizes],
        budget_fen=found.terms.budget_fen,
        cost_fen_so_far=found.cost_fen,
        forecast=_forecast(found),
        faults=[LotteryFault(fault.place, fault.code, _said(fault.code)) for fault in faults],
        revision=found.revision, created_by=found.created_by, created_at=found.created_at,
        published_by=found.published_by, published_at=found.published_at, stopped_at=found.stopped_at,
        revealed_at=found.revealed_at, seed_hash=_hex(found.seed_hash), terms_hash=_hex(found.terms_hash),
    )  # fmt: skip


def told_mine(found: Campaign, now: datetime, mine: MyDraws) -> MyLottery:
    """A campaign, which is no draft, for a member."""
    assert found.seed_hash is not None and found.terms_hash is not None, "no draft is shown"
    prizes = [
        MyLotteryPrize(
            prize.prize_id, same(prize.name), prize.kind, prize.odds_ppm, prize.points, prize.stock,
            None if prize.stock is None else prize.stock - prize.won, prize.picture,
        )
        for prize in found.terms.prizes
    ]  # fmt: skip
    return MyLottery(
        **_common(found, now), prizes=prizes, mine=mine, seed_hash=found.seed_hash.hex(),
        terms_hash=found.terms_hash.hex(),
    )  # fmt: skip


def my_draws(found: Campaign, entrant: Entrant, member: str | None, on: date) -> MyDraws:
    """How the member stands in the campaign on business date `on`."""
    terms = found.terms
    left = None if terms.draws_a_member is None else terms.draws_a_member - entrant.draws
    left_today = None if terms.draws_a_day is None else terms.draws_a_day - entrant.on(on)
    if left is not None and left_today is not None:
        left_today = min(left, left_today)
    return MyDraws(member, entrant.draws, left_today, left)


def _common(found: Campaign, now: datetime) -> dict[str, Any]:
    terms = found.terms
    return {
        "campaign_id": found.campaign_id, "title": same(terms.title), "rules": terms.rules and same(terms.rules),
        "price_points": terms.price_points, "draws_a_day": terms.draws_a_day, "draws_a_member": terms.draws_a_member,
        "starts_at": terms.starts_at, "ends_at": terms.ends_at, "state": found.state(now), "seed": _hex(found.seed),
        "minimum_prize_id": terms.minimum_prize_id, "guarantee_every": terms.guarantee_every, "draws": found.draws,
    }  # fmt: skip


def _prize(prize: Prize) -> LotteryPrize:
    told = {name: getattr(prize, name) for name in LotteryPrize.__struct_fields__ if name != "name"}
    return LotteryPrize(name=same(prize.name), **told)


def _forecast(found: Campaign) -> LotteryForecast:
    cost = sum(prize.odds_ppm * prize.cost_fen for prize in found.terms.prizes)
    return LotteryForecast(found.terms.price_points * 1_000, cost * 1_000 // MILLION)


def _said(code: str) -> Bilingual:
    return Bilingual(**texts("lottery")[f"fault.{code}"])


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()
