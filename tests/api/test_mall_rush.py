"""Many at once at the mall: the last pieces, limits, the same request twice, members' last points, coupons."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.api.conftest import KEY, Api
from tests.api.test_mall import audited, put_up, stock  # noqa: F401  (audited: for every test)

from linli.flows.mall_order import Placed, Placing, Terms, Wanted, place_many
from linli.kit.db import Connection
from linli.ledger import Stamp, adjust
from linli.mall import Gift, ItemLimitReached, ReservationUsedUp, StockExhausted, give, release, reserve
from linli.members import Sighting, enrol

BUYERS, PIECES = 500, 100


async def crowd(api: Api, number: int, points: int) -> list[str]:
    """Members with so many points each."""
    names = [f"b{n:03}" for n in range(number)]
    stamp = _stamp(api)
    async with api.pool.connection() as conn:
        await enrol(conn, [Sighting(name, stamp.at) for name in names], stamp.at)
        for name in names:
            until = stamp.on.replace(year=2027)
            await adjust(conn, stamp, name, "points", points, "start", reason="start", expires_on=until)
    return names


def _stamp(api: Api) -> Stamp:
    settings = api.app.framework.state.process.settings
    return Stamp(at=settings.clock(), on=settings.calendar.date_of(settings.clock()))


async def buy(api: Api, member_id: str, item_id: str, key: str | None = None, pieces: int = 1) -> Any:
    headers = {"idempotency-key": key or uuid4().hex, "authorization": f"Bearer {KEY}"}
    body = {"item_id": item_id, "pieces": pieces}
    return await api.client.post(f"/v1/members/{member_id}/mall/orders", json=body, headers=headers)


def tally(answers: list[Any]) -> Counter[str]:
    return Counter("ordered" if one.status_code == 201 else one.json()["code"] for one in answers)


async def test_five_hundred_buyers_a_hundred_pieces(api: Api) -> None:
    item_id = await put_up(api, total=PIECES)
    names = await crowd(api, BUYERS, 100)
    answers = await asyncio.gather(*(buy(api, name, item_id) for name in names))
    assert tally(answers) == {"ordered": PIECES, "stock_exhausted": BUYERS - PIECES}
    assert await stock(api, item_id) == [PIECES, 0, PIECES, 0]
    bought = [answer.json() for answer in answers if answer.status_code == 201]
    assert len({order["code"] for order in bought}) == PIECES
    async with api.pool.connection() as conn:
        rows = await (await conn.execute("SELECT sum(available)::int FROM ledger_balance")).fetchall()
        keys = await (await conn.execute("SELECT count(*)::int FROM ledger_key WHERE key LIKE 'request:%'")).fetchall()
    assert rows == [((BUYERS - PIECES) * 100,)]
    assert keys == [(PIECES,)], "a refusal uses up no key"


async def test_one_request_sixty_four_times_at_once_is_one_order(api: Api) -> None:
    item_id = await put_up(api, total=64)
    (name,) = await crowd(api, 1, 6_400)
    answers = await asyncio.gather(*(buy(api, name, item_id, key="one") for _ in range(64)))
    assert tally(answers) == {"ordered": 64} and len({answer.content for answer in answers}) == 1
    assert Counter(answer.headers.get("idempotency-replayed") for answer in answers) == {None: 1, "true": 63}
    other = await asyncio.gather(*(buy(api, name, item_id, key="two", pieces=1 + n % 2) for n in range(10)))
    assert tally(other) == {"ordered": 5, "idempotency_key_reused": 5}
    assert await stock(api, item_id) == [64, 0, 2, 62]


async def test_limits_and_the_last_points_hold_at_once(api: Api) -> None:
    limited = await put_up(api, total=1_000, limits=[{"per": "day", "pieces": 3}])
    plain = await put_up(api, total=1_000)
    first, second = await crowd(api, 2, 500)
    many = [buy(api, first, limited) for _ in range(20)] + [buy(api, second, plain) for _ in range(20)]
    answers = await asyncio.gather(*many)
    assert tally(answers[:20]) == {"ordered": 3, "item_limit_reached": 17}
    assert tally(answers[20:]) == {"ordered": 5, "insufficient_points": 15}
    assert await stock(api, limited) == [1_000, 0, 3, 997]


async def test_limits_hold_between_two_processes(api: Api) -> None:
    """Another process's order of the same member waits for the item, and counts the first."""
    item_id = await put_up(api, limits=[{"per": "life", "pieces": 1}])
    (name,) = await crowd(api, 1, 500)
    terms = Terms(lambda made: b"{}", None)

    async def place(conn: Connection, key: str) -> Any:
        (told,) = await place_many(conn, _stamp(api), [Placing(Wanted(name, UUID(item_id)), "test", key, b"")], terms)
        return told

    async def second() -> Any:
        async with api.pool.connection() as conn:
            return await place(conn, "second")

    async with api.pool.connection() as conn, api.pool.connection() as watcher:
        assert isinstance(await place(conn, "first"), Placed)
        other = asyncio.create_task(second())
        while not (await (await watcher.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")).fetchall())[0][0]:
            assert not other.done(), other.result()
        await conn.commit()
        assert isinstance(await other, ItemLimitReached)


async def test_in_one_batch_each_has_its_own_answer(api: Api) -> None:
    few = await put_up(api, total=2)
    dear = await put_up(api, price_points=1_000)
    names = await crowd(api, 4, 250)
    orders = [
        buy(api, names[0], few), buy(api, "nobody", few), buy(api, names[1], dear), buy(api, names[1], str(uuid4())),
        buy(api, names[1], few), buy(api, names[2], few),
    ]  # fmt: skip
    answers = await asyncio.gather(*orders)
    codes = [next(iter(tally([answer]))) for answer in answers]
    assert codes == [
        "ordered", "member_not_found", "insufficient_points", "item_not_found", "ordered", "stock_exhausted",
    ]  # fmt: skip


@pytest.fixture
async def template(api: Api) -> str:
    """A coupon of ¥5, of which there are three."""
    body = {
        "template_id": "five", "title": {"zh": "5元券", "en": "¥5 off"}, "kind": "amount", "off_fen": 500,
        "valid_days": 30, "pieces": 3, "funder": "platform",
    }  # fmt: skip
    made = await api.post("/v1/coupons/templates", body)
    assert made.status_code == 201, made.text
    template_id = made.json()["template_id"]
    opened = await api.post(f"/v1/coupons/templates/{template_id}/open")
    assert opened.status_code == 200, opened.text
    return template_id


async def test_coupons_come_with_their_order_and_no_more_than_there_are(api: Api, template: str) -> None:
    item_id = await put_up(api, kind="coupon", coupon_template_id=template, total=None, price_points=500)
    names = await crowd(api, 5, 500)
    answers = await asyncio.gather(*(buy(api, name, item_id) for name in names))
    assert tally(answers) == {"ordered": 3, "coupons_gone": 2}
    order = next(answer.json() for answer in answers if answer.status_code == 201)
    assert (order["state"], order["code"], order["can_cancel"]) == ("collected", None, False)
    coupon = (await api.get("/v1/coupons", member_id=order["member_id"])).json()["items"][0]
    assert (coupon["coupon_id"], coupon["state"]) == (order["coupon_id"], "issued")
    back = await api.post(f"/v1/mall/orders/{order['order_id']}/refund", {"reason": "by mistake"})
    assert back.json()["state"] == "refunded", back.text
    coupon = (await api.get("/v1/coupons", member_id=order["member_id"])).json()["items"][0]
    assert coupon["state"] == "void" and (await api.balance(order["member_id"]))["available"] == 500
    assert await stock(api, item_id) == [None, 0, 2, None]
    two = await buy(api, order["member_id"], item_id, pieces=2)
    assert two.json()["code"] == "item_limit_reached"


async def test_pieces_set_aside_are_given_once_for_each_cause(api: Api) -> None:
    item_id = await put_up(api, total=10)
    names = await crowd(api, 9, 100)
    stamp = _stamp(api)

    async def work(conn: Connection, causes: list[str]) -> list[Any]:
        gifts = [Gift(name, UUID(item_id), "lottery:c1", cause) for name, cause in zip(names, causes, strict=False)]
        return await give(conn, gifts, by="system:lottery", on=stamp.on, at=stamp.at)

    async with api.pool.connection() as conn:
        await reserve(conn, UUID(item_id), 8, "lottery:c1")
        with pytest.raises(StockExhausted):
            await reserve(conn, UUID(item_id), 3, "lottery:c2")
    assert await stock(api, item_id) == [10, 8, 0, 2]
    assert tally([await buy(api, name, item_id) for name in names[:3]]) == {"ordered": 2, "stock_exhausted": 1}
    async with api.pool.connection() as conn:
        first = await work(conn, ["d1", "d2", "d3"])
        again = await work(conn, ["d1", "d2", "d3", "d4"])
    assert [order.order_id for order in again[:3]] == [order.order_id for order in first]
    assert {order.points for order in again} == {0} and len({order.code for order in again}) == 4
    assert await stock(api, item_id) == [10, 4, 6, 0]

    async def race(cause: str) -> str:
        try:
            async with api.pool.connection() as conn:
                await work(conn, [cause, f"{cause}-other"])
        except ReservationUsedUp:
            return "used up"
        return "given"

    told = Counter(await asyncio.gather(*(race(f"r{n}") for n in range(5))))
    assert told == {"given": 2, "used up": 3}
    async with api.pool.connection() as conn:
        assert await release(conn, UUID(item_id), "lottery:c1") == 0
