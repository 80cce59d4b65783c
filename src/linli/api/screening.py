"""What screening took away, and by which cap."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import Parameter
from msgspec import Meta

from linli import screening
from linli.api.call import Call, authorize, needs
from linli.api.movements import Named
from linli.api.paging import decode_cursor, page
from linli.api.strict import NO_NUL, Cursor, Limit
from linli.kit.db import Connection
from linli.screening import Cut, PlacedCut

_Text = Annotated[str, Meta(pattern=NO_NUL)]
_Place = tuple[date, _Text, _Text, _Text]
On = Annotated[date | None, Parameter(query="on", description="Business date on which it was earned.")]
OfMember = Annotated[str | None, Parameter(query="member_id", min_length=1, max_length=128, pattern=NO_NUL)]
ByCap = Annotated[
    str | None,
    Parameter(
        query="cap", min_length=1, max_length=64, pattern=NO_NUL,
        description="A cap of the programme's screening, or `rule:day`, `rule:month`, `rule:life`.",
    ),
]  # fmt: skip


class CutView(Cut, frozen=True, kw_only=True):
    """A cut, with its rule's name as it was when it promised; null where the rule is no longer known."""

    rule_name: Named | None


class Cuts(msgspec.Struct, frozen=True):
    """A page of cuts, those of the latest settlement first."""

    items: list[CutView]
    next_cursor: str | None


@get("/cuts", opt=needs("points:read"))
async def list_cuts(
    call: Call, on: On = None, member_id: OfMember = None, cap: ByCap = None, cursor: Cursor = None, limit: Limit = 20
) -> Cuts:
    """What caps took away before points were credited: of which grant, by which cap, how much."""
    place = decode_cursor("cuts", cursor, _Place)
    after = PlacedCut(*place) if place else screening.FIRST

    async def work(conn: Connection) -> Cuts:
        found = await screening.cuts(conn, on=on, member_id=member_id, cap=cap, after=after, limit=limit + 1)
        items, following = page("cuts", found, limit, lambda cut: (cut.run_on, cut.member_id, cut.key, cut.cap))
        return Cuts(await cut_views(conn, call, items), following)

    return await call.read(work)


async def cut_views(conn: Connection, call: Call, cuts: list[Cut]) -> list[CutView]:
    """The cuts with the names of their rules."""
    views = []
    for cut in cuts:
        known = await call.process.book.find(conn, cut.rule, cut.rule_version)
        name = Named(known[0].name.zh, known[0].name.en) if known else None
        views.append(CutView(**msgspec.structs.asdict(cut), rule_name=name))
    return views


routes = Router("/v1/screening", route_handlers=[list_cuts], guards=[authorize], tags=["screening"])
