"""A rule from its draft to its effect: one person writes it, another lets it, a member gets just what it says."""

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
WHY = "早市的邻居每天来打个招呼"


@pytest.mark.usefixtures("programme_stays")
def test_a_rule_goes_from_draft_to_its_effect(open_window: Open, system: System, size: Size) -> None:
    member_id = new_member(system, "早市阿婆")
    watched = open_window(size)
    sign_in_operator(watched, system)
    watched.go("/console/rules")
    _draft(watched.page)
    _try(watched.page, member_id)
    _submit(watched.page)
    other = open_window(size)
    sign_in_operator(other, system, "admin")
    other.go(watched.page.url.removeprefix(system.base))
    _approve(other.page)
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
    for kind in ("check_in.made_up", "check_in"):  # from the last up: only a part of the list is drawn
        kinds.press("ArrowUp")
        expect(page.locator(".ant-select-item-option-active")).to_have_text(re.compile(rf"· {re.escape(kind)}\s*$"))
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


def _submit(page: Page) -> None:
    button(page, "draft.review").click()
    page.wait_for_url("**/rules/publish")
    expect(page.locator(".change-group")).to_have_count(1)
    expect(page.locator(".change-group")).to_contain_text(RULE)
    ask = button(page, "drafts.ask")
    ask.click()
    expect(page.locator("form")).to_contain_text(said("publish.note.missing"))
    page.locator("#publish_note").fill(WHY)
    ask.dblclick()
    page.wait_for_url("**/rules/drafts/*-*")
    expect(page.locator(".page-head")).to_contain_text(said("draft_state.checked"))
    expect(button(page, "drafts.approve")).to_be_disabled()


def _approve(page: Page) -> None:
    """Somebody else reads it, lets it, and releases it for all."""
    expect(page.locator("h1")).to_contain_text(WHY)
    expect(page.locator(".change-group")).to_contain_text(RULE)
    button(page, "drafts.approve").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("#ask-reason_reason").fill("核对过分值")
    button(dialog, "drafts.approve").dblclick()
    expect(dialog).to_be_hidden()
    button(page, "drafts.release").click()
    _stage(page, "all")
    button(dialog, "drafts.release").dblclick()
    page.wait_for_url("**/rules/rollouts/*")
    expect(page.locator(".page-head")).to_contain_text(said("stage.all"))
    expect(page.locator(".step")).to_contain_text(WHY)


@pytest.mark.usefixtures("programme_stays")
def test_a_version_holds_for_some_and_is_taken_back(open_window: Open, system: System, size: Size) -> None:
    document = system.http.get("/v1/programme").json()["document"]
    tried = {**document, "validity_months": 7 if size.phone else 8}
    body = {"document": tried, "note": f"有效期试行 {size.name}"}
    draft = system.http.post("/v1/programme/drafts", json=body).raise_for_status().json()
    watched = open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    watched.go(f"/console/rules/drafts/{draft['draft_id']}")
    dialog = page.get_by_role("dialog")
    button(page, "drafts.ask").click()
    button(page, "drafts.approve").click()
    dialog.locator("#ask-reason_reason").fill("可以试")
    button(dialog, "drafts.approve").click()
    expect(dialog).to_be_hidden()
    button(page, "drafts.release").click()
    _stage(page, "shadow")
    button(dialog, "drafts.release").click()
    page.wait_for_url("**/rules/rollouts/*")
    expect(page.locator(".page-head")).to_contain_text(said("stage.shadow"))
    button(page, "rollout.step").click()
    _stage(page, "percent")
    dialog.locator("#stage_percent").fill("30")
    dialog.locator("#stage_reason").fill("影子没有意外")
    button(dialog, "rollout.step").dblclick()
    expect(dialog).to_be_hidden()
    expect(page.locator(".page-head")).to_contain_text(said("rollout.reach.percent", percent=30))
    expect(page.locator(".step")).to_have_count(2)
    expect(page.locator(".arms")).to_contain_text(said("arm.cost"))
    button(page, "rollout.rollback").click()
    dialog.locator("#ask-reason_reason").fill("会员看不懂")
    button(dialog, "rollout.rollback").click()
    expect(page.locator(".page-head")).to_contain_text(said("stage.rolled_back"))
    expect(button(page, "rollout.step")).to_have_count(0)
    assert system.http.get("/v1/programme").json()["document"] == document


def _stage(page: Page, stage: str) -> None:
    page.locator(".stages label").filter(has=page.locator(f"input[value={stage}]")).click()


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
