"""The API as one ASGI callable: the hot path in front, Litestar for all the rest."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeAlias

from litestar import Litestar
from litestar.di import Provide

from linli.access import KeyRing
from linli.api import (
    acts,
    back_tests,
    budget,
    compat,
    corrections,
    coupon_issues,
    coupon_orders,
    coupons,
    deduction_try,
    deductions,
    docs,
    drafting,
    drafts,
    events,
    holds,
    insights,
    lottery,
    lottery_draws,
    mall_orders,
    mall_pay,
    mall_shelf,
    me,
    members,
    movements,
    notices,
    pages,
    platform,
    postings,
    programmes,
    pulse,
    rollouts,
    runs,
    screening,
    session,
    sign_in,
    users,
)
from linli.api.call import Process, provide_call
from linli.api.door import Door
from linli.api.endpoint import IntakeEndpoint
from linli.api.errors import MOST_BODY_BYTES, on_error
from linli.api.lottery_desk import LotteryDesk
from linli.api.me_watch import BalanceWatch
from linli.api.metrics import count
from linli.api.paths import keep_slashes, restore_slashes
from linli.api.redeem_endpoint import TEMPLATE, RedeemEndpoint
from linli.api.strict import StrictRequest
from linli.cashier import FAKE, Cashier
from linli.flows.publish import LiveProgrammes
from linli.flows.rule_book import RuleBook
from linli.gate import Gate
from linli.inbox import Reader
from linli.kit.db import make_pool
from linli.kit.farewell import at_farewell
from linli.mall_desk import MallDesk
from linli.settings import Settings
from linli.startup import database_url, lottery_key
from linli.till import Till
from linli.wechat import Wechat

if TYPE_CHECKING:
    import httpx

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

INTAKE = "/v1/events"
WAIT_SECONDS = 5.0
"""How long a request waits for the database before it is told to come again."""
ROUTERS = (
    members.search_members, members.routes, movements.routes, me.routes, holds.routes, postings.routes,
    coupon_orders.routes, coupon_issues.routes, coupons.templates, coupons.routes,
    mall_orders.for_member, mall_orders.routes, mall_pay.routes, mall_shelf.routes,
    deductions.routes, deductions.list_deductions, deduction_try.routes,
    events.routes, corrections.routes, programmes.routes, drafts.routes, drafting.routes, rollouts.routes,
    acts.routes, back_tests.routes, runs.routes, notices.routes, screening.routes, budget.routes,
    insights.routes, pulse.routes, session.routes, users.routes, sign_in.routes,
    lottery.routes, lottery_draws.proofs, lottery_draws.routes, compat.routes, platform.routes,
    docs.routes, pages.routes,
)  # fmt: skip


def create_app(
    settings: Settings, *, wechat: httpx.AsyncBaseTransport | None = None, pay: httpx.AsyncBaseTransport | None = None
) -> Front:
    """The whole API. It opens what it needs when the server starts its lifespan, and closes it with it.

    `wechat`, `pay`: where WeChat's and the payment provider's requests go, if not to the network.
    """
    framework = Litestar(
        route_handlers=ROUTERS,
        request_class=StrictRequest,
        dependencies={"call": Provide(provide_call, sync_to_thread=False)},
        exception_handlers={Exception: on_error},
        lifespan=[partial(_open, settings, wechat, pay)],
        before_request=restore_slashes,
        request_max_body_size=MOST_BODY_BYTES,
        openapi_config=None,
        logging_config=None,
    )
    return Front(framework)


@asynccontextmanager
async def _open(
    settings: Settings,
    transport: httpx.AsyncBaseTransport | None,
    pay: httpx.AsyncBaseTransport | None,
    framework: Litestar,
) -> AsyncIterator[None]:
    """What the process keeps open: the pool, the keys, the programmes, the gate, the way to WeChat, the watch."""
    url = database_url(settings)
    live = LiveProgrammes()
    key = cache(partial(lottery_key, settings))
    async with (
        make_pool(url, min_size=2, timeout=WAIT_SECONDS) as pool,
        Gate(settings, pool, live) as gate,
        Till(settings, pool, live, deductions.tell) as till,
        Wechat(settings, transport) as wechat,
        pulse.pulse_of(pool, settings) as watcher,
        BalanceWatch(pool, settings.clock, settings.calendar) as balances,
        MallDesk(settings, pool, mall_pay.answer_of) as desk,
        Cashier(settings, pool, transport=pay, notify=_to_itself(settings, framework)) as cashier,
        LotteryDesk(settings, pool, live, key) as lottery_desk,
    ):
        async with pool.connection() as conn:
            await live.refresh(conn)
        door = Door(pool, KeyRing(pool), settings.clock, timedelta(minutes=settings.session_idle_minutes))
        framework.state.process = Process(
            settings,
            url,
            pool,
            door,
            wechat,
            live,
            Reader(settings.calendar),
            gate,
            till,
            RuleBook(),
            watcher,
            balances,
            key,
            desk,
            cashier,
            lottery_desk,
        )
        # The hot paths: called before Litestar for POST /v1/events, and for orders paid with points in one step.
        framework.state.intake = IntakeEndpoint(gate, door)
        framework.state.redeem = RedeemEndpoint(till, door)

        def end_streams() -> None:
            watcher.close()
            balances.close()

        with at_farewell(end_streams):
            yield


def _to_itself(settings: Settings, framework: Litestar) -> httpx.AsyncBaseTransport | None:
    """The way of a demonstration's notices: into this process, whatever its address is from outside."""
    if settings.payments != "fake":
        return None
    import httpx

    return httpx.ASGITransport(framework)  # pyright: ignore[reportArgumentType]


class Front:
    """Tells the hot path from the rest, and counts requests."""

    def __init__(self, framework: Litestar) -> None:
        self.framework = framework

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.framework(scope, receive, send)  # pyright: ignore[reportArgumentType]
            return
        begun = time.perf_counter()
        if scope["path"] == INTAKE and scope["method"] == "POST":
            status = await self.framework.state.intake(scope, receive, send)
            count("POST", INTAKE, status, time.perf_counter() - begun)
            return
        if scope["path"].startswith(f"{FAKE}/") and (fake := self.framework.state.process.cashier.fake):
            await fake(scope, receive, send)
            return
        if self.framework.state.redeem.accepts(scope):
            status = await self.framework.state.redeem(scope, receive, send)
            count("POST", TEMPLATE, status, time.perf_counter() - begun)
            return
        keep_slashes(scope)
        status = 500

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.framework(scope, receive, counted)  # pyright: ignore[reportArgumentType]
        finally:
            count(scope["method"], scope.get("path_template") or "none", status, time.perf_counter() - begun)
