"""What the API tells of deductions: quotes of carts, and what was deducted of orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from linli.api.me_words import Bilingual, same
from linli.api.texts import say_both
from linli.deductions import Deduction, Line, LineRate, State, state_at
from linli.flows.deduct import Offer
from linli.rules import LinePart, Rate


class DeductionRate(msgspec.Struct, frozen=True):
    """A rate: `points` are worth `fen`."""

    id: str
    name: Bilingual
    points: int
    fen: int


class DeductionReason(msgspec.Struct, frozen=True):
    """Why a line's deduction ends where it does."""

    code: str
    text: Bilingual


class QuotedLine(msgspec.Struct, frozen=True):
    """What points take off one line. `cap_fen`: what they may at the most; `pay_fen`: what is left to pay.
    `reason` null: all that was wanted is deducted."""

    line_id: str
    sku: str
    price_fen: int
    points: int
    deduct_fen: int
    pay_fen: int
    cap_fen: int
    rate: DeductionRate
    reason: DeductionReason | None


class DeductionQuote(msgspec.Struct, frozen=True):
    """The best split of points over a cart. `most_…`: with all points there are; `cap_fen`: what the cart allows,
    however many there are. `arm`: of the experiment; `rates_version`: of the programme."""

    available_points: int
    points: int
    deduct_fen: int
    most_points: int
    most_fen: int
    cap_fen: int
    min_points: int
    step_points: int
    arm: str | None
    rates_version: int
    lines: list[QuotedLine]
    suggestion: Bilingual


class BorneBy(msgspec.Struct, frozen=True):
    """Who bears how much of a deduction."""

    funder: str
    fen: int


class DeductedLine(msgspec.Struct, frozen=True):
    """One line of an order as it was deducted. `refunded_price_fen`: given back of its price; `refunded_fen`: of what
    was deducted."""

    line_id: str
    sku: str
    price_fen: int
    points: int
    deduct_fen: int
    pay_fen: int
    cap_fen: int
    rate: DeductionRate
    funders: list[BorneBy]
    refunded_price_fen: int
    refunded_points: int
    refunded_fen: int


class DeductionView(msgspec.Struct, frozen=True):
    """What points paid of an order. `hold_id` null: spent in one step. `bonus_points` come on the next settlement."""

    deduction_id: UUID
    member_id: str
    order_id: str
    state: State
    points: int
    deduct_fen: int
    refunded_points: int
    refunded_fen: int
    hold_id: UUID | None
    lapses_at: datetime | None
    bonus_points: int
    arm: str | None
    rates_version: int
    lines: list[DeductedLine]
    created_at: datetime


def told_quote(made: Offer) -> DeductionQuote:
    """An offer as the API tells it."""
    split, most, policy = made.split, made.most, made.policy
    yuan = f"{most.fen // 100}.{most.fen % 100:02d}"
    return DeductionQuote(
        available_points=made.available_points,
        points=split.points,
        deduct_fen=split.fen,
        most_points=most.points,
        most_fen=most.fen,
        cap_fen=split.cap_fen,
        min_points=policy.min_points,
        step_points=policy.step_points,
        arm=made.arm,
        rates_version=made.version,
        lines=[
            QuotedLine(
                line.line_id, line.goods.sku, line.goods.price_fen, part.points, part.fen,
                line.goods.price_fen - part.fen, part.cap_fen, _rate_of(part), _reason(part),
            )
            for line, part in zip(made.cart, split.lines, strict=True)
        ],
        suggestion=say_both("deduction_suggestion" if most.points else "deduction_none", points=most.points, yuan=yuan),
    )  # fmt: skip


def told_deduction(found: Deduction, lines: Sequence[Line], at: datetime) -> DeductionView:
    """A deduction as the API tells it at the instant `at`."""
    return DeductionView(
        found.deduction_id, found.member_id, found.order_id, state_at(found, at), found.points, found.deduct_fen,
        found.refunded_points, found.refunded_fen, found.hold_id, found.lapses_at, found.bonus_points, found.arm,
        found.rates_version, [_line(line) for line in lines], found.created_at,
    )  # fmt: skip


def _line(line: Line) -> DeductedLine:
    funders = line.funders or ({"platform": line.deduct_fen} if line.deduct_fen else {})
    return DeductedLine(
        line.line_id, line.sku, line.price_fen, line.points, line.deduct_fen, line.price_fen - line.deduct_fen,
        line.cap_fen, _rate(line.rate), [BorneBy(*share) for share in funders.items()], line.refunded_price_fen,
        line.refunded_points, line.refunded_fen,
    )  # fmt: skip


def _rate(rate: LineRate) -> DeductionRate:
    name = Bilingual(rate.name.zh, rate.name.en) if rate.name else say_both("deduction_ordinary")
    return DeductionRate(rate.id, name, rate.points, rate.fen)


def _rate_of(part: LinePart) -> DeductionRate:
    name = same(part.rate.name) if isinstance(part.rate, Rate) else say_both("deduction_ordinary")
    return DeductionRate(part.rate_id, name, part.rate.points, part.rate.fen)


def _reason(part: LinePart) -> DeductionReason | None:
    return DeductionReason(part.reason, say_both(f"deduction_why.{part.reason}")) if part.reason else None
