"""The cash part of orders: what an app needs to ask for it, and the provider's notices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, post
from msgspec.structs import replace

from linli import mall, payments
from linli.api.call import Call, Process, authorize, for_anyone
from linli.api.idempotent import digest_of, key_of
from linli.api.mall_views import MallOrder, PaymentView, PayParams, order_view
from linli.cashier import FAKE, PayNeedsWechat
from linli.flows.mall_order import Placing, Wanted
from linli.kit.db import Connection
from linli.kit.errors import Refusal
from linli.mall import Order
from linli.payments import Payment, PaymentMismatch, PaymentNotFound, PaymentOver
from linli.wechat_pay import NoticeForged, PayRefused, PayUnavailable

PAYING: tuple[type[Refusal], ...] = (PaymentNotFound, PaymentOver, PayNeedsWechat, PayUnavailable, PayRefused)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(MallOrder).decode


def answer_of(order: Order) -> bytes:
    """An order as it is answered when it is placed, for ever."""
    return _encode(order_view(order, can_cancel=mall.may_cancel(order)))


async def place(call: Call, wanted: Wanted, request: Any, header: str | None) -> Response[MallOrder]:
    """Place an order once for each key. Its cash part, where it has one, is told as it stands now."""
    placing = Placing(wanted, call.caller.name, key_of(header), digest_of("mall.order", request))
    placed = await call.process.mall.place(placing)
    body, found = placed.body, _decode(placed.body)
    if found.state == "held":
        body = _encode(replace(found, payment=await pay_now(call, found.member_id, found.order_id)))
    headers = {} if placed.first else {"idempotency-replayed": "true"}
    told: Any = body
    return Response(told, status_code=201, headers=headers, media_type="application/json")


async def pay_now(call: Call, member_id: str, order_id: UUID) -> PaymentView | None:
    """The payment with what the app needs; without, where it can be paid no more or the provider does not answer."""
    try:
        payment, params = await call.process.cashier.prepare(member_id, order_id)
    except (PaymentOver, PayUnavailable, PayRefused, PayNeedsWechat):
        return (await call.read(lambda conn: views(conn, [(member_id, order_id)]))).get(order_id)
    return ready(call.process, payment, params)


def ready(process: Process, payment: Payment, params: dict[str, str]) -> PaymentView:
    """A payment that the app can ask for now."""
    prepay_id = params["package"].removeprefix("prepay_id=")
    fake_url = f"{FAKE}/pay?prepay_id={quote(prepay_id)}" if process.cashier.fake is not None else None
    return PaymentView(_state(payment), payment.fen, 0, msgspec.convert(params, PayParams), fake_url)


async def views(conn: Connection, orders: Sequence[tuple[str, UUID]]) -> dict[UUID, PaymentView]:
    """Order → its payment, of (member, order) that have one."""
    found = await payments.of_orders(conn, orders)
    return {
        order_id: PaymentView(_state(payment), payment.fen, payment.refunded_fen, None, None)
        for order_id, payment in found.items()
    }


async def with_payments(conn: Connection, orders: Sequence[Order]) -> list[tuple[Order, PaymentView | None]]:
    """Each order with its payment."""
    found = await views(conn, [(order.member_id, order.order_id) for order in orders if order.price_fen])
    return [(order, found.get(order.order_id)) for order in orders]


def _state(payment: Payment) -> Any:
    if payment.refunded_fen:
        return "refunding" if payment.refunding else "refunded"
    return payment.state


@post(
    "/wechat/notices", status_code=204, opt=for_anyone(NoticeForged, PaymentNotFound, PaymentMismatch)
)  # fmt: skip
async def take_wechat_notice(request: Request[Any, Any, Any], call: Call) -> None:
    """Hear from WeChat Pay that something was paid or given back; whatever is not signed by it is refused."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    await call.process.cashier.take_notice(headers, await request.body())


routes = Router("/v1/payments", route_handlers=[take_wechat_notice], guards=[authorize], tags=["mall"])
