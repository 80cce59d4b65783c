"""What a cart would earn, were it paid now, and what is missing for more: asked of the rules themselves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar import post
from msgspec import Meta
from uuid_utils.compat import uuid7

from linli import members, rules
from linli.api.call import Call, for_members
from linli.api.explanation import NotGrantedLine, not_granted
from linli.api.me_words import Bilingual, both, points, same, yuan
from linli.api.strict import Input
from linli.flows import explain
from linli.flows.dry_run import dry_run
from linli.flows.outlook import APP
from linli.flows.publish import NoProgramme
from linli.flows.redeem import WALLET
from linli.kit.db import Connection
from linli.kit.errors import Invalid
from linli.members import Member, MemberNotFound
from linli.rules import Programme, Skip
from linli.words.events import Code, OrderLine, OrderPaid
from linli.words.units import MOST_FEN

_encode = msgspec.json.Encoder().encode


class CartLine(Input, frozen=True, kw_only=True):
    """One line of a cart. `paid_fen`: what would be paid for all of it."""

    paid_fen: Annotated[int, Meta(ge=0, le=MOST_FEN)]
    sku: Annotated[str, Meta(min_length=1, max_length=128)] = "cart"
    category: Code | None = None
    tags: Annotated[tuple[Code, ...], Meta(max_length=20)] = ()
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)] = 1


class Cart(Input, frozen=True, kw_only=True):
    """What might be ordered. `city` left out: the member's own."""

    lines: Annotated[tuple[CartLine, ...], Meta(min_length=1, max_length=500)]
    city: Code | None = None


class CartGrant(msgspec.Struct, frozen=True):
    """What a rule would give for the cart, were it paid now."""

    rule: str
    name: Bilingual
    points: int
    settle_on: date


class CartMissing(msgspec.Struct, frozen=True):
    """`remaining_fen` more, and the rule would give `points`."""

    rule: str
    name: Bilingual
    remaining_fen: int
    points: int
    text: Bilingual


class CartOutlook(msgspec.Struct, frozen=True):
    """What the cart would earn the member, were it paid now, and what is missing for more, the least first."""

    paid_fen: int
    points: int
    granted: list[CartGrant]
    missing: list[CartMissing]
    not_granted: list[NotGrantedLine]


@post("/assistant/cart", status_code=200, opt=for_members(MemberNotFound, NoProgramme))
async def ask_about_cart(call: Call, data: Cart) -> CartOutlook:
    """What a cart would earn, were it paid now, by the rules themselves, and what is missing for more."""
    paid_fen = sum(line.paid_fen for line in data.lines)
    if paid_fen > MOST_FEN:
        raise Invalid(errors=[{"place": "$.lines", "detail": f"{paid_fen} fen are more than one order may be"}])

    async def work(conn: Connection) -> CartOutlook:
        return await _cart(conn, call, data, paid_fen)

    return await call.run(work)


async def _cart(conn: Connection, call: Call, cart: Cart, paid_fen: int) -> CartOutlook:
    me = await members.get_member(conn, call.member_id)
    programme = (await call.programme_of(conn, call.member_id)).programme
    raw = _event(_order(me, cart, paid_fen), call.stamp.at)
    outcome = await dry_run(conn, raw, call.stamp, call.process.live, call.process.reader)
    skipped = [skip for skip in outcome.skipped if isinstance(skip, Skip)]
    names = {rule.id: same(rule.name) for rule in programme.rules}
    mine = [one for one in outcome.granted if one.member_id == me.member_id and one.wallet == WALLET]
    return CartOutlook(
        paid_fen=paid_fen,
        points=sum(one.points for one in mine),
        granted=[CartGrant(one.rule, names[one.rule], one.points, one.settle_on) for one in mine],
        missing=_missing(programme, skipped, paid_fen),
        not_granted=not_granted(explain.in_words(programme, skipped, paid_fen)),
    )


def _missing(programme: Programme, skipped: list[Skip], paid_fen: int) -> list[CartMissing]:
    """What money would bring, the least first."""
    known = {rule.id: rule for rule in programme.rules}
    found = []
    for skip in skipped:
        rule = known[skip.rule]
        more = rules.missing_fen(skip, rule, paid_fen)
        if more and rule.wallet == WALLET:
            gain = rules.points_for(rule, paid_fen + more)
            text = both("cart.missing", yuan=yuan(more), points=points(gain), name=rule.name)
            found.append(CartMissing(rule.id, same(rule.name), more, gain, text))
    return sorted(found, key=lambda line: (line.remaining_fen, line.rule))


def _order(me: Member, cart: Cart, paid_fen: int) -> OrderPaid:
    """The cart as an order of the member's."""
    lines = tuple(
        OrderLine(
            sku=line.sku, paid_fen=line.paid_fen, category=line.category, tags=line.tags, quantity=line.quantity
        )
        for line in cart.lines
    )  # fmt: skip
    return OrderPaid(
        member_id=me.member_id, city=cart.city or me.city, leader_id=me.leader_id, community_id=me.community_id,
        order_id=f"cart:{uuid7()}", paid_fen=paid_fen, lines=lines,
    )  # fmt: skip


def _event(order: OrderPaid, at: datetime) -> bytes:
    envelope: dict[str, Any] = {
        "specversion": "1.0", "id": order.order_id, "source": APP, "type": order.type, "time": at, "data": order,
    }  # fmt: skip
    return _encode(envelope)


handlers = [ask_about_cart]
