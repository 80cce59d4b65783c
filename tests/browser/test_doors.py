"""The first steps: an operator signs in and out, a member comes by a link; every page opens and can be read by all."""

from __future__ import annotations

import pytest

from tests.browser.axe import findings
from tests.browser.chromium import Size
from tests.browser.conftest import Open
from tests.browser.people import CONSOLE_PAGES, MEMBER_PAGES, a_member, settled, sign_in_member, sign_in_operator
from tests.browser.system import System


def test_an_operator_signs_in_and_sees_the_dashboard(open_window: Open, system: System, size: Size) -> None:
    watched = open_window(size)
    sign_in_operator(watched, system)
    settled(watched)
    assert watched.page.locator("canvas").count() >= 1, "charts are drawn"


def test_a_wrong_password_is_told_and_what_was_typed_stays(open_window: Open, system: System) -> None:
    watched = open_window()
    watched.go("/console/")
    watched.page.locator("input[autocomplete=username]").fill("auditor")
    watched.page.locator("input[type=password]").fill("not the password")
    watched.page.locator("button[type=submit]").click()
    watched.page.locator("[role=alert]").first.wait_for()
    assert watched.page.locator("input[autocomplete=username]").input_value() == "auditor"


def test_a_member_comes_by_a_link_and_the_token_does_not_stay_in_the_address(
    open_window: Open, system: System, size: Size
) -> None:
    watched = open_window(size)
    sign_in_member(watched, system)
    settled(watched)
    assert "lm_" not in watched.page.url


@pytest.mark.parametrize("name", CONSOLE_PAGES)
def test_each_page_of_the_console_can_be_read_by_all(open_window: Open, system: System, size: Size, name: str) -> None:
    watched = open_window(size)
    sign_in_operator(watched, system, "admin")
    member_id = a_member(system)
    watched.go("/console" + CONSOLE_PAGES[name].format(member_id=member_id))
    settled(watched)
    assert findings(watched, f"console/{name}") == []


@pytest.mark.parametrize("name", MEMBER_PAGES)
def test_each_page_of_the_members_app_can_be_read_by_all(
    open_window: Open, system: System, size: Size, name: str
) -> None:
    watched = open_window(size)
    sign_in_member(watched, system)
    watched.go(f"/m/#{MEMBER_PAGES[name]}")
    settled(watched)
    assert findings(watched, f"member/{name}") == []
