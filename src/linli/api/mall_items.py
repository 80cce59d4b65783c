"""The shop's side of the mall: items, their stock, and what redemptions cost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, TypeAlias
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.params import Parameter
from msgspec import Meta

from linli import coupons, mall
from linli.api.call import Call, UnknownWallet, needs
from linli.api.mall_views import MallItem, fields_of, item_view
from linli.api.paging import decode_cursor, page
from linli.api.strict import NO_NUL, Cursor, Input, Limit, Reason
from linli.coupons import TemplateNotFound
from linli.flows.publish import NoProgramme
from linli.kit.db import Connection
from linli.kit.errors import Invalid
from linli.mall import (
    MOST_PIECES,
    CostLine,
    Item,
    ItemChanged,
    ItemFaulty,
    ItemKind,
    ItemNotFound,
    ItemState,
    ItemTerms,
    SkuTaken,
    StockBelowZero,
    StockMove,
    Words,
)

Work: TypeAlias = Callable[[Connection], Awaitable[Item]]
MOST_DAYS = 400
_Filter = Parameter(min_length=1, max_length=64, pattern=NO_NUL)
From = Annotated[date, Parameter(query="from", description="First business date.")]
To = Annotated[date, Parameter(query="to", description="Last business date.")]
InState = Annotated[ItemState | None, Parameter(query="state")]
OfKind = Annotated[ItemKind | None, Parameter(query="kind")]
OfCategory = Annotated[str | None, _Filter]
Query = Annotated[
    str | None,
    Parameter(query="q", min_length=1, max_length=64, pattern=NO_NUL, description="A sku, or part of a title."),
]
_FIT = (ItemFaulty, SkuTaken, UnknownWallet, TemplateNotFound, NoProgramme)


class NewItem(ItemTerms, frozen=True, kw_only=True):
    """A new item. `total`: pieces to begin with; null: without end."""

    total: Annotated[int, Meta(ge=0, le=MOST_PIECES)] | None


class EditedItem(ItemTerms, frozen=True, kw_only=True):
    """The whole item as it shall be. `revision`: the one that was changed."""

    revision: Annotated[int, Meta(ge=1)]


class StockChangeWanted(Input, frozen=True, kw_only=True):
    """Pieces to put in (> 0) or to take out (< 0)."""

    change: Annotated[int, Meta(ge=-MOST_PIECES, le=MOST_PIECES)]
    reason: Reason


class MallItems(msgspec.Struct, frozen=True):
    """A page of items, newest first."""

    items: list[MallItem]
    next_cursor: str | None


class StockMoves(msgspec.Struct, frozen=True):
    """A page of changes of an item's stock, newest first."""

    items: list[StockMove]
    next_cursor: str | None


class CostSum(msgspec.Struct, frozen=True):
    """So much went: points and cash that members gave for it, and what it cost whoever bears it."""

    orders: int
    pieces: int
    points: int
    price_fen: int
    cost_fen: int


class CostOfFunder(CostSum, frozen=True):
    """What one funder bears."""

    funder: str


class CostOfItem(CostSum, frozen=True):
    """What went of one item, borne by one funder."""

    item_id: UUID
    title: Words
    funder: str


class CostOfDay(CostSum, frozen=True):
    """What went on one business date."""

    on: date


class MallCosts(msgspec.Struct, frozen=True):
    """Redemptions by the business date of their payment, less what was given back: the dearest first; days in order,
    those on which nothing went left out."""

    from_on: date
    to_on: date
    total: CostSum
    funders: list[CostOfFunder]
    items: list[CostOfItem]
    days: list[CostOfDay]


@get("/items", opt=needs("points:read"))
async def list_mall_items(
    call: Call, in_state: InState = None, of_kind: OfKind = None, category: OfCategory = None, words: Query = None,
    cursor: Cursor = None, limit: Limit = 50,
) -> MallItems:  # fmt: skip
    """Items of the mall, newest first."""
    before = decode_cursor("mall.items", cursor, UUID)

    async def work(conn: Connection) -> list[Item]:
        return await mall.items(
            conn, state=in_state, kind=of_kind, category=category, q=words, before=before, limit=limit + 1
        )

    items, more = page("mall.items", await call.read(work), limit, lambda item: item.item_id)
    return MallItems([item_view(item) for item in items], more)


@post("/items", opt=needs("mall:write", *_FIT))
async def make_mall_item(call: Call, data: NewItem) -> MallItem:
    """A new item, a draft: nobody sees it before it is listed."""
    return await _changed(call, "mall.item.new", data.title.zh, lambda conn: _add(conn, call, data))


async def _add(conn: Connection, call: Call, data: NewItem) -> Item:
    terms = await _terms(conn, call, data)
    return await mall.add_item(conn, terms, data.total, by=call.caller.name, at=call.stamp.at, reason="new")


async def _terms(conn: Connection, call: Call, data: ItemTerms) -> ItemTerms:
    """What was sent, as far as it is an item's. Its wallet and coupon template must be there."""
    await call.require_wallet(conn, data.wallet)
    if data.coupon_template_id is not None:
        await coupons.get_template(conn, data.coupon_template_id)
    return ItemTerms(**fields_of(data))


@get("/items/{item_id:str}", opt=needs("points:read", ItemNotFound))
async def get_mall_item(call: Call, item_id: UUID) -> MallItem:
    """One item."""

    async def work(conn: Connection) -> Item:
        return await mall.get_item(conn, item_id)

    return item_view(await call.read(work))


@put("/items/{item_id:str}", opt=needs("mall:write", ItemNotFound, ItemChanged, *_FIT))
async def edit_mall_item(call: Call, item_id: UUID, data: EditedItem) -> MallItem:
    """Change an item, for orders from now on; what was ordered stays as it was."""

    async def work(conn: Connection) -> Item:
        terms = await _terms(conn, call, data)
        return await mall.edit_item(
            conn, item_id, terms, data.revision, by=call.caller.name, at=call.stamp.at
        )  # fmt: skip

    return await _changed(call, "mall.item.edit", data.title.zh, work)


@post("/items/{item_id:str}/list", status_code=200, opt=needs("mall:write", ItemNotFound, ItemFaulty))
async def list_mall_item(call: Call, item_id: UUID) -> MallItem:
    """Put the item on the shelf; within its time of listing, members can order it."""

    async def work(conn: Connection) -> Item:
        return await mall.move_item(conn, item_id, "listed", by=call.caller.name, at=call.stamp.at)

    return await _changed(call, "mall.item.list", "", work)


@post("/items/{item_id:str}/delist", status_code=200, opt=needs("mall:write", ItemNotFound))
async def delist_mall_item(call: Call, item_id: UUID) -> MallItem:
    """Take the item off the shelf. Orders that there are go on."""

    async def work(conn: Connection) -> Item:
        return await mall.move_item(conn, item_id, "delisted", by=call.caller.name, at=call.stamp.at)

    return await _changed(call, "mall.item.delist", "", work)


@post("/items/{item_id:str}/stock", status_code=200, opt=needs("mall:write", ItemNotFound, StockBelowZero))
async def change_mall_stock(call: Call, item_id: UUID, data: StockChangeWanted) -> MallItem:
    """Put pieces in or take them out. What has no end gets one with the first that are put in."""
    if not data.change:
        raise Invalid(errors=[{"place": "$.change", "detail": "0 changes nothing"}])

    async def work(conn: Connection) -> Item:
        return await mall.change_total(
            conn, item_id, data.change, data.reason, by=call.caller.name, at=call.stamp.at
        )  # fmt: skip

    return await _changed(call, "mall.item.stock", f"{data.change:+}: {data.reason}", work)


@get("/items/{item_id:str}/stock-moves", opt=needs("points:read", ItemNotFound))
async def list_stock_moves(call: Call, item_id: UUID, cursor: Cursor = None, limit: Limit = 50) -> StockMoves:
    """Who changed the item's stock, by how much and why, newest first."""
    before = decode_cursor("mall.stock", cursor, UUID)

    async def work(conn: Connection) -> list[StockMove]:
        return await mall.stock_moves(conn, item_id, before=before, limit=limit + 1)

    return StockMoves(*page("mall.stock", await call.read(work), limit, lambda move: move.move_id))


@get("/costs", opt=needs("points:read"))
async def get_mall_costs(call: Call, from_on: From, to_on: To) -> MallCosts:
    """What redemptions cost and who bears it, by funder, item and business date."""
    if not 0 <= (to_on - from_on).days < MOST_DAYS:
        raise Invalid(errors=[{"place": "query.to", "detail": f"from 1 to {MOST_DAYS} days"}])

    async def work(conn: Connection) -> list[CostLine]:
        return await mall.costs(conn, from_on, to_on)

    lines = await call.read(work)
    funders = {line.funder: [one for one in lines if one.funder == line.funder] for line in lines}
    items = {(line.item_id, line.funder): line.title for line in lines}
    return MallCosts(
        from_on, to_on, CostSum(*_sum(lines)),
        sorted((CostOfFunder(*_sum(of), funder) for funder, of in funders.items()), key=_dearest),
        sorted(
            (
                CostOfItem(*_sum([one for one in lines if (one.item_id, one.funder) == key]), key[0], title, key[1])
                for key, title in items.items()
            ),
            key=_dearest,
        ),
        [CostOfDay(*_sum([one for one in lines if one.on == on]), on) for on in sorted({line.on for line in lines})],
    )  # fmt: skip


def _sum(lines: list[CostLine]) -> tuple[int, int, int, int, int]:
    return (
        sum(line.orders for line in lines), sum(line.pieces for line in lines), sum(line.points for line in lines),
        sum(line.price_fen for line in lines), sum(line.cost_fen for line in lines),
    )  # fmt: skip


def _dearest(found: CostSum) -> tuple[int, int]:
    return -found.cost_fen, -found.points


async def _changed(call: Call, act: str, reason: str, work: Work) -> MallItem:
    """Do it, and note who did."""

    async def noted(conn: Connection) -> Item:
        item = await work(conn)
        await call.note(conn, act, str(item.item_id), reason or item.terms.title.zh)
        return item

    return item_view(await call.run(noted))


handlers = [
    list_mall_items, make_mall_item, get_mall_item, edit_mall_item, list_mall_item, delist_mall_item,
    change_mall_stock, list_stock_moves, get_mall_costs,
]  # fmt: skip
