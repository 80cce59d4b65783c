"""A cart under a deduction policy that nobody has saved: what an editor shows while figures change."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec
from litestar import Router, post
from msgspec import Meta

from linli import rules
from linli.api.call import Call, authorize, needs
from linli.api.deduction_views import DeductionQuote, told_quote
from linli.api.deductions import MOST_LINES, BodyCode, DeductionLine, cart_of
from linli.api.strict import BodyPoints, Input
from linli.flows.deduct import Wish, offer
from linli.rules import DeductionPolicy, FaultyProgramme, Shopper
from linli.words.units import MOST_POINTS


class DeductionTrial(Input, frozen=True, kw_only=True):
    """A policy and a cart. `points` left out: as many as the cart can use. `on` left out: today."""

    deduction: DeductionPolicy
    lines: Annotated[tuple[DeductionLine, ...], Meta(min_length=1, max_length=MOST_LINES)]
    points: BodyPoints | None = None
    city: BodyCode | None = None
    tier: BodyCode | None = None
    segment: BodyCode | None = None
    arm: BodyCode | None = None
    on: date | None = None


@post("/try", status_code=200, opt=needs("programme:write", FaultyProgramme))
async def try_deduction(call: Call, data: DeductionTrial) -> DeductionQuote:
    """What points would take off a cart under this policy. `rates_version` 0: it holds nowhere yet."""
    if faults := rules.check_deduction(data.deduction):
        raise FaultyProgramme(faults)
    wish = Wish(cart_of(data.lines), data.points)
    shopper = Shopper(data.on or call.stamp.on, data.city, data.tier, data.segment, data.arm)
    # As many as anybody could have is as many as the cart can use.
    available = MOST_POINTS if data.points is None else data.points
    made = offer(data.deduction, wish, shopper, available, 0)
    if data.points is None:
        made = msgspec.structs.replace(made, available_points=made.most.points)
    return told_quote(made)


routes = Router(
    "/v1/programme/deduction", route_handlers=[try_deduction], guards=[authorize], tags=["programme"]
)  # fmt: skip
