"""Coupons: templates with their budgets, and the coupons of members. Owns `coupons_*`.

Promises: one coupon a cause for ever; never more pieces, nor more that they could take off, than a template allows,
however many are issued at once; what a coupon promised does not change; it is locked or used for one order at a time,
and an order has one coupon. That a coupon is over is a matter of its last date: no sweep must come first.
"""

from linli.coupons import issues, orders
from linli.coupons.codes import SingleCode, codes, count_codes, lock_code, make_codes, note_claim
from linli.coupons.discount import MOST_LINES, CartLine, Discount, LineDiscount, Unfit, discount
from linli.coupons.issues import (
    Issue,
    IssueInState,
    IssueLine,
    IssueNotFound,
    IssueState,
    IssueTooLarge,
    LineFault,
    NobodyToIssueTo,
)
from linli.coupons.orders import Use
from linli.coupons.refusals import (
    ClaimCodeNotFound,
    ClaimCodeTaken,
    ClaimCodeUsed,
    CouponExpired,
    CouponLimitReached,
    CouponNotFound,
    CouponNotLocked,
    CouponNotYetValid,
    CouponsGone,
    CouponTaken,
    CouponUnfit,
    CouponVoid,
    OrderHasCoupon,
    TemplateChanged,
    TemplateExists,
    TemplateNotFound,
    TemplateNotOpen,
    TemplateOver,
    TermsFixed,
    WithoutSingleCodes,
)
from linli.coupons.templates import add, delete, edit, move, templates
from linli.coupons.templates import get as get_template
from linli.coupons.types import (
    Claim,
    Coupon,
    CouponTitle,
    Kind,
    Purpose,
    State,
    Template,
    TemplateState,
    Terms,
    Wanted,
)
from linli.coupons.wallet import Page, coupons, get, issue_many, of_causes, owner, usable, void

ISSUE_REFUSALS = (TemplateNotFound, TemplateNotOpen, TemplateOver, CouponsGone, CouponLimitReached)

__all__ = [
    "ISSUE_REFUSALS", "MOST_LINES", "CartLine", "Claim", "ClaimCodeNotFound", "ClaimCodeTaken", "ClaimCodeUsed",
    "Coupon", "CouponExpired", "CouponLimitReached", "CouponNotFound", "CouponNotLocked", "CouponNotYetValid",
    "CouponTaken", "CouponTitle", "CouponUnfit", "CouponVoid", "CouponsGone", "Discount", "Issue", "IssueInState",
    "IssueLine", "IssueNotFound", "IssueState", "IssueTooLarge", "Kind", "LineDiscount", "LineFault",
    "NobodyToIssueTo", "OrderHasCoupon", "Page", "Purpose", "SingleCode", "State", "Template", "TemplateChanged",
    "TemplateExists", "TemplateNotFound", "TemplateNotOpen", "TemplateOver", "TemplateState", "Terms", "TermsFixed",
    "Unfit", "Use", "Wanted", "WithoutSingleCodes", "add", "codes", "count_codes", "coupons", "delete", "discount",
    "edit", "get", "get_template", "issue_many", "issues", "lock_code", "make_codes", "move", "note_claim",
    "of_causes", "orders", "owner", "templates", "usable", "void",
]  # fmt: skip
