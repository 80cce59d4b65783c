"""Spending, as the back office sees it: items go on the shelf and over the counter, coupons go to many, a lottery is
published, a policy is tried on a cart, and what an order deducted is read line by line."""

from __future__ import annotations

import re
from base64 import b64decode
from uuid import uuid4

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.acts import adjust, button, new_member, said
from tests.browser.chromium import Size
from tests.browser.conftest import Open
from tests.browser.people import sign_in_operator
from tests.browser.system import System

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
"""One pixel."""


def test_an_item_is_put_on_the_shelf_and_handed_out(open_window: Open, system: System, size: Size) -> None:
    member_id = new_member(system)
    adjust(system, member_id, 300, "兑换用")
    watched = open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    watched.go("/console/mall/items/new")
    title = f"抽纸 {uuid4().hex[:6]}"
    for field, value in {
        "title_zh": title, "title_en": "Tissues", "category": "纸品", "price_points": "100", "worth_fen": "6.9",
        "cost_fen": "4.20", "total": "2",
    }.items():  # fmt: skip
        page.locator(f"#item_{field}").fill(value)
    expect(page.locator(".shelf")).to_contain_text(title)
    expect(page.locator(".reads")).to_contain_text("¥4.20")
    button(page, "coupon.make").dblclick()
    page.wait_for_url(re.compile(r"/mall/items/[0-9a-f-]{36}$"))
    button(page, "mall.list").click()
    button(page.get_by_role("dialog"), "mall.list").click()
    expect(page.locator(".page-head")).to_contain_text(said("item_state.listed"))
    _change_stock(page)
    item_id = page.url.rsplit("/", 1)[-1]
    order = system.http.post(
        f"/v1/members/{member_id}/mall/orders", json={"item_id": item_id}, headers={"idempotency-key": uuid4().hex}
    ).json()
    watched.go("/console/mall/orders")
    page.get_by_label(said("orders.code"), exact=True).fill(order["code"])
    button(page, "orders.collect").dblclick()
    drawer = page.get_by_role("dialog").filter(has_text=title)
    expect(drawer).to_contain_text(said("order_state.collected"))
    button(drawer, "orders.refund").click()
    asked = page.get_by_role("dialog").filter(has_text=said("orders.refund.text"))
    asked.locator("#ask-reason_reason").fill("包装破了")
    button(asked, "orders.refund").click()
    expect(drawer).to_contain_text(said("order_state.refunded"))
    watched.go("/console/mall/costs")
    expect(page.locator(".figures")).to_contain_text(said("costs.cost"))


def test_items_come_in_by_a_file_and_get_a_picture(open_window: Open, system: System, size: Size) -> None:
    watched = open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    watched.go("/console/mall/imports")
    button(page, "imports.make").click()
    dialog = page.get_by_role("dialog")
    sku = f"soy-{uuid4().hex[:8]}"
    rows = [
        "sku,title_zh,title_en,category,price_points,worth_fen,cost_fen,stock",
        f"{sku},酱油 {sku},Soy,粮油,150,880,300,40",
        f"{sku}-x,少了价格,No price,粮油,,880,300,1",
    ]
    dialog.locator("#import_text").fill("\n".join(rows))
    button(dialog, "corrections.preview").dblclick()
    page.wait_for_url("**/mall/imports/*-*")
    expect(_rows(page)).to_have_count(2)
    expect(_rows(page).filter(has_text=f"{sku}-x")).to_contain_text(said("import_act.faulty"))
    button(page, "imports.apply").click()
    button(page.get_by_role("dialog"), "imports.apply").click()
    expect(page.locator(".page-head")).to_contain_text(said("import_state.applied"))
    watched.go(f"/console/mall?q={sku}")
    _rows(page).get_by_role("link").first.click()
    page.wait_for_url(re.compile(r"/mall/items/[0-9a-f-]{36}$"))
    picture = FilePayload(name="soy.png", mimeType="image/png", buffer=b64decode(PNG))
    page.locator(".pictures input[type=file]").set_input_files(files=[picture])
    shown = page.locator(".pictures img")
    expect(shown).to_have_count(1)
    button(page, "form.save").click()
    expect(page.locator(".page-head")).to_contain_text("operator")
    page.reload()
    expect(shown).to_have_js_property("naturalWidth", 1)


def _change_stock(page: Page) -> None:
    button(page, "stock.open").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("#ask-reason_change").fill("-5")
    dialog.locator("#ask-reason_reason").fill("盘点")
    button(dialog, "stock.go").click()
    expect(dialog.locator(".problem")).to_be_visible()
    dialog.locator("#ask-reason_change").fill("-1")
    button(dialog, "stock.go").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".figure").first.locator(".figure-value")).to_have_text("1")


def test_coupons_go_to_many(open_window: Open, system: System, size: Size) -> None:
    first, second = new_member(system), new_member(system)
    watched = open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    watched.go("/console/coupons/templates/new")
    title = f"三元券 {uuid4().hex[:6]}"
    page.locator("#coupon_title_zh").fill(title)
    page.locator("#coupon_title_en").fill("¥3 off")
    page.locator("#coupon_off_fen").fill("3")
    page.locator("#coupon_pieces").fill("2")
    expect(page.locator(".ticket")).to_contain_text("¥3")
    button(page, "coupon.make").dblclick()
    page.wait_for_url(re.compile(r"/coupons/templates/(?!new)"))
    button(page, "coupon.open").click()
    button(page.get_by_role("dialog"), "coupon.open").click()
    expect(page.locator(".page-head")).to_contain_text(said("template_state.open"))
    expect(page.locator("#coupon_off_fen")).to_be_disabled()
    watched.go("/console/coupons/issues")
    button(page, "issues.make").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("#issue_template_id").fill(title)
    expect(page.locator(".ant-select-item-option-active")).to_contain_text(title)
    dialog.locator("#issue_template_id").press("Enter")
    dialog.locator("#issue_text").fill(f"{first}\n{second}\nnobody-of-that-name")
    dialog.locator("#issue_reason").fill(f"老客回馈 {size.name}")
    button(dialog, "corrections.preview").dblclick()
    page.wait_for_url("**/coupons/issues/*-*")
    expect(_rows(page)).to_have_count(3)
    expect(_rows(page).filter(has_text="nobody-of-that-name")).to_contain_text(said("issue_line.faulty"))
    button(page, "issues.start").click()
    button(page.get_by_role("dialog"), "issues.start").click()
    expect(page.locator(".page-head")).to_contain_text(said("issue_state.finished"))
    expect(_rows(page).filter(has_text=said("issue_line.done"))).to_have_count(2)
    watched.go(f"/console/members/{first}")
    page.get_by_role("tab", name=said("nav.coupons"), exact=True).click()
    expect(_rows(page)).to_contain_text(title)
    button(_rows(page), "coupon.void").click()
    dialog.locator("#ask-reason_reason").fill("发错了人")
    button(dialog, "coupon.void").click()
    expect(_rows(page)).to_contain_text(said("coupon_state.void"))


def test_a_lottery_is_published_once_its_odds_make_up_the_whole(open_window: Open, system: System, size: Size) -> None:
    member_id = new_member(system)
    adjust(system, member_id, 100, "抽奖用")
    watched = open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    watched.go("/console/lottery/new")
    title = f"周末转盘 {uuid4().hex[:6]}"
    page.locator("#lottery_title_zh").fill(title)
    page.locator("#lottery_title_en").fill("Weekend wheel")
    page.locator("#lottery_starts_at").fill("2026-11-01 00:00")
    page.locator("#lottery_starts_at").press("Enter")
    page.locator("#lottery_prizes_0_name_zh").fill("谢谢参与")
    page.locator("#lottery_prizes_0_name_en").fill("Nothing")
    page.locator("#lottery_prizes_0_odds_ppm").fill("60")
    button(page, "lottery.add_prize").click()
    page.locator("#lottery_prizes_1_name_zh").fill("十积分")
    page.locator("#lottery_prizes_1_name_en").fill("Ten points")
    page.locator("#lottery_prizes_1_odds_ppm").fill("12.5")
    page.locator("#lottery_prizes_1_cost_fen").fill("0.08")
    odds = page.locator(".odds")
    expect(odds).to_contain_text(said("odds.missing", sum="72.5", rest="27.5"))
    expect(page.locator(".reads")).to_contain_text(said("forecast.fen", fen="1.00"))
    button(page, "coupon.make").click()
    page.wait_for_url(re.compile(r"/lottery/[0-9a-f-]{36}$"))
    expect(button(page, "lottery.publish")).to_be_disabled()
    button(odds, "odds.fill").click()
    expect(odds).to_contain_text(said("odds.whole"))
    expect(page.locator("#lottery_prizes_0_odds_ppm")).to_have_value("87.5")
    button(page, "form.save").click()
    button(page, "lottery.publish").click()
    button(page.get_by_role("dialog"), "lottery.publish").dblclick()
    expect(page.locator(".page-head")).to_contain_text(said("lottery_state.published"))
    campaign = page.url.rsplit("/", 1)[-1]
    drawn = system.http.post(
        f"/v1/members/{member_id}/lottery/{campaign}/draws", json={"nonce": uuid4().hex},
        headers={"idempotency-key": uuid4().hex},
    )  # fmt: skip
    drawn.raise_for_status()
    page.reload()
    expect(_rows(page).filter(has_text=member_id)).to_be_visible()
    expect(page.locator("main")).to_contain_text(said("chance.title"))
    button(page, "lottery.stop").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("#ask-reason_reason").fill("只是试一试")
    button(dialog, "lottery.stop").click()
    expect(page.locator(".page-head")).to_contain_text(
        re.compile(f"{said('lottery_state.stopped')}|{said('lottery_state.revealed')}")
    )


def test_a_policy_is_tried_on_a_cart_while_it_is_written(open_window: Open, system: System, size: Size) -> None:
    watched = open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    watched.go("/console/rules/deduction")
    result = page.locator(".figures-small .figure-value").first
    expect(result).to_have_text("¥15")
    button(page, "draft.begin").click()
    page.locator("#deduction_deduction_ordinary_points").fill("200")
    expect(result).to_have_text("¥7.50")
    page.locator("#deduction_deduction_min_points").fill("2000")
    expect(result).to_have_text("¥0")
    expect(page.locator(".split li").first.locator(".split-why")).to_be_visible()
    page.locator("#deduction_deduction_min_points").fill("0")
    button(page, "settings.rate.add").click()
    expect(page.locator(".draft-faulty")).to_be_visible()
    button(page, "settings.rate.remove").click()
    expect(page.locator(".draft-bar")).to_contain_text(said("draft.sound"))


def test_what_an_order_deducted_is_read_line_by_line(open_window: Open, system: System, size: Size) -> None:
    member_id = new_member(system)
    adjust(system, member_id, 2_000, "抵扣用")
    order_id = f"o-{member_id}"
    lines = [{"sku": "rice", "price_fen": 20_000}, {"sku": "milk", "price_fen": 1_000}]
    made = system.http.post(f"/v1/members/{member_id}/deductions", json={"order_id": order_id, "lines": lines})
    made.raise_for_status()
    watched = open_window(size)
    sign_in_operator(watched, system, "auditor")
    page = watched.page
    watched.go(f"/console/deductions?member_id={member_id}")
    row = _rows(page).filter(has_text=order_id)
    expect(row).to_contain_text(said("deduction_state.held"))
    row.get_by_role("button").first.click()
    split = page.get_by_role("dialog").locator(".split > li")
    expect(split).to_have_count(2)
    taken = sum(line["deduct_fen"] for line in made.json()["lines"])
    assert taken == made.json()["deduct_fen"] > 0
    expect(split.first).to_contain_text("rice")


def test_who_may_not_write_sees_but_cannot_press(open_window: Open, system: System, size: Size) -> None:
    watched = open_window(size)
    sign_in_operator(watched, system, "auditor")
    page = watched.page
    for path, key in {"mall": "mall.new", "coupons": "coupons.new", "lottery": "lottery.new"}.items():
        watched.go(f"/console/{path}")
        expect(button(page, key)).to_be_disabled()
    watched.go("/console/mall/items/new")
    expect(page.locator("main")).to_contain_text(said("missing.forbidden"))


def _rows(page: Page) -> Locator:
    return page.locator("tr.ant-table-row, .cards li")
