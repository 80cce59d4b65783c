"""A member spends points: an item and its pickup code, with cash beside, a coupon, a verified draw, a basket."""

from __future__ import annotations

import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.acts import WEB, adjust, balance_of, enter, new_member, seen, told
from tests.browser.axe import findings
from tests.browser.chromium import Size
from tests.browser.conftest import Open
from tests.browser.system import System

PIXELS = """async (element) => {
  const picture = new Image();
  picture.src = getComputedStyle(element).backgroundImage.slice(5, -2).replaceAll('\\\\"', '"');
  await picture.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [600, 600];
  const pen = canvas.getContext("2d");
  pen.drawImage(picture, 0, 0, 600, 600);
  let text = "";
  for (const one of pen.getImageData(0, 0, 600, 600).data) text += String.fromCharCode(one);
  return btoa(text);
}"""
DECODE = """
import decode from 'qr/decode.js';
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
console.log(decode({ width: 600, height: 600, data: new Uint8ClampedArray(Buffer.concat(chunks)) }));
"""
EGGS = {"zh": "土鸡蛋 10 枚", "en": "Ten farm eggs"}


@pytest.fixture
def eggs(system: System) -> Iterator[dict[str, Any]]:
    """An item of which there are three, one for each member a day; off the shelf again afterwards."""
    terms = {
        "title": EGGS, "category": "food", "price_points": 300, "worth_fen": 1290, "cost_fen": 700, "total": 3,
        "sourcing": "near_expiry", "best_before": "2026-12-03", "limits": [{"per": "day", "pieces": 1}],
    }  # fmt: skip
    item = system.http.post("/v1/mall/items", json=terms).raise_for_status().json()
    path = f"/v1/mall/items/{item['item_id']}"
    system.http.post(f"{path}/list").raise_for_status()
    yield item
    system.http.post(f"{path}/delist").raise_for_status()


@pytest.fixture
def campaign(system: System) -> Iterator[dict[str, Any]]:
    """A campaign that has begun, of two prizes; stopped afterwards."""
    now = datetime.fromisoformat(system.clock.read_text().strip())
    prizes = [
        {"prize_id": f"p{points}", "name": {"zh": f"{points} 积分", "en": f"{points} points"}, "kind": "points",
         "points": points, "odds_ppm": 500_000} for points in (5, 50)
    ]  # fmt: skip
    terms = {
        "title": {"zh": "秋日好运", "en": "Autumn luck"}, "price_points": 100, "draws_a_day": 2, "prizes": prizes,
        "starts_at": (now - timedelta(hours=1)).isoformat(), "ends_at": (now + timedelta(days=3)).isoformat(),
    }  # fmt: skip
    made = system.http.post("/v1/lottery/campaigns", json=terms).raise_for_status().json()
    path = f"/v1/lottery/campaigns/{made['campaign_id']}"
    yield system.http.post(f"{path}/publish").raise_for_status().json()
    system.http.post(f"{path}/stop", json={"reason": "journey"})  # the journey itself may have stopped it


def test_an_item_is_had_for_points_and_collected_by_its_code(
    open_window: Open, system: System, size: Size, eggs: dict[str, Any]
) -> None:
    member_id = new_member(system)
    adjust(system, member_id, 700, "journey")
    watched = open_window(size)
    page = enter(watched, system, member_id)
    seen(page, "door-mall").click()
    expect(seen(page, "mall-balance")).to_have_text("700")
    good = seen(page, "good").filter(has_text=EGGS["zh"])
    expect(good).to_contain_text(told("cost.points", n=300))
    expect(good).to_contain_text(told("mall.nearExpiry"))
    assert findings(watched, "member/mall") == []
    good.click()
    expect(seen(page, "fact-limit")).to_contain_text(told("item.limitDay", n=1))
    _let_go(page)
    assert findings(watched, "member/mall-item") == []
    seen(page, "buy").click()
    expect(seen(page, "buy-after")).to_have_text(told("common.points", n=400))
    _lose_one_answer(page, "mall/orders")
    seen(page, "buy-do").click()
    expect(seen(page, "buy-trouble")).to_have_text(told("buy.unsure"))
    assert balance_of(system, member_id)["available"] == 400
    seen(page, "buy-do").click()
    expect(seen(page, "state")).to_have_text(told("mallOrder.state.paid"))
    assert balance_of(system, member_id)["available"] == 400, "the second tap is the same order"
    code = seen(page, "code").inner_text().replace(" ", "")
    assert _read(page) == code
    _let_go(page)
    assert findings(watched, "member/mall-order") == []

    page.go_back()
    expect(seen(page, "good").filter(has_text=EGGS["zh"])).to_be_visible()
    watched.go(f"/m/#/pages/mall-item/mall-item?id={eggs['item_id']}")
    expect(seen(page, "obstacles")).to_be_visible()
    expect(seen(page, "buy")).to_have_attribute("aria-disabled", "true")

    order = system.http.get("/v1/mall/orders", params={"member_id": member_id}).json()["items"][0]
    system.http.post(f"/v1/mall/orders/{order['order_id']}/ready").raise_for_status()
    watched.go("/m/#/pages/mall-orders/mall-orders")
    row = seen(page, "order")
    expect(row).to_contain_text(told("mallOrder.state.ready"))
    system.http.post("/v1/mall/collect", json={"code": code}).raise_for_status()
    row.click()
    expect(seen(page, "state")).to_have_text(told("mallOrder.state.collected"))
    expect(seen(page, "code")).to_have_count(0)


def test_the_cash_beside_the_points_is_paid(
    open_window: Open, system: System, size: Size, eggs: dict[str, Any]
) -> None:
    path = f"/v1/mall/items/{eggs['item_id']}"
    terms = {"price_fen": 200, "revision": system.http.get(path).json()["revision"]}
    system.http.put(path, json=_terms_of(eggs) | terms).raise_for_status()
    member_id = new_member(system)
    adjust(system, member_id, 300, "journey")
    watched = open_window(size)
    page = enter(watched, system, member_id)
    watched.go(f"/m/#/pages/mall-item/mall-item?id={eggs['item_id']}")
    expect(seen(page, "item-cost")).to_have_text(told("cost.both", points=told("cost.points", n=300), yuan=2))
    seen(page, "buy").click()
    expect(seen(page, "buy-cash")).to_have_text(told("cost.cash", yuan=2))
    seen(page, "buy-do").click()
    expect(seen(page, "state")).to_have_text(told("mallOrder.state.held"))
    assert balance_of(system, member_id)["held"] == 300
    with watched.context.expect_page() as opened:
        seen(page, "pay").click()
    opened.value.get_by_role("button").click()
    expect(opened.value.locator("body")).to_have_attribute("data-state", "paid")
    opened.value.close()
    expect(seen(page, "state")).to_have_text(told("mallOrder.state.paid"))
    expect(seen(page, "code")).to_be_visible()
    assert balance_of(system, member_id)["held"] == 0


def test_an_order_is_cancelled_and_its_points_come_back(
    open_window: Open, system: System, eggs: dict[str, Any]
) -> None:
    member_id = new_member(system)
    adjust(system, member_id, 300, "journey")
    made = system.http.post(
        f"/v1/members/{member_id}/mall/orders", json={"item_id": eggs["item_id"]},
        headers={"idempotency-key": uuid4().hex},
    )  # fmt: skip
    watched = open_window()
    page = enter(watched, system, member_id)
    watched.go(f"/m/#/pages/mall-order/mall-order?id={made.raise_for_status().json()['order_id']}")
    seen(page, "cancel").click()
    seen(page, "cancel-do").dblclick()
    expect(seen(page, "state")).to_have_text(told("mallOrder.state.cancelled"))
    assert balance_of(system, member_id)["available"] == 300


def test_a_coupon_is_claimed_by_its_code_and_shown(open_window: Open, system: System, size: Size) -> None:
    code = f"J{uuid4().hex[:9]}".upper()
    terms = {
        "title": {"zh": "满 30 减 8", "en": "¥8 off ¥30"}, "kind": "amount", "off_fen": 800, "threshold_fen": 3000,
        "valid_days": 5, "claim": {"codes": "shared", "code": code},
    }  # fmt: skip
    made = system.http.post("/v1/coupons/templates", json=terms).raise_for_status().json()
    system.http.post(f"/v1/coupons/templates/{made['template_id']}/open").raise_for_status()
    watched = open_window(size)
    page = enter(watched, system, new_member(system))
    seen(page, "door-coupons").click()
    expect(seen(page, "empty")).to_contain_text(told("coupons.emptyTitle"))
    typed = seen(page, "claim-code").locator("input")
    typed.fill("nobody's")
    seen(page, "claim").click()
    expect(seen(page, "claim-said")).to_be_visible()
    typed.fill(f" {code.lower()} ")
    seen(page, "claim").click()
    expect(seen(page, "claim-said")).to_have_text(told("coupons.claimed", title="满 30 减 8"))
    coupon = seen(page, "coupon")
    expect(coupon).to_contain_text("8")
    expect(coupon).to_contain_text("30")
    _let_go(page)
    assert findings(watched, "member/coupons") == []
    seen(page, "show").click()
    assert _read(page) == seen(page, "code").inner_text().replace(" ", "")
    seen(page, "sheet-close").click()
    seen(page, "tab-used").click()
    expect(seen(page, "empty")).to_contain_text(told("coupons.emptyUsedTitle"))


def test_a_draw_is_verified_by_the_page_itself(
    open_window: Open, system: System, size: Size, campaign: dict[str, Any]
) -> None:
    member_id = new_member(system)
    adjust(system, member_id, 1000, "journey")
    watched = open_window(size)
    page = enter(watched, system, member_id)
    watched.go(f"/m/#/pages/lottery/lottery?id={campaign['campaign_id']}")
    expect(seen(page, "seed-hash")).to_have_text(campaign["seed_hash"])
    expect(seen(page, "odds").first).to_contain_text(told("lottery.chance", n=50))
    assert findings(watched, "member/lottery") == []
    _lose_one_answer(page, f"lottery/campaigns/{campaign['campaign_id']}/draws")
    seen(page, "draw").click()
    expect(seen(page, "draw-trouble")).to_have_text(told("lottery.unsure"))
    seen(page, "draw").click()
    expect(seen(page, "won-name")).to_contain_text("积分")
    expect(seen(page, "left")).to_have_text(told("lottery.leftToday", n=1))
    assert balance_of(system, member_id)["available"] == 900, "the same draw, asked for twice"
    seen(page, "again").click()
    expect(seen(page, "left")).to_have_text(told("lottery.noneToday"))
    assert balance_of(system, member_id)["available"] == 800
    expect(seen(page, "again")).to_have_count(0)
    seen(page, "sheet-close").click()

    seen(page, "to-prizes").click()
    seen(page, "verify").first.click()
    expect(seen(page, "verdict")).to_contain_text(told("prizes.later"))
    path = f"/v1/lottery/campaigns/{campaign['campaign_id']}"
    system.http.post(f"{path}/stop", json={"reason": "journey"}).raise_for_status()
    system.http.post(f"{path}/reveal").raise_for_status()
    seen(page, "verify-all").click()
    expect(seen(page, "sum")).to_have_text(told("prizes.allOk", n=2))
    expect(seen(page, "verdict").first).to_contain_text(told("prizes.ok"))
    _let_go(page)
    assert findings(watched, "member/prizes") == []

    _tamper(page)
    page.reload()
    seen(page, "verify-all").click()
    expect(seen(page, "sum")).to_have_text(told("prizes.someBad", n=2, bad=1))


def test_a_basket_says_line_by_line_what_points_take_off(open_window: Open, system: System, size: Size) -> None:
    member_id = new_member(system)
    adjust(system, member_id, 5000, "journey")  # more than such a basket takes
    watched = open_window(size)
    page = enter(watched, system, member_id)
    seen(page, "door-checkout").click()
    most = int(seen(page, "using").inner_text().replace(",", "").split()[0])
    assert most == _cents(page, "off") > 0, "a point is worth a fen at the ordinary rate of this preset"
    assert _cents(page, "price") - _cents(page, "off") == _cents(page, "to-pay")
    assert findings(watched, "member/checkout") == []
    slider = page.get_by_role("slider", name=told("checkout.slider"))
    slider.press("Home")
    expect(seen(page, "using")).to_have_text(told("common.points", n=0))
    expect(seen(page, "off")).to_have_text("\N{MINUS SIGN}" + told("cost.cash", yuan=0))
    for _ in range(3):
        slider.press("ArrowRight")
    expect(seen(page, "using")).to_have_text(told("common.points", n=3))
    expect(seen(page, "off")).to_have_text("\N{MINUS SIGN}" + told("cost.cash", yuan="0.03"))
    seen(page, "use-most").click()
    expect(seen(page, "using")).to_have_text(told("common.points", n=f"{most:,}"))
    seen(page, "pieces-mug-more").click()
    expect(seen(page, "using")).not_to_have_text(told("common.points", n=f"{most:,}"))
    for good in ("tomato", "eggs", "mug", "mug"):
        seen(page, f"pieces-{good}-less").click()
    expect(seen(page, "cart-empty")).to_be_visible()
    expect(seen(page, "no-records")).to_be_visible()


def _cents(page: Page, testid: str) -> int:
    """The sum of money that is shown, in fen."""
    return round(float(seen(page, testid).inner_text().lstrip("\N{MINUS SIGN}¥")) * 100)


def _terms_of(item: dict[str, Any]) -> dict[str, Any]:
    """What an operator says of an item, of all that is told of it."""
    told_only = {"item_id", "stock", "state", "revision", "listed_at", "created_at", "updated_at", "updated_by"}
    return {name: value for name, value in item.items() if name not in told_only}


def _lose_one_answer(page: Page, path: str) -> None:
    """The next thing that is posted to `path` is done, but its answer is lost on the way."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(f"**/v1/me/{path}", lose, times=1)


def _tamper(page: Page) -> None:
    """Somebody changes the nonce of the last draw afterwards."""

    def change(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        told["items"][0]["nonce"] = "somebodyelses"
        route.fulfill(response=answer, json=told)

    page.route("**/v1/me/lottery/draws**", change)


def _read(page: Page) -> str:
    """What another's decoder reads in the QR code that is shown."""
    pixels = seen(page, "qr").evaluate(PIXELS)
    program = shutil.which("node") or str(Path(sys.executable).parent / "node")
    node = [program, "--input-type=module", "-e", DECODE]
    read = subprocess.run(node, input=b64decode(pixels), cwd=WEB / "member", capture_output=True, check=True)
    return read.stdout.decode().strip()


def _let_go(page: Page) -> None:
    """Until nothing looks pressed any more: for that moment its colours are fainter."""
    expect(page.locator(".pressed")).to_have_count(0)
