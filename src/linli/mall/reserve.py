"""Pieces set aside for a cause, such as a campaign of the lottery, and given away one by one as orders at price 0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from uuid_utils.compat import uuid7

from linli.kit.columns import ints, texts
from linli.kit.db import Connection, fetch_all
from linli.mall import store
from linli.mall.items import get_item, items_by_id, lock_stocks
from linli.mall.order_types import Order, OrderEvent
from linli.mall.orders import StockChange, add_orders, change_stock, orders_of_causes
from linli.mall.types import Item, ItemNotFound, ReservationUsedUp, StockExhausted


class Gift(NamedTuple):
    """One order at price 0: of an item, out of what was set aside for `reserved_for`. `cause` names it for ever: the
    member gets one order for it, however often it is given."""

    member_id: str
    item_id: UUID
    reserved_for: str
    cause: str
    community_id: str | None = None
    leader_id: str | None = None


async def reserve(conn: Connection, item_id: UUID, pieces: int, cause: str) -> None:
    """Set pieces of the item aside for `cause`; again adds to them. Nobody else can order them.

    Raises ItemNotFound, StockExhausted.
    """
    stock = (await lock_stocks(conn, [item_id])).get(item_id)
    if stock is None:
        raise ItemNotFound(item_id=str(item_id))
    if stock.left is not None and pieces > stock.left:
        raise StockExhausted(left=stock.left, wanted=pieces)
    await conn.execute(store.ADD_RESERVATION, {"item_id": item_id, "cause": cause, "pieces": pieces})
    await change_stock(conn, {item_id: StockChange(reserved=pieces)})


async def release(conn: Connection, item_id: UUID, cause: str) -> int:
    """Put what is left of a cause's pieces back on the shelf; how many. Raises ItemNotFound."""
    await get_item(conn, item_id)
    await lock_stocks(conn, [item_id])
    left = (await _lock_left(conn, [(item_id, cause)])).get((item_id, cause), 0)
    if left:
        await conn.execute(store.CUT_RESERVATION, {"item_id": item_id, "cause": cause})
        await change_stock(conn, {item_id: StockChange(reserved=-left)})
    return left


async def give(conn: Connection, gifts: Sequence[Gift], *, by: str, on: date, at: datetime) -> list[Order]:
    """The orders of `gifts`, in their order, paid for and with a pickup code; a gift given before is that order.

    Set-wise; locks reservations and stock in the order of their ids. Raises ItemNotFound, ReservationUsedUp.
    """
    ids = {gift.item_id for gift in gifts}
    await lock_stocks(conn, ids)
    told = await orders_of_causes(conn, [(gift.member_id, gift.cause) for gift in gifts])
    new = {(gift.member_id, gift.cause): gift for gift in gifts if (gift.member_id, gift.cause) not in told}
    if new:
        items = await items_by_id(conn, ids)
        wanted = Counter((gift.item_id, gift.reserved_for) for gift in new.values())
        left = await _lock_left(conn, sorted(wanted))
        for (item_id, cause), pieces in wanted.items():
            if item_id not in items:
                raise ItemNotFound(item_id=str(item_id))
            if pieces > left.get((item_id, cause), 0):
                raise ReservationUsedUp(item_id=str(item_id), cause=cause)
        prizes = [_prize(gift, items[gift.item_id], by, on, at) for gift in new.values()]
        await _take(conn, wanted)
        told |= {(order.member_id, order.cause or ""): order for order in await add_orders(conn, prizes, on, at)}
    return [told[gift.member_id, gift.cause] for gift in gifts]


async def _take(conn: Connection, wanted: Counter[tuple[UUID, str]]) -> None:
    keys = sorted(wanted)
    row = {"ids": texts(str(item_id) for item_id, _ in keys), "causes": texts(cause for _, cause in keys)}
    await conn.execute(store.GIVE_OF_RESERVATIONS, {**row, "pieces": ints(wanted[key] for key in keys)})
    changes: dict[UUID, StockChange] = {}
    for (item_id, _), pieces in wanted.items():
        so_far = changes.get(item_id, StockChange())
        changes[item_id] = StockChange(so_far.reserved - pieces, so_far.sold + pieces)
    await change_stock(conn, changes)


async def _lock_left(conn: Connection, keys: Sequence[tuple[UUID, str]]) -> dict[tuple[UUID, str], int]:
    row = {"ids": texts(str(item_id) for item_id, _ in keys), "causes": texts(cause for _, cause in keys)}
    return {(row[0], row[1]): row[2] for row in await fetch_all(conn, store.LOCK_RESERVATIONS, row)}


def _prize(gift: Gift, item: Item, by: str, on: date, at: datetime) -> Order:
    terms = item.terms
    return Order(
        order_id=uuid7(), member_id=gift.member_id, item_id=item.item_id, kind=terms.kind, title=terms.title,
        picture=terms.pictures[0] if terms.pictures else None, pieces=1, wallet=terms.wallet, points=0, price_fen=0,
        cost_fen=terms.cost_fen, funder=terms.funder, cancel_until=terms.cancel_until, state="paid", stock="sold",
        cause=gift.cause, code=None, community_id=gift.community_id, leader_id=gift.leader_id, coupon_id=None,
        pay_until=None, placed_on=on, paid_on=on, created_at=at, events=(OrderEvent("paid", at, by),),
    )  # fmt: skip
