"""Coupons for members: one for each cause, from whoever gives them; and by a code that a member has.

For the mall, the lottery and whoever else gives coupons within a transaction of their own. Templates' rows are locked
until its end: before grants, balances and lots in the order of the house.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from linli import coupons, members
from linli.coupons import CartLine, ClaimCodeUsed, Coupon, Discount, Use, Wanted
from linli.kit.db import Connection
from linli.kit.errors import Refusal
from linli.ledger import Stamp

MOST_SHOWN = 200
"""Coupons of a member that are tried on a cart, those that are over soonest."""


class Fitting(msgspec.Struct, frozen=True):
    """A coupon of the member's, and what it takes off a cart. `begun`: whether its first date has come."""

    coupon: Coupon
    discount: Discount
    begun: bool

    @property
    def fen(self) -> int:
        """What it takes off today."""
        return self.discount.discount_fen if self.begun else 0


async def issue(
    conn: Connection, stamp: Stamp, template_id: str, member_id: str, cause: str, *, source: str
) -> Coupon:  # fmt: skip
    """The member's coupon for this cause, for ever the same one: `mall:<order_id>`, say.

    Raises TemplateNotFound, TemplateNotOpen, TemplateOver, CouponsGone, CouponLimitReached; then nothing was written.
    """
    (told,) = await issue_many(conn, stamp, [Wanted(template_id, member_id, cause, source)])
    if isinstance(told, Refusal):
        raise told
    return told


async def issue_many(conn: Connection, stamp: Stamp, wanted: Sequence[Wanted]) -> list[Coupon | Refusal]:
    """As `issue`, set-wise and in this order: what cannot be issued is answered by its refusal, which raises nothing
    and leaves the others as they are. Three round trips at the most, the last of which rides to the commit."""
    return await coupons.issue_many(conn, wanted, at=stamp.at, on=stamp.on) if wanted else []


async def void(conn: Connection, stamp: Stamp, member_id: str, coupon_id: UUID, reason: str) -> Coupon:
    """Take an unused coupon back, as where the mall's order for it is refunded. Twice is once.

    Raises CouponNotFound, CouponTaken where it is locked or used.
    """
    return await coupons.void(conn, member_id, coupon_id, reason, stamp.at)


async def claim(conn: Connection, stamp: Stamp, member_id: str, code: str) -> Coupon:
    """The coupon of a code; the same member gets the same one again.

    Raises ClaimCodeNotFound, ClaimCodeUsed, TemplateNotOpen, TemplateOver, CouponsGone, CouponLimitReached.
    """
    found = await coupons.lock_code(conn, code)
    if found.member_id not in (None, member_id):
        raise ClaimCodeUsed
    made = await issue(conn, stamp, found.template_id, member_id, f"code:{found.code}", source="claim")
    if not found.shared and found.member_id is None:
        await coupons.note_claim(conn, found.code, member_id, made.coupon_id, stamp.at)
    return made


async def applicable(
    conn: Connection, stamp: Stamp, member_id: str, lines: Sequence[CartLine], city: str | None
) -> list[Fitting]:
    """The member's coupons that are not over, tried on a cart: those that take off most first, of equal ones those
    that are over soonest. Without a `city`, the member's own. Raises MemberNotFound."""
    there = city or (await members.get_member(conn, member_id)).city
    found = await coupons.usable(conn, member_id, stamp.on, MOST_SHOWN)
    tried = [
        Fitting(one, coupons.discount(one.terms, lines, there), one.valid_from <= stamp.on) for one in found
    ]  # fmt: skip
    return sorted(tried, key=lambda one: -one.fen)


async def lock(
    conn: Connection, stamp: Stamp, member_id: str, coupon_id: UUID, order_id: str, lines: Sequence[CartLine],
    city: str | None,
) -> Use:  # fmt: skip
    """Keep the coupon for an order, and say what it takes off each line. The member is locked first: an order has one
    coupon, however many are asked for at once. Without a `city`, the member's own.

    Raises MemberNotFound, and what `coupons.orders.lock` raises.
    """
    await members.lock(conn, member_id)
    there = city or (await members.get_member(conn, member_id)).city
    return await coupons.orders.lock(
        conn, member_id, coupon_id, order_id, lines, there, at=stamp.at, on=stamp.on
    )  # fmt: skip
