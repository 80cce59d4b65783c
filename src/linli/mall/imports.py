"""Imports as they are kept: a preview with its lines, then applied as a whole, or cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from linli.kit.columns import ints, texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.kit.errors import KeyReused, NotFound, Refusal
from linli.mall import store_imports
from linli.mall.items import LAST, add_item, change_total, edit_item, get_item, items_by_sku
from linli.mall.reading import ImportAct, ImportFault, ImportLine, Row, compare
from linli.mall.types import ItemTerms

ImportState: TypeAlias = Literal["preview", "applied", "cancelled"]
_encode = msgspec.json.Encoder().encode
_terms = msgspec.json.Decoder(ItemTerms).decode
_faults = msgspec.json.Decoder(tuple[ImportFault, ...]).decode


class Import(msgspec.Struct, frozen=True):
    """Many items at once. `new` and `changed` of its `lines` do something; `faulty` ones never."""

    import_id: UUID
    state: ImportState
    lines: int
    faulty: int
    new: int
    changed: int
    by: str
    created_at: datetime
    finished_at: datetime | None


class ImportNotFound(NotFound):
    """There is no such import. Fields: `import_id`."""

    code: ClassVar[str] = "import_not_found"


class ImportOver(Refusal):
    """The import was applied or cancelled before. Fields: `state`."""

    code: ClassVar[str] = "import_over"


class ImportStale(Refusal):
    """Items of it have changed since the preview: make another one. Fields: `skus`."""

    code: ClassVar[str] = "import_stale"


async def make_import(
    conn: Connection, rows: Sequence[Row], *, by: str, at: datetime, request: tuple[str, bytes] | None
) -> Import:
    """A preview, by what there is now; the one that this `request` (key, digest) made before. Raises KeyReused."""
    known = await items_by_sku(conn, {sku for row in rows if (sku := row.cells.get("sku"))})
    lines = list(compare(rows, known))
    acts = [line.act for line in lines]
    key, digest = request or (None, None)
    import_id = uuid7()
    row = {"import_id": import_id, "lines": len(lines), "by": by, "at": at, "request_key": key}
    row |= {"faulty": acts.count("faulty"), "new": acts.count("new"), "changed": acts.count("change")}
    if await fetch_one(conn, store_imports.ADD, {**row, "request_digest": digest}) is None:
        found = await fetch_one(conn, store_imports.OF_REQUEST, {"request_key": key})
        assert found is not None and key is not None, "imports are never deleted"
        if found[1] != digest:
            raise KeyReused(key=key)
        return await get_import(conn, found[0])
    await conn.execute(
        store_imports.ADD_LINES,
        {
            "import_id": import_id,
            "nos": ints(line.no for line in lines),
            "acts": texts(acts),
            "skus": texts(line.sku for line in lines),
            "titles": texts(line.title for line in lines),
            "terms": texts(_encode(line.terms).decode() if line.terms else None for line in lines),
            "stocks": ints(line.stock for line in lines),
            "differs": texts(",".join(line.differs) for line in lines),
            "faults": texts(_encode(line.faults).decode() for line in lines),
            "revisions": ints(line.revision for line in lines),
        },
    )
    return await get_import(conn, import_id)


async def get_import(conn: Connection, import_id: UUID, *, lock: bool = False) -> Import:
    """The import. Raises ImportNotFound."""
    row = await fetch_one(conn, store_imports.LOCK if lock else store_imports.ONE, {"import_id": import_id})
    if row is None:
        raise ImportNotFound(import_id=str(import_id))
    return Import(*row)


async def imports(conn: Connection, *, before: UUID | None, limit: int) -> list[Import]:
    """A page of imports, newest first."""
    rows = await fetch_all(conn, store_imports.IMPORTS, {"before": before or LAST, "limit": limit})
    return [Import(*row) for row in rows]


async def import_lines(
    conn: Connection, import_id: UUID, *, act: ImportAct | None, after: int, limit: int
) -> list[ImportLine]:
    """A page of lines by their number."""
    asked = {"import_id": import_id, "act": act, "after": after, "limit": limit}
    return [
        ImportLine(no, act, sku, title, _terms(terms) if terms else None, stock, tuple(differs), _faults(faults), rev)
        for no, act, sku, title, terms, stock, differs, faults, rev in await fetch_all(conn, store_imports.LINES, asked)
    ]


async def apply_import(conn: Connection, import_id: UUID, *, by: str, at: datetime) -> Import:
    """Do all that the preview shows, or nothing. New items are drafts. Twice is once.

    Raises ImportNotFound, ImportOver, ImportStale.
    """
    found = await get_import(conn, import_id, lock=True)
    if found.state == "cancelled":
        raise ImportOver(state=found.state)
    if found.state == "applied":
        return found
    lines = await import_lines(conn, import_id, act=None, after=0, limit=found.lines)
    todo = [line for line in lines if line.act in ("new", "change")]
    known = await items_by_sku(conn, {line.sku for line in todo})
    stale = [line.sku for line in todo if line.revision != (known[line.sku].revision if line.sku in known else None)]
    if stale:
        raise ImportStale(skus=stale[:20])
    reason = f"import {import_id}"
    for line in todo:
        assert line.terms is not None, "what cannot be read is faulty"
        if line.sku not in known:
            await add_item(conn, line.terms, line.stock, by=by, at=at, reason=reason)
            continue
        item = known[line.sku]
        if line.differs != ("stock",):
            await edit_item(conn, item.item_id, line.terms, item.revision, by=by, at=at)
        if line.stock is not None and "stock" in line.differs:
            stock = (await get_item(conn, item.item_id)).stock
            before = stock.reserved + stock.sold if stock.total is None else stock.total
            await change_total(conn, item.item_id, line.stock - before, reason, by=by, at=at)
    await conn.execute(store_imports.FINISH, {"import_id": import_id, "state": "applied", "at": at})
    return await get_import(conn, import_id)


async def cancel_import(conn: Connection, import_id: UUID, *, at: datetime) -> Import:
    """Give it up. Twice is once. Raises ImportNotFound, ImportOver."""
    found = await get_import(conn, import_id, lock=True)
    if found.state == "applied":
        raise ImportOver(state=found.state)
    if found.state == "preview":
        await conn.execute(store_imports.FINISH, {"import_id": import_id, "state": "cancelled", "at": at})
    return await get_import(conn, import_id)
