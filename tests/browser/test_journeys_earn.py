"""A member makes up for a missed day."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

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
    missed = page.get_by_role("button", name=told("makeUp.of", day="11月18日"))
    missed.click()
    expect(seen(page, "make-up-sheet")).to_contain_text(told("makeUp.cost", n=20))
    assert findings(watched, "member/check-in") == []
    seen(page, "make-up-do").click()
    expect(seen(page, "spent")).to_have_text(told("makeUp.spent", n=20))
    seen(page, "sheet-close").click()
    expect(seen(page, "streak")).to_have_text(told("checkIn.days", n=3))
    expect(missed).to_have_count(0)
