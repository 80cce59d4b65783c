"""A rule from its draft to its effect: an operator writes and publishes it, a member gets just what it says."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import button, enter, new_member, said, seen, told
from tests.browser.chromium import Size
from tests.browser.conftest import Open
from tests.browser.people import sign_in_operator
from tests.browser.system import System

RULE, NAME, POINTS = "market_check_in", "早市签到", 8


@pytest.mark.usefixtures("programme_stays")
def test_a_rule_goes_from_draft_to_its_effect(open_window: Open, system: System, size: Size) -> None:
    member_id = new_member(system, "早市阿婆")
    watched = open_window(size)
    sign_in_operator(watched, system, "admin")
    watched.go("/console/rules")
    _draft(watched.page)
    _try(watched.page, member_id)
    _publish(watched.page)
    _check_in(enter(open_window(size), system, member_id))


def _draft(page: Page) -> None:
    button(page, "draft.begin").click()
    button(page, "rules.add").click()
    page.locator("button.kind", has_text=said("kind.fixed.help")).click()
    reads = page.locator("aside.reads")
    page.locator("#rule_name_zh").fill(NAME)
    page.locator("#rule_name_en").fill("Market check-in")
    page.locator("#rule_points").fill(str(POINTS))
    page.locator("#rule_id").fill("base")
    faulty = page.locator(".ant-form-item", has=page.locator("#rule_id"))
    expect(faulty.locator(".fault")).to_contain_text(said("fault.duplicate_rule"))
    expect(reads).to_contain_text(said("rule.faulty"))
    page.locator("#rule_id").fill(RULE)
    expect(page.locator(".fault")).to_have_count(0)
    expect(reads.locator("blockquote").first).to_contain_text(re.compile(rf"签到.*{POINTS}"))
    expect(reads.locator("blockquote").last).to_contain_text(re.compile(rf"{POINTS} points", re.IGNORECASE))


def _try(page: Page, member_id: str) -> None:
    """A dry run: what would come of the event, and why the other rules are silent."""
    page.locator("aside.reads").get_by_role("button").last.click()
    page.wait_for_url("**/rules/try")
    kinds = page.locator("#try-type")
    kinds.click()
    page.locator(".ant-select-item-option-active").wait_for()
    kinds.press("ArrowUp")  # to the last: only a part of the list is drawn
    expect(page.locator(".ant-select-item-option-active")).to_contain_text("check_in")
    kinds.press("Enter")
    expect(page.locator("#try-json")).to_have_value(re.compile('"check_in"'))
    event = json.loads(page.locator("#try-json").input_value())
    event["data"]["member_id"] = member_id
    page.locator("#try-json").fill(json.dumps(event))
    button(page.locator(".panel"), "try.go").click()
    fired = page.locator(".explained .fired:not(.silent) li")
    expect(fired).to_have_count(1)
    expect(fired).to_contain_text(NAME)
    expect(fired).to_contain_text(f"+{POINTS}")
    expect(page.locator(".explained .silent")).to_contain_text(said("skip.streak_incomplete", have=1, need=7))


def _publish(page: Page) -> None:
    button(page, "draft.review").click()
    page.wait_for_url("**/rules/publish")
    expect(page.locator(".change-group")).to_have_count(1)
    expect(page.locator(".change-group")).to_contain_text(RULE)
    publish = button(page, "publish.go")
    publish.click()
    expect(page.locator("form")).to_contain_text(said("publish.note.missing"))
    page.locator("#publish_note").fill("早市的邻居每天来打个招呼")
    publish.click()
    page.wait_for_url("**/rules/versions/*")
    expect(page.locator(".facts").first).to_contain_text("早市的邻居每天来打个招呼")
    expect(page.locator(".says")).to_contain_text(NAME)


def _check_in(page: Page) -> None:
    seen(page, "check-in").click()
    seen(page, "do").click()
    result = seen(page, "result")
    expect(result).to_contain_text(told("checkIn.resultPoints", n=POINTS, day=told("common.tomorrow")))
    seen(page, "sheet-close").click()
    expect(seen(page, "do")).to_contain_text(told("checkIn.done"))
    page.go_back()
    expect(seen(page, "pending")).to_contain_text(told("home.pendingTomorrow", n=POINTS))
    expect(seen(page, "check-in")).to_contain_text(told("home.checkedIn"))
    seen(page, "pending").click()
    line = seen(page, "pending-line")
    expect(line).to_have_count(1)
    expect(line).to_contain_text(NAME)
    expect(line).to_contain_text(f"+{POINTS}")
