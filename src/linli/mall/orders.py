"""Orders as they are kept: written set-wise, read, and moved from state to state with their item's stock."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec.structs import replace

from linli.kit.columns import dates, instants, ints, texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.mall import store, store_orders
from linli.mall.decide import NOTHING_USED, Used, may_become
from linli.mall.items import LAST, lock_stocks
from linli.mall.order_types import (
    CodeUnknown,
    Order,
    OrderEvent,
    OrderInState,
    OrderNotFound,
    OrderState,
    StockUse,
)
from linli.mall.types import Words

CODE_DIGITS = 10
_encode = msgspec.json.Encoder().encode
_title = msgspec.json.Decoder(Words).decode
_events = msgspec.json.Decoder(tuple[OrderEvent, ...]).decode


class StockChange(NamedTuple):
    """What is added to an item's reserved and sold pieces."""

    reserved: int = 0
    sold: int = 0


class CostLine(NamedTuple):
    """What went of an item on a business date, and who bears its cost."""

    item_id: UUID
    title: Words
    funder: str
    on: date
    pieces: int
    points: int
    price_fen: int
    cost_fen: int
    orders: int


async def used(
    conn: Connection, pairs: Collection[tuple[str, UUID]], on: date
) -> dict[tuple[str, UUID], Used]:  # fmt: skip
    """(member, item) → pieces that count for the item's limits. Exact for whoever holds the items' stock."""
    if not pairs:
        return {}
    members, items = zip(*pairs, strict=True)
    asked = {"members": texts(members), "ids": texts(map(str, items)), "on": on, "month": on.replace(day=1)}
    rows = await fetch_all(conn, store_orders.USED, asked)
    found: dict[tuple[str, UUID], Used] = dict.fromkeys(pairs, NOTHING_USED)
    for member_id, item_id, life, month, day in rows:
        found[member_id, item_id] = {"life": life, "month": month, "day": day}
    return found


async def change_stock(conn: Connection, changes: Mapping[UUID, StockChange]) -> None:
    """Reserve, sell, and give back, in the order of the items. The caller holds their stock (`lock_stocks`)."""
    ids = sorted(item_id for item_id, change in changes.items() if change != StockChange())
    if ids:
        reserved, sold = ints(changes[one].reserved for one in ids), ints(changes[one].sold for one in ids)
        row = {"ids": texts(map(str, ids)), "reserved": reserved, "sold": sold}
        await conn.execute(store.CHANGE_STOCK, row)


async def add_orders(conn: Connection, orders: Sequence[Order], on: date, at: datetime) -> list[Order]:
    """Write new orders, those that are to be collected with a code of their own; as they are kept."""
    codes = await _new_codes(conn, [order for order in orders if order.state in ("paid", "ready") and not order.code])
    orders = [replace(order, code=codes.get(order.order_id, order.code)) for order in orders]
    await conn.execute(
        store_orders.ADD_ORDERS,
        {
            "order_ids": texts(str(order.order_id) for order in orders),
            "members": texts(order.member_id for order in orders),
            "items": texts(str(order.item_id) for order in orders),
            "kinds": texts(order.kind for order in orders),
            "titles": texts(_encode(order.title).decode() for order in orders),
            "pictures": texts(order.picture for order in orders),
            "pieces": ints(order.pieces for order in orders),
            "wallets": texts(order.wallet for order in orders),
            "points": ints(order.points for order in orders),
            "prices": ints(order.price_fen for order in orders),
            "costs": ints(order.cost_fen for order in orders),
            "funders": texts(order.funder for order in orders),
            "cancels": texts(order.cancel_until for order in orders),
            "states": texts(order.state for order in orders),
            "stocks": texts(order.stock for order in orders),
            "causes": texts(order.cause for order in orders),
            "codes": texts(order.code for order in orders),
            "communities": texts(order.community_id for order in orders),
            "leaders": texts(order.leader_id for order in orders),
            "coupons": texts(order.coupon_id for order in orders),
            "pay_untils": instants(order.pay_until for order in orders),
            "paid_ons": dates(order.paid_on for order in orders),
            "events": texts(_encode(order.events).decode() for order in orders),
            "on": on,
            "at": at,
        },
    )
    return orders


async def _new_codes(conn: Connection, orders: Iterable[Order]) -> dict[UUID, str]:
    """A pickup code for each, that no other order ever had: digits, since they are typed at a counter."""
    without = {order.order_id: order.member_id for order in orders}
    found: dict[UUID, str] = {}
    while without:
        made = {order_id: f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}" for order_id in without}
        row = {"codes": texts(made.values()), "members": texts(without.values()), "order_ids": texts(map(str, without))}
        for (order_id,) in await fetch_all(conn, store_orders.ADD_CODES, row):
            found[order_id] = made[order_id]
            del without[order_id]
    return found


async def get_order(conn: Connection, member_id: str, order_id: UUID, *, lock: bool = False) -> Order:
    """The member's order; with `lock`, nobody else moves it until the transaction ends. Raises OrderNotFound."""
    query = store_orders.LOCK_ORDER if lock else store_orders.ORDER
    row = await fetch_one(conn, query, {"member_id": member_id, "order_id": order_id})
    if row is None:
        raise OrderNotFound(order_id=str(order_id))
    return _order(row)


async def lock_order(conn: Connection, member_id: str, order_id: UUID) -> Order:
    """The member's order, and before it its item's stock, locked until the transaction ends. Raises OrderNotFound."""
    found = await get_order(conn, member_id, order_id)
    await lock_stocks(conn, [found.item_id])
    return await get_order(conn, member_id, order_id, lock=True)


async def owner_of(conn: Connection, order_id: UUID) -> str:
    """Whose order it is. Raises OrderNotFound."""
    row = await fetch_one(conn, store_orders.OWNER, {"order_id": order_id})
    if row is None:
        raise OrderNotFound(order_id=str(order_id))
    return row[0]


async def of_code(conn: Connection, code: str) -> tuple[str, UUID]:
    """(member, order) of a pickup code, however it was typed. Raises CodeUnknown."""
    row = await fetch_one(conn, store_orders.OF_CODE, {"code": code.replace(" ", "").replace("-", "")})
    if row is None:
        raise CodeUnknown
    return row[0], row[1]


async def orders_of(
    conn: Connection, member_id: str, *, state: OrderState | None, before: UUID | None, limit: int
) -> list[Order]:
    """A page of the member's orders, newest first."""
    asked = {"member_id": member_id, "state": state, "before": before or LAST, "limit": limit}
    return [_order(row) for row in await fetch_all(conn, store_orders.ORDERS_OF, asked)]


async def orders(
    conn: Connection, *, state: OrderState | None, member_id: str | None, item_id: UUID | None,
    community_id: str | None, before: UUID | None, limit: int,
) -> list[Order]:  # fmt: skip
    """A page of everybody's orders, newest first."""
    asked = {"state": state, "member_id": member_id, "item_id": item_id, "community_id": community_id}
    rows = await fetch_all(conn, store_orders.ORDERS, {**asked, "before": before or LAST, "limit": limit})
    return [_order(row) for row in rows]


async def move_order(
    conn: Connection, order: Order, state: OrderState, stock: StockUse, *, by: str, at: datetime,
    paid_on: date | None = None, coupon_id: str | None = None,
) -> Order:  # fmt: skip
    """Bring a locked order to `state`, and what it takes of its item's stock, which the caller holds, to `stock`.

    Raises OrderInState.
    """
    if not may_become(order, state):
        raise OrderInState(state=order.state)
    code = None
    if state == "paid" and order.code is None and coupon_id is None:
        code = (await _new_codes(conn, [order]))[order.order_id]
    event = OrderEvent(state, at, by)
    row = {"state": state, "stock": stock, "code": code, "coupon_id": coupon_id, "paid_on": paid_on}
    who = {"member_id": order.member_id, "order_id": order.order_id}
    await conn.execute(store_orders.MOVE_ORDER, {**who, **row, "event": _encode([event]).decode()})
    if stock != order.stock:
        change = StockChange(
            (stock == "reserved") * order.pieces - (order.stock == "reserved") * order.pieces,
            (stock == "sold") * order.pieces - (order.stock == "sold") * order.pieces,
        )
        await change_stock(conn, {order.item_id: change})
    return replace(
        order, state=state, stock=stock, code=order.code or code, coupon_id=order.coupon_id or coupon_id,
        paid_on=order.paid_on or paid_on, events=(*order.events, event),
    )  # fmt: skip


async def unpaid(conn: Connection, at: datetime, limit: int) -> list[tuple[str, UUID]]:
    """(member, order) of those whose time to pay is over, the longest first."""
    rows = await fetch_all(conn, store_orders.UNPAID, {"at": at, "limit": limit})
    return [(row[0], row[1]) for row in rows]


async def orders_of_causes(conn: Connection, causes: Collection[tuple[str, str]]) -> dict[tuple[str, str], Order]:
    """(member, cause) → the order that was given for it, where it was given already."""
    if not causes:
        return {}
    members, named = zip(*causes, strict=True)
    rows = await fetch_all(conn, store_orders.OF_CAUSES, {"members": texts(members), "causes": texts(named)})
    found = [_order(row) for row in rows]
    return {(order.member_id, order.cause): order for order in found if order.cause is not None}


async def costs(conn: Connection, from_on: date, to_on: date) -> list[CostLine]:
    """What went by item, funder and business date, both dates included."""
    rows = await fetch_all(conn, store_orders.COSTS, {"from_on": from_on, "to_on": to_on})
    return [CostLine(row[0], Words(row[1], row[2]), *row[3:]) for row in rows]


def _order(row: Sequence[Any]) -> Order:
    told = dict(zip(Order.__struct_fields__, row, strict=True))
    return Order(**{**told, "title": _title(told["title"]), "events": _events(told["events"])})
