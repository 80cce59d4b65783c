"""One system and one browser for the tests of this folder; a window for each test, which must end without troubles.

Not for the whole run: Playwright keeps an event loop running, beside which no asynchronous test can have its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser

from linli.api.pages import BUILT
from tests.browser.chromium import DESK, HOW_TO_GET_ONE, PHONE, Language, Size, Watched, chromium, executable, window
from tests.browser.system import System, running
from tests.needs import lacking

Open = Callable[..., Watched]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A real browser, or a word on how to get one."""
    path = executable()
    if path is None:
        lacking(HOW_TO_GET_ONE)
    with chromium(path) as opened:
        yield opened


@pytest.fixture(scope="package")
def system(scratch: Path) -> Iterator[System]:
    """The whole system with a small demo."""
    if not all((BUILT / name / "index.html").exists() for name in ("member", "console")):
        lacking("the front ends are not built: run `make web`")
    home = scratch / f"linli-browser-{uuid4().hex[:8]}"
    home.mkdir()
    try:
        with running(home) as started:
            yield started
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(params=[PHONE, DESK], ids=lambda size: size.name)
def size(request: pytest.FixtureRequest) -> Size:
    """Each test that asks for it runs at both sizes."""
    return request.param


@pytest.fixture
def open_window(browser: Browser, system: System) -> Iterator[Open]:
    """Opens windows, and fails the test if one of them had troubles."""
    windows: list[Watched] = []
    with ExitStack() as stack:

        def opened(size: Size = DESK, language: Language = "zh") -> Watched:
            windows.append(stack.enter_context(window(browser, system.base, size, language)))
            return windows[-1]

        yield opened
        assert [trouble for watched in windows for trouble in watched.troubles] == []


@pytest.fixture
def programme_stays(system: System) -> Iterator[None]:
    """What is published in the test holds no longer afterwards."""
    before = system.http.get("/v1/programme").json()["document"]
    yield
    body = {"document": before, "note": "as it was"}
    system.http.post("/v1/programme/versions", json=body).raise_for_status()
