"""What coupons are spoken of in: terms, templates, the coupons of members."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

import msgspec
from msgspec import Meta

from linli.words.events import Code
from linli.words.units import MOST_FEN

Kind: TypeAlias = Literal["amount", "percent"]
Purpose: TypeAlias = Literal["general", "birthday", "wake_up", "prize"]
TemplateState: TypeAlias = Literal["draft", "open", "closed"]
Codes: TypeAlias = Literal["none", "shared", "single"]
Stored: TypeAlias = Literal["issued", "locked", "used", "void"]
State: TypeAlias = Literal["issued", "locked", "used", "expired", "void"]
"""As a coupon reads on a business date: one that is `issued` and whose last date has passed is `expired`."""
MOST_PIECES = 100_000_000
MOST_DAYS = 3_660

# Shown to people: one line with something to see in it.
_Words = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*[^\s\x00-\x1f][^\x00-\x1f]*$")]
_Some = Annotated[tuple[Code, ...], Meta(min_length=1, max_length=500)]
_Fen = Annotated[int, Meta(ge=1, le=MOST_FEN)]


class CouponTitle(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a coupon is called, in the two languages of the house."""

    zh: _Words
    en: _Words


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whether members get the coupon by a code: `shared`, one code for everybody, once each; `single`, a code for one
    member. `code`: of `shared`; left out, one is made."""

    codes: Codes = "none"
    code: Annotated[str, Meta(min_length=4, max_length=32, pattern=r"^[A-Za-z0-9 -]*$")] | None = None


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a template promises. `off_fen`: of `amount`; `percent_off` of the price, `most_off_fen` at the most, of
    `percent`. It counts for goods of `categories` without `skus_excluded`, in orders of `cities`; what is left out
    does not ask. Those goods together must cost `threshold_fen`. A coupon is valid for `valid_days` business dates
    from its issue, and from `valid_from` to `valid_until`, both included. `pieces`, `budget_fen` (what all coupons can
    take off at the most) and `per_member` count what was issued and is not void."""

    title: CouponTitle
    kind: Kind
    off_fen: _Fen | None = None
    percent_off: Annotated[int, Meta(ge=1, le=100)] | None = None
    most_off_fen: _Fen | None = None
    threshold_fen: Annotated[int, Meta(ge=0, le=MOST_FEN)] = 0
    categories: _Some | None = None
    cities: _Some | None = None
    skus_excluded: (
        Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=128)], ...], Meta(min_length=1, max_length=500)]
        | None
    ) = None
    valid_days: Annotated[int, Meta(ge=1, le=MOST_DAYS)] | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    pieces: Annotated[int, Meta(ge=1, le=MOST_PIECES)] | None = None
    budget_fen: Annotated[int, Meta(ge=1, le=MOST_FEN)] | None = None
    per_member: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    purpose: Purpose = "general"
    claim: Claim = Claim()
    funder: Annotated[str, Meta(min_length=1, max_length=64)] = "platform"

    @property
    def worth_fen(self) -> int | None:
        """Fen that one coupon takes off at the most; None where only the price is the limit."""
        return self.off_fen if self.kind == "amount" else self.most_off_fen


class Template(msgspec.Struct, frozen=True):
    """A template and its figures. `used` and `used_fen`: of the coupons that are used now."""

    template_id: str
    terms: Terms
    state: TemplateState
    issued: int
    voided: int
    used: int
    used_fen: int
    revision: int
    created_by: str
    created_at: datetime
    updated_at: datetime

    @property
    def live(self) -> int:
        """Coupons that were issued and are not void."""
        return self.issued - self.voided


class Coupon(msgspec.Struct, frozen=True):
    """A member's coupon, and the terms that hold for it. `order_id`, `discount_fen`: while it is locked or used."""

    member_id: str
    coupon_id: UUID
    template_id: str
    code: str
    cause: str
    source: str
    stored: Stored
    valid_from: date
    valid_until: date
    issued_at: datetime
    order_id: str | None
    discount_fen: int | None
    changed_at: datetime | None
    void_reason: str | None
    terms: Terms

    def state_on(self, on: date) -> State:
        """Its state on business date `on`. A lock outlives the last date: the order was made in time."""
        return "expired" if self.stored == "issued" and on > self.valid_until else self.stored


class Wanted(msgspec.Struct, frozen=True):
    """A coupon that a member is to get. `cause`: one coupon for it, for ever. `source`: who gives it: `mall`,
    `lottery`, `issue`, `claim`, `birthday`, `wake_up`."""

    template_id: str
    member_id: str
    cause: str
    source: str
