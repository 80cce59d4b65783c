"""Points and cash: orders that wait for their payment, and every way in which that is told, late, twice or never."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from tests.api.conftest import NOW, Api
from tests.api.mine import Mine
from tests.api.test_mall import audited, order, put_up, stock  # noqa: F401  (audited: for every test)

from linli.cashier import Cashier
from linli.fakes.wechat_pay import FakeWechatPay
from linli.flows.sweep import release_holds

START = datetime.fromisoformat(NOW)
NOTICES = "/v1/payments/wechat/notices"


@pytest.fixture
def more_settings() -> dict[str, Any]:
    return {"payments": "fake"}


@pytest.fixture
async def mine(api: Api) -> Mine:
    await api.enrol("m1", 500)
    return Mine(api, "m1")


def cashier(api: Api) -> Cashier:
    return api.app.framework.state.process.cashier


def provider(api: Api) -> FakeWechatPay:
    fake = cashier(api).fake
    assert fake is not None
    return fake


def later(api: Api, **delta: Any) -> None:
    api.set_clock((START + timedelta(**delta)).isoformat())


async def held(api: Api, mine: Mine, **more: Any) -> Any:
    """An order of 100 points and ¥2 that waits to be paid for."""
    item_id = await put_up(api, price_fen=200, **more)
    answer = await order(mine, item_id)
    assert answer.status_code == 201, answer.text
    return answer.json()


def prepay_id(bought: Any) -> str:
    return bought["payment"]["params"]["package"].removeprefix("prepay_id=")


async def state(mine: Mine, bought: Any) -> tuple[str, str, int]:
    """(state of the order, of its payment, points that can be spent)"""
    found = await mine.get(f"/mall/orders/{bought['order_id']}")
    return found["state"], found["payment"]["state"], (await mine.api.balance("m1"))["available"]


async def test_a_hundred_points_and_two_yuan(api: Api, mine: Mine) -> None:
    bought = await held(api, mine)
    assert (bought["state"], bought["code"], bought["price_fen"]) == ("held", None, 200)
    assert bought["payment"]["params"]["signType"] == "RSA" and bought["payment"]["price_fen"] == 200
    assert (await api.balance("m1"))["held"] == 100
    assert await stock(api, bought["item"]["item_id"]) == [10, 1, 0, 9]
    url = bought["payment"]["fake_pay_url"]
    page = await api.client.get(url)
    assert page.status_code == 200 and "¥2.00" in page.text
    path, query = url.split("?")
    done = await api.client.post(path, content=query, headers={"content-type": "application/x-www-form-urlencoded"})
    assert 'data-state="paid"' in done.text
    paid = await mine.get(f"/mall/orders/{bought['order_id']}")
    assert (paid["state"], paid["payment"]["state"], len(paid["code"])) == ("paid", "paid", 10)
    assert [(step["state"], step["by"]) for step in paid["events"]] == [("held", "member"), ("paid", "system")]
    assert await api.balance("m1") | {"available": 400, "held": 0} == await api.balance("m1")
    assert await stock(api, bought["item"]["item_id"]) == [10, 0, 1, 9]
    costs = (await api.get("/v1/mall/costs", **{"from": "2026-11-21", "to": "2026-11-21"})).json()
    assert costs["total"] == {"orders": 1, "pieces": 1, "points": 100, "price_fen": 200, "cost_fen": 320}


async def test_an_orders_points_are_no_other_requests(api: Api, mine: Mine) -> None:
    bought = await held(api, mine)
    for verb in ("capture", "release"):
        answer = await api.post(f"/v1/members/m1/holds/{bought['order_id']}/{verb}")
        assert (answer.status_code, answer.json()["code"]) == (409, "of_mall_order")
    plain = (await order(mine, await put_up(api))).json()
    for named in ({"hold_id": bought["order_id"]}, {"spending_key": f"mall:{plain['order_id']}"}):
        answer = await api.post("/v1/members/m1/refunds", named, key="back")
        assert answer.json()["code"] == "of_mall_order"


async def test_the_same_answer_again_tells_the_payment_as_it_stands(api: Api, mine: Mine) -> None:
    item_id = await put_up(api, price_fen=200)
    first, again = [(await order(mine, item_id, key="one")).json() for _ in range(2)]
    assert first["order_id"] == again["order_id"] and prepay_id(first) == prepay_id(again)
    provider(api).pay(prepay_id(first))
    assert await provider(api).deliver() == 1
    third = (await order(mine, item_id, key="one")).json()
    assert (third["state"], third["payment"]["state"], third["payment"]["params"]) == ("held", "paid", None)
    refused = await mine.ask("POST", f"/mall/orders/{first['order_id']}/pay")
    assert (refused.status_code, refused.json()["code"]) == (409, "payment_over")


async def test_a_notice_twice_out_of_order_and_by_query_is_one(api: Api, mine: Mine) -> None:
    bought = await held(api, mine)
    provider(api).pay(prepay_id(bought))
    ((headers, body),) = provider(api).notices()
    for _ in range(3):
        answer = await api.client.post(NOTICES, content=body, headers=headers)
        assert answer.status_code == 204, answer.text
    later(api, minutes=16)
    assert await cashier(api).look_after() == 0, "there is nothing to ask for"
    assert await state(mine, bought) == ("paid", "paid", 400)
    # Cancelled and given back; a notice of the payment that comes again brings nothing back to life.
    await mine.ask("POST", f"/mall/orders/{bought['order_id']}/cancel")
    assert await state(mine, bought) == ("cancelled", "refunding", 500)
    ((headers, body),) = provider(api).notices()
    assert (await api.client.post(NOTICES, content=body, headers=headers)).status_code == 204
    assert await cashier(api).look_after() == 1
    assert await state(mine, bought) == ("cancelled", "refunding", 500)
    provider(api).settle_refunds()
    assert await provider(api).deliver() == 2, "of the payment, since nobody had delivered it, and of the refund"
    assert await state(mine, bought) == ("cancelled", "refunded", 500)
    later(api, days=3)
    assert await cashier(api).look_after() == 0


async def test_two_tellings_of_one_payment_are_one(api: Api, mine: Mine) -> None:
    """By notices with ids of their own, and by the answer to a question that was on its way meanwhile."""
    bought = await held(api, mine)
    fake = provider(api)
    number = fake.pay(prepay_id(bought))
    trade = fake._trade(number)
    fake._queue("TRANSACTION.SUCCESS", "transaction", fake._told(trade), trade)
    known = await cashier(api)._provider().find(number)
    assert known is not None
    for headers, body in fake.notices():
        assert (await api.client.post(NOTICES, content=body, headers=headers)).status_code == 204
    assert await cashier(api)._run(lambda conn: cashier(api)._told(conn, known)) == "duplicate"
    assert await state(mine, bought) == ("paid", "paid", 400)


async def test_tampered_notices_change_nothing(api: Api, mine: Mine) -> None:
    bought = await held(api, mine)
    provider(api).pay(prepay_id(bought))
    ((headers, body),) = provider(api).notices()
    sealed = msgspec.json.decode(body)
    text = bytearray(base64.b64decode(sealed["resource"]["ciphertext"]))
    text[5] ^= 1
    sealed["resource"]["ciphertext"] = base64.b64encode(bytes(text)).decode()
    swapped = msgspec.json.encode(sealed)
    other = headers | {"Wechatpay-Signature": headers["Wechatpay-Signature"][:-8] + "AAAAAAA="}
    forged = [
        (swapped, headers), (body + b" ", headers), (body, other), (body, headers | {"Wechatpay-Nonce": "x"}),
        (body, headers | {"Wechatpay-Serial": "OTHER"}), (body, {}), (b"", headers),
        (swapped, provider(api)._signed(swapped)),  # signed, but what it carries cannot be opened
    ]  # fmt: skip
    for sent, with_headers in forged:
        answer = await api.client.post(NOTICES, content=sent, headers=with_headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "notice_forged")
    later(api, minutes=6)
    stale = await api.client.post(NOTICES, content=body, headers=headers)
    assert stale.json()["code"] == "notice_forged"
    assert await state(mine, bought) == ("held", "unpaid", 400)


async def test_what_nobody_pays_is_closed_and_all_is_free_again(api: Api, mine: Mine) -> None:
    bought = await held(api, mine)
    later(api, minutes=14)
    assert await cashier(api).look_after() == 0
    later(api, minutes=15)
    assert await cashier(api).look_after() == 1
    assert await state(mine, bought) == ("expired", "closed", 500)
    assert await stock(api, bought["item"]["item_id"]) == [10, 0, 0, 10]
    with pytest.raises(Exception, match="ORDER_CLOSED"):
        provider(api).pay(prepay_id(bought))


async def test_one_that_was_never_told_to_the_provider_is_closed_too(api: Api, mine: Mine) -> None:
    provider(api).ails = (500, "SYSTEM_ERROR")
    bought = await held(api, mine)
    assert bought["payment"]["params"] is None and bought["payment"]["state"] == "unpaid"
    provider(api).ails = None
    later(api, minutes=15)
    await cashier(api).look_after()
    assert await state(mine, bought) == ("expired", "closed", 500)


async def test_paid_but_nobody_told_is_found_by_asking(api: Api, mine: Mine) -> None:
    bought = await held(api, mine)
    provider(api).pay(prepay_id(bought))
    later(api, minutes=15)
    await cashier(api).look_after()
    assert await state(mine, bought) == ("paid", "paid", 400)


async def out_of_reach(api: Api) -> None:
    """The provider cannot be reached for more than a day; then it can."""
    provider(api).ails = (500, "SYSTEM_ERROR")
    for hours in (1, 12, 25):
        later(api, hours=hours)
        await cashier(api).look_after()
        settings = api.app.framework.state.process.settings
        await release_holds(api.pool, settings.clock, settings.calendar)
    provider(api).ails = None


async def test_a_notice_a_day_late_revives_the_order_if_all_is_still_there(api: Api, mine: Mine) -> None:
    bought = await held(api, mine)
    provider(api).pay(prepay_id(bought))
    await out_of_reach(api)
    assert await state(mine, bought) == ("expired", "unpaid", 500)
    ((headers, body),) = provider(api).notices()
    assert (await api.client.post(NOTICES, content=body, headers=headers)).status_code == 204
    assert await state(mine, bought) == ("paid", "paid", 400)
    answer = await api.post(f"/v1/mall/orders/{bought['order_id']}/refund", {"reason": "too late"})
    assert answer.json()["payment"]["state"] == "refunding"
    assert await state(mine, bought) == ("refunded", "refunding", 500)


@pytest.mark.parametrize("gone", ["points", "stock"])
async def test_a_notice_too_late_gives_the_cash_back(api: Api, mine: Mine, gone: str) -> None:
    bought = await held(api, mine, total=1)
    provider(api).pay(prepay_id(bought))
    await out_of_reach(api)
    if gone == "points":
        await api.post("/v1/members/m1/adjustments", {"points": -450, "reason": "spent"}, key="spent")
    else:
        await api.enrol("m2", 500)
        assert (await order(Mine(api, "m2"), bought["item"]["item_id"])).status_code == 201
    later(api, hours=48)
    await cashier(api).look_after()
    await cashier(api).look_after()
    assert (await state(mine, bought))[:2] == ("expired", "refunding")
    provider(api).settle_refunds()
    await provider(api).deliver()
    assert (await state(mine, bought))[:2] == ("expired", "refunded")


async def test_cancelled_while_it_is_paid_gives_the_cash_back(api: Api, mine: Mine) -> None:
    bought = await held(api, mine)
    cancelled = await mine.ask("POST", f"/mall/orders/{bought['order_id']}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    provider(api).pay(prepay_id(bought))
    await provider(api).deliver()
    assert await state(mine, bought) == ("cancelled", "refunding", 500)


async def test_cancelled_before_it_is_paid_can_be_paid_no_more(api: Api, mine: Mine) -> None:
    bought = await held(api, mine)
    await mine.ask("POST", f"/mall/orders/{bought['order_id']}/cancel")
    assert await cashier(api).look_after() == 1
    with pytest.raises(Exception, match="ORDER_CLOSED"):
        provider(api).pay(prepay_id(bought))
    assert await state(mine, bought) == ("cancelled", "closed", 500)


async def test_a_refund_that_is_refused_is_asked_for_until_it_is_done(api: Api, mine: Mine) -> None:
    bought = await held(api, mine)
    provider(api).pay(prepay_id(bought))
    await provider(api).deliver()
    await api.post(f"/v1/mall/orders/{bought['order_id']}/cancel", {"reason": "broken"})
    provider(api).balance = 100
    assert await cashier(api).look_after() == 1
    assert await state(mine, bought) == ("cancelled", "refunding", 500)
    assert await cashier(api).look_after() == 0, "not at once again"
    provider(api).balance = None
    for minutes in (2, 10, 30):
        later(api, minutes=minutes)
        await cashier(api).look_after()
    provider(api).settle_refunds()
    later(api, hours=8)
    await cashier(api).look_after()  # by asking, should no notice come
    assert await state(mine, bought) == ("cancelled", "refunded", 500)


async def test_another_amount_is_not_taken_for_a_payment(api: Api, mine: Mine) -> None:
    bought = await held(api, mine)
    fake = provider(api)
    fake._db.execute("UPDATE trade SET total = 100")
    fake.pay(prepay_id(bought))
    ((headers, body),) = fake.notices()
    answer = await api.client.post(NOTICES, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "payment_mismatch")
    assert await state(mine, bought) == ("held", "unpaid", 400)
