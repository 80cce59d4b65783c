"""The shelf as it stands today, for the shop: which item is how far up, and what it has to show for it."""

from __future__ import annotations

from typing import TypeAlias
from uuid import UUID

import msgspec
from litestar import Router, get

from linli.api.call import Call, authorize, needs
from linli.api.mall_views import MallItem, item_view
from linli.api.paging import decode_cursor, page
from linli.api.strict import Cursor, Limit
from linli.flows import mall_shelf
from linli.flows.mall_shelf import Placed
from linli.kit.db import Connection

Place: TypeAlias = tuple[bool, int, UUID]


class PlacedItem(msgspec.Struct, frozen=True):
    """A listed item. `score`: more is further up, but what is sold out stands last (`linli/mall/shelf.py`)."""

    item: MallItem
    score: int


class PlacedItems(msgspec.Struct, frozen=True):
    """A page of the shelf, from its top."""

    items: list[PlacedItem]
    next_cursor: str | None


@get("/shelf", opt=needs("points:read"))
async def get_mall_shelf(call: Call, cursor: Cursor = None, limit: Limit = 50) -> PlacedItems:
    """What is listed, in the order in which members find it; each of them sees the part that is for their city."""
    after = decode_cursor("mall.shelf", cursor, Place)

    async def work(conn: Connection) -> list[Placed]:
        return await mall_shelf.placed(conn, call.stamp, call.process.settings.calendar)

    shown = [one for one in await call.read(work) if after is None or one.place > after]
    items, more = page("mall.shelf", shown[: limit + 1], limit, lambda one: one.place)
    return PlacedItems([PlacedItem(item_view(one.item), one.score) for one in items], more)


routes = Router("/v1/mall", route_handlers=[get_mall_shelf], guards=[authorize], tags=["mall"])
