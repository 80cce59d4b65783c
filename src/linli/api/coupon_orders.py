"""Coupons as the order system uses them, for a member."""

from __future__ import annotations

from litestar import Router

from linli.api import me_coupons
from linli.api.call import authorize

routes = Router(
    "/v1/members/{member_id:str}/coupons", route_handlers=[me_coupons.claim_coupon], guards=[authorize],
    tags=["coupons"],
)  # fmt: skip
