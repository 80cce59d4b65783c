"""What can not be done with coupons."""

from __future__ import annotations

from typing import ClassVar

from linli.kit.errors import NotFound, Refusal


class TemplateNotFound(NotFound):
    """There is no such template. Fields: `template_id`."""

    code: ClassVar[str] = "coupon_template_not_found"


class TemplateExists(Refusal):
    """Another template has this id. Fields: `template_id`."""

    code: ClassVar[str] = "coupon_template_exists"


class TemplateChanged(Refusal):
    """Somebody changed the template meanwhile. Fields: `revision`, the template's own."""

    code: ClassVar[str] = "coupon_template_changed"


class TermsFixed(Refusal):
    """What a coupon is worth does not change once its template was open. Fields: `fields`."""

    code: ClassVar[str] = "coupon_terms_fixed"


class TemplateNotOpen(Refusal):
    """The template issues nothing now. Fields: `template_id`, `state`."""

    code: ClassVar[str] = "coupon_template_not_open"


class TemplateOver(Refusal):
    """The last date on which its coupons could be used has passed. Fields: `template_id`, `valid_until`."""

    code: ClassVar[str] = "coupon_template_over"


class CouponsGone(Refusal):
    """All pieces are issued, or the budget is used up. Fields: `template_id`, `limit`: `pieces` or `budget`."""

    code: ClassVar[str] = "coupons_gone"


class CouponLimitReached(Refusal):
    """The member has had as many of it as one member may. Fields: `template_id`, `per_member`."""

    code: ClassVar[str] = "coupon_limit_reached"


class CouponNotFound(NotFound):
    """The member has no such coupon. Fields: `coupon_id`."""

    code: ClassVar[str] = "coupon_not_found"


class CouponExpired(Refusal):
    """Its last date has passed. Fields: `coupon_id`, `valid_until`."""

    code: ClassVar[str] = "coupon_expired"


class CouponNotYetValid(Refusal):
    """Its first date has not come. Fields: `coupon_id`, `valid_from`."""

    code: ClassVar[str] = "coupon_not_yet_valid"


class CouponVoid(Refusal):
    """It was made void. Fields: `coupon_id`."""

    code: ClassVar[str] = "coupon_void"


class CouponTaken(Refusal):
    """It is locked or used for another order. Fields: `coupon_id`, `state`, `order_id`."""

    code: ClassVar[str] = "coupon_taken"


class CouponNotLocked(Refusal):
    """It is not locked for this order. Fields: `coupon_id`, `order_id`, `state`."""

    code: ClassVar[str] = "coupon_not_locked"


class OrderHasCoupon(Refusal):
    """Another coupon is locked or used for this order. Fields: `order_id`, `coupon_id`, the other."""

    code: ClassVar[str] = "order_has_coupon"


class CouponUnfit(Refusal):
    """The coupon takes nothing off these goods. Fields: `coupon_id`, `reason` (`city`, `goods`, `threshold`,
    `worthless`), `threshold_fen`, `eligible_fen` of the goods that count, `missing_fen` to the threshold."""

    code: ClassVar[str] = "coupon_unfit"


class WithoutSingleCodes(Refusal):
    """The template's coupons are not claimed by codes for one member each. Fields: `template_id`."""

    code: ClassVar[str] = "coupon_without_single_codes"


class ClaimCodeNotFound(NotFound):
    """There is no such code. No fields."""

    code: ClassVar[str] = "coupon_code_not_found"


class ClaimCodeUsed(Refusal):
    """Somebody else has had the coupon of this code. No fields."""

    code: ClassVar[str] = "coupon_code_used"


class ClaimCodeTaken(Refusal):
    """The shared code belongs to another template. Fields: `claim_code`."""

    code: ClassVar[str] = "coupon_code_taken"
