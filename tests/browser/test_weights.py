"""What the first look weighs: gzipped script, by what Chromium asks for; the mini-program by what its build left."""

from __future__ import annotations

from gzip import compress

from playwright.sync_api import Response

from tests.browser.acts import WEB
from tests.browser.chromium import Watched
from tests.browser.conftest import Open
from tests.browser.people import settled, sign_in_member, sign_in_operator
from tests.browser.system import System
from tests.needs import lacking

KB = 1024
MEMBER_KB = 200
CONSOLE_KB = 500
MINI_PROGRAM_KB = 1536
MINI_PROGRAM = WEB / "member/dist/build/mp-weixin"


def test_the_members_app_needs_little_script(open_window: Open, system: System) -> None:
    watched = open_window()
    scripts = _scripts(watched)
    sign_in_member(watched, system)
    settled(watched)
    assert 0 < _kilobytes(scripts) <= MEMBER_KB


def test_the_console_needs_little_script(open_window: Open, system: System) -> None:
    """From the door to the dashboard with its charts."""
    watched = open_window()
    scripts = _scripts(watched)
    sign_in_operator(watched, system)
    settled(watched)
    assert watched.page.locator("canvas").count()
    assert 0 < _kilobytes(scripts) <= CONSOLE_KB


def test_the_mini_program_is_light() -> None:
    """WeChat weighs what it is given, as it is."""
    if not (MINI_PROGRAM / "app.json").exists():
        lacking("the mini-program is not built: run `make web`")
    weight = sum(path.stat().st_size for path in MINI_PROGRAM.rglob("*") if path.is_file())
    assert 0 < weight <= MINI_PROGRAM_KB * KB


def _scripts(watched: Watched) -> list[Response]:
    found: list[Response] = []

    def hear(response: Response) -> None:
        if response.request.resource_type == "script":
            found.append(response)

    watched.page.on("response", hear)
    return found


def _kilobytes(scripts: list[Response]) -> float:
    return sum(len(compress(one.body(), 9, mtime=0)) for one in scripts) / KB
