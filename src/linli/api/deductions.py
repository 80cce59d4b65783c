"""A part of an order paid with points: quoted line by line, held, captured, released, redeemed, given back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, cast
from uuid import UUID

import msgspec
from litestar import MediaType, Response, Router, get, post
from litestar.params import Parameter
from msgspec import Meta

from linli import deductions, members
from linli.api.call import Call, authorize, for_members, needs
from linli.api.deduction_views import DeductionQuote, DeductionView, told_deduction, told_quote
from linli.api.idempotent import IdempotencyKey, digest_of, key_of, once
from linli.api.paging import decode_cursor, page
from linli.api.strict import NO_NUL, BodyId, BodyPoints, Cursor, Input, Limit, MemberId
from linli.deductions import (
    AskedBack,
    Deduction,
    DeductionClosed,
    DeductionNotFound,
    DeductionNotSpent,
    Line,
    LineNotFound,
    RefundTooLarge,
    State,
)
from linli.flows import deduct, deduct_back
from linli.flows.deduct import CartLine, NothingToDeduct, Wish
from linli.flows.deduct_many import Answer, Redemption
from linli.flows.publish import NoProgramme
from linli.kit.db import Connection
from linli.kit.errors import Invalid, KeyReused
from linli.kit.gather import Overloaded
from linli.ledger import InsufficientPoints
from linli.members import MemberNotFound
from linli.rules import Goods
from linli.till import Till
from linli.words.events import Code
from linli.words.units import MOST_FEN

MOST_LINES = 200
_encode = msgspec.json.Encoder().encode
BodyCode = Annotated[Code, Meta(pattern=NO_NUL)]
Fen = Annotated[int, Meta(ge=1, le=MOST_FEN, description="Fen.")]
Seconds = Annotated[int, Meta(ge=1, le=31 * 86_400, description="Time to live; left out, the programme's.")]
OrderId = Annotated[
    str | None, Parameter(query="order_id", min_length=1, max_length=128, pattern=NO_NUL, description="Of this order.")
]
OfMember = Annotated[
    str | None, Parameter(query="member_id", min_length=1, max_length=128, pattern=NO_NUL, description="Of this one.")
]
InState = Annotated[State | None, Parameter(query="state", description="Those in this state now.")]


class DeductionLine(Input, frozen=True, kw_only=True):
    """One line of a cart. `price_fen`: of the whole line. `line_id` left out: its number in the cart, `1`, `2` …"""

    sku: BodyId
    price_fen: Annotated[int, Meta(ge=0, le=MOST_FEN)]
    line_id: BodyId | None = None
    category: BodyCode | None = None
    tags: Annotated[tuple[BodyCode, ...], Meta(max_length=20)] = ()
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)] = 1


class MyDeductionCart(Input, frozen=True, kw_only=True):
    """A cart, and how much of it points shall pay: `points` or `fen` at most, or as much as they can."""

    lines: Annotated[tuple[DeductionLine, ...], Meta(min_length=1, max_length=MOST_LINES)]
    points: BodyPoints | None = None
    fen: Fen | None = None
    city: BodyCode | None = None

    def wish(self, **more: Any) -> Wish:
        """The wish of the request. Raises Invalid where it contradicts itself."""
        if self.points is not None and self.fen is not None:
            raise Invalid(errors=[{"place": "$", "detail": "name `points` or `fen`, one of the two"}])
        return Wish(cart_of(self.lines), self.points, self.fen, self.city, **more)


class DeductionCart(MyDeductionCart, frozen=True, kw_only=True):
    """The same as the platform asks it: with the segment that it has put the member into."""

    segment: BodyCode | None = None

    def wish(self, **more: Any) -> Wish:
        """The wish of the request. Raises Invalid where it contradicts itself."""
        return super().wish(segment=self.segment, **more)


class NewRedemption(DeductionCart, frozen=True, kw_only=True):
    """The cart of an order, to be paid with points at once."""

    order_id: BodyId


class NewDeduction(NewRedemption, frozen=True, kw_only=True):
    """The cart of an order that is not paid yet."""

    ttl_seconds: Seconds | None = None


class DeductionRefundLine(Input, frozen=True, kw_only=True):
    """`refund_fen` of the price of a line is given back, what points paid of it included."""

    line_id: BodyId
    refund_fen: Fen


class DeductionRefund(Input, frozen=True, kw_only=True):
    """What is given back of an order: of lines, or `all` that is left."""

    refund_id: BodyId
    lines: Annotated[tuple[DeductionRefundLine, ...], Meta(min_length=1, max_length=MOST_LINES)] | None = None
    all: bool = False

    def asked(self) -> list[AskedBack] | None:
        """Lines, or None for all. Raises Invalid where it says both, neither, or a line twice."""
        if (self.lines is None) != self.all:
            raise Invalid(errors=[{"place": "$", "detail": "name `lines`, or say `all`: one of the two"}])
        _require_distinct([line.line_id for line in self.lines or ()])
        return None if self.lines is None else [AskedBack(line.line_id, line.refund_fen) for line in self.lines]


class Deductions(msgspec.Struct, frozen=True):
    """A page of deductions, newest first."""

    items: list[DeductionView]
    next_cursor: str | None


def cart_of(lines: Sequence[DeductionLine]) -> tuple[CartLine, ...]:
    """The lines as rules see them. Raises Invalid for two of one id, and for more than one order may cost."""
    cart = tuple(
        CartLine(line.line_id or str(no), Goods(line.price_fen, line.sku, line.category, line.tags))
        for no, line in enumerate(lines, 1)
    )
    _require_distinct([line.line_id for line in cart])
    if (whole := sum(line.goods.price_fen for line in cart)) > MOST_FEN:
        raise Invalid(errors=[{"place": "$.lines", "detail": f"{whole} fen are more than one order may be"}])
    return cart


def _require_distinct(ids: Sequence[str]) -> None:
    seen: set[str] = set()
    for at, line_id in enumerate(ids):
        if line_id in seen:
            raise Invalid(errors=[{"place": f"$.lines[{at}].line_id", "detail": "another line is called so"}])
        seen.add(line_id)


_MADE = (MemberNotFound, KeyReused, InsufficientPoints, NothingToDeduct, NoProgramme)
_ONE = (MemberNotFound, KeyReused, DeductionNotFound)


@post("/quote", status_code=200, opt=needs("points:read", MemberNotFound, NoProgramme))
async def quote_deduction(call: Call, member_id: MemberId, data: DeductionCart) -> DeductionQuote:
    """What points take off a cart: the best split, line by line. Moves nothing."""
    return await _quote(call, member_id, data.wish())


async def _quote(call: Call, member_id: str, wish: Wish) -> DeductionQuote:
    async def work(conn: Connection) -> deduct.Offer:
        return await deduct.quote(conn, call.stamp, call.programme_of(conn, member_id), member_id, wish)

    return told_quote(await call.run(work))


@post("/", opt=needs("points:write", *_MADE))
async def create_deduction(
    call: Call, member_id: MemberId, data: NewDeduction, idempotency_key: IdempotencyKey = None
) -> Response[DeductionView]:
    """Reserve points for an order until it is paid. Without a key, `deduct:<order_id>` names the request."""
    wish = data.wish()

    async def work(conn: Connection) -> DeductionView:
        member = await members.get_member(conn, member_id)
        compiled = await call.programme_of(conn, member_id)
        made = await deduct.hold(conn, call.stamp, compiled, member, data.order_id, wish, data.ttl_seconds)
        return told_deduction(*made, call.stamp.at)

    key = key_of(idempotency_key, f"deduct:{data.order_id}")
    return await once(call, member_id, key, ("deduct", data), work)


@post("/redeem", opt=needs("points:write", *_MADE, Overloaded))
async def redeem_deduction(
    call: Call, member_id: MemberId, data: NewRedemption, idempotency_key: IdempotencyKey = None
) -> Response[DeductionView]:
    """Spend points on an order in one step. Without a key, `deduct:<order_id>` names the request."""
    done = await redeem(call.process.till, member_id, data, idempotency_key, call.caller.name)
    headers = {} if done.first else {"idempotency-replayed": "true"}
    return Response(cast("DeductionView", done.outcome), status_code=201, headers=headers, media_type=MediaType.JSON)


async def redeem(till: Till, member_id: str, data: NewRedemption, header: str | None, actor: str) -> Answer:
    """What becomes of a request to redeem, however it came in. Raises Invalid, and what refuses it."""
    key = key_of(header, f"deduct:{data.order_id}")
    return await till.redeem(
        Redemption(member_id, key, digest_of("redeem_deduction", data), data.order_id, data.wish(), actor)
    )


def tell(found: Deduction, lines: list[Line]) -> bytes:
    """A deduction as it was made, in JSON: what is kept under the request's key for ever."""
    return _encode(told_deduction(found, lines, found.created_at))


@get("/", opt=needs("points:read", MemberNotFound))
async def list_member_deductions(
    call: Call, member_id: MemberId, order: OrderId = None, in_state: InState = None, cursor: Cursor = None,
    limit: Limit = 20,
) -> Deductions:  # fmt: skip
    """The member's deductions, newest first."""
    return await _list(call, member_id, order, in_state, cursor, limit)


async def _list(
    call: Call, member_id: str | None, order: str | None, state: State | None, cursor: str | None, limit: int,
    *, of_member: bool = True,
) -> Deductions:  # fmt: skip
    of = f"deductions:{member_id}:{order}:{state}"
    before = decode_cursor(of, cursor, UUID)

    async def work(conn: Connection) -> tuple[list[DeductionView], str | None]:
        if of_member and member_id is not None:
            await members.get_member(conn, member_id)
        found = await deductions.deductions(
            conn, call.stamp.at, member_id=member_id, order_id=order, state=state, before=before, limit=limit + 1
        )
        items, following = page(of, found, limit, lambda one: one.deduction_id)
        return await _told(conn, call, items), following

    return Deductions(*await call.read(work))


async def _told(conn: Connection, call: Call, found: Sequence[Deduction]) -> list[DeductionView]:
    lines = await deductions.lines_of(conn, found)
    return [told_deduction(one, lines[one.deduction_id], call.stamp.at) for one in found]


@get("/{deduction_id:str}", opt=needs("points:read", MemberNotFound, DeductionNotFound))
async def get_deduction(call: Call, member_id: MemberId, deduction_id: UUID) -> DeductionView:
    """One deduction."""

    async def work(conn: Connection) -> DeductionView:
        await members.get_member(conn, member_id)
        return (await _told(conn, call, [await deductions.get(conn, member_id, deduction_id)]))[0]

    return await call.read(work)


@post("/{deduction_id:str}/capture", status_code=200, opt=needs("points:write", *_ONE, DeductionClosed, NoProgramme))
async def capture_deduction(
    call: Call, member_id: MemberId, deduction_id: UUID, idempotency_key: IdempotencyKey = None
) -> Response[DeductionView]:
    """Spend the points that a deduction holds: the order is paid. Points that lapsed meanwhile are honoured."""

    async def work(conn: Connection) -> DeductionView:
        compiled = await call.programme_of(conn, member_id)
        found = await deduct.capture(conn, call.stamp, compiled, member_id, deduction_id)
        return (await _told(conn, call, [found]))[0]

    key = key_of(idempotency_key, f"deduct_capture:{deduction_id}")
    return await once(call, member_id, key, ("deduct_capture", deduction_id), work, status=200)


@post("/{deduction_id:str}/release", status_code=200, opt=needs("points:write", *_ONE, DeductionClosed))
async def release_deduction(
    call: Call, member_id: MemberId, deduction_id: UUID, idempotency_key: IdempotencyKey = None
) -> Response[DeductionView]:
    """Give back the points that a deduction holds: the order was cancelled."""

    async def work(conn: Connection) -> DeductionView:
        found = await deduct.release(conn, call.stamp, member_id, deduction_id)
        return (await _told(conn, call, [found]))[0]

    key = key_of(idempotency_key, f"deduct_release:{deduction_id}")
    return await once(call, member_id, key, ("deduct_release", deduction_id), work, status=200)


@post(
    "/{deduction_id:str}/refunds",
    opt=needs("points:write", *_ONE, DeductionNotSpent, LineNotFound, RefundTooLarge, NoProgramme),
)
async def refund_deduction(
    call: Call, member_id: MemberId, deduction_id: UUID, data: DeductionRefund
) -> Response[DeductionView]:
    """Give back lines, or parts of them: points go home to the lots that they came from. Once a `refund_id`."""
    asked = data.asked()

    async def work(conn: Connection) -> DeductionView:
        compiled = await call.programme_of(conn, member_id)
        made = await deduct_back.give_back(
            conn, call.stamp, member_id, deduction_id, data.refund_id, asked,
            lapsed_grace_days=compiled.programme.lapsed_grace_days,
        )  # fmt: skip
        return told_deduction(*made, call.stamp.at)

    key = f"deduct_refund:{deduction_id}:{data.refund_id}"
    return await once(call, member_id, key, ("deduct_refund", deduction_id, data), work)


@get("/v1/deductions", opt=needs("points:read"), guards=[authorize], tags=["deductions"])
async def list_deductions(
    call: Call, of_member: OfMember = None, order: OrderId = None, in_state: InState = None, cursor: Cursor = None,
    limit: Limit = 20,
) -> Deductions:  # fmt: skip
    """All deductions, newest first."""
    return await _list(call, of_member, order, in_state, cursor, limit, of_member=False)


@post("/deductions/quote", status_code=200, opt=for_members(MemberNotFound, NoProgramme))
async def quote_my_deduction(call: Call, data: MyDeductionCart) -> DeductionQuote:
    """What my points take off a cart: the best split, line by line. Moves nothing."""
    return await _quote(call, call.member_id, data.wish())


@get("/deductions", opt=for_members(MemberNotFound))
async def list_my_deductions(
    call: Call, order: OrderId = None, in_state: InState = None, cursor: Cursor = None, limit: Limit = 20
) -> Deductions:
    """My deductions, newest first."""
    return await _list(call, call.member_id, order, in_state, cursor, limit)


mine = [quote_my_deduction, list_my_deductions]
routes = Router(
    "/v1/members/{member_id:str}/deductions",
    route_handlers=[
        quote_deduction, create_deduction, redeem_deduction, list_member_deductions, get_deduction,
        capture_deduction, release_deduction, refund_deduction,
    ],
    guards=[authorize],
    tags=["deductions"],
)  # fmt: skip
