"""The log of acts: who did what, to what, and why."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.params import Parameter

from linli import access
from linli.access import Act
from linli.api.call import Call, authorize, needs
from linli.api.paging import decode_cursor, page
from linli.api.strict import NO_NUL, Cursor, Limit
from linli.kit.errors import Invalid

_EARLIEST, _LATEST = date(2000, 1, 1), date(9000, 1, 1)
Actor = Annotated[str | None, Parameter(query="actor", min_length=1, max_length=200, pattern=NO_NUL)]
OfAct = Annotated[
    str | None,
    Parameter(
        query="act", pattern=r"^[a-z_]{1,40}(\.[a-z_]{1,40})?$",
        description="A code, or its first part: `rollout` finds `rollout.percent` too.",
    ),
]  # fmt: skip
From = Annotated[date | None, Parameter(query="from", description="First business date.")]
To = Annotated[date | None, Parameter(query="to", description="Last business date.")]


class Acts(msgspec.Struct, frozen=True):
    """A page of acts, newest first."""

    items: list[Act]
    next_cursor: str | None


@get("/", opt=needs("acts:read"))
async def list_acts(
    call: Call, actor: Actor = None, act: OfAct = None, from_on: From = None, to_on: To = None, cursor: Cursor = None,
    limit: Limit = 20,
) -> Acts:  # fmt: skip
    """What people did that others may ask about, newest first. Acts are kept for ever."""
    for name, on in (("from", from_on), ("to", to_on)):
        if on is not None and not _EARLIEST <= on <= _LATEST:
            raise Invalid(errors=[{"place": f"query.{name}", "detail": f"a date of {_EARLIEST} to {_LATEST}"}])
    calendar = call.process.settings.calendar
    found = await call.run(
        lambda conn: access.acts(
            conn, actor=actor, act=act, from_at=calendar.starts_at(from_on) if from_on else None,
            to_at=calendar.starts_at(to_on + timedelta(days=1)) if to_on else None,
            before=decode_cursor("acts", cursor, UUID), limit=limit + 1,
        )
    )  # fmt: skip
    return Acts(*page("acts", found, limit, lambda one: one.act_id))


routes = Router("/v1/acts", route_handlers=[list_acts], guards=[authorize], tags=["access"])
