"""A campaign in hand while its lock is held, and what a prize needs beside points: a coupon, or a piece of goods.

Neither touches a wallet: both have rows of their own to lock, which the order of the house locks before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace
from uuid_utils.compat import uuid7

from linli import lottery, mall, members
from linli.coupons import Wanted as WantedCoupon
from linli.flows import coupons
from linli.kit.db import Connection
from linli.kit.errors import Refusal
from linli.ledger import Stamp
from linli.lottery import BudgetUsedUp, Campaign, Draw, DrawsUsedUp, Entrant, NotDrawing, Opened, Prize, Wheel
from linli.mall import Gift

SOURCE = "lottery"


class Disturbed(Exception):
    """A prize that others of the batch reckoned with turned out not to be there: each is to be drawn by itself."""


class Ask(NamedTuple):
    """One draw that is asked for."""

    member_id: str
    campaign_id: UUID
    nonce: str


class Table:
    """One campaign: its wheel, and the last place in its log."""

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

    def prize_of(self, draw: Draw) -> Prize:
        """What the draw gives."""
        return self.campaign.terms.prize(draw.prize_id)

    def instead(self, draw: Draw, later: Sequence[Draw]) -> Draw:
        """The draw with the minimum prize, since its own cannot be given. `later`: those drawn after it.

        Raises Disturbed where one of them would have come out otherwise, had this been known.
        """
        if any(one.why in ("stock", "budget") for one in later):
            raise Disturbed
        self.wheel.take_back(self.prize_of(draw))
        turn = self.wheel.instead(self.campaign.terms.prize(draw.drawn_id), draw.number)
        self.wheel.give(turn)
        if not self.wheel.within_budget():
            raise Disturbed
        return replace(draw, prize_id=turn.given.prize_id, why=turn.why, cost_fen=turn.given.cost_fen)


def reserved_for(campaign_id: UUID, prize_id: str) -> str:
    """What the mall sets the pieces of a prize aside for."""
    return f"{SOURCE}:{campaign_id}:{prize_id}"


async def give(conn: Connection, stamp: Stamp, tables: Mapping[UUID, Table], draws: Sequence[Draw]) -> list[Draw]:
    """The draws with their coupons and orders; one whose coupon cannot be issued with the minimum prize instead.

    Goods first: whoever orders a coupon in the mall locks in this order. Raises Disturbed.
    """
    done = {draw.draw_id: draw for draw in draws}
    kinds = {draw.draw_id: tables[draw.campaign_id].prize_of(draw) for draw in draws}
    if goods := [draw for draw in draws if kinds[draw.draw_id].kind == "goods"]:
        gifts = [await _gift(conn, draw, kinds[draw.draw_id]) for draw in goods]
        orders = await mall.give(conn, gifts, by=SOURCE, on=stamp.on, at=stamp.at)
        done |= {draw.draw_id: replace(draw, mall_order_id=str(order.order_id))
                 for draw, order in zip(goods, orders, strict=True)}  # fmt: skip
    wanted = [draw for draw in draws if kinds[draw.draw_id].kind == "coupon"]
    issued = await coupons.issue_many(
        conn, stamp, [_coupon(draw, kinds[draw.draw_id]) for draw in wanted]
    )  # fmt: skip
    for draw, coupon in zip(wanted, issued, strict=True):
        if isinstance(coupon, Refusal):
            later = [one for one in draws if one.campaign_id == draw.campaign_id and one.seq > draw.seq]
            done[draw.draw_id] = tables[draw.campaign_id].instead(draw, later)
        else:
            done[draw.draw_id] = replace(draw, coupon_id=str(coupon.coupon_id))
    return [done[draw.draw_id] for draw in draws]


async def _gift(conn: Connection, draw: Draw, prize: Prize) -> Gift:
    member = await members.get_member(conn, draw.member_id)
    return Gift(
        draw.member_id, UUID(prize.item_id), reserved_for(draw.campaign_id, prize.prize_id), f"{SOURCE}:{draw.draw_id}",
        member.community_id, member.leader_id,
    )  # fmt: skip


def _coupon(draw: Draw, prize: Prize) -> WantedCoupon:
    assert prize.template_id is not None, "a prize of coupons names their template"
    return WantedCoupon(prize.template_id, draw.member_id, f"{SOURCE}:{draw.draw_id}", SOURCE)
