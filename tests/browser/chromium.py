"""A real Chromium, with nothing of its own going out: the one of the distribution, not one that Playwright fetches."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

Language = Literal["zh", "en"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_GET_ONE = (
    "no browser: `apt-get install chromium fonts-noto-cjk`, or name the executable of one in LINLI_CHROMIUM"
)
ARGUMENTS = [
    "--no-sandbox",  # root has no other way, and only our own pages are opened
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
]
PATIENCE_MS = 15_000
"""After which a wait has failed. No test asserts how long anything takes; this only keeps one from hanging."""
LOCALES = {"zh": "zh-CN", "en": "en-US"}


class Size(NamedTuple):
    """A window: `width` and `height` in CSS pixels."""

    name: str
    width: int
    height: int
    phone: bool


PHONE = Size("phone", 390, 844, True)
DESK = Size("desk", 1440, 900, False)


def executable() -> str | None:
    """The browser's executable, if there is one."""
    return os.environ.get("LINLI_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """The browser at `path`, running."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A window, and what went wrong in it: errors of scripts, refusals of the CSP, requests to other hosts."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context, self.base = context, base
        self.page: Page = context.new_page()
        self.troubles: list[str] = []
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.on("console", lambda said: self._heard(said.type, f"{said.text} ({said.location.get('url', '')})"))
        self.asked: set[str] = set()
        """What the server was asked for and has not answered, but for the streams, which never end."""
        context.on("request", lambda request: self._ask(request.url))
        context.on("requestfinished", lambda request: self.asked.discard(request.url))
        context.on("requestfailed", lambda request: self.asked.discard(request.url))

    def _heard(self, kind: str, text: str) -> None:
        # An answer of 401 or 409 is heard as an error too; whether it was right is what the test looks at.
        if kind == "error" and not text.startswith("Failed to load resource"):
            self.troubles.append(f"console: {text}")

    def _ask(self, url: str) -> None:
        if not url.endswith("/live"):
            self.asked.add(url)
        if not url.startswith((self.base, "data:", "blob:")):
            self.troubles.append(f"request to another host: {url}")

    def go(self, path: str) -> None:
        """Open a path of the system."""
        self.page.goto(self.base + path)


@contextmanager
def window(browser: Browser, base: str, size: Size, language: Language, *, scale: float = 1) -> Iterator[Watched]:
    """A fresh window, with no cookies and nothing kept."""
    context = browser.new_context(
        viewport={"width": size.width, "height": size.height}, device_scale_factor=scale, is_mobile=size.phone,
        has_touch=size.phone, locale=LOCALES[language], timezone_id="Asia/Shanghai", reduced_motion="reduce",
    )  # fmt: skip
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(f"localStorage.setItem('linli.console.language', '{language}')")
    try:
        yield Watched(context, base)
    finally:
        context.close()
