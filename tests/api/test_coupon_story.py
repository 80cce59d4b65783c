"""Document A 20, 66: in the month of birth a coupon of ¥5 is there, and with it the member orders again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.api.conftest import Api
from tests.api.mine import Mine
from tests.api.test_coupons import step, template
from tests.flows.world import CHECKS

from linli import worker
from linli.kit.audit import run_audit
from linli.kit.resources import resource
from linli.settings import Settings


@pytest.fixture
def document() -> bytes:
    """Neighbours, who give a coupon in the month of birth."""
    text = (resource("presets") / "neighbours.yaml").read_bytes()
    return re.sub(rb"(?m)^reminders:.*\n", rb"\g<0>  birthday_coupon: BIRTHDAY\n", text)


async def test_a_birthday_coupon_and_the_order_that_it_brings(api: Api, tmp_path: Path) -> None:
    await api.tell("member.registered", member_id="m1", birth_month=12)
    await api.tell("member.registered", member_id="m2", birth_month=11)
    await template(api, "BIRTHDAY", purpose="birthday", valid_days=31)
    settings = Settings(clock_file=tmp_path / "clock", home=tmp_path)  # pyright: ignore
    me = Mine(api, "m1")
    for night in ("2026-11-30T00:35:00+08:00", "2026-12-01T00:29:00+08:00"):
        api.set_clock(night)
        await worker.run_night(api.pool, settings, settings.clock())
        assert (await me.get("/coupons"))["items"] == []
    for night in ("2026-12-01T00:30:00+08:00", "2026-12-01T00:35:00+08:00", "2026-12-02T00:30:00+08:00"):
        api.set_clock(night)
        await worker.run_night(api.pool, settings, settings.clock())
        (coupon,) = (await me.get("/coupons", state="issued"))["items"]
    assert (coupon["off"]["zh"], coupon["condition"]["zh"], coupon["source"]) == ("减5元", "无门槛", "birthday")
    assert (coupon["valid_from"], coupon["valid_until"]) == ("2026-12-01", "2026-12-31")

    api.set_clock("2026-12-20T10:00:00+08:00")
    cart = {"lines": [{"sku": "cake", "price_fen": 2990}]}
    tried = (await api.post("/v1/members/m1/coupons/applicable", cart)).json()
    assert tried["best_coupon_id"] == coupon["coupon_id"]
    locked = (await step(api, coupon["coupon_id"], "lock", "o1", lines=cart["lines"])).json()
    assert locked["lines"][0]["pay_fen"] == 2490
    paid = await api.tell("order.paid", time="2026-12-20T02:00:00Z", member_id="m1", order_id="o1", paid_fen=2490)
    assert paid.status_code == 200
    assert (await step(api, coupon["coupon_id"], "use", "o1")).json()["state"] == "used"
    assert (await me.get("/coupons", state="issued"))["items"] == []
    async with api.pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []
