"""A member looks around: what came in and went out and why, messages, the way the app looks."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import adjust, enter, new_member, seen, told
from tests.browser.chromium import Size
from tests.browser.conftest import Open
from tests.browser.people import a_member
from tests.browser.system import System

PAGE = 20


def test_the_statement_by_tab_and_month_to_its_end(open_window: Open, system: System, size: Size) -> None:
    page = enter(open_window(size), system, a_member(system))
    seen(page, "purse").click()
    lines = seen(page, "line")
    lines.first.wait_for()
    whole = _to_the_end(page)
    assert whole > PAGE, "a longer list than one page"

    seen(page, "tab-earned").click()
    expect(seen(page, "tab-earned")).to_have_attribute("aria-selected", "true")
    expect(seen(page, "line").first).to_contain_text("+")
    earned = _to_the_end(page)
    assert 0 < earned < whole
    assert _figures(lines.locator(".line__points")) == _number(seen(page, "sum-earned"))

    seen(page, "month").click()
    seen(page, "month-2026-11").click()
    expect(seen(page, "month")).to_contain_text("2026年11月")
    expect(lines.first).to_be_visible()
    _to_the_end(page)
    assert _figures(lines.locator(".line__points")) == _number(seen(page, "sum-earned"))

    seen(page, "tab-pending").click()
    expect(seen(page, "pending-line").or_(seen(page, "empty")).first).to_be_visible()


def test_a_line_says_which_order_rule_and_lots_and_back_leads_to_it(
    open_window: Open, system: System, size: Size
) -> None:
    page = enter(open_window(size), system, a_member(system))
    seen(page, "purse").click()
    seen(page, "tab-earned").click()
    seen(page, "line").filter(has_text=told("common.order", id="")).first.click()
    points = _number(seen(page, "points"))
    why = seen(page, "why")
    expect(why.first).to_be_visible()
    assert _figures(why.locator(".why__points")) == points
    expect(why.first.locator(".why__sentence")).to_have_text(re.compile(r"\S{4,}"))
    expect(why.first).to_contain_text(told("line.version", n=1))
    expect(seen(page, "order")).to_have_text(re.compile(r"\S"))
    expect(seen(page, "lot").first).to_contain_text("2027")
    page.go_back()
    expect(seen(page, "tab-earned")).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(seen(page, "available")).to_be_visible()


def test_messages_are_read_once(open_window: Open, system: System, size: Size) -> None:
    member_id = new_member(system)
    adjust(system, member_id, 12, "补发上周的积分")
    page = enter(open_window(size), system, member_id)
    expect(seen(page, "bell")).to_contain_text("1")
    seen(page, "bell").click()
    expect(seen(page, "message")).to_have_count(1)
    expect(seen(page, "message")).to_contain_text("12")
    expect(seen(page, "dot")).to_have_count(1)
    seen(page, "read").click()
    expect(seen(page, "dot")).to_have_count(0)
    page.go_back()
    expect(seen(page, "bell").locator(".badge")).to_have_count(0)
    page.reload()
    expect(seen(page, "available")).to_have_text("12")
    expect(seen(page, "bell").locator(".badge")).to_have_count(0)


def test_language_type_and_dark_survive_a_reload(open_window: Open, system: System, size: Size) -> None:
    page = enter(open_window(size), system, new_member(system))
    seen(page, "gear").click()
    for choice in ("language-en", "type-large", "look-dark"):
        seen(page, choice).click()
        expect(seen(page, choice)).to_have_attribute("aria-checked", "true")
    page.reload()
    for choice in ("language-en", "type-large", "look-dark"):
        expect(seen(page, choice)).to_have_attribute("aria-checked", "true")
    root = page.locator("html")
    expect(root).to_have_attribute("lang", "en")
    expect(root).to_have_css("color-scheme", "dark")
    expect(page.locator(".shell.is-large:visible")).to_be_visible()


def _to_the_end(page: Page) -> int:
    """Scroll until the foot says that there is no more; how many lines there are."""
    end = page.get_by_text(told("common.end")).locator("visible=true")
    lines = seen(page, "line")
    lines.first.wait_for()
    while not end.count():
        before = lines.count()
        page.evaluate("scrollTo(0, 0)")  # a person comes to the end by scrolling: from somewhere else
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        expect(lines.nth(before).or_(end).first).to_be_attached()
    return lines.count()


def _number(of: Locator) -> int:
    return _points(of.inner_text())


def _figures(of: Locator) -> int:
    return sum(map(_points, of.all_inner_texts()))


def _points(text: str) -> int:
    """What the app writes with a sign of its own and commas."""
    return int(re.sub(r"[^\d-]", "", text.replace("\N{MINUS SIGN}", "-")))
