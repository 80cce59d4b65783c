"""Points instead of cash: what they take off, the spending, and the bonus for a member's first deduction."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar
from uuid import UUID

import msgspec

from linli import ledger, rules
from linli.kit.clock import add_months
from linli.kit.db import Connection
from linli.kit.errors import Refusal
from linli.ledger import Hold, Stamp
from linli.rules import Goods, Shopper
from linli.words.grants import Grant
from linli.words.units import MOST_POINTS

WALLET = "points"
BONUS_KEY = "once:first_deduction"
BONUS_RULE = "first_deduction_bonus"
BONUS_SOURCE = "linli"


class DeductionTooLarge(Refusal):
    """More points than the product's price allows. Fields: `most_points`, `wanted`, `max_deduction_fen`."""

    code: ClassVar[str] = "deduction_too_large"


class DeductionWorthless(Refusal):
    """The points are worth less than one fen. Fields: `points`."""

    code: ClassVar[str] = "deduction_worthless"


class Redeemed(msgspec.Struct, frozen=True):
    """What a redemption did. `bonus_points` come later, on their settlement date."""

    points: int
    deducted_fen: int
    remaining_points: int
    bonus_points: int


def worth_of(policy: rules.DeductionPolicy, points: int, goods: Goods | None, shopper: Shopper) -> int:
    """Fen that `points` take off: at the rate of `goods`, or at the ordinary one where they are not named.

    Raises DeductionTooLarge where some of the points would buy nothing, DeductionWorthless where all of them would.
    """
    if goods is None:
        fen = rules.value_of_points(policy, points)
    else:
        all_of_it = rules.split_cart(policy, [goods], shopper, points=MOST_POINTS)
        if points > all_of_it.points:
            raise DeductionTooLarge(
                most_points=all_of_it.points, wanted=points, max_deduction_fen=all_of_it.fen
            )  # fmt: skip
        split = rules.split_cart(policy, [goods], shopper, points=points)
        if 0 < split.points < points and policy.step_points > 1:
            raise DeductionTooLarge(most_points=split.points, wanted=points, max_deduction_fen=split.fen)
        fen = split.fen
    if not fen:
        raise DeductionWorthless(points=points)
    return fen


async def redeem(
    conn: Connection, stamp: Stamp, compiled: rules.CompiledProgramme, member_id: str, order_id: str, points: int,
    goods: Goods | None, shopper: Shopper,
) -> Redeemed:  # fmt: skip
    """Spend points on an order. `redeem:<order_id>` is what a refund names.

    Raises InsufficientPoints, DeductionTooLarge, DeductionWorthless. The caller sees to it that it happens once.
    """
    fen = worth_of(compiled.programme.deduction, points, goods, shopper)
    key = f"redeem:{order_id}"
    bonus = await promise_bonus(conn, stamp, compiled, member_id, key, order_id)
    account = await ledger.spend(conn, stamp, member_id, WALLET, points, key, order_id=order_id)
    return Redeemed(points, fen, account.spendable, bonus)


async def capture(
    conn: Connection, stamp: Stamp, compiled: rules.CompiledProgramme, member_id: str, hold_id: UUID, points: int | None
) -> Hold:
    """Spend a hold. One that is for an order is a deduction like any other.

    Raises HoldNotFound, HoldClosed, HoldLapsed, CaptureTooLarge.
    """
    found = await ledger.get_hold(conn, member_id, hold_id)
    if found.order_id is not None and found.wallet == WALLET:
        await promise_bonus(conn, stamp, compiled, member_id, f"hold:{hold_id}", found.order_id)
    captured, _ = await ledger.capture(conn, stamp, member_id, hold_id, points)
    return captured


async def promise_bonus(
    conn: Connection, stamp: Stamp, compiled: rules.CompiledProgramme, member_id: str, cause: str, order_id: str
) -> int:  # fmt: skip
    """Promise the bonus, once in a life. Before the spending, since grants are locked before balances."""
    if not compiled.programme.deduction.first_deduction_bonus_points:
        return 0
    heard = await hear_of_settlement(conn, stamp)
    bonus = bonus_of(stamp, compiled, member_id, cause, order_id, heard)
    return bonus.points if await ledger.grant(conn, [bonus]) else 0


async def hear_of_settlement(conn: Connection, stamp: Stamp) -> date:
    """The first date whose settlement can still credit what is promised now."""
    await ledger.hear_of_settlement(conn)
    last = await ledger.last_run(conn, "settle")
    return max(stamp.on, last + timedelta(days=1)) if last else stamp.on


def bonus_of(
    stamp: Stamp, compiled: rules.CompiledProgramme, member_id: str, cause: str, order_id: str, not_before: date
) -> Grant:  # fmt: skip
    """The bonus for a first deduction, which `cause` is. `not_before`: what `hear_of_settlement` said."""
    programme = compiled.programme
    return Grant(
        member_id=member_id, key=BONUS_KEY, rule=BONUS_RULE, rule_version=compiled.version,
        points=programme.deduction.first_deduction_bonus_points, wallet=WALLET, funder="platform",
        occurred_at=stamp.at, earned_on=stamp.on,
        settle_on=max(stamp.on + timedelta(days=programme.settle_after_days), not_before),
        expires_on=add_months(stamp.on, programme.validity_months), event_type="points.redeemed",
        source=BONUS_SOURCE, event_id=cause, order_id=order_id,
    )  # fmt: skip
