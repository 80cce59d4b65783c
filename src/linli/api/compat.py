"""The two calls of the owner's document B (三.3), as published there, without its faults.

`suggestion` names the points that are really needed at the rate used, money is exact, errors have codes, and an order
is redeemed once however often it is asked for. Source: points-for-cash, section 三.3.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Literal

import msgspec
from litestar import Response, Router, post
from msgspec import Meta

from linli import ledger, members, rules
from linli.api.call import Call, authorize, needs
from linli.api.errors import on_compat_error
from linli.api.idempotent import once
from linli.api.strict import NO_NUL, BodyId, BodyPoints, Input
from linli.api.texts import say
from linli.flows.deduct import shopper_of
from linli.flows.publish import NoProgramme
from linli.flows.redeem import WALLET, DeductionTooLarge, DeductionWorthless, redeem
from linli.kit.db import Connection
from linli.kit.errors import Invalid, KeyReused
from linli.ledger import InsufficientPoints
from linli.members import MemberNotFound
from linli.rules import Goods
from linli.words.units import MOST_FEN

Code = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_NUL)]
Yuan = Annotated[
    msgspec.Raw,
    Meta(
        description="Yuan with at most two decimals, as a JSON number or a string.",
        extra_json_schema={
            "type": ["number", "string"], "minimum": 0, "maximum": MOST_FEN // 100, "multipleOf": 0.01,
            "pattern": r"^[0-9]{1,9}(\.[0-9]{1,2})?$",
        },
    ),
]  # fmt: skip
YuanNumber = Annotated[
    msgspec.Raw, Meta(description="Yuan, always with two decimals.", extra_json_schema={"type": "number"})
]
_TEXT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?")


class Product(Input, frozen=True, kw_only=True):
    """What rates may ask of a product: `product_type` stands for a tag, and for the category where none is given."""

    product_type: Code | None = None
    is_promotion: bool = False
    category: Code | None = None
    tags: Annotated[tuple[Code, ...], Meta(max_length=20)] = ()

    def goods(self, price_fen: int, product_id: str | None = None) -> Goods:
        """The product as rates see it."""
        tags = [*self.tags, *([self.product_type] if self.product_type else [])]
        if self.is_promotion:
            tags.append("promotion")
        return Goods(price_fen, product_id or "", self.category or self.product_type, tuple(tags))


class CalculateRequest(Product, frozen=True, kw_only=True):
    """Which member asks what points take off which product."""

    user_id: BodyId
    product_id: BodyId
    product_price: Yuan


class CalculateResponse(msgspec.Struct, frozen=True):
    """The most that the member's points take off, and the points that this really needs."""

    available_points: int
    max_deduction: YuanNumber
    suggested_points: int
    suggestion: str


class RedeemRequest(Product, frozen=True, kw_only=True):
    """Points to spend on an order. With `product_price`, the product's own rate and cap hold, as calculated."""

    user_id: BodyId
    order_id: BodyId
    points_to_redeem: BodyPoints
    product_price: Yuan | msgspec.UnsetType = msgspec.UNSET


class RedeemResponse(msgspec.Struct, frozen=True):
    """What was taken off, and what can still be spent. `bonus_points` come on the next settlement."""

    success: Literal[True]
    deducted_amount: YuanNumber
    remaining_points: int
    bonus_points: int


class CompatError(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why it did not work: a text for people, and a code that never changes."""

    success: Literal[False]
    error: str
    code: str
    errors: list[dict[str, str]] = []


def fen_of(yuan: msgspec.Raw) -> int:
    """Whole fen of an amount in yuan, read from its digits. Raises Invalid for what is no such amount."""
    text = bytes(yuan).decode()
    form, digits = (_TEXT, text[1:-1]) if text.startswith('"') else (_NUMBER, text)
    fen = Fraction(digits) * 100 if form.fullmatch(digits) else Fraction(-1)
    if not (0 <= fen <= MOST_FEN and fen.denominator == 1):
        detail = f"yuan from 0 to {MOST_FEN // 100}, with at most two decimals"
        raise Invalid(errors=[{"place": "$.product_price", "detail": detail}])
    return int(fen)


def yuan_of(fen: int) -> str:
    """The amount in yuan, with exactly two decimals."""
    return f"{fen // 100}.{fen % 100:02d}"


def _number(fen: int) -> msgspec.Raw:
    """A JSON number that no float has touched."""
    return msgspec.Raw(yuan_of(fen).encode())


@post("/calculate", status_code=200, opt=needs("points:read", MemberNotFound, NoProgramme))
async def calculate_points(call: Call, data: CalculateRequest) -> CalculateResponse:
    """How much the member's points take off a product, and how many points that needs."""
    goods = data.goods(fen_of(data.product_price), data.product_id)

    async def work(conn: Connection) -> tuple[int, rules.CartSplit]:
        member = await members.get_member(conn, data.user_id)
        compiled = await call.programme_of(conn, data.user_id)
        shopper = await shopper_of(conn, call.stamp, compiled, member)
        balance = await ledger.get_balance(conn, data.user_id, WALLET, call.stamp.on)
        policy = compiled.programme.deduction
        return balance.available, rules.split_cart(policy, [goods], shopper, points=balance.available)

    available, split = await call.run(work)
    text = "deduction_suggestion" if split.points else "deduction_none"
    suggestion = say(text, call.language, points=split.points, yuan=yuan_of(split.fen))
    return CalculateResponse(available, _number(split.fen), split.points, suggestion)


@post(
    "/redeem",
    status_code=200,
    opt=needs(
        "points:write",
        MemberNotFound,
        InsufficientPoints,
        KeyReused,
        DeductionTooLarge,
        DeductionWorthless,
        NoProgramme,
    ),
)
async def redeem_points(call: Call, data: RedeemRequest) -> Response[RedeemResponse]:
    """Spend points on an order. The same order and points again give the same answer; other points are refused."""
    goods = None if data.product_price is msgspec.UNSET else data.goods(fen_of(data.product_price))

    async def work(conn: Connection) -> RedeemResponse:
        compiled = await call.programme_of(conn, data.user_id)
        shopper = await shopper_of(conn, call.stamp, compiled, await members.get_member(conn, data.user_id))
        done = await redeem(
            conn, call.stamp, compiled, data.user_id, data.order_id, data.points_to_redeem, goods, shopper
        )
        return RedeemResponse(True, _number(done.deducted_fen), done.remaining_points, done.bonus_points)

    request = ("redeem", data.order_id, data.points_to_redeem, goods)
    return await once(call, data.user_id, f"redeem:{data.order_id}", request, work, status=200)


routes = Router(
    "/api/points",
    route_handlers=[calculate_points, redeem_points],
    exception_handlers={Exception: on_compat_error},
    guards=[authorize],
    tags=["compat"],
)
