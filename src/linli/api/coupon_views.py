"""Coupons and their templates as the API shows them, in the two languages of the house."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from linli.api.me_words import Bilingual, day, said, same, yuan
from linli.coupons import Claim, Coupon, Kind, Purpose, State, Template, TemplateState, Terms

_FREE = 100
_TERMS = (
    "kind", "off_fen", "percent_off", "most_off_fen", "threshold_fen", "categories", "cities", "skus_excluded",
    "valid_days", "valid_from", "valid_until", "pieces", "budget_fen", "per_member", "purpose", "claim", "funder",
)  # fmt: skip


class CouponTemplate(msgspec.Struct, frozen=True):
    """A template. `off` and `condition` say what its coupons are worth, and from when on. `issued` counts all that ever
    were, `voided` those made void, `used` those used now, for `used_fen`. `budget_used_fen`: what the issued ones can
    take off at the most, where there is a most; `budget_fen` bounds it."""

    template_id: str
    title: Bilingual
    off: Bilingual
    condition: Bilingual
    kind: Kind
    off_fen: int | None
    percent_off: int | None
    most_off_fen: int | None
    threshold_fen: int
    categories: tuple[str, ...] | None
    cities: tuple[str, ...] | None
    skus_excluded: tuple[str, ...] | None
    valid_days: int | None
    valid_from: date | None
    valid_until: date | None
    pieces: int | None
    budget_fen: int | None
    budget_used_fen: int | None
    issued: int
    voided: int
    used: int
    used_fen: int
    per_member: int | None
    purpose: Purpose
    claim: Claim
    funder: str
    state: TemplateState
    revision: int
    created_by: str
    created_at: datetime
    updated_at: datetime


class CouponTemplates(msgspec.Struct, frozen=True):
    """A page of templates, newest first."""

    items: list[CouponTemplate]
    next_cursor: str | None


class CouponView(msgspec.Struct, frozen=True):
    """A coupon. `valid_from` and `valid_until` are both included. `order_id`, `discount_fen`: while it is locked or
    used. `expired` is how an issued one reads once its last date has passed."""

    coupon_id: UUID
    code: str
    template_id: str
    title: Bilingual
    off: Bilingual
    condition: Bilingual
    member_id: str
    state: State
    kind: Kind
    off_fen: int | None
    percent_off: int | None
    most_off_fen: int | None
    threshold_fen: int
    categories: tuple[str, ...] | None
    cities: tuple[str, ...] | None
    valid_from: date
    valid_until: date
    order_id: str | None
    discount_fen: int | None
    source: str
    issued_at: datetime


class Coupons(msgspec.Struct, frozen=True):
    """A page of coupons, newest first."""

    items: list[CouponView]
    next_cursor: str | None


def template_view(found: Template) -> CouponTemplate:
    """The template as it is shown."""
    terms = found.terms
    figures = {
        name: getattr(found, name) for name in CouponTemplate.__struct_fields__ if name in Template.__struct_fields__
    }  # fmt: skip
    return CouponTemplate(
        **figures, **{name: getattr(terms, name) for name in _TERMS}, title=same(terms.title), off=off(terms),
        condition=condition(terms),
        budget_used_fen=None if terms.worth_fen is None else found.live * terms.worth_fen,
    )  # fmt: skip


def coupon_view(coupon: Coupon, on: date) -> CouponView:
    """The coupon as it reads on business date `on`."""
    terms, told = coupon.terms, dict[str, Any]()
    for name in CouponView.__struct_fields__:
        told[name] = getattr(coupon, name, getattr(terms, name, None))
    told |= {"title": same(terms.title), "off": off(terms), "condition": condition(terms)}
    return CouponView(**{**told, "state": coupon.state_on(on)})


def off(terms: Terms) -> Bilingual:
    """What it takes off: `¥5 off`, `20% off, up to ¥10`."""
    if terms.kind == "amount":
        return said("coupons", "off.amount", yuan=yuan(terms.off_fen or 0))
    percent = terms.percent_off or 0
    key = "off.free" if percent == _FREE else "off.percent"
    # Chinese counts what is left, in tenths: 20 % off is 8.
    tenths, rest = divmod(_FREE - percent, 10)
    fold = f"{tenths}.{rest}" if rest else f"{tenths}"
    if terms.most_off_fen is None:
        return said("coupons", key, percent=percent, fold=fold)
    return said("coupons", f"{key}_most", percent=percent, fold=fold, most=yuan(terms.most_off_fen))


def condition(terms: Terms) -> Bilingual:
    """From which sum on: `no minimum`."""
    if not terms.threshold_fen:
        return said("coupons", "condition.none")
    return said("coupons", "condition.threshold", yuan=yuan(terms.threshold_fen))


Unfit = Literal["threshold", "goods", "city", "not_yet", "worthless"]


class UnfitReason(msgspec.Struct, frozen=True):
    """Why a coupon takes nothing off."""

    code: Unfit
    text: Bilingual


def unfit_reason(code: Unfit, *, missing_fen: int, valid_from: date) -> UnfitReason:
    """The reason in words."""
    told = said("coupons", f"unfit.{code}", missing=yuan(missing_fen), start=day(valid_from))
    return UnfitReason(code, told)
