"""What became of events: explained one by one, and those that are parked."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.params import Parameter

from linli import inbox, ledger, screening
from linli.api.call import Call, authorize, needs
from linli.api.explanation import NotGrantedLine, not_granted
from linli.api.paging import decode_cursor, encode_cursor, page
from linli.api.screening import CutView, cut_views
from linli.api.strict import NO_NUL, AnyObject, Cursor, EventId, Input, Limit, Name, Reason
from linli.flows.explain import why_not
from linli.flows.replay_parked import Replayed, discard_parked, in_steps, replay_parked
from linli.inbox import (
    EventLine,
    EventNotFound,
    Outcome,
    OutcomeKind,
    ParkedClosed,
    ParkedEvent,
    ParkedNotFound,
    ParkedState,
)
from linli.kit.db import Connection
from linli.kit.errors import Invalid
from linli.ledger import GrantState

Source = Annotated[Name, Parameter(query="source", description="The CloudEvents `source`.")]
ParkedIn = Annotated[
    ParkedState | None,
    Parameter(
        query="state", description="Without it: those that somebody has still to see to, waiting or in conflict."
    ),
]
OfMember = Annotated[str | None, Parameter(query="member_id", min_length=1, max_length=128, pattern=NO_NUL)]
OfType = Annotated[
    str | None, Parameter(query="type", min_length=1, max_length=100, pattern=NO_NUL, description="CloudEvents `type`.")
]
From = Annotated[date, Parameter(query="from", description="First business date.")]
To = Annotated[date, Parameter(query="to", description="Last business date.")]
_outcome = msgspec.json.Decoder(Outcome)


class Events(msgspec.Struct, frozen=True):
    """A page of events, newest received first. With a filter it may hold few lines, or none, and still not be the last:
    the last one has no `next_cursor`."""

    items: list[EventLine]
    next_cursor: str | None


class Discard(Input, frozen=True, kw_only=True):
    """Why the event is given up."""

    reason: Reason


class EventView(msgspec.Struct, frozen=True):
    """An event, what was decided when it came, how its grants stand now, and which caps cut them."""

    source: str
    event_id: str
    type: str
    member_id: str
    business_on: date
    occurred_at: datetime
    received_at: datetime
    data: AnyObject
    outcome: Outcome
    grants: list[GrantState]
    cuts: list[CutView]
    not_granted: list[NotGrantedLine]
    """The rules that gave nothing, those too that the event's city or a pause left out, each with why in words."""


class ParkedView(msgspec.Struct, frozen=True):
    """An event that could not be taken in. `raw` is what came, as text; `awaits` names what will set it free.

    In state `conflict`, another body was taken in under its source and id.
    """

    parked_id: UUID
    channel: str
    reason: str
    detail: str
    member_id: str | None
    source: str | None
    event_id: str | None
    awaits: str | None
    raw: str
    state: ParkedState
    attempts: int
    parked_at: datetime


class Parked(msgspec.Struct, frozen=True):
    """A page of parked events, oldest first."""

    items: list[ParkedView]
    next_cursor: str | None


@get("/events", opt=needs("events:read"))
async def list_events(
    call: Call, member_id: OfMember = None, type_: OfType = None, outcome: OutcomeKind | None = None,
    from_on: From = date.min, to_on: To = date.max, cursor: Cursor = None, limit: Limit = 20,
) -> Events:  # fmt: skip
    """The events that were taken in, newest received first.

    Only what was `accepted` is kept here: what waits is in `/v1/parked`, and the other outcomes leave nothing behind.
    """
    if from_on > to_on:
        raise Invalid(errors=[{"place": "query.from", "detail": "lies after `to`"}])
    before = decode_cursor("events", cursor, inbox.Place)
    if outcome not in (None, "accepted"):
        return Events([], None)

    async def work(conn: Connection) -> tuple[list[EventLine], inbox.Place | None]:
        return await inbox.browse(
            conn, member_id=member_id, type_=type_, from_on=from_on, to_on=to_on, before=before, limit=limit
        )

    items, place = await call.run(work)
    return Events(items, encode_cursor("events", place) if place else None)


@get("/events/{event_id:str}", opt=needs(("points:read", "events:read"), EventNotFound))
async def get_event(call: Call, event_id: EventId, source: Source) -> EventView:
    """One event explained: which rules fired, which did not and why, and how its grants stand now.

    An event that is parked is not here: see `/v1/parked`; its id is in the problem's `parked_id`.
    """

    async def work(conn: Connection) -> EventView:
        found = await inbox.find_event(conn, source, event_id)
        if found is None:
            waiting = await inbox.find_parked(conn, source, event_id)
            parked = {"parked_id": str(waiting.parked_id)} if waiting else {}
            raise EventNotFound(source=source, event_id=event_id, **parked)
        outcome = _outcome.decode(found.outcome)
        concerned = sorted({found.member_id, *(granted.member_id for granted in outcome.granted)})
        grants = await ledger.of_event(conn, concerned, source, event_id)
        cuts = await screening.cuts_of(conn, [(grant.member_id, grant.key) for grant in grants if grant.cut])
        return EventView(
            source=found.source, event_id=found.event_id, type=found.type, member_id=found.member_id,
            business_on=found.business_on, occurred_at=found.occurred_at, received_at=found.received_at,
            data=msgspec.Raw(found.data.encode()), outcome=outcome,
            grants=grants, cuts=await cut_views(conn, call, cuts),
            not_granted=not_granted(await why_not(conn, call.process.book, found, outcome)),
        )  # fmt: skip

    return await call.run(work)


def _view(found: ParkedEvent) -> ParkedView:
    fields = {name: getattr(found, name) for name in ParkedView.__struct_fields__}
    return ParkedView(**{**fields, "raw": bytes(found.raw).decode(errors="replace")})


@get("/parked", opt=needs("events:read"))
async def list_parked(
    call: Call, reason: Name | None = None, in_state: ParkedIn = None, cursor: Cursor = None, limit: Limit = 20
) -> Parked:
    """Events that could not be taken in, oldest first, with their reason and what came."""
    after = decode_cursor("parked", cursor, UUID)

    async def work(conn: Connection) -> list[ParkedEvent]:
        return await inbox.parked(conn, state=in_state, reason=reason, after=after, limit=limit + 1)

    items, next_cursor = page("parked", await call.run(work), limit, lambda parked: parked.parked_id)
    return Parked([_view(item) for item in items], next_cursor)


@post("/parked/{parked_id:str}/replay", status_code=200, opt=needs("events:write", ParkedNotFound, ParkedClosed))
async def replay(call: Call, parked_id: UUID) -> Replayed:
    """Take the event in as if it came now. One that fails again stays parked, with one more attempt.

    One that fails with `event_id_reused` is then in state `conflict`: another body has its source and id.

    A batch that was parked whole is taken in step by step, and `events` says how many of it ended how: what of it is
    neither accepted nor duplicate is parked for itself. Where the request is broken off, the next goes on.
    """
    process = call.process

    async def work(conn: Connection) -> Replayed:
        return await replay_parked(conn, parked_id, call.stamp, process.live, process.reader)

    return await in_steps(partial(call.run, work))


@post("/parked/{parked_id:str}/discard", status_code=204, opt=needs("events:write", ParkedNotFound, ParkedClosed))
async def discard(call: Call, parked_id: UUID, data: Discard) -> None:
    """Give the event up, for a reason that is noted. What came is kept."""

    async def work(conn: Connection) -> None:
        await discard_parked(conn, parked_id, call.stamp)
        await call.note(conn, "parked.discard", str(parked_id), data.reason)

    await call.run(work)


routes = Router(
    "/v1", route_handlers=[list_events, get_event, list_parked, replay, discard], guards=[authorize], tags=["events"]
)
