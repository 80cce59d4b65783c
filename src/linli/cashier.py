"""The cash part of orders: what is said to the payment provider and heard from it, outside of transactions, and what
comes of it, within (`flows/pay.py`).

One for a process. Where `LINLI_PAYMENTS` is `fake`, the provider is a demonstration that lives in this installation.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar
from uuid import UUID

import msgspec
import structlog

from linli import access, payments
from linli.flows import pay
from linli.kit.db import Connection, Pool, in_transaction
from linli.kit.errors import Refusal
from linli.ledger import Stamp
from linli.payments import Payment, PaymentMismatch, PaymentNotFound, PaymentOver, Refund
from linli.settings import Settings
from linli.wechat_pay import Keys, NoticeForged, PayRefused, PayUnavailable, RefundState, Transaction, WechatPay

if TYPE_CHECKING:
    import httpx

    from linli.fakes.wechat_pay import FakeWechatPay

T = TypeVar("T")
PREPAY_GOOD = timedelta(minutes=100)
"""A prepay id is good for two hours: with this one there is time to use it."""
LOOK_AGAIN = timedelta(minutes=1)
GIVE_UP = timedelta(hours=24)
"""After its time to pay an order waits so long for a provider that does not answer."""
MOST_WAIT = timedelta(hours=6)
AT_ONCE = 50
FAKE = "/fake/wechat-pay"
_log = structlog.get_logger("linli.cashier")


class PayNeedsWechat(Refusal):
    """The member has not signed in by WeChat, so nobody there could pay. No fields."""

    code: ClassVar[str] = "pay_needs_wechat"


class Cashier:
    """To be entered before use. `provider` None: cash is not taken."""

    def __init__(
        self, settings: Settings, pool: Pool, *, transport: httpx.AsyncBaseTransport | None = None,
        notify: httpx.AsyncBaseTransport | None = None,
    ) -> None:  # fmt: skip
        """`transport`: where requests to WeChat Pay go instead of the network; `notify`: where a demonstration's
        notices go."""
        self._settings, self._pool = settings, pool
        self.fake: FakeWechatPay | None = None
        self.provider: WechatPay | None = None
        base_url = settings.wechat_pay_base_url
        if settings.payments == "fake":
            import httpx

            keys, self.fake = _demonstration(settings, notify)
            transport, base_url = httpx.ASGITransport(self.fake), "http://fake"
        elif settings.payments == "wechat":
            keys = _keys(settings)
        else:
            return
        self.provider = WechatPay(keys, base_url, settings.clock, transport)

    async def __aenter__(self) -> Self:
        if self.provider:
            await self.provider.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.provider:
            await self.provider.__aexit__(kind, error, trace)

    # --- a member pays ---

    async def prepare(self, member_id: str, order_id: UUID) -> tuple[Payment, dict[str, str]]:
        """The payment of an order, and what the app needs to ask for it. Not within a transaction.

        Raises PaymentNotFound, PaymentOver, PayNeedsWechat, PayUnavailable, PayRefused.
        """
        provider, now = self._provider(), self._settings.clock()
        payment, openid = await self._run(partial(self._payable, member_id=member_id, order_id=order_id, now=now))
        prepay_id = payment.prepay_id
        if prepay_id is None or payment.prepaid_at is None or now - payment.prepaid_at > PREPAY_GOOD:
            prepay_id = await provider.prepay(
                payment.out_trade_no, payment.description, payment.fen, openid,
                until=payment.pay_until.astimezone(self._settings.calendar.zone), notify_url=self._notify_url,
            )  # fmt: skip
            number, made = payment.out_trade_no, prepay_id
            await self._run(lambda conn: payments.note_prepaid(conn, number, made, now))
        return payment, provider.pay_params(prepay_id)

    async def _payable(
        self, conn: Connection, *, member_id: str, order_id: UUID, now: datetime
    ) -> tuple[Payment, str]:  # fmt: skip
        payment = (await payments.of_orders(conn, [(member_id, order_id)])).get(order_id)
        if payment is None:
            raise PaymentNotFound(order_id=str(order_id))
        if payment.state != "unpaid" or now >= payment.pay_until:
            raise PaymentOver(state=payment.state if payment.state != "unpaid" else "closed")
        openid = await access.find_openid(conn, self._provider().keys.app_id, member_id)
        if openid is None and self.fake is None:
            raise PayNeedsWechat
        return payment, openid or "oDemo"

    # --- the provider tells ---

    async def take_notice(self, headers: Any, body: bytes) -> str:
        """What came of a notice; however often it comes, it has one effect. Raises NoticeForged, PaymentNotFound,
        PaymentMismatch: the provider will send it again."""
        notice = self._provider().open_notice(headers, body)

        async def work(conn: Connection) -> str:
            known = await payments.effect_of(conn, notice.notice_id)
            if known is not None:
                return known
            told = notice.transaction or notice.refund
            if notice.refund is not None:
                number, effect = notice.refund.out_refund_no, await self._refund_told(conn, notice.refund)
            else:
                assert notice.transaction is not None, "it is one of the two"
                number, effect = notice.transaction.out_trade_no, await self._told(conn, notice.transaction)
            stamp = self._stamp()
            raw = msgspec.json.encode(told)
            await payments.add_notice(conn, notice.notice_id, notice.event_type, number, effect, raw, stamp.at)
            return effect

        return await self._run(work)

    async def _told(self, conn: Connection, told: Transaction) -> str:
        if told.trade_state not in ("SUCCESS", "REFUND"):
            return "nothing"
        if told.amount is None or told.transaction_id is None or told.success_time is None:
            raise NoticeForged
        paid = pay.Paid(told.out_trade_no, told.transaction_id, told.amount.total, told.success_time)
        return await pay.apply_paid(conn, self._stamp(), paid)

    async def _refund_told(self, conn: Connection, told: RefundState) -> str:
        return await self._note_refund(conn, told.out_refund_no, told.said, told.refund_id, tries=1)

    # --- the worker looks after what nobody tells ---

    async def look_after(self) -> int:
        """Ask about what nobody paid in time, and have refunds done. How many were looked at."""
        if self.provider is None:
            return 0
        now = self._settings.clock()
        unpaid = await self._run(partial(payments.to_look_at, at=now, limit=AT_ONCE))
        for payment in unpaid:
            await self._look_at(payment)
        wanted = await self._run(partial(payments.refunds_to_try, at=now, limit=AT_ONCE))
        for refund in wanted:
            await self._give_back(refund)
        return len(unpaid) + len(wanted)

    async def _look_at(self, payment: Payment) -> None:
        provider, now = self._provider(), self._settings.clock()
        try:
            known = await provider.find(payment.out_trade_no)
            if known is not None and known.trade_state in ("SUCCESS", "REFUND"):
                await self._run(partial(self._told, told=known))
                return
            if known is not None and known.trade_state != "CLOSED":
                await provider.close(payment.out_trade_no)
            await self._run(partial(pay.close, stamp=self._stamp(), payment=payment))
        except (PayUnavailable, PayRefused, PaymentMismatch) as refusal:  # refused to close: it was paid just now
            again = now + min(LOOK_AGAIN * 2 ** min(payment.looks, 10), MOST_WAIT)
            _log.warning("payment_unclear", order_id=str(payment.order_id), code=refusal.code, looks=payment.looks)
            if now >= payment.pay_until + GIVE_UP:
                await self._run(partial(pay.give_up, stamp=self._stamp(), payment=payment, look_at=again))
                return
            await self._run(partial(payments.look_at, out_trade_no=payment.out_trade_no, at=again, looked=True))

    async def _give_back(self, refund: Refund) -> None:
        provider = self._provider()
        try:
            told = await provider.refund(
                refund.out_trade_no, refund.out_refund_no, refund.fen, refund.total_fen, refund.reason
            )
            said, refund_id, problem = told.said, told.refund_id, None
        except (PayUnavailable, PayRefused) as refusal:
            # Not enough money with the merchant, say: somebody sees to it, and meanwhile it is asked for again.
            said, refund_id, problem = "", None, str(refusal.fields.get("provider_code", refusal.code))
            _log.error("refund_refused", out_refund_no=refund.out_refund_no, problem=problem, tries=refund.tries)
        await self._run(
            partial(
                self._note_refund, out_refund_no=refund.out_refund_no, said=said, refund_id=refund_id,
                tries=refund.tries, problem=problem,
            )
        )  # fmt: skip

    async def _note_refund(
        self, conn: Connection, out_refund_no: str, said: str, refund_id: str | None, *, tries: int,
        problem: str | None = None,
    ) -> str:  # fmt: skip
        now = self._settings.clock()
        again = now + min(LOOK_AGAIN * 2 ** min(tries, 10), MOST_WAIT)
        states: dict[str, payments.RefundState] = {
            "SUCCESS": "succeeded", "CLOSED": "closed", "ABNORMAL": "abnormal", "PROCESSING": "processing",
        }  # fmt: skip
        state = states.get(said, "wanted")
        over = state in ("succeeded", "closed", "abnormal")
        moved = await payments.tell_refund(
            conn, out_refund_no, state, now, refund_id=refund_id, problem=problem, try_at=None if over else again
        )
        return state if moved else "duplicate"

    # --- parts ---

    def _provider(self) -> WechatPay:
        if self.provider is None:
            raise PaymentNotFound(order_id="")
        return self.provider

    @property
    def _notify_url(self) -> str:
        if self.fake is not None:
            return f"http://{self._settings.host}:{self._settings.port}/v1/payments/wechat/notices"
        return self._settings.wechat_pay_notify_url

    def _stamp(self) -> Stamp:
        at = self._settings.clock()
        return Stamp(at=at, on=self._settings.calendar.date_of(at), actor=pay.BY)

    async def _run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        return await in_transaction(self._pool, work)


def _keys(settings: Settings) -> Keys:
    private, public, v3_key = (
        settings.wechat_pay_private_key, settings.wechat_pay_public_key, settings.wechat_pay_api_v3_key,
    )  # fmt: skip
    if not (private and public and v3_key and settings.wechat_pay_mch_id and settings.wechat_pay_notify_url):
        raise ValueError("LINLI_PAYMENTS=wechat wants LINLI_WECHAT_PAY_… set: merchant, keys and notify URL")
    return Keys(
        settings.wechat_app_id, settings.wechat_pay_mch_id, settings.wechat_pay_serial, private.read_bytes(),
        v3_key.get_secret_value(), public.read_bytes(), settings.wechat_pay_public_key_id,
    )  # fmt: skip


def _demonstration(settings: Settings, notify: httpx.AsyncBaseTransport | None) -> tuple[Keys, FakeWechatPay]:
    """A provider of our own, whose keys and books stand in the home."""
    from linli.fakes.wechat_pay import FakeWechatPay, Party, make_keys

    folder = settings.home / "fake-wechat-pay"
    folder.mkdir(parents=True, exist_ok=True)
    known = _kept(folder / "keys.json", make_keys)
    app_id = settings.wechat_app_id or "wx0123456789abcdef"
    merchant, platform = known["merchant"], known["platform"]
    keys = Keys(
        app_id, "1900000001", "5157F09EFDC096DE", merchant["private"].encode(), known["v3_key"],
        platform["public"].encode(), "PUB_KEY_ID_0119000000012026",
    )  # fmt: skip
    party = Party(
        app_id, keys.mch_id, keys.serial, merchant["public"].encode(), keys.v3_key, platform["private"].encode(),
        keys.public_key_id,
    )  # fmt: skip
    return keys, FakeWechatPay(party, file=str(folder / "books.sqlite"), clock=settings.clock, notify=notify)


def _kept(path: Path, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `make` made once, for its owner's eyes only; of two processes that make it at once, both read the first."""
    if not path.exists():
        own = path.with_suffix(f".{os.getpid()}")
        handle = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(handle, msgspec.json.encode(make()))
        os.close(handle)
        try:
            os.link(own, path)
        except FileExistsError:
            pass
        own.unlink()
    return msgspec.json.decode(path.read_bytes())
