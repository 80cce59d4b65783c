"""A member asks what can be earned, makes up for a missed day, and has an order explained."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import adjust, enter, new_member, seen, take_in, told
from tests.browser.axe import findings
from tests.browser.chromium import Size
from tests.browser.conftest import Open
from tests.browser.system import System

TERMS = {"make_up": {"points": 20, "days_back": 7, "per_month": 2}}


@pytest.mark.usefixtures("programme_stays")
def test_a_missed_day_is_made_up_for_once_its_price_was_told(open_window: Open, system: System, size: Size) -> None:
    document = system.http.get("/v1/programme").json()["document"] | {"check_in": TERMS}
    system.http.post("/v1/programme/versions", json={"document": document, "note": "make-up"}).raise_for_status()
    member_id = new_member(system)
    adjust(system, member_id, 100, "journey")
    for day in ("17", "19"):  # of a Friday the 20th
        take_in(system, "check_in", {"member_id": member_id}, time=f"2026-11-{day}T09:00:00+08:00")
    watched = open_window(size)
    page = enter(watched, system, member_id)
    seen(page, "check-in").click()
    expect(seen(page, "streak")).to_have_text(told("checkIn.days", n=1))
    _let_go(page)
    missed = page.get_by_role("button", name=told("makeUp.of", day="11月18日"))
    assert findings(watched, "member/check-in") == []  # before the veil of a sheet lies over it
    missed.click()
    expect(seen(page, "make-up-sheet")).to_contain_text(told("makeUp.cost", n=20))
    seen(page, "make-up-do").click()
    expect(seen(page, "spent")).to_have_text(told("makeUp.spent", n=20))
    seen(page, "sheet-close").click()
    expect(seen(page, "streak")).to_have_text(told("checkIn.days", n=3))
    expect(missed).to_have_count(0)


def test_the_assistant_reckons_an_order_and_an_order_is_explained(
    open_window: Open, system: System, size: Size
) -> None:
    member_id = new_member(system)
    order_id = f"2026/{member_id}"  # whatever the platform calls its orders
    take_in(system, "order.paid", {"member_id": member_id, "order_id": order_id, "paid_fen": 3680})
    watched = open_window(size)
    page = enter(watched, system, member_id)
    watched.go("/m/#/pages/assistant/assistant")
    expect(seen(page, "part").first).to_contain_text("36")
    seen(page, "cart-50").click()
    expect(seen(page, "cart-points")).to_have_text(told("common.points", n=50))
    _let_go(page)
    assert findings(watched, "member/assistant") == []

    watched.go(f"/m/#/pages/order/order?id={order_id.replace('/', '~2F')}")
    expect(seen(page, "points")).to_have_text(told("common.points", n=36))
    expect(seen(page, "grant").first).to_be_visible()
    expect(seen(page, "event")).to_have_count(1)
    assert findings(watched, "member/order") == []


def _let_go(page: Page) -> None:
    """Until nothing looks pressed any more: for that moment its colours are fainter."""
    expect(page.locator(".pressed")).to_have_count(0)
