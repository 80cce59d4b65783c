"""Ordering in the mall: stock, limits and points of an order in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from uuid_utils.compat import uuid7

from linli import earning, ledger, mall, members
from linli.kit.db import Connection
from linli.kit.errors import Refusal
from linli.ledger import Stamp
from linli.mall import Buyer, Item, Order, OrderEvent
from linli.members import Member
from linli.words.facts import NO_FACTS


class CashNotTaken(Refusal):
    """Nobody can pay in cash here: no payment provider is set. No fields."""

    code = "cash_not_taken"


class Wanted(NamedTuple):
    """What a member orders. Without a community or leader, it goes to their own."""

    member_id: str
    item_id: UUID
    pieces: int = 1
    community_id: str | None = None
    leader_id: str | None = None


async def place(conn: Connection, stamp: Stamp, wanted: Wanted, *, by: str) -> Order:
    """One order. Points alone pay for it at once. The caller sees to it that it happens once.

    Raises MemberNotFound, ItemNotFound, CashNotTaken, InsufficientPoints, and what `mall.obstacles` tells.
    """
    me = await members.get_member(conn, wanted.member_id)
    facts = (await earning.read_facts(conn, [me.member_id])).get(me.member_id, NO_FACTS)
    await mall.lock_stocks(conn, [wanted.item_id])
    item = await mall.get_item(conn, wanted.item_id)
    buyer = Buyer(me.city, facts.tier_at(stamp.at))
    pair = (me.member_id, item.item_id)
    used = (await mall.used(conn, [pair], stamp.on))[pair]
    for refusal in mall.obstacles(item, buyer, used, at=stamp.at, on=stamp.on, pieces=wanted.pieces):
        raise refusal
    order = order_of(wanted, item, me, stamp, by=by)
    if order.price_fen:
        raise CashNotTaken
    await ledger.spend(
        conn, stamp, me.member_id, order.wallet, order.points, order.ledger_id, order_id=order.ledger_id
    )  # fmt: skip
    await mall.change_stock(conn, {item.item_id: mall.StockChange(sold=order.pieces)})
    (kept,) = await mall.add_orders(conn, [order], stamp.on, stamp.at)
    return kept


def order_of(
    wanted: Wanted, item: Item, me: Member, stamp: Stamp, *, by: str, pay_until: datetime | None = None
) -> Order:  # fmt: skip
    """The order as it will be: held where something is to be paid until `pay_until`, else paid."""
    terms, pieces = item.terms, wanted.pieces
    state = "held" if pay_until else "paid"
    return Order(
        order_id=uuid7(), member_id=me.member_id, item_id=item.item_id, kind=terms.kind, title=terms.title,
        picture=terms.pictures[0] if terms.pictures else None, pieces=pieces, wallet=terms.wallet,
        points=terms.price_points * pieces, price_fen=terms.price_fen * pieces, cost_fen=terms.cost_fen * pieces,
        funder=terms.funder, cancel_until=terms.cancel_until, state=state, stock="reserved" if pay_until else "sold",
        cause=None, code=None, community_id=wanted.community_id or me.community_id,
        leader_id=wanted.leader_id or me.leader_id, coupon_id=None, pay_until=pay_until, placed_on=stamp.on,
        paid_on=None if pay_until else stamp.on, created_at=stamp.at, events=(OrderEvent(state, stamp.at, by),),
    )  # fmt: skip
