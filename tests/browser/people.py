"""How people find their way in, and which pages there are."""

from __future__ import annotations

import re

from tests.browser.chromium import PATIENCE_MS, Watched
from tests.browser.system import System

CONSOLE_PAGES = {
    "dashboard": "/",
    "rules": "/rules",
    "deduction": "/rules/deduction",
    "settings": "/rules/settings",
    "try": "/rules/try",
    "back-tests": "/rules/back-tests",
    "drafts": "/rules/drafts",
    "rollouts": "/rules/rollouts",
    "versions": "/rules/versions",
    "version": "/rules/versions/2",
    "edit": "/rules/edit/0",
    "publish": "/rules/publish",
    "members": "/members",
    "member": "/members/{member_id}",
    "events": "/events",
    "parked": "/events/parked",
    "runs": "/runs",
    "notices": "/notices",
    "budget": "/budget",
    "screening": "/screening",
    "corrections": "/corrections",
    "deductions": "/deductions",
    "mall": "/mall",
    "mall-new": "/mall/items/new",
    "mall-shelf": "/mall/shelf",
    "mall-orders": "/mall/orders",
    "mall-imports": "/mall/imports",
    "mall-costs": "/mall/costs",
    "coupons": "/coupons",
    "coupon-new": "/coupons/templates/new",
    "coupon-issues": "/coupons/issues",
    "coupons-all": "/coupons/all",
    "lottery": "/lottery",
    "lottery-new": "/lottery/new",
    "acts": "/acts",
    "users": "/users",
    "password": "/password",
}
MEMBER_PAGES = {
    "home": "/",
    "statement": "/pages/statement/statement",
    "line": "/pages/line/line?seq=1",
    "check-in": "/pages/check-in/check-in",
    "assistant": "/pages/assistant/assistant",
    "invite": "/pages/invite/invite",
    "mall": "/pages/mall/mall",
    "mall-orders": "/pages/mall-orders/mall-orders",
    "coupons": "/pages/coupons/coupons",
    "lottery": "/pages/lottery/lottery",
    "prizes": "/pages/prizes/prizes",
    "checkout": "/pages/checkout/checkout",
    "messages": "/pages/messages/messages",
    "rules": "/pages/rules/rules",
    "settings": "/pages/settings/settings",
}
LOADING = """() => [
  ...document.querySelectorAll(".ant-spin-spinning, .ant-skeleton, [aria-busy=true]"),
].some((element) => {
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.bottom > 0 && box.top < innerHeight;
})"""
"""Whether something within the window is still loading; what lies below it may wait until it is looked at."""
STILL = 3
"""So many looks in a row must find nothing under way."""
LOOK_MS = 100


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
    watched.page.wait_for_url(re.compile(r"/m/#/(pages/home/home)?$"))


def settled(watched: Watched) -> None:
    """Until the page stands still: fonts are there, and nothing that is looked at is loading or being asked for."""
    watched.page.wait_for_load_state("load")
    watched.page.evaluate("document.fonts.ready")
    still = 0
    for _ in range(PATIENCE_MS // LOOK_MS):
        still = 0 if watched.asked or watched.page.evaluate(LOADING) else still + 1
        if still == STILL:
            return
        watched.page.wait_for_timeout(LOOK_MS)
    raise TimeoutError(f"{watched.page.url} is still loading: {sorted(watched.asked) or 'a skeleton is shown'}")


def a_member(system: System) -> str:
    """The id of a member with a story: the one with the most points."""
    items = system.http.get("/v1/members", params={"query": "u-", "limit": 100}).json()["items"]
    return max(items, key=lambda item: item["available"])["member_id"]
