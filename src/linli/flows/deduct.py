"""A part of an order paid with points: quoted, reserved at order time and spent at payment, or both at once."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from linli import deductions, earning, ledger, members, rules
from linli.deductions import Deduction, DeductionClosed, Line, LineRate, RateName, state_at
from linli.flows.redeem import WALLET, promise_bonus
from linli.kit.db import Connection, together
from linli.kit.errors import Refusal
from linli.ledger import HoldClosed, HoldLapsed, InsufficientPoints, Stamp
from linli.members import Member
from linli.rules import CartSplit, CompiledProgramme, DeductionPolicy, Goods, Rate, Shopper
from linli.words.facts import NO_FACTS
from linli.words.units import MOST_FEN


class NothingToDeduct(Refusal):
    """Points would take nothing off this cart. Fields: `points` (wanted or available), `reasons` (codes of lines)."""

    code: ClassVar[str] = "nothing_to_deduct"


class CartLine(msgspec.Struct, frozen=True):
    """One line of a cart. `line_id`: what the order system calls it."""

    line_id: str
    goods: Goods


class Wish(msgspec.Struct, frozen=True):
    """A cart, and how much of it points shall pay: so many points or so many fen at most, or as much as they can."""

    cart: tuple[CartLine, ...]
    points: int | None = None
    fen: int | None = None
    city: str | None = None
    segment: str | None = None
    on: date | None = None


class Offer(msgspec.Struct, frozen=True):
    """What points do for a cart. `most`: with all the points there are. `version`: of the programme."""

    available_points: int
    split: CartSplit
    most: CartSplit
    policy: DeductionPolicy
    arm: str | None
    version: int
    cart: tuple[CartLine, ...]


def pick(policy: DeductionPolicy, wish: Wish, shopper: Shopper, available: int) -> CartSplit:
    """The best split for a wish, of `available` points at the most. Pure."""
    points = available if wish.points is None else min(wish.points, available)
    most_fen = MOST_FEN if wish.fen is None else wish.fen
    goods = [line.goods for line in wish.cart]
    return rules.split_cart(policy, goods, shopper, points=points, most_fen=most_fen)


def offer(policy: DeductionPolicy, wish: Wish, shopper: Shopper, available: int, version: int) -> Offer:
    """The best split for a wish, and what all points would do. Pure."""
    split = most = pick(policy, wish, shopper, available)
    if wish.points is not None or wish.fen is not None:
        most = rules.split_cart(policy, [line.goods for line in wish.cart], shopper, points=available)
    return Offer(available, split, most, policy, shopper.arm, version, wish.cart)


def asks_tiers(policy: DeductionPolicy) -> bool:
    """Whether any rate asks for the member's tier."""
    return any(rate.tiers is not None for rate in policy.rates)


def shopper_by(
    policy: DeductionPolicy, member_id: str, at_home: str | None, tier: str | None, stamp: Stamp, wish: Wish | None
) -> Shopper:
    """The member as rates see them, of `at_home`, their own city, where the wish names none."""
    on, city, segment = (wish.on, wish.city, wish.segment) if wish else (None, None, None)
    arm = rules.arm_of_member(policy.experiment, member_id)
    return Shopper(on=on or stamp.on, city=city or at_home, tier=tier, segment=segment, arm=arm)


async def shopper_of(
    conn: Connection, stamp: Stamp, compiled: CompiledProgramme, member: Member, wish: Wish | None = None
) -> Shopper:
    """The member as rates see them now. Their tier is read only where a rate asks for one."""
    policy = compiled.programme.deduction
    tier: str | None = None
    if asks_tiers(policy):
        facts = (await earning.read_facts(conn, [member.member_id])).get(member.member_id, NO_FACTS)
        tier = facts.tier_at(stamp.at) or None
    return shopper_by(policy, member.member_id, member.city, tier, stamp, wish)


async def quote(
    conn: Connection, stamp: Stamp, programme: Coroutine[Any, Any, CompiledProgramme], member_id: str, wish: Wish
) -> Offer:
    """What the member's points do for a cart now. Moves nothing. `programme`: asked for on this connection.

    Raises MemberNotFound, NoProgramme.
    """
    member, compiled, points = await together(
        conn, members.get_member(conn, member_id), programme,
        ledger.available_of(conn, [member_id], WALLET, stamp.on),
    )  # fmt: skip
    shopper = await shopper_of(conn, stamp, compiled, member, wish)
    available = points.get(member_id, 0)
    return offer(compiled.programme.deduction, wish, shopper, available, compiled.version)


async def hold(
    conn: Connection, stamp: Stamp, compiled: CompiledProgramme, member: Member, order_id: str, wish: Wish,
    ttl_seconds: int | None,
) -> tuple[Deduction, list[Line]]:  # fmt: skip
    """Reserve the points of a wish for an order. Raises InsufficientPoints, NothingToDeduct."""
    split, arm = await _split_for_sure(conn, stamp, compiled, member, wish)
    lapses_at = stamp.at + timedelta(seconds=ttl_seconds or compiled.programme.hold_minutes * 60)
    hold_id = uuid7()
    await ledger.hold(conn, stamp, member.member_id, WALLET, split.points, hold_id, lapses_at, order_id=order_id)
    found, lines = frozen(
        split, wish.cart, stamp, member.member_id, order_id, uuid7(), arm=arm, version=compiled.version
    )  # fmt: skip
    found = msgspec.structs.replace(found, state="held", hold_id=hold_id, lapses_at=lapses_at)
    deductions.add(conn, [(found, lines)])
    return found, lines


async def capture(
    conn: Connection, stamp: Stamp, compiled: CompiledProgramme, member_id: str, deduction_id: UUID
) -> Deduction:
    """Spend what a deduction holds. Raises DeductionNotFound, DeductionClosed."""
    found = await _held(conn, stamp, member_id, deduction_id)
    assert found.hold_id is not None, "what is held has a hold"
    bonus = await promise_bonus(conn, stamp, compiled, member_id, key_of(deduction_id), found.order_id)
    try:
        await ledger.capture(conn, stamp, member_id, found.hold_id)
    except (HoldClosed, HoldLapsed) as lost:
        raise _lapsed(found) from lost
    return await deductions.close(conn, member_id, deduction_id, "captured", stamp.at, bonus_points=bonus)


async def release(conn: Connection, stamp: Stamp, member_id: str, deduction_id: UUID) -> Deduction:
    """Give back what a deduction holds. Raises DeductionNotFound, DeductionClosed."""
    found = await _held(conn, stamp, member_id, deduction_id)
    assert found.hold_id is not None, "what is held has a hold"
    try:
        await ledger.release(conn, stamp, member_id, found.hold_id)
    except HoldClosed as lost:
        raise _lapsed(found) from lost
    return await deductions.close(conn, member_id, deduction_id, "released", stamp.at)


def key_of(deduction_id: UUID) -> str:
    """The key of the movement that spends a deduction at once, and the cause of its bonus."""
    return f"deduct:{deduction_id}"


def frozen(
    split: CartSplit, cart: Sequence[CartLine], stamp: Stamp, member_id: str, order_id: str, deduction_id: UUID,
    *, arm: str | None, version: int, bonus: int = 0,
) -> tuple[Deduction, list[Line]]:  # fmt: skip
    """A split as a deduction, spent, with its lines."""
    found = Deduction(
        member_id, deduction_id, order_id, "captured", split.points, split.fen, 0, 0, bonus, None, None, version,
        arm, stamp.at,
    )  # fmt: skip
    lines = [
        Line(
            no, line.line_id, line.goods.sku, line.goods.price_fen, part.points, part.fen, part.cap_fen,
            LineRate(part.rate_id, _name(part.rate), part.rate.points, part.rate.fen),
            rules.shares_of(part.fen, part.funders) if part.funders and part.fen else None,
        )
        for no, (line, part) in enumerate(zip(cart, split.lines, strict=True), 1)
    ]  # fmt: skip
    return found, lines


def require(split: CartSplit, wish: Wish, available: int) -> None:
    """Raises InsufficientPoints or NothingToDeduct where the wish cannot be."""
    if wish.points is not None and wish.points > available:
        raise InsufficientPoints(available=available, wanted=wish.points)
    if not split.fen:
        reasons = sorted({part.reason for part in split.lines if part.reason})
        raise NothingToDeduct(points=available if wish.points is None else wish.points, reasons=reasons)


async def _split_for_sure(
    conn: Connection, stamp: Stamp, compiled: CompiledProgramme, member: Member, wish: Wish
) -> tuple[CartSplit, str | None]:
    """(the split by what the wallet holds now, under its lock, with the points of holds whose time is over; the arm
    of the experiment)."""
    shopper = await shopper_of(conn, stamp, compiled, member, wish)
    await ledger.release_lapsed(conn, stamp, member.member_id, WALLET)
    available = (await ledger.available_of(conn, [member.member_id], WALLET, stamp.on)).get(member.member_id, 0)
    split = pick(compiled.programme.deduction, wish, shopper, available)
    require(split, wish, available)
    return split, shopper.arm


async def _held(conn: Connection, stamp: Stamp, member_id: str, deduction_id: UUID) -> Deduction:
    found = await deductions.get(conn, member_id, deduction_id, lock=True)
    if (state := state_at(found, stamp.at)) != "held":
        raise DeductionClosed(deduction_id=str(deduction_id), state=state)
    return found


def _lapsed(found: Deduction) -> DeductionClosed:
    """Its hold was let go while this waited for the wallet, by the clock of a process a moment ahead."""
    return DeductionClosed(deduction_id=str(found.deduction_id), state="lapsed")


def _name(rate: Rate | rules.Ordinary) -> RateName | None:
    return RateName(rate.name.zh, rate.name.en) if isinstance(rate, Rate) else None
