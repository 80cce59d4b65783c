"""A draft is tried on what has happened before anybody has it: who would gain, who would lose, what it would cost."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.acts import button, said
from tests.browser.chromium import Size
from tests.browser.conftest import Open
from tests.browser.people import sign_in_operator
from tests.browser.system import System


def test_a_draft_is_tried_on_what_has_happened(open_window: Open, system: System, size: Size) -> None:
    watched = open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    watched.go("/console/rules")
    button(page, "draft.begin").click()
    page.locator("ul.rules li .rule-name a").first.click()
    page.locator("#rule_points").fill("3")
    watched.go("/console/rules/back-tests")
    button(page, "backtest.start").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(said("backtest.draft"))
    dialog.locator("#backtest_title").fill(f"三倍下单积分 {size.name}")
    button(dialog, "backtest.go").dblclick()
    page.wait_for_url("**/rules/back-tests/*-*")
    expect(page.locator("h1")).to_contain_text(f"三倍下单积分 {size.name}")
    difference = page.locator(".figure", has_text=said("backtest.difference")).locator(".figure-value")
    expect(difference).to_have_text(re.compile(r"^\+[\d,]{3,}$"))
    expect(page.locator(".page-head")).to_contain_text(said("backtest_state.finished"))
    lose = page.locator(".figure", has_text=said("backtest.lose")).locator(".figure-value")
    expect(lose).to_have_text("0")
    expect(page.locator(".gains li").first).to_contain_text(re.compile(r"\+\d"))
    expect(page.locator("canvas")).to_have_count(4)
    page.go_back()
    expect(page.locator("tr.ant-table-row, a.card").filter(has_text=f"三倍下单积分 {size.name}")).to_contain_text("+")
