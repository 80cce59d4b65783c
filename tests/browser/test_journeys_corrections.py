"""Many balances are corrected at once: one person makes it, a second one lets it, the worker does it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import balance_of, button, new_member, said
from tests.browser.chromium import Size
from tests.browser.conftest import Open
from tests.browser.people import sign_in_operator
from tests.browser.system import System

MANY = 12_000


def test_a_large_correction_wants_a_second_person(open_window: Open, system: System, size: Size) -> None:
    first, second = new_member(system, "补分的阿婆"), new_member(system)
    maker = open_window(size)
    sign_in_operator(maker, system)
    page = maker.page
    maker.go("/console/corrections")
    _upload(page, f"member_id,points\n{first},{MANY}\n{second},30\nnobody-of-that-name,5\n", f"补发双倍 {size.name}")
    expect(_rows(page)).to_have_count(3)
    expect(_rows(page).filter(has_text="nobody-of-that-name")).to_contain_text(said("correction_line.faulty"))
    expect(_rows(page).filter(has_text=first)).to_contain_text(f"0 → {MANY:,}")
    button(page, "corrections.submit").click()
    button(page.get_by_role("dialog"), "corrections.submit").click()
    expect(page.locator(".page-head")).to_contain_text(said("correction_state.waiting"))
    expect(button(page, "drafts.approve")).to_be_disabled()
    assert balance_of(system, first)["available"] == 0

    other = open_window(size)
    sign_in_operator(other, system, "admin")
    other.go(page.url.removeprefix(system.base))
    button(other.page, "drafts.approve").dblclick()
    expect(other.page.locator(".page-head")).to_contain_text(said("correction_state.finished"))
    done = _rows(other.page).filter(has_text=said("correction_line.done"))
    expect(done).to_have_count(2)
    assert [balance_of(system, member)["available"] for member in (first, second)] == [MANY, 30]

    button(other.page, "corrections.reverse").click()
    dialog = other.page.get_by_role("dialog")
    dialog.locator("#ask-reason_reason").fill("发错了名单")
    button(dialog, "corrections.reverse").click()
    expect(other.page.locator("h1")).to_contain_text("发错了名单")
    expect(_rows(other.page).filter(has_text=first)).to_contain_text(f"−{MANY:,}")


def test_reminders_are_sent_from_the_page(open_window: Open, system: System, size: Size) -> None:
    watched = open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    watched.go("/console/runs")
    page.get_by_text(said("sweep.remind"), exact=True).click()
    button(page, "runs.start").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("#ask-reason_reason").fill("提前提醒")
    button(dialog, "runs.start").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".run-panel").first).to_contain_text(said("run.finished"))


def _upload(page: Page, text: str, reason: str) -> None:
    button(page, "corrections.make").click()
    dialog = page.get_by_role("dialog")
    button(dialog, "corrections.preview").click()
    expect(dialog).to_contain_text(said("reason.missing"))
    file = {"name": "list.csv", "mimeType": "text/csv", "buffer": text.encode()}
    dialog.locator("input[type=file]").set_input_files(files=[file])
    dialog.locator("#correction_reason").fill(reason)
    button(dialog, "corrections.preview").dblclick()
    page.wait_for_url("**/corrections/*-*")
    expect(page.locator("h1")).to_contain_text(reason)


def _rows(page: Page) -> Locator:
    return page.locator("tr.ant-table-row, .cards li")
