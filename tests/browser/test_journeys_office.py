"""An operator at work: a member found and explained, points adjusted, parked events settled. The member sees it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import balance_of, button, enter, new_member, said, seen, take_in, told
from tests.browser.chromium import Size
from tests.browser.conftest import Open
from tests.browser.people import a_member, sign_in_operator
from tests.browser.system import System

ODD_FEN = 12_321


def test_a_member_is_found_and_a_line_explained(open_window: Open, system: System, size: Size) -> None:
    member_id = a_member(system)
    watched = open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    watched.go("/console/members")
    page.get_by_role("searchbox").fill(member_id)
    page.get_by_role("link").filter(has_text=member_id).first.click()
    page.wait_for_url(f"**/members/{member_id}")
    expect(page.locator(".figures")).to_contain_text(said("member.available"))
    _lines(page, said("movement.settle")).first.click()
    drawer = page.get_by_role("dialog")
    expect(drawer.locator(".says li").first).to_contain_text(re.compile(r"\+\d"))
    expect(drawer.locator(".says li p").first).to_have_text(re.compile(r"\S{4,}"))
    expect(drawer.locator("tbody tr.ant-table-row").first).to_be_visible()


def test_an_adjustment_is_one_effect_and_seen_in_the_open_app(open_window: Open, system: System, size: Size) -> None:
    member_id = new_member(system, "弄堂口的王阿姨")
    app = enter(open_window(size), system, member_id)
    expect(seen(app, "available")).to_have_text("0")
    watched = open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    watched.go(f"/console/members/{member_id}")
    button(page, "adjust.open").click()
    dialog = page.get_by_role("dialog")
    button(dialog, "adjust.next").click()
    expect(dialog).to_contain_text(said("reason.missing"))
    dialog.locator("#adjust_points").fill("25")
    dialog.locator("#adjust_reason").fill("少发了一次签到")
    button(dialog, "adjust.next").click()
    button(dialog, "adjust.go").dblclick()
    expect(dialog).to_be_hidden()
    line = _lines(page, said("movement.adjust"))
    expect(line).to_have_count(1)
    expect(line).to_contain_text("+25")
    expect(seen(app, "available")).to_have_text("25")
    expect(seen(app, "arrived")).to_contain_text(told("home.arrived", n=25))
    assert balance_of(system, member_id)["available"] == 25
    line.click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("少发了一次签到")
    expect(drawer).to_contain_text("operator")


def test_an_order_is_explained_from_its_event(open_window: Open, system: System, size: Size) -> None:
    member_id = new_member(system)
    order = {"member_id": member_id, "order_id": f"o-{member_id}", "paid_fen": 6_600}
    assert take_in(system, "order.paid", order)["outcome"] == "accepted"
    watched = open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    watched.go(f"/console/events?member={member_id}")
    page.locator("tr.ant-table-row, a.card").filter(has_text=said("event.order.paid")).first.click()
    page.get_by_role("link", name=f"o-{member_id}").click()
    page.wait_for_url(f"**/members/{member_id}?order=o-{member_id}")
    told = page.locator(".explained")
    expect(told).to_contain_text("¥66")
    expect(told.locator(".fired:not(.silent) li").first).to_contain_text("+66")
    expect(told.locator(".fired.silent .why").first).to_have_text(re.compile(r"\S{3,}"))


@pytest.mark.usefixtures("programme_stays")
def test_a_parked_event_is_replayed_once_its_rule_is_mended(open_window: Open, system: System, size: Size) -> None:
    document = system.http.get("/v1/programme").json()["document"]
    faulty = {
        "id": "faulty", "kind": "fixed", "name": {"zh": "会出错的规则", "en": "A rule that fails"}, "on": "order.paid",
        "points": 3, "when": f"100 / (paid_fen - {ODD_FEN}) > 1",
    }  # fmt: skip
    _publish(system, {**document, "rules": [*document["rules"], faulty]})
    member_id = new_member(system)
    order = {"member_id": member_id, "order_id": f"o-{member_id}", "paid_fen": ODD_FEN}
    assert take_in(system, "order.paid", order)["outcome"] == "parked"
    _publish(system, document)
    watched = open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    watched.go("/console/events/parked")
    _entry(page, member_id).click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text(said("park.rule_failed"))
    button(drawer, "parked.replay").dblclick()
    expect(drawer.locator(".explained-head")).to_contain_text(said("outcome.accepted"))
    expect(drawer.locator(".fired:not(.silent) li")).to_contain_text(f"+{ODD_FEN // 100}")
    expect(button(drawer, "parked.replay")).to_have_count(0)
    pending = balance_of(system, member_id)["pending"]
    assert [one["points"] for one in pending] == [ODD_FEN // 100]


def test_a_parked_event_is_discarded_with_a_reason(open_window: Open, system: System, size: Size) -> None:
    member_id = new_member(system)
    refund = {"member_id": member_id, "order_id": f"o-{member_id}", "refund_id": f"r-{member_id}", "refund_fen": 100}
    assert take_in(system, "order.refunded", refund)["outcome"] == "parked"
    watched = open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    watched.go("/console/events/parked")
    _entry(page, member_id).click()
    button(page.get_by_role("dialog"), "parked.discard").click()
    asked = page.get_by_role("dialog").filter(has_text=said("parked.discard.text"))
    button(asked, "parked.discard").click()
    expect(asked).to_contain_text(said("reason.missing"))
    asked.locator("#ask-reason_reason").fill("平台发错了，没有这一单")
    button(asked, "parked.discard").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(_entry(page, member_id)).to_have_count(0)
    page.get_by_text(said("parked.discarded"), exact=True).first.click()
    expect(_entry(page, member_id)).to_be_visible()


def _publish(system: System, document: dict[str, Any]) -> None:
    body = {"document": document, "note": "a fault, then not"}
    system.http.post("/v1/programme/versions", json=body).raise_for_status()


def _entry(page: Page, text: str) -> Locator:
    return page.locator("tr.ant-table-row, button.card").filter(has_text=text)


def _lines(page: Page, text: str) -> Locator:
    return page.locator("[role=tabpanel]").locator("tr.ant-table-row, button.card").filter(has_text=text)
