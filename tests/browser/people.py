"""How people find their way in, and which pages there are."""

from __future__ import annotations

from tests.browser.chromium import Watched
from tests.browser.system import System

CONSOLE_PAGES = {
    "dashboard": "/",
    "rules": "/rules",
    "members": "/members",
    "member": "/members/{member_id}",
    "events": "/events",
    "parked": "/events/parked",
    "runs": "/runs",
    "users": "/users",
    "password": "/password",
}
MEMBER_PAGES = {
    "home": "/pages/home/home",
    "statement": "/pages/statement/statement",
    "check-in": "/pages/check-in/check-in",
    "messages": "/pages/messages/messages",
    "rules": "/pages/rules/rules",
    "settings": "/pages/settings/settings",
}


def sign_in_operator(watched: Watched, system: System, name: str = "operator") -> None:
    """At the console's door, with name and password."""
    watched.go("/console/")
    form = watched.page.locator("form")
    form.locator("input[autocomplete=username]").fill(name)
    form.locator("input[type=password]").fill(system.passwords[name])
    form.locator("button[type=submit]").click()
    form.wait_for(state="detached")
    watched.page.locator("main").first.wait_for()


def sign_in_member(watched: Watched, system: System, number: int = 0) -> None:
    """By the link that the platform got for its member."""
    watched.go(system.links[number])
    watched.page.wait_for_url("**/pages/home/home**")


def settled(watched: Watched) -> None:
    """Until the page stands still: fonts are there, nothing is loading, no skeleton is shown."""
    watched.page.wait_for_load_state("load")
    watched.page.evaluate("document.fonts.ready")
    watched.page.wait_for_function(
        "!document.querySelector('.ant-spin-spinning, .ant-skeleton-active, [aria-busy=true], .skeleton')"
    )
