"""WeChat Pay v3, as far as orders are paid with it: JSAPI. Thin: a call each, its refusals as types, every answer's
signature checked.

Source of the wire: WeChat Pay's APIv3 documentation. Requests are signed with the merchant's key (`WECHATPAY2-SHA256-
RSA2048`); answers and notices are checked with WeChat Pay's public key; what notices carry is AES-256-GCM.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

import msgspec
import structlog

from linli.kit.clock import Clock
from linli.kit.errors import Refusal

if TYPE_CHECKING:
    import httpx
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

CONNECT_SECONDS, READ_SECONDS = 3.0, 8.0
SCHEME = "WECHATPAY2-SHA256-RSA2048"
MOST_SKEW_SECONDS = 300
"""A notice that is older, or comes from the future, is one that somebody sends again."""
_log = structlog.get_logger("linli.wechat_pay")
_encode = msgspec.json.Encoder().encode


class PayUnavailable(Refusal):
    """WeChat Pay does not answer, or not as it should: ask again later. No fields."""

    code: ClassVar[str] = "pay_unavailable"


class PayRefused(Refusal):
    """WeChat Pay will not do it. Fields: `provider_code`, as it says it (`ORDER_CLOSED`, `NOT_ENOUGH` …)."""

    code: ClassVar[str] = "pay_refused"


class NoticeForged(Refusal):
    """The notice is not WeChat Pay's, or not for this merchant, or too old. No fields."""

    code: ClassVar[str] = "notice_forged"


class Keys(NamedTuple):
    """Who we are to WeChat Pay, and by what it is known. Keys are PEM; `v3_key` are 32 bytes."""

    app_id: str
    mch_id: str
    serial: str
    private_key: bytes
    v3_key: str
    public_key: bytes
    public_key_id: str


class Amount(msgspec.Struct, frozen=True):
    """Fen."""

    total: int
    currency: str = "CNY"


class Transaction(msgspec.Struct, frozen=True):
    """What WeChat Pay knows of an order. `trade_state`: SUCCESS, REFUND, NOTPAY, CLOSED, REVOKED, USERPAYING,
    PAYERROR."""

    appid: str
    mchid: str
    out_trade_no: str
    trade_state: str
    transaction_id: str | None = None
    success_time: datetime | None = None
    amount: Amount | None = None


class RefundAmount(msgspec.Struct, frozen=True):
    """Fen."""

    refund: int
    total: int


class RefundState(msgspec.Struct, frozen=True):
    """A refund as WeChat Pay tells it: `status` in an answer, `refund_status` in a notice: SUCCESS, PROCESSING,
    ABNORMAL, CLOSED."""

    out_refund_no: str
    refund_id: str
    amount: RefundAmount
    status: str = ""
    refund_status: str = ""
    mchid: str | None = None

    @property
    def said(self) -> str:
        """How it stands."""
        return self.status or self.refund_status


class Notice(msgspec.Struct, frozen=True):
    """A notice, checked and opened: of a transaction or of a refund. `notice_id` is the same each time it is sent."""

    notice_id: str
    event_type: str
    transaction: Transaction | None
    refund: RefundState | None


class _Resource(msgspec.Struct, frozen=True):
    algorithm: str
    ciphertext: str
    nonce: str
    associated_data: str = ""


class _Envelope(msgspec.Struct, frozen=True):
    id: str
    event_type: str
    resource: _Resource


class _Error(msgspec.Struct, frozen=True):
    code: str = ""
    message: str = ""


class WechatPay:
    """WeChat Pay's server for one merchant. To be entered before use; one for a whole process."""

    def __init__(
        self, keys: Keys, base_url: str, clock: Clock, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`transport`: where requests go instead of the network. Raises ValueError where a key cannot be read."""
        import httpx
        from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

        self.keys, self._clock = keys, clock
        self._private: RSAPrivateKey = load_pem_private_key(keys.private_key, None)  # pyright: ignore
        self._public: RSAPublicKey = load_pem_public_key(keys.public_key)  # pyright: ignore
        self._client = httpx.AsyncClient(
            base_url=base_url, timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS), transport=transport,
            follow_redirects=False,
        )  # fmt: skip

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    # --- calls; not within a transaction. Each raises PayUnavailable, PayRefused ---

    async def prepay(
        self, out_trade_no: str, description: str, fen: int, openid: str, *, until: datetime, notify_url: str
    ) -> str:
        """Let an order be paid until then; the id by which the app asks for the payment. Again is another id."""
        body = {
            "appid": self.keys.app_id, "mchid": self.keys.mch_id, "description": description,
            "out_trade_no": out_trade_no, "time_expire": until.isoformat(timespec="seconds"),
            "notify_url": notify_url, "amount": {"total": fen, "currency": "CNY"}, "payer": {"openid": openid},
        }  # fmt: skip
        told = await self._call("POST", "/v3/pay/transactions/jsapi", body, dict[str, str])
        return told["prepay_id"]

    def pay_params(self, prepay_id: str) -> dict[str, str]:
        """What `wx.requestPayment` takes: good for as long as the prepay id is."""
        told = {
            "appId": self.keys.app_id, "timeStamp": str(int(self._clock().timestamp())),
            "nonceStr": secrets.token_hex(16), "package": f"prepay_id={prepay_id}",
        }  # fmt: skip
        signed = "".join(f"{value}\n" for value in told.values())
        return {**told, "signType": "RSA", "paySign": self._sign(signed.encode())}

    async def find(self, out_trade_no: str) -> Transaction | None:
        """What became of an order; None where it was never told of."""
        path = f"/v3/pay/transactions/out-trade-no/{out_trade_no}?mchid={self.keys.mch_id}"
        try:
            return await self._call("GET", path, None, Transaction)
        except PayRefused as refused:
            if refused.fields["provider_code"] in ("ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS"):
                return None
            raise

    async def close(self, out_trade_no: str) -> None:
        """Let an order be paid no more. Refused where it is paid (`ORDER_PAID`); again changes nothing."""
        path = f"/v3/pay/transactions/out-trade-no/{out_trade_no}/close"
        await self._call("POST", path, {"mchid": self.keys.mch_id}, None)

    async def refund(self, out_trade_no: str, out_refund_no: str, fen: int, total: int, reason: str) -> RefundState:
        """Give `fen` of the order's total back; again with the same number is the same refund."""
        body = {
            "out_trade_no": out_trade_no, "out_refund_no": out_refund_no, "reason": reason[:80],
            "amount": {"refund": fen, "total": total, "currency": "CNY"},
        }  # fmt: skip
        return await self._call("POST", "/v3/refund/domestic/refunds", body, RefundState)

    async def _call(self, method: str, path: str, body: Any, answer: Any) -> Any:
        import httpx

        sent = _encode(body) if body is not None else b""
        headers = {
            "Authorization": self._authorization(method, path, sent), "Accept": "application/json",
            "Content-Type": "application/json", "Wechatpay-Serial": self.keys.public_key_id, "User-Agent": "linli",
        }  # fmt: skip
        try:
            said = await self._client.request(method, path, content=sent, headers=headers)
        except httpx.HTTPError as error:
            _log.warning("wechat_pay_unavailable", path=path.split("?")[0], error=type(error).__name__)
            raise PayUnavailable from None
        if said.is_success:
            if not self._is_theirs(said.headers, said.content):
                _log.error("wechat_pay_answer_unsigned", path=path.split("?")[0], status=said.status_code)
                raise PayUnavailable
            try:
                return msgspec.json.decode(said.content, type=answer) if answer is not None else None
            except (msgspec.MsgspecError, UnicodeDecodeError):
                raise PayUnavailable from None
        raise _refusal(said.status_code, said.content, path)

    def _authorization(self, method: str, path: str, body: bytes) -> str:
        at, nonce = str(int(self._clock().timestamp())), secrets.token_hex(16)
        signature = self._sign(b"\n".join((method.encode(), path.encode(), at.encode(), nonce.encode(), body, b"")))
        return (
            f'{SCHEME} mchid="{self.keys.mch_id}",nonce_str="{nonce}",signature="{signature}",timestamp="{at}",'
            f'serial_no="{self.keys.serial}"'
        )

    # --- notices ---

    def open_notice(self, headers: Any, body: bytes) -> Notice:
        """The notice that came with these headers (any case). Raises NoticeForged; nothing of it is to be believed."""
        at = headers.get("wechatpay-timestamp", "")
        if not at.isdigit() or abs(int(at) - self._clock().timestamp()) > MOST_SKEW_SECONDS:
            raise NoticeForged
        if not self._is_theirs(headers, body):
            raise NoticeForged
        try:
            told = msgspec.json.decode(body, type=_Envelope)
            opened = self._opened(told.resource)
            if told.event_type.startswith("REFUND."):
                refund = msgspec.json.decode(opened, type=RefundState)
                if refund.mchid not in (None, self.keys.mch_id):
                    raise NoticeForged
                return Notice(told.id, told.event_type, None, refund)
            paid = msgspec.json.decode(opened, type=Transaction)
        except (msgspec.MsgspecError, UnicodeDecodeError, ValueError):
            raise NoticeForged from None
        if (paid.mchid, paid.appid) != (self.keys.mch_id, self.keys.app_id):
            raise NoticeForged
        return Notice(told.id, told.event_type, paid, None)

    def _opened(self, resource: _Resource) -> bytes:
        """Raises ValueError."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            sealed = base64.b64decode(resource.ciphertext, validate=True)
            bound = resource.associated_data.encode()
            return AESGCM(self.keys.v3_key.encode()).decrypt(resource.nonce.encode(), sealed, bound)
        except (InvalidTag, binascii.Error):
            raise ValueError("cannot be opened") from None

    def _is_theirs(self, headers: Any, body: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        if headers.get("wechatpay-serial") != self.keys.public_key_id:
            return False
        parts = (headers.get("wechatpay-timestamp", ""), headers.get("wechatpay-nonce", ""))
        try:
            signature = base64.b64decode(headers.get("wechatpay-signature", ""), validate=True)
            signed = b"\n".join((*(part.encode("latin-1") for part in parts), body, b""))
            self._public.verify(signature, signed, PKCS1v15(), SHA256())
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True

    def _sign(self, text: bytes) -> str:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        return base64.b64encode(self._private.sign(text, PKCS1v15(), SHA256())).decode()


_LATER = ("SYSTEM_ERROR", "SYSTEMERROR", "FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED", "BANK_ERROR", "BANKERROR")


def _refusal(status: int, body: bytes, path: str) -> Refusal:
    try:
        told = msgspec.json.decode(body, type=_Error)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        told = _Error()
    _log.warning("wechat_pay_refused", path=path.split("?")[0], status=status, code=told.code, said=told.message[:200])
    if status >= 500 or status in (401, 429) or told.code in _LATER or not told.code:
        return PayUnavailable()  # 401: somebody has to look at the settings
    return PayRefused(provider_code=told.code)
