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

from linli import ledger, lottery, members
from linli.flows.live import LiveProgrammes
from linli.flows.lottery_table import Ask, Table, give
from linli.flows.redeem import WALLET
from linli.kit.clock import add_months
from linli.kit.db import Connection, together
from linli.kit.errors import Refusal
from linli.ledger import InsufficientPoints, Stamp
from linli.lottery import Campaign, CampaignNotFound, Draw, Entrant, Entry, PrizeKind, Said, Why
from linli.members import MemberNotFound
from linli.rules import CompiledProgramme
from linli.words.grants import Grant

RULE = "lottery"
"""What a prize of points is promised by: `lottery:<prize>`."""
EVENT = "lottery.drawn"
_encode = msgspec.json.Encoder().encode


class Wanted(NamedTuple):
    """A request for a draw: its key in the ledger, and the digest of what it asks."""

    ask: Ask
    key: str
    digest: bytes


class Answer(NamedTuple):
    """A draw as JSON, and whether it was drawn just now."""

    body: bytes
    first: bool


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


class _Round:
    """All that is drawn in one transaction."""

    def __init__(
        self, tables: Mapping[UUID, Table], entrants: Mapping[Entry, Entrant], purses: Mapping[str, int], stamp: Stamp
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


async def draw_once_each(
    conn: Connection, stamp: Stamp, live: LiveProgrammes, key: bytes, wanted: Sequence[Wanted]
) -> list[Answer | Refusal]:
    """What comes of each request: drawn the first time its key is seen, told again ever after. A refusal uses up no
    key, and leaves the others as they are. Raises SeedUnreadable, NoProgramme."""
    await live.refresh(conn)
    compiled = live.at(stamp.at)
    known, claimed = await together(
        conn,
        members.enrolled(conn, {one.ask.member_id for one in wanted}),
        ledger.claim_keys(conn, [(one.ask.member_id, one.key, one.digest) for one in wanted], stamp.at),
    )
    answers: list[Answer | Refusal | None] = [None if told is None else _again(told) for told in claimed]
    new = [place for place, told in enumerate(claimed) if told is None and wanted[place].ask.member_id in known]
    drawn = await draw(conn, stamp, compiled, key, [wanted[place].ask for place in new])
    outcomes: list[tuple[str, str, bytes]] = []
    for place, one in zip(new, drawn, strict=True):
        if isinstance(one, Refusal):
            answers[place] = one
            continue
        answers[place] = Answer(_encode(one), first=True)
        outcomes.append((wanted[place].ask.member_id, wanted[place].key, _encode(one)))
    refused = [one for one, told, answer in zip(wanted, claimed, answers, strict=True)
               if told is None and not isinstance(answer, Answer)]  # fmt: skip
    await ledger.free_keys(conn, [(one.ask.member_id, one.key) for one in refused])
    await ledger.save_outcomes(conn, outcomes)
    return [
        answer if answer is not None else MemberNotFound(member_id=one.ask.member_id)
        for one, answer in zip(wanted, answers, strict=True)
    ]


def _again(told: bytes | Refusal) -> Answer | Refusal:
    return told if isinstance(told, Refusal) else Answer(told, first=False)


async def draw(
    conn: Connection, stamp: Stamp, compiled: CompiledProgramme, key: bytes, asks: Sequence[Ask]
) -> list[LotteryDraw | Refusal]:
    """What comes of each, in this order: one that is refused leaves the others as they are.

    The caller sees to it that what is asked twice is asked once. Raises SeedUnreadable, and InsufficientPoints where
    somebody has spent meanwhile what was there a moment ago.
    """
    if not asks:
        return []
    this = await _sit_down(conn, stamp, key, asks)
    results = [this.take(ask) for ask in asks]
    draws = await give(conn, stamp, this.tables, [one for one in results if isinstance(one, Draw)])
    draws = await _promise(conn, stamp, compiled, this, draws)
    await _pay(conn, stamp, draws)
    entered = {(one.member_id, one.campaign_id): this.entrants[one.member_id, one.campaign_id] for one in draws}
    turned = {campaign_id: (table.last, table.wheel) for campaign_id, table in this.tables.items()}
    lottery.save(conn, draws, entered, turned)
    views = iter([told(one, this.tables[one.campaign_id].campaign) for one in draws])
    return [one if isinstance(one, Refusal) else next(views) for one in results]


async def _sit_down(conn: Connection, stamp: Stamp, key: bytes, asks: Sequence[Ask]) -> _Round:
    """The campaigns, locked; who has drawn how often; and what everybody can spend."""
    found = await lottery.lock_all(conn, {ask.campaign_id for ask in asks})
    sealed, entrants, purses = await together(
        conn,
        lottery.secrets(conn, {ask.campaign_id for ask in asks}),
        lottery.entrants(conn, {(ask.member_id, ask.campaign_id) for ask in asks}),
        ledger.available_of(conn, sorted({ask.member_id for ask in asks}), WALLET, stamp.on),
    )
    tables = {
        campaign_id: Table(campaign, lottery.open_seed(key, str(campaign_id), sealed[campaign_id]))
        for campaign_id, campaign in found.items()
        if campaign_id in sealed
    }
    return _Round(tables, entrants, purses, stamp)


async def _promise(
    conn: Connection, stamp: Stamp, compiled: CompiledProgramme, this: _Round, draws: Sequence[Draw]
) -> list[Draw]:
    """The draws, their points promised, with the date on which they are credited."""
    prizes = {one.draw_id: this.tables[one.campaign_id].campaign.terms.prize(one.prize_id) for one in draws}
    won = [one for one in draws if prizes[one.draw_id].kind == "points"]
    if not won:
        return list(draws)
    programme = compiled.programme
    settle_on = stamp.on + timedelta(days=programme.settle_after_days)
    _, last = await together(conn, ledger.hear_of_settlement(conn), ledger.last_run(conn, "settle"))
    if last:
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
    dated = {one.draw_id for one in won}
    return [replace(one, settle_on=settle_on) if one.draw_id in dated else one for one in draws]


async def _pay(conn: Connection, stamp: Stamp, draws: Sequence[Draw]) -> None:
    """Spend what the draws cost. Raises InsufficientPoints."""
    paid = [one for one in draws if one.points_spent]
    if not paid:
        return
    book = await ledger.Book.open(conn, stamp, {(one.member_id, WALLET) for one in paid})
    for one in paid:
        book.spend(one.member_id, WALLET, one.points_spent, f"{RULE}:{one.draw_id}", reason=RULE)
    await book.save()
