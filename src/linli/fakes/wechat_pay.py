"""WeChat Pay v3's server as a small ASGI app: JSAPI orders, queries, closing, refunds, and its notices.

Every request's signature is checked, every answer and notice is signed, what notices carry is encrypted, as on the
wire. Source: WeChat Pay's APIv3 documentation. What is paid stands in a SQLite file, so that several processes see one
and the same provider, and a restart forgets nothing. `pay` plays the member who confirms; so does the page at
`/fake/pay?prepay_id=…`.
"""

from __future__ import annotations

import base64
import re
import secrets
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import httpx
import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from linli.fakes.pay_page import paid_page, pay_page
from linli.kit.clock import Clock, system_clock

Message = MutableMapping[str, Any]
PREPAY_LIVES = timedelta(hours=2)
RETRIES = tuple(
    timedelta(seconds=seconds)
    for seconds in (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)
)
"""After which a notice that was not taken is sent again, each counted from the one before."""
_AUTHORIZATION = re.compile(
    r'WECHATPAY2-SHA256-RSA2048 mchid="([^"]*)",nonce_str="([^"]*)",signature="([^"]*)",timestamp="(\d+)",'
    r'serial_no="([^"]*)"'
)
_TRADE_NO = re.compile(r"[0-9A-Za-z_\-*]{6,32}")
_TABLES = """
CREATE TABLE IF NOT EXISTS trade (
    out_trade_no TEXT PRIMARY KEY, body TEXT, total INTEGER, state TEXT, transaction_id TEXT, success_time TEXT);
CREATE TABLE IF NOT EXISTS prepay (prepay_id TEXT PRIMARY KEY, out_trade_no TEXT, made_at TEXT);
CREATE TABLE IF NOT EXISTS refund (
    out_refund_no TEXT PRIMARY KEY, out_trade_no TEXT, refund_id TEXT, fen INTEGER, status TEXT);
CREATE TABLE IF NOT EXISTS notice (
    id TEXT PRIMARY KEY, url TEXT, body TEXT, tries INTEGER DEFAULT 0, next_at TEXT);
"""


class Party(NamedTuple):
    """A merchant and the provider: who they are, and their keys (PEM). `platform_key` is the provider's private one."""

    app_id: str
    mch_id: str
    serial: str
    merchant_key: bytes
    """The merchant's public key."""
    v3_key: str
    platform_key: bytes
    platform_key_id: str


class _Fault(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


class FakeWechatPay:
    """An ASGI app. `ails`: (status, code) that every call gets. `balance`: fen that can be given back; None: enough."""

    def __init__(
        self, party: Party, *, file: str = ":memory:", clock: Clock = system_clock,
        notify: httpx.AsyncBaseTransport | None = None,
    ) -> None:  # fmt: skip
        """`notify`: where notices go instead of the network."""
        self._party, self._clock, self._notify = party, clock, notify
        self._merchant: Any = load_pem_public_key(party.merchant_key)
        self._platform: Any = load_pem_private_key(party.platform_key, None)
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=10)
        self._db.executescript(_TABLES)
        self._nonces: set[str] = set()
        self.ails: tuple[int, str] | None = None
        self.balance: int | None = None

    # --- what the test, or the page, does ---

    def pay(self, prepay_id: str) -> str:
        """The member confirms: the order is paid, and a notice waits to be sent. Returns its number."""
        found = self._one("SELECT out_trade_no, made_at FROM prepay WHERE prepay_id = ?", prepay_id)
        if found is None or self._clock() - datetime.fromisoformat(found[1]) >= PREPAY_LIVES:
            raise _Fault(400, "PREPAY_ID_INVALID", "prepay_id")
        self._pay(found[0])
        return found[0]

    def _pay(self, out_trade_no: str) -> None:
        trade = self._trade(out_trade_no)
        if self._is_over(trade) or trade["state"] == "CLOSED":
            raise _Fault(400, "ORDER_CLOSED", "the order is closed")
        if trade["state"] != "NOTPAY":
            raise _Fault(400, "ORDER_PAID", "the order is paid")
        at = self._clock()
        transaction_id = f"42000{at:%Y%m%d}{secrets.randbelow(10**15):015}"
        self._db.execute(
            "UPDATE trade SET state = 'SUCCESS', transaction_id = ?, success_time = ? WHERE out_trade_no = ?",
            (transaction_id, at.isoformat(timespec="seconds"), out_trade_no),
        )
        self._queue("TRANSACTION.SUCCESS", "transaction", self._told(self._trade(out_trade_no)), trade)

    def settle_refunds(self, status: str = "SUCCESS") -> None:
        """What is being given back arrives (or does not), and notices of it wait to be sent."""
        rows = self._db.execute("SELECT out_refund_no, out_trade_no FROM refund WHERE status = 'PROCESSING'")
        for out_refund_no, out_trade_no in rows.fetchall():
            self._db.execute("UPDATE refund SET status = ? WHERE out_refund_no = ?", (status, out_refund_no))
            told = self._refund_told(out_refund_no)
            told["refund_status"] = told.pop("status")
            event = f"REFUND.{status}"
            self._queue(event, "refund", {"mchid": self._party.mch_id, **told}, self._trade(out_trade_no))

    def notices(self) -> list[tuple[dict[str, str], bytes]]:
        """(headers, body) of every notice so far, newest last, signed as if it were sent now."""
        rows = self._db.execute("SELECT body FROM notice ORDER BY rowid").fetchall()
        return [(self._signed(body.encode()), body.encode()) for (body,) in rows]

    async def deliver(self) -> int:
        """Send the notices whose time has come; those that are not taken wait for their next. How many were taken."""
        now, taken = self._clock(), 0
        query = "SELECT id, url, body, tries FROM notice WHERE next_at IS NOT NULL AND next_at <= ?"
        for id_, url, body, tries in self._db.execute(query, (now.isoformat(),)).fetchall():
            headers = {**self._signed(body.encode()), "content-type": "application/json"}
            try:
                async with httpx.AsyncClient(transport=self._notify, timeout=5) as client:
                    done = (await client.post(url, content=body.encode(), headers=headers)).is_success
            except httpx.HTTPError:
                done = False
            taken += done
            again = None if done or tries >= len(RETRIES) else (now + RETRIES[tries]).isoformat()
            self._db.execute("UPDATE notice SET tries = tries + 1, next_at = ? WHERE id = ?", (again, id_))
        return taken

    # --- the wire ---

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:  # fmt: skip
        body = await _body(receive)
        path: str = scope["path"]
        if "/fake/" in path:
            status, said = await self._page(scope, body)
            headers = {"content-type": "text/html; charset=utf-8"}
        else:
            try:
                if self.ails:
                    raise _Fault(*self.ails, "it ails")
                told = self._answer(scope, path, body)
                status, said = (200, msgspec.json.encode(told)) if told is not None else (204, b"")
            except _Fault as fault:
                status = fault.status
                said = msgspec.json.encode({"code": fault.code, "message": fault.message})
            headers = {"content-type": "application/json", **self._signed(said)}
        lines = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": said})

    def _answer(self, scope: Mapping[str, Any], path: str, body: bytes) -> dict[str, Any] | None:
        method, query = scope["method"], scope["query_string"].decode()
        self._check_signature(scope, f"{path}?{query}" if query else path, body)
        told = msgspec.json.decode(body) if body else {}
        if (method, path) == ("POST", "/v3/pay/transactions/jsapi"):
            return self._prepay(told)
        if (method, path) == ("POST", "/v3/refund/domestic/refunds"):
            return self._refund(told)
        if method == "GET" and path.startswith("/v3/refund/domestic/refunds/"):
            return self._refund_told(path.rsplit("/", 1)[-1])
        if found := re.fullmatch(r"/v3/pay/transactions/out-trade-no/([^/]+)(/close)?", path):
            if found[2] and method == "POST":
                self._mine(told.get("mchid"))
                return self._close(found[1])
            if not found[2] and method == "GET":
                self._mine(parse_qs(query).get("mchid", [""])[0])
                return self._told(self._trade(found[1]))
        raise _Fault(404, "RESOURCE_NOT_EXISTS", "no such address")

    def _check_signature(self, scope: Mapping[str, Any], path: str, body: bytes) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if found is None:
            raise _Fault(401, "SIGN_ERROR", "no authorization")
        mch_id, nonce, signature, at, serial = found.groups()
        if (mch_id, serial) != (self._party.mch_id, self._party.serial):
            raise _Fault(401, "SIGN_ERROR", "mchid or serial_no")
        if abs(int(at) - self._clock().timestamp()) > 300 or nonce in self._nonces:
            raise _Fault(401, "SIGN_ERROR", "timestamp or nonce")
        self._nonces.add(nonce)
        signed = f"{scope['method']}\n{path}\n{at}\n{nonce}\n".encode() + body + b"\n"
        try:
            self._merchant.verify(base64.b64decode(signature), signed, PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError):
            raise _Fault(401, "SIGN_ERROR", "signature") from None

    def _mine(self, mch_id: Any) -> None:
        if mch_id != self._party.mch_id:
            raise _Fault(400, "MCH_NOT_EXISTS", "mchid")

    def _prepay(self, told: dict[str, Any]) -> dict[str, Any]:
        self._mine(told.get("mchid"))
        number, total = told.get("out_trade_no"), told.get("amount", {}).get("total")
        if told.get("appid") != self._party.app_id:
            raise _Fault(400, "APPID_MCHID_NOT_MATCH", "appid")
        if not (isinstance(number, str) and _TRADE_NO.fullmatch(number)):
            raise _Fault(400, "PARAM_ERROR", "out_trade_no")
        if type(total) is not int or total < 1 or not told.get("payer", {}).get("openid"):
            raise _Fault(400, "PARAM_ERROR", "amount or payer")
        if not (0 < len(told.get("description", "")) <= 127) or not told.get("notify_url"):
            raise _Fault(400, "PARAM_ERROR", "description or notify_url")
        if datetime.fromisoformat(told["time_expire"]) <= self._clock():
            raise _Fault(400, "PARAM_ERROR", "time_expire")
        known = self._one("SELECT body, state FROM trade WHERE out_trade_no = ?", number)
        if known and known[1] in ("SUCCESS", "REFUND"):
            raise _Fault(400, "ORDER_PAID", "the order is paid")
        if known and known[1] == "CLOSED":
            raise _Fault(400, "ORDER_CLOSED", "the order is closed")
        if known and not _same(msgspec.json.decode(known[0]), told):
            raise _Fault(403, "OUT_TRADE_NO_USED", "the number is another order's")
        prepay_id = f"wx{self._clock():%d%H%M%S}{secrets.token_hex(13)}"
        row = (number, msgspec.json.encode(told).decode(), total)
        self._db.execute("INSERT OR REPLACE INTO trade VALUES (?, ?, ?, 'NOTPAY', NULL, NULL)", row)
        self._db.execute("INSERT INTO prepay VALUES (?, ?, ?)", (prepay_id, number, self._clock().isoformat()))
        return {"prepay_id": prepay_id}

    def _close(self, number: str) -> None:
        if self._trade(number)["state"] in ("SUCCESS", "REFUND"):
            raise _Fault(400, "ORDER_PAID", "the order is paid")
        self._db.execute("UPDATE trade SET state = 'CLOSED' WHERE out_trade_no = ?", (number,))

    def _refund(self, told: dict[str, Any]) -> dict[str, Any]:
        trade, number = self._trade(told["out_trade_no"]), told["out_refund_no"]
        fen, total = told["amount"]["refund"], told["amount"]["total"]
        if known := self._one("SELECT out_trade_no, fen FROM refund WHERE out_refund_no = ?", number):
            if known != (told["out_trade_no"], fen):
                raise _Fault(400, "INVALID_REQUEST", "the number is another refund's")
            return self._refund_told(number)
        if trade["state"] not in ("SUCCESS", "REFUND") or total != trade["total"]:
            raise _Fault(400, "INVALID_REQUEST", "not paid, or another total")
        row = self._one("SELECT coalesce(sum(fen), 0) FROM refund WHERE out_trade_no = ?", told["out_trade_no"])
        assert row is not None, "an aggregate returns a row"
        if fen < 1 or row[0] + fen > total:
            raise _Fault(400, "PARAM_ERROR", "more than was paid")
        if self.balance is not None and fen > self.balance:
            raise _Fault(403, "NOT_ENOUGH", "the balance is not enough")
        refund_id = f"50{secrets.randbelow(10**26):026}"
        self._db.execute(
            "INSERT INTO refund VALUES (?, ?, ?, ?, 'PROCESSING')", (number, told["out_trade_no"], refund_id, fen)
        )
        self._db.execute("UPDATE trade SET state = 'REFUND' WHERE out_trade_no = ?", (told["out_trade_no"],))
        return self._refund_told(number)

    # --- what it tells ---

    def _trade(self, number: str) -> dict[str, Any]:
        query = "SELECT body, total, state, transaction_id, success_time FROM trade WHERE out_trade_no = ?"
        row = self._one(query, number)
        if row is None:
            raise _Fault(404, "ORDER_NOT_EXIST", "no such order")
        names = ("total", "state", "transaction_id", "success_time")
        return {**dict(zip(names, row[1:], strict=True)), "asked": msgspec.json.decode(row[0])}

    def _is_over(self, trade: dict[str, Any]) -> bool:
        return datetime.fromisoformat(trade["asked"]["time_expire"]) <= self._clock()

    def _told(self, trade: dict[str, Any]) -> dict[str, Any]:
        asked = trade["asked"]
        told = {
            "appid": asked["appid"], "mchid": asked["mchid"], "out_trade_no": asked["out_trade_no"],
            "trade_state": trade["state"], "trade_state_desc": trade["state"], "payer": asked["payer"],
        }  # fmt: skip
        if trade["transaction_id"]:
            told |= {
                "transaction_id": trade["transaction_id"], "trade_type": "JSAPI", "bank_type": "OTHERS",
                "success_time": trade["success_time"], "attach": asked.get("attach", ""),
                "amount": {
                    "total": trade["total"], "payer_total": trade["total"], "currency": "CNY", "payer_currency": "CNY",
                },
            }  # fmt: skip
        return told

    def _refund_told(self, number: str) -> dict[str, Any]:
        row = self._one("SELECT out_trade_no, refund_id, fen, status FROM refund WHERE out_refund_no = ?", number)
        if row is None:
            raise _Fault(404, "RESOURCE_NOT_EXISTS", "no such refund")
        trade = self._trade(row[0])
        return {
            "out_refund_no": number, "out_trade_no": row[0], "refund_id": row[1], "status": row[3],
            "transaction_id": trade["transaction_id"], "channel": "ORIGINAL",
            "amount": {
                "refund": row[2], "total": trade["total"], "payer_refund": row[2], "payer_total": trade["total"],
            },
        }  # fmt: skip

    def _queue(self, event_type: str, kind: str, opened: dict[str, Any], trade: dict[str, Any]) -> None:
        nonce, bound = secrets.token_hex(6), kind
        sealed = AESGCM(self._party.v3_key.encode()).encrypt(
            nonce.encode(), msgspec.json.encode(opened), bound.encode()
        )
        envelope = {
            "id": secrets.token_hex(16), "create_time": self._clock().isoformat(timespec="seconds"),
            "event_type": event_type, "resource_type": "encrypt-resource", "summary": event_type,
            "resource": {
                "algorithm": "AEAD_AES_256_GCM", "ciphertext": base64.b64encode(sealed).decode(), "nonce": nonce,
                "associated_data": bound, "original_type": kind,
            },
        }  # fmt: skip
        row = (envelope["id"], trade["asked"]["notify_url"], msgspec.json.encode(envelope).decode(),
               self._clock().isoformat())  # fmt: skip
        self._db.execute("INSERT INTO notice (id, url, body, next_at) VALUES (?, ?, ?, ?)", row)

    def _signed(self, body: bytes) -> dict[str, str]:
        at, nonce = str(int(self._clock().timestamp())), secrets.token_hex(16)
        signature = self._platform.sign(f"{at}\n{nonce}\n".encode() + body + b"\n", PKCS1v15(), SHA256())
        return {
            "Wechatpay-Timestamp": at, "Wechatpay-Nonce": nonce, "Wechatpay-Serial": self._party.platform_key_id,
            "Wechatpay-Signature": base64.b64encode(signature).decode(),
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }  # fmt: skip

    async def _page(self, scope: Mapping[str, Any], body: bytes) -> tuple[int, bytes]:
        """The page on which a demonstration pays, where WeChat would open its own."""
        sent = body.decode() if scope["method"] == "POST" else scope["query_string"].decode()
        prepay_id = parse_qs(sent).get("prepay_id", [""])[0]
        found = self._one("SELECT out_trade_no FROM prepay WHERE prepay_id = ?", prepay_id)
        if found is None:
            return 404, paid_page("unknown")
        trade = self._trade(found[0])
        if scope["method"] == "POST" and trade["state"] == "NOTPAY":
            try:
                self.pay(prepay_id)
            except _Fault:
                return 409, paid_page("closed")
            await self.deliver()
            trade = self._trade(found[0])
        if trade["state"] == "NOTPAY" and not self._is_over(trade):
            return 200, pay_page(prepay_id, trade["asked"]["description"], trade["total"])
        return 200, paid_page("paid" if trade["state"] in ("SUCCESS", "REFUND") else "closed")

    def _one(self, query: str, *parameters: Any) -> Any:
        return self._db.execute(query, parameters).fetchone()


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two requests are for one order."""
    return all(one.get(name) == other.get(name) for name in ("appid", "mchid", "amount", "payer", "description"))


async def _body(receive: Callable[[], Awaitable[Message]]) -> bytes:
    whole = b""
    while True:
        message = await receive()
        whole += message.get("body", b"")
        if not message.get("more_body"):
            return whole


def make_keys() -> dict[str, Any]:
    """New keys of a merchant and of the provider (PEM), and the secret between them (`v3_key`)."""
    return {"merchant": _pair(), "platform": _pair(), "v3_key": secrets.token_hex(16)}


def _pair() -> dict[str, str]:
    private = generate_private_key(65537, 2048)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    own = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {"private": own.decode(), "public": public.decode()}
