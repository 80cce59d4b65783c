"""What a member has, had and will have: profile, balance, statement, grants, lots."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Annotated, Literal

import msgspec
from litestar import Router, get, put
from litestar.params import Parameter
from msgspec import Meta

from linli import ledger, members
from linli.api import explanation
from linli.api.call import Call, UnknownWallet, authorize, needs
from linli.api.me_titles import grants_of, line_title
from linli.api.me_words import Bilingual
from linli.api.paging import decode_cursor, page
from linli.api.strict import NO_NUL, PLAIN_LINE, Cursor, Input, Limit, MemberId, Wallet
from linli.flows.publish import NoProgramme
from linli.flows.redeem import WALLET
from linli.kit.db import Connection
from linli.kit.errors import Invalid
from linli.ledger import GrantState, LotState, Movement, Pending
from linli.members import Member, MemberNotFound

Kind = Literal["settle", "spend", "hold", "capture", "release", "expire", "reverse", "refund", "repay", "adjust"]
From = Annotated[date, Parameter(query="from", description="First business date.")]
To = Annotated[date, Parameter(query="to", description="Last business date.")]
GrantIn = Annotated[Literal["pending", "settled"] | None, Parameter(query="state")]
Avatar = Literal[
    "face-1", "face-2", "face-3", "face-4", "face-5", "face-6", "face-7", "face-8", "face-9", "face-10", "face-11",
    "face-12",
]  # fmt: skip
"""The pictures that the pages draw."""
Query = Annotated[
    str | None,
    Parameter(
        query="query",
        min_length=1,
        max_length=128,
        pattern=NO_NUL,
        description="The beginning of an id, or part of a nickname.",
    ),
]
OfCity = Annotated[str | None, Parameter(query="city", min_length=1, max_length=64, pattern=NO_NUL)]
_READ = needs("points:read", MemberNotFound)
_READ_WALLET = needs("points:read", MemberNotFound, UnknownWallet, NoProgramme)


class Profile(Input, frozen=True, kw_only=True):
    """How a member is shown. `avatar` is one of the drawn pictures; left out, there is none."""

    nickname: Annotated[str, Meta(min_length=1, max_length=64, pattern=PLAIN_LINE)]
    avatar: Avatar | None = None


class NextExpiry(msgspec.Struct, frozen=True):
    """The points that lapse soonest, and the first business date on which they can no longer be spent."""

    expires_on: date
    points: int


class BalanceView(msgspec.Struct, frozen=True):
    """A wallet. `available` can be spent now; `held` is reserved; `debt` is repaid by what comes in next."""

    member_id: str
    wallet: str
    available: int
    pending: list[Pending]
    held: int
    debt: int
    expired: int
    next_expiry: NextExpiry | None


class StatementLine(Movement, frozen=True, kw_only=True):
    """A movement, with what it is called: by the rule that gave the points, else by its kind."""

    title: Bilingual


class Statement(msgspec.Struct, frozen=True):
    """A page of movements, newest first."""

    items: list[StatementLine]
    next_cursor: str | None


class Grants(msgspec.Struct, frozen=True):
    """A page of grants, by key."""

    items: list[GrantState]
    next_cursor: str | None


class Lots(msgspec.Struct, frozen=True):
    """A page of lots, soonest to lapse first."""

    items: list[LotState]
    next_cursor: str | None


class MemberLine(msgspec.Struct, frozen=True):
    """A member in a list. `available` are points that can be spent."""

    member_id: str
    nickname: str | None
    avatar: str | None
    city: str | None
    community_id: str | None
    leader_id: str | None
    enrolled_at: datetime
    available: int


class MemberLines(msgspec.Struct, frozen=True):
    """A page of members, by id."""

    items: list[MemberLine]
    next_cursor: str | None


@get("/v1/members", opt=needs("points:read"), guards=[authorize], tags=["members"])
async def search_members(
    call: Call, text: Query = None, city: OfCity = None, cursor: Cursor = None, limit: Limit = 20
) -> MemberLines:
    """Members by id: all, those whose id begins with `query` or whose nickname holds it, those of a city."""
    after = decode_cursor("members", cursor, str) or ""

    async def work(conn: Connection) -> tuple[list[MemberLine], str | None]:
        found = await members.search(conn, query=text, city=city, after=after, limit=limit + 1)
        items, next_cursor = page("members", found, limit, lambda member: member.member_id)
        points = await ledger.available_of(conn, [member.member_id for member in items], WALLET, call.stamp.on)
        return [MemberLine(*member, available=points[member.member_id]) for member in items], next_cursor

    return MemberLines(*await call.run(work))


@get("/", opt=_READ)
async def get_member(call: Call, member_id: MemberId) -> Member:
    """The member as the platform's events describe them."""
    return await call.run(partial(members.get_member, member_id=member_id))


@put("/profile", opt=needs(("points:write", "members:sign_in"), MemberNotFound))
async def put_profile(call: Call, member_id: MemberId, data: Profile) -> Member:
    """Set a member's nickname and picture, in place of those before."""

    async def work(conn: Connection) -> Member:
        return await members.set_profile(conn, member_id, data.nickname, data.avatar, call.stamp.at)

    return await call.run(work)


@get("/balance", opt=_READ_WALLET)
async def get_balance(call: Call, member_id: MemberId, wallet: Wallet = "points") -> BalanceView:
    """What can be spent, what is pending until when, what is held, owed and lapsed, and what lapses next."""

    async def work(conn: Connection) -> ledger.Balance:
        await members.get_member(conn, member_id)
        await call.require_wallet(conn, wallet)
        return await ledger.get_balance(conn, member_id, wallet, call.stamp.on)

    found = await call.run(work)
    lapses = found.next_expiry
    return BalanceView(
        member_id=found.member_id,
        wallet=found.wallet,
        available=found.available,
        pending=found.pending,
        held=found.held,
        debt=found.debt,
        expired=found.expired,
        next_expiry=NextExpiry(lapses.expires_on, lapses.points) if lapses else None,
    )


@get("/statement", opt=_READ_WALLET)
async def get_statement(
    call: Call, member_id: MemberId, from_on: From = date.min, to_on: To = date.max, wallet: Wallet = "points",
    kind: list[Kind] | None = None, cursor: Cursor = None, limit: Limit = 20,
) -> Statement:  # fmt: skip
    """The movements of a wallet, newest first. `kind` may be given several times."""
    if from_on > to_on:
        raise Invalid(errors=[{"place": "query.from", "detail": "lies after `to`"}])
    before = decode_cursor("statement", cursor, ledger.Seq)

    async def work(conn: Connection) -> Statement:
        await members.get_member(conn, member_id)
        await call.require_wallet(conn, wallet)
        found = await ledger.statement(
            conn, member_id, wallet, kinds=kind, from_on=from_on, to_on=to_on, limit=limit + 1,
            **({} if before is None else {"before": before}),
        )  # fmt: skip
        items, next_cursor = page("statement", found, limit, lambda movement: movement.seq)
        grants = await grants_of(conn, member_id, items)
        titles = [await line_title(conn, call, movement, grants) for movement in items]
        lines = [
            StatementLine(**msgspec.structs.asdict(one), title=title) for one, title in zip(items, titles, strict=True)
        ]
        return Statement(lines, next_cursor)

    return await call.run(work)


@get("/grants", opt=_READ)
async def list_grants(
    call: Call, member_id: MemberId, in_state: GrantIn = None,
    cursor: Cursor = None, limit: Limit = 20,
) -> Grants:  # fmt: skip
    """Points promised and credited: by which rule and version, for which event and order, until when."""
    after = decode_cursor("grants", cursor, str) or ""

    async def work(conn: Connection) -> list[GrantState]:
        await members.get_member(conn, member_id)
        return await ledger.of_member(conn, member_id, state=in_state, after=after, limit=limit + 1)

    return Grants(*page("grants", await call.run(work), limit, lambda grant: grant.key))


@get("/lots", opt=_READ_WALLET)
async def list_lots(
    call: Call, member_id: MemberId, wallet: Wallet = "points", cursor: Cursor = None, limit: Limit = 20
) -> Lots:
    """The wallet's lots: which points lapse when, and who pays for them. Spent and lapsed lots are listed too."""
    after = decode_cursor("lots", cursor, tuple[date, str]) or (date.min, "")

    async def work(conn: Connection) -> list[LotState]:
        await members.get_member(conn, member_id)
        await call.require_wallet(conn, wallet)
        return await ledger.lots(conn, member_id, wallet, after=after, limit=limit + 1)

    return Lots(*page("lots", await call.run(work), limit, lambda lot: (lot.expires_on, lot.funder)))


routes = Router(
    "/v1/members/{member_id:str}",
    route_handlers=[
        get_member,
        put_profile,
        get_balance,
        get_statement,
        list_grants,
        list_lots,
        *explanation.for_operators,
    ],
    guards=[authorize],
    tags=["members"],
)
