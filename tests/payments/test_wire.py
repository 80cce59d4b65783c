"""Our client and our fake of WeChat Pay, each held against `wechatpayv3`: another's client of the same wire."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import wechatpayv3.core
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from wechatpayv3 import WeChatPay as Theirs
from wechatpayv3 import WeChatPayType

from linli.fakes.wechat_pay import FakeWechatPay, Party, make_keys
from linli.kit.clock import system_clock
from linli.wechat_pay import Keys, NoticeForged, PayRefused, PayUnavailable, WechatPay

APP, MERCHANT, SERIAL, KEY_ID = (
    "wx8888888888888888",
    "1900000109",
    "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C",
    "PUB_KEY_ID_01",
)
NOTIFY = "https://shop.example/v1/payments/wechat/notices"
NUMBER = "0192f5d0c0de7000800000000000abcd"


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return make_keys()


@pytest.fixture
def keys(made: dict[str, Any]) -> Keys:
    return Keys(
        APP, MERCHANT, SERIAL, made["merchant"]["private"].encode(), made["v3_key"],
        made["platform"]["public"].encode(), KEY_ID,
    )  # fmt: skip


@pytest.fixture
def fake(made: dict[str, Any]) -> FakeWechatPay:
    merchant, platform = made["merchant"]["public"].encode(), made["platform"]["private"].encode()
    return FakeWechatPay(Party(APP, MERCHANT, SERIAL, merchant, made["v3_key"], platform, KEY_ID))


@pytest.fixture
def ours(keys: Keys, fake: FakeWechatPay) -> WechatPay:
    return WechatPay(keys, "http://pay", system_clock, httpx.ASGITransport(fake))


@pytest.fixture
def theirs(made: dict[str, Any], fake: FakeWechatPay, monkeypatch: pytest.MonkeyPatch) -> Theirs:
    """Their client, whose `requests` go to the fake."""

    def send(method: str, url: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(fake)) as client:
                return await client.request(method, url, headers=headers, content=body)

        return asyncio.run(ask())

    def post(url: str, json: Any, headers: dict[str, str], **_: Any) -> httpx.Response:
        return send("POST", url, headers, encode(json) if json else b"")

    def encode(value: Any) -> bytes:  # as `requests` does, and as it was signed
        return json.dumps(value).encode()

    def get(url: str, headers: dict[str, str], **_: Any) -> httpx.Response:
        return send("GET", url, headers, b"")

    monkeypatch.setattr(wechatpayv3.core, "requests", SimpleNamespace(get=get, post=post))
    return Theirs(
        wechatpay_type=WeChatPayType.JSAPI, mchid=MERCHANT, private_key=made["merchant"]["private"],
        cert_serial_no=SERIAL, apiv3_key=made["v3_key"], appid=APP, notify_url=NOTIFY,
        public_key=made["platform"]["public"], public_key_id=KEY_ID,
    )  # fmt: skip


def soon() -> datetime:
    return system_clock() + timedelta(minutes=15)


def test_another_client_pays_hears_and_gives_back_at_the_fake(theirs: Theirs, fake: FakeWechatPay) -> None:
    expire = soon().astimezone().isoformat(timespec="seconds")
    code, said = theirs.pay(
        "抽纸", NUMBER, {"total": 200, "currency": "CNY"}, payer={"openid": "o1"}, time_expire=expire
    )
    assert code == 200, said
    prepay_id = json.loads(said)["prepay_id"]
    code, said = theirs.query(out_trade_no=NUMBER)
    assert (code, json.loads(said)["trade_state"]) == (200, "NOTPAY")
    assert fake.pay(prepay_id) == NUMBER
    ((headers, body),) = fake.notices()
    told = theirs.callback(headers, body)
    assert (told["event_type"], told["resource"]["trade_state"]) == ("TRANSACTION.SUCCESS", "SUCCESS")
    assert told["resource"]["amount"]["total"] == 200
    assert theirs.callback(headers, body.replace(b"TRANSACTION", b"TRANSACTIOM")) is None
    code, said = theirs.close(NUMBER)
    assert (code, json.loads(said)["code"]) == (400, "ORDER_PAID")
    code, said = theirs.refund(
        out_refund_no="R1234567", amount={"refund": 150, "total": 200, "currency": "CNY"}, out_trade_no=NUMBER
    )
    assert (code, json.loads(said)["status"]) == (200, "PROCESSING"), said
    more = theirs.refund(
        out_refund_no="R7654321", amount={"refund": 51, "total": 200, "currency": "CNY"}, out_trade_no=NUMBER
    )
    assert (more[0], json.loads(more[1])["code"]) == (400, "PARAM_ERROR")
    fake.settle_refunds()
    told = theirs.callback(*fake.notices()[1])
    assert (told["event_type"], told["resource"]["refund_status"]) == ("REFUND.SUCCESS", "SUCCESS")
    assert json.loads(theirs.query_refund("R1234567")[1])["status"] == "SUCCESS"


def test_another_client_closes_at_the_fake_and_a_foreign_key_is_refused(theirs: Theirs, fake: FakeWechatPay) -> None:
    expire = soon().astimezone().isoformat(timespec="seconds")
    theirs.pay("抽纸", NUMBER, {"total": 200}, payer={"openid": "o1"}, time_expire=expire)
    assert theirs.close(NUMBER)[0] == 204
    assert json.loads(theirs.query(out_trade_no=NUMBER)[1])["trade_state"] == "CLOSED"
    stranger = Theirs(
        wechatpay_type=WeChatPayType.JSAPI, mchid=MERCHANT, private_key=make_keys()["merchant"]["private"],
        cert_serial_no=SERIAL, apiv3_key="0" * 32, appid=APP, notify_url=NOTIFY,
        public_key=make_keys()["merchant"]["public"], public_key_id=KEY_ID,
    )  # fmt: skip
    code, said = stranger.query(out_trade_no=NUMBER)
    assert (code, json.loads(said)["code"]) == (401, "SIGN_ERROR")


async def test_our_client_says_the_same_as_the_other(
    ours: WechatPay, theirs: Theirs, fake: FakeWechatPay, made: dict[str, Any]
) -> None:
    prepay_id = await ours.prepay(NUMBER, "抽纸一提", 200, "o1", until=soon(), notify_url=NOTIFY)
    params = ours.pay_params(prepay_id)
    signed = "".join(f"{params[name]}\n" for name in ("appId", "timeStamp", "nonceStr", "package"))
    assert params["package"] == f"prepay_id={prepay_id}" and params["signType"] == "RSA"
    # RSA by PKCS#1 v1.5 has one signature for a text: theirs is ours.
    assert theirs.sign([params[name] for name in ("appId", "timeStamp", "nonceStr", "package")]) == params["paySign"]
    public: Any = load_pem_public_key(made["merchant"]["public"].encode())
    public.verify(base64.b64decode(params["paySign"]), signed.encode(), PKCS1v15(), SHA256())
    known = await ours.find(NUMBER)
    assert known is not None and (known.trade_state, known.transaction_id) == ("NOTPAY", None)
    assert await ours.find("nobody-knows") is None
    fake.pay(prepay_id)
    notice = ours.open_notice(*lowered(fake.notices()[0]))
    assert notice.transaction is not None and notice.transaction.amount is not None
    assert (notice.transaction.out_trade_no, notice.transaction.amount.total) == (NUMBER, 200)
    with pytest.raises(PayRefused, match="ORDER_PAID"):
        await ours.close(NUMBER)
    with pytest.raises(PayRefused, match="ORDER_PAID"):
        await ours.prepay(NUMBER, "抽纸一提", 200, "o1", until=soon(), notify_url=NOTIFY)
    for _ in range(2):
        assert (await ours.refund(NUMBER, "R1234567", 200, 200, "broken")).said == "PROCESSING"
    fake.settle_refunds("ABNORMAL")
    refund = ours.open_notice(*lowered(fake.notices()[1])).refund
    assert refund is not None and (refund.said, refund.amount.refund) == ("ABNORMAL", 200)


async def test_what_is_not_theirs_is_not_believed(keys: Keys, ours: WechatPay, fake: FakeWechatPay) -> None:
    prepay_id = await ours.prepay(NUMBER, "抽纸", 200, "o1", until=soon(), notify_url=NOTIFY)
    fake.pay(prepay_id)
    headers, body = lowered(fake.notices()[0])
    others: Any = make_keys()
    for changed in (
        {"public_key": others["platform"]["public"].encode()}, {"v3_key": "0" * 32}, {"mch_id": "1900000110"},
        {"app_id": "wx7777777777777777"},
    ):  # fmt: skip
        with pytest.raises(NoticeForged):
            WechatPay(keys._replace(**changed), "http://pay", system_clock).open_notice(headers, body)
    # Of an answer that somebody else has signed, nothing is taken; a merchant nobody knows must look at the settings.
    transport = httpx.ASGITransport(fake)
    deaf = WechatPay(
        keys._replace(public_key=others["platform"]["public"].encode()), "http://pay", system_clock, transport
    )
    with pytest.raises(PayUnavailable):
        await deaf.find(NUMBER)
    stranger = WechatPay(
        keys._replace(private_key=others["merchant"]["private"].encode()), "http://pay", system_clock, transport
    )
    with pytest.raises(PayUnavailable):
        await stranger.find(NUMBER)


async def test_a_notice_that_is_not_taken_comes_again_for_two_days(made: dict[str, Any], keys: Keys) -> None:
    now = [datetime.fromisoformat("2026-11-21T04:00:00+00:00")]
    came: list[datetime] = []

    async def shop(scope: Any, receive: Any, send: Any) -> None:
        came.append(now[0])
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    merchant, platform = made["merchant"]["public"].encode(), made["platform"]["private"].encode()
    party = Party(APP, MERCHANT, SERIAL, merchant, made["v3_key"], platform, KEY_ID)
    fake = FakeWechatPay(party, clock=lambda: now[0], notify=httpx.ASGITransport(shop))
    client = WechatPay(keys, "http://pay", lambda: now[0], httpx.ASGITransport(fake))
    until = now[0] + timedelta(minutes=15)
    fake.pay(await client.prepay(NUMBER, "抽纸", 200, "o1", until=until, notify_url=NOTIFY))
    begun = now[0]
    while now[0] - begun < timedelta(days=2):
        await fake.deliver()
        now[0] += timedelta(seconds=15) if now[0] - begun < timedelta(hours=1) else timedelta(minutes=10)
    waited = [int((at - begun).total_seconds()) for at in came]
    assert waited[:6] == [0, 15, 30, 60, 240, 840] and len(waited) == 16


def lowered(notice: tuple[dict[str, str], bytes]) -> tuple[dict[str, str], bytes]:
    """As a server hands headers on."""
    return {name.lower(): value for name, value in notice[0].items()}, notice[1]
