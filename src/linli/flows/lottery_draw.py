"""Draws: many members' at once, in one transaction with what they cost and what they bring.

The campaigns are locked first, so the wheels turn one draw after another. What a draw brings is decided before a wallet
is touched: coupons and goods have rows of their own to lock, and the order of the house locks wallets last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
from msgspec.structs import replace
from uuid_utils.compat import uuid7

from linli import ledger, lottery
from linli.flows.redeem import WALLET
from linli.kit.clock import add_months
from linli.kit.db import Connection
from linli.kit.errors import Refusal
from linli.ledger import InsufficientPoints, Stamp
from linli.lottery import (
    BudgetUsedUp,
    Campaign,
    CampaignNotFound,
    Draw,
    DrawsUsedUp,
    Entrant,
    Entry,
    NotDrawing,
    Opened,
    PrizeKind,
    Said,
    Wheel,
    Why,
)
from linli.rules import CompiledProgramme
from linli.words.grants import Grant

RULE = "lottery"
"""What a prize of points is promised by: `lottery:<prize>`."""
EVENT = "lottery.drawn"


class Ask(NamedTuple):
    """One draw that is asked for."""

    member_id: str
    campaign_id: UUID
    nonce: str


class WonPrize(msgspec.Struct, frozen=True):
    """What was given."""

    prize_id: str
    name: Said
    kind: PrizeKind
    points: int | None
    picture: str | None


class LotteryDraw(msgspec.Struct, frozen=True):
    """One draw of a member. `ticket`: 0 … 999,999 by the seed; it fell on `drawn_id`, and `prize` was given, `why`.

    `member`: the digest that stands for the member in the campaign's public log; `seq`: the draw's place there.
    """

    draw_id: UUID
    campaign_id: UUID
    seq: int
    member: str
    number: int
    nonce: str
    ticket: int
    drawn_id: str
    prize: WonPrize
    why: Why
    points_spent: int
    at: datetime
    coupon_id: str | None
    mall_order_id: str | None
    settle_on: date | None


def told(draw: Draw, campaign: Campaign) -> LotteryDraw:
    """A draw as its member sees it."""
    prize = campaign.terms.prize(draw.prize_id)
    return LotteryDraw(
        draw_id=draw.draw_id, campaign_id=draw.campaign_id, seq=draw.seq, member=draw.digest.hex(), number=draw.number,
        nonce=draw.nonce, ticket=draw.ticket, drawn_id=draw.drawn_id,
        prize=WonPrize(prize.prize_id, prize.name, prize.kind, prize.points, prize.picture), why=draw.why,
        points_spent=draw.points_spent, at=draw.at, coupon_id=draw.coupon_id, mall_order_id=draw.mall_order_id,
        settle_on=draw.settle_on,
    )  # fmt: skip


class _Table:
    """One campaign in hand, while its lock is held."""

    def __init__(self, campaign: Campaign, opened: Opened) -> None:
        self.campaign, self.opened = campaign, opened
        self.wheel = Wheel(campaign.terms, campaign.cost_fen)
        self.last = campaign.draws

    def require_open(self, at: datetime) -> None:
        """Raises NotDrawing."""
        terms, state = self.campaign.terms, self.campaign.state(at)
        if state != "published" or at < terms.starts_at:
            times = {"starts_at": terms.starts_at.isoformat(), "ends_at": terms.ends_at.isoformat()}
            raise NotDrawing(state=state, **times)

    def require_left(self, entrant: Entrant, today: date) -> None:
        """Raises DrawsUsedUp, BudgetUsedUp."""
        terms = self.campaign.terms
        if terms.draws_a_member is not None and entrant.draws >= terms.draws_a_member:
            raise DrawsUsedUp(per="member", most=terms.draws_a_member)
        if terms.draws_a_day is not None and entrant.on(today) >= terms.draws_a_day:
            raise DrawsUsedUp(per="day", most=terms.draws_a_day)
        if not self.wheel.affords():
            raise BudgetUsedUp

    def draw(self, ask: Ask, entrant: Entrant, stamp: Stamp) -> Draw:
        """The next draw, after which its member stands as `entrant`: nothing refuses it any more."""
        number, on = entrant.draws, entrant.last_on or stamp.on
        digest = self.opened.digest_of(ask.member_id)
        ticket = lottery.ticket_of(self.opened.seed, str(ask.campaign_id), digest.hex(), number, ask.nonce)
        turn = self.wheel.turn(ticket, number)
        self.wheel.give(turn)
        self.last += 1
        return Draw(
            draw_id=uuid7(), campaign_id=ask.campaign_id, member_id=ask.member_id, seq=self.last, number=number,
            digest=digest, nonce=ask.nonce, ticket=ticket, drawn_id=turn.drawn.prize_id,
            prize_id=turn.given.prize_id, why=turn.why, points_spent=self.campaign.terms.price_points,
            cost_fen=turn.given.cost_fen, at=stamp.at, on=on,
        )  # fmt: skip


class _Round:
    """All that is drawn in one transaction."""

    def __init__(
        self, tables: Mapping[UUID, _Table], entrants: Mapping[Entry, Entrant], purses: Mapping[str, int], stamp: Stamp
    ) -> None:
        self.tables, self.stamp = tables, stamp
        self.entrants, self.purses = dict(entrants), dict(purses)

    def take(self, ask: Ask) -> Draw | Refusal:
        """The draw, or why there is none: then nothing has changed."""
        table = self.tables.get(ask.campaign_id)
        entry = (ask.member_id, ask.campaign_id)
        entrant = self.entrants.get(entry, Entrant())
        try:
            if table is None or table.campaign.kept == "draft":
                raise CampaignNotFound(campaign_id=str(ask.campaign_id))
            table.require_open(self.stamp.at)
            table.require_left(entrant, self.stamp.on)
            price, purse = table.campaign.terms.price_points, self.purses.get(ask.member_id, 0)
            if price > purse:
                raise InsufficientPoints(available=purse, wanted=price)
        except Refusal as refusal:
            return refusal
        self.purses[ask.member_id] = purse - price
        self.entrants[entry] = entrant.drawn(self.stamp.on)
        return table.draw(ask, self.entrants[entry], self.stamp)


async def draw(
    conn: Connection, stamp: Stamp, compiled: CompiledProgramme, key: bytes, asks: Sequence[Ask]
) -> list[LotteryDraw | Refusal]:
    """What comes of each, in this order: one that is refused leaves the others as they are.

    The caller sees to it that what is asked twice is asked once. Raises SeedUnreadable.
    """
    found = await lottery.lock_all(conn, {ask.campaign_id for ask in asks})
    sealed = await lottery.secrets(conn, found)
    tables = {
        campaign_id: _Table(campaign, lottery.open_seed(key, str(campaign_id), sealed[campaign_id]))
        for campaign_id, campaign in found.items()
        if campaign_id in sealed
    }
    entrants = await lottery.entrants(conn, {(ask.member_id, ask.campaign_id) for ask in asks})
    purses = await ledger.available_of(conn, sorted({ask.member_id for ask in asks}), WALLET, stamp.on)
    this = _Round(tables, entrants, purses, stamp)
    results = [this.take(ask) for ask in asks]
    draws = [one for one in results if isinstance(one, Draw)]
    promised = await _promise(conn, stamp, compiled, this, draws)
    await _pay(conn, stamp, draws)
    done = [replace(one, settle_on=promised.get(one.draw_id)) for one in draws]
    entered = {(one.member_id, one.campaign_id): this.entrants[one.member_id, one.campaign_id] for one in done}
    drawn_at = {campaign_id: (table.last, table.wheel) for campaign_id, table in tables.items()}
    await lottery.save(conn, done, entered, drawn_at)
    views = iter([told(one, tables[one.campaign_id].campaign) for one in done])
    return [one if isinstance(one, Refusal) else next(views) for one in results]


async def _promise(
    conn: Connection, stamp: Stamp, compiled: CompiledProgramme, this: _Round, draws: Sequence[Draw]
) -> dict[UUID, date]:
    """Promise prizes of points. Draw → the date on which they are credited."""
    prizes = {one.draw_id: this.tables[one.campaign_id].campaign.terms.prize(one.prize_id) for one in draws}
    won = [one for one in draws if prizes[one.draw_id].kind == "points"]
    if not won:
        return {}
    programme = compiled.programme
    settle_on = stamp.on + timedelta(days=programme.settle_after_days)
    await ledger.hear_of_settlement(conn)
    if last := await ledger.last_run(conn, "settle"):
        settle_on = max(settle_on, last + timedelta(days=1))
    grants = [
        Grant(
            member_id=one.member_id, key=f"{RULE}:{one.draw_id}", rule=f"{RULE}:{one.prize_id}",
            rule_version=compiled.version, points=prizes[one.draw_id].points or 0, wallet=WALLET, funder="platform",
            occurred_at=stamp.at, earned_on=stamp.on, settle_on=settle_on,
            expires_on=add_months(stamp.on, programme.validity_months), event_type=EVENT, source="linli",
            event_id=str(one.draw_id),
        )
        for one in won
    ]  # fmt: skip
    await ledger.grant(conn, grants)
    return dict.fromkeys((one.draw_id for one in won), settle_on)


async def _pay(conn: Connection, stamp: Stamp, draws: Sequence[Draw]) -> None:
    """Spend what the draws cost. Raises InsufficientPoints where somebody spent points meanwhile."""
    for one in draws:
        if one.points_spent:
            key = f"{RULE}:{one.draw_id}"
            await ledger.spend(conn, stamp, one.member_id, WALLET, one.points_spent, key, reason=RULE)
