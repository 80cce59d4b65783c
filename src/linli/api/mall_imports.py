"""Imports: many items by a CSV file, shown before anything is done, then applied as a whole."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.exceptions import HTTPException
from litestar.params import Parameter
from msgspec import Meta

from linli import mall
from linli.api.call import Call, needs
from linli.api.idempotent import IdempotencyKey
from linli.api.intake import BodyTooLarge, UnsupportedContent
from linli.api.me_words import Bilingual
from linli.api.paging import decode_cursor, page
from linli.api.strict import Cursor, Limit, StrictRequest
from linli.kit.csv_rows import CsvColumns, CsvEncoding, CsvMalformed
from linli.kit.db import Connection
from linli.kit.errors import KeyReused
from linli.kit.texts import texts
from linli.mall import (
    Import,
    ImportAct,
    ImportFault,
    ImportLine,
    ImportNotFound,
    ImportOver,
    ImportStale,
    ItemFaulty,
    ItemTerms,
    SkuTaken,
    StockBelowZero,
    TooManyItems,
)

MOST_FILE_BYTES = 4 * 1024 * 1024
CSV = "text/csv"
OfAct = Annotated[ImportAct | None, Parameter(query="act", description="Lines that do this.")]


class ImportFaultView(msgspec.Struct, frozen=True):
    """What is wrong, in which column ('': the whole line)."""

    column: str
    code: str
    text: Bilingual


class ImportLineView(msgspec.Struct, frozen=True):
    """One line, as it stands in the file. `terms`: the item as it will be; null where it cannot be read. `stock`: the
    total that is wanted, null: as it is. `differs`: what changes."""

    no: int
    act: ImportAct
    sku: str
    title: str
    terms: ItemTerms | None
    stock: int | None
    differs: tuple[str, ...]
    faults: list[ImportFaultView]


class Imports(msgspec.Struct, frozen=True):
    """A page of imports, newest first."""

    items: list[Import]
    next_cursor: str | None


class ImportLines(msgspec.Struct, frozen=True):
    """A page of lines, as they stand in the file."""

    items: list[ImportLineView]
    next_cursor: str | None


_FILE = (CsvEncoding, CsvColumns, CsvMalformed, TooManyItems, KeyReused, BodyTooLarge, UnsupportedContent)


@post("/imports", opt=needs("mall:write", *_FILE) | {"takes": (CSV,)}, request_max_body_size=MOST_FILE_BYTES)
async def make_mall_import(
    call: Call, request: StrictRequest, idempotency_key: IdempotencyKey = None
) -> Import:  # fmt: skip
    """Preview an import: what each line would make or change, and what is wrong with it. Items go by `sku`; an empty
    cell leaves things as they are, `-` takes a value away; `stock` is the total that there shall be."""
    if request.media_type.lower() != CSV:
        raise UnsupportedContent(content_type=request.media_type[:100], supported=[CSV])
    try:
        body = await request.body()
    except HTTPException:
        raise BodyTooLarge(most_bytes=MOST_FILE_BYTES) from None
    rows = await asyncio.to_thread(mall.read_csv, body)
    digest = hashlib.blake2b(body, digest_size=16).digest()
    own = (f"{call.caller.name}:{idempotency_key}", digest) if idempotency_key is not None else None
    return await call.run(
        lambda conn: mall.make_import(conn, rows, by=call.caller.name, at=call.stamp.at, request=own)
    )  # fmt: skip


@get("/imports", opt=needs("points:read"))
async def list_mall_imports(call: Call, cursor: Cursor = None, limit: Limit = 20) -> Imports:
    """Imports, newest first."""
    before = decode_cursor("mall.imports", cursor, UUID)
    found = await call.read(lambda conn: mall.imports(conn, before=before, limit=limit + 1))
    return Imports(*page("mall.imports", found, limit, lambda one: one.import_id))


@get("/imports/{import_id:str}", opt=needs("points:read", ImportNotFound))
async def get_mall_import(call: Call, import_id: UUID) -> Import:
    """One import."""
    return await call.read(lambda conn: mall.get_import(conn, import_id))


@get("/imports/{import_id:str}/lines", opt=needs("points:read", ImportNotFound))
async def list_mall_import_lines(
    call: Call, import_id: UUID, of_act: OfAct = None, cursor: Cursor = None, limit: Limit = 50
) -> ImportLines:
    """The lines of an import in their order."""
    after = decode_cursor("mall.import.lines", cursor, Annotated[int, Meta(ge=0, le=2**31 - 1)]) or 0

    async def work(conn: Connection) -> list[ImportLine]:
        await mall.get_import(conn, import_id)
        return await mall.import_lines(conn, import_id, act=of_act, after=after, limit=limit + 1)

    items, more = page("mall.import.lines", await call.read(work), limit, lambda line: line.no)
    return ImportLines([_line(line) for line in items], more)


@post(
    "/imports/{import_id:str}/apply", status_code=200,
    opt=needs("mall:write", ImportNotFound, ImportOver, ImportStale, ItemFaulty, SkuTaken, StockBelowZero),
)  # fmt: skip
async def apply_mall_import(call: Call, import_id: UUID) -> Import:
    """Do all that the preview shows, or nothing: new items are drafts; lines that are faulty are left out."""

    async def work(conn: Connection) -> Import:
        await call.note(conn, "mall.import.apply", str(import_id), "")
        return await mall.apply_import(conn, import_id, by=call.caller.name, at=call.stamp.at)

    return await call.run(work)


@post("/imports/{import_id:str}/cancel", status_code=200, opt=needs("mall:write", ImportNotFound, ImportOver))
async def cancel_mall_import(call: Call, import_id: UUID) -> Import:
    """Give an import up that was not applied."""

    async def work(conn: Connection) -> Import:
        await call.note(conn, "mall.import.cancel", str(import_id), "")
        return await mall.cancel_import(conn, import_id, at=call.stamp.at)

    return await call.run(work)


def _line(line: ImportLine) -> ImportLineView:
    told = {name: getattr(line, name) for name in ImportLineView.__struct_fields__ if name != "faults"}
    return ImportLineView(**told, faults=[_fault(fault) for fault in line.faults])


def _fault(fault: ImportFault) -> ImportFaultView:
    said = texts("mall")[fault.code]
    text = Bilingual(said["zh"].format(**fault.fields), said["en"].format(**fault.fields))
    return ImportFaultView(fault.column, fault.code, text)


handlers = [
    make_mall_import, list_mall_imports, get_mall_import, list_mall_import_lines, apply_mall_import,
    cancel_mall_import,
]  # fmt: skip
