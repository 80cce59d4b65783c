"""Items as they are kept: made, changed, listed and delisted, and their stock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from linli.kit.columns import texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.kit.texts import texts as texts_of
from linli.mall import store
from linli.mall.checks import faults_of
from linli.mall.types import (
    Item,
    ItemChanged,
    ItemFaulty,
    ItemKind,
    ItemNotFound,
    ItemState,
    ItemTerms,
    SkuTaken,
    Stock,
    StockBelowZero,
    StockMove,
)

LAST = UUID(int=2**128 - 1)
_encode = msgspec.json.Encoder().encode
_terms = msgspec.json.Decoder(ItemTerms).decode


async def add_item(
    conn: Connection, terms: ItemTerms, total: int | None, *, by: str, at: datetime, reason: str
) -> Item:  # fmt: skip
    """A new item, a draft, with so many pieces (None: without end). Raises ItemFaulty, SkuTaken."""
    _require_good(terms)
    item_id = uuid7()
    row = {"item_id": item_id, "terms": _encode(terms).decode(), "by": by, "at": at}
    if await fetch_one(conn, store.ADD_ITEM, row) is None:
        raise SkuTaken(sku=terms.sku)
    await conn.execute(store.ADD_STOCK, {"item_id": item_id, "total": total})
    if total:
        await _note_move(conn, item_id, total, total, reason, by=by, at=at)
    return await get_item(conn, item_id)


async def get_item(conn: Connection, item_id: UUID, *, lock: bool = False) -> Item:
    """The item; with `lock`, nobody else changes its terms until the transaction ends. Raises ItemNotFound."""
    row = await fetch_one(conn, store.LOCK_ITEM if lock else store.ITEM, {"item_id": item_id})
    if row is None:
        raise ItemNotFound(item_id=str(item_id))
    return _item(row)


async def items_by_id(conn: Connection, item_ids: Collection[UUID]) -> dict[UUID, Item]:
    """Those of the items that there are."""
    rows = await fetch_all(conn, store.ITEMS_BY_ID, {"ids": texts(map(str, item_ids))})
    return {row[0]: _item(row) for row in rows}


async def items_by_sku(conn: Connection, skus: Collection[str]) -> dict[str, Item]:
    """Sku → item, of those that there are."""
    found = map(_item, await fetch_all(conn, store.ITEMS_BY_SKU, {"skus": texts(skus)}))
    return {item.terms.sku: item for item in found if item.terms.sku is not None}


async def items(
    conn: Connection, *, state: ItemState | None, kind: ItemKind | None, category: str | None, q: str | None,
    before: UUID | None, limit: int,
) -> list[Item]:  # fmt: skip
    """A page of items, newest first. `q`: a sku, or part of a title."""
    asked = {"state": state, "kind": kind, "category": category, "q": q, "before": before or LAST, "limit": limit}
    return [_item(row) for row in await fetch_all(conn, store.ITEMS, asked)]


async def listed(conn: Connection) -> list[Item]:
    """All that is listed, whether its time has come or not."""
    return [_item(row) for row in await fetch_all(conn, store.LISTED)]


async def edit_item(
    conn: Connection, item_id: UUID, terms: ItemTerms, revision: int, *, by: str, at: datetime
) -> Item:  # fmt: skip
    """Other terms, for orders from now on. Raises ItemNotFound, ItemChanged, ItemFaulty, SkuTaken."""
    _require_good(terms)
    found = await get_item(conn, item_id, lock=True)
    if found.revision != revision:
        raise ItemChanged(revision=found.revision)
    if terms.sku and await fetch_one(conn, store.SKU_OF_ANOTHER, {"sku": terms.sku, "item_id": item_id}) is not None:
        raise SkuTaken(sku=terms.sku)
    row = {"item_id": item_id, "terms": _encode(terms).decode(), "by": by, "at": at}
    await conn.execute(store.EDIT_ITEM, row)
    return await get_item(conn, item_id)


async def move_item(conn: Connection, item_id: UUID, state: ItemState, *, by: str, at: datetime) -> Item:
    """List or delist it; again changes nothing. Raises ItemNotFound, ItemFaulty."""
    found = await get_item(conn, item_id, lock=True)
    if found.state == state:
        return found
    if state == "listed":
        _require_good(found.terms)
    await conn.execute(store.MOVE_ITEM, {"item_id": item_id, "state": state, "by": by, "at": at})
    return await get_item(conn, item_id)


async def change_total(
    conn: Connection, item_id: UUID, change: int, reason: str, *, by: str, at: datetime
) -> Item:  # fmt: skip
    """Put pieces in (> 0) or take them out (< 0); what had no end gets one with the first that are put in.

    Raises ItemNotFound, StockBelowZero.
    """
    stock = (await lock_stocks(conn, [item_id])).get(item_id)
    if stock is None:
        raise ItemNotFound(item_id=str(item_id))
    taken = stock.reserved + stock.sold
    before = taken if stock.total is None else stock.total
    if before + change < taken:
        raise StockBelowZero(total=stock.total, reserved=stock.reserved, sold=stock.sold, change=change)
    await conn.execute(store.SET_TOTAL, {"item_id": item_id, "total": before + change})
    # What was taken while it had no end counts as having been put in.
    moved = before + change - (stock.total or 0)
    await _note_move(conn, item_id, moved, before + change, reason, by=by, at=at)
    return await get_item(conn, item_id)


async def stock_moves(conn: Connection, item_id: UUID, *, before: UUID | None, limit: int) -> list[StockMove]:
    """A page of changes of the item's total, newest first. Raises ItemNotFound."""
    await get_item(conn, item_id)
    rows = await fetch_all(
        conn, store.STOCK_MOVES, {"item_id": item_id, "before": before or LAST, "limit": limit}
    )  # fmt: skip
    return [StockMove(*row) for row in rows]


async def lock_stocks(conn: Connection, item_ids: Collection[UUID]) -> dict[UUID, Stock]:
    """The stock of the items, locked in the order of their ids until the transaction ends."""
    rows = await fetch_all(conn, store.STOCK_KEPT, {"ids": texts(map(str, sorted(item_ids)))})
    return {row[0]: Stock(*row[1:]) for row in rows}


async def _note_move(
    conn: Connection, item_id: UUID, change: int, after: int, reason: str, *, by: str, at: datetime
) -> None:  # fmt: skip
    row = {"item_id": item_id, "move_id": uuid7(), "change": change, "total_after": after, "reason": reason}
    await conn.execute(store.ADD_STOCK_MOVE, {**row, "by": by, "at": at})


def _require_good(terms: ItemTerms) -> None:
    if faults := faults_of(terms):
        said = texts_of("mall")
        raise ItemFaulty(
            errors=[
                {"place": fault.place, "code": fault.code, "detail": said[fault.code]["en"], "text": said[fault.code]}
                for fault in faults
            ]
        )


def _item(row: Sequence[Any]) -> Item:
    item_id, state, terms, total, reserved, sold, *rest = row
    return Item(item_id, state, _terms(terms), Stock(total, reserved, sold), *rest)
