"""`make screens`: a picture of every page, in both languages, at both sizes, into docs/screens/."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tests.browser.chromium import DESK, HOW_TO_GET_ONE, PHONE, Language, Size, Watched, chromium, executable, window
from tests.browser.people import CONSOLE_PAGES, MEMBER_PAGES, a_member, settled, sign_in_member, sign_in_operator
from tests.browser.system import System, running

SCREENS = Path(__file__).parents[2] / "docs" / "screens"
CONSOLE_TEXTS = SCREENS.parents[1] / "web" / "console" / "src" / "i18n"
WORLD = ("--households", "120", "--days", "60")
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def main(wanted: list[str]) -> int:
    """Draw all pages, or those whose name begins with one of `wanted` (`console`, `member-home`)."""
    path = executable()
    if path is None:
        print(HOW_TO_GET_ONE)
        return 1
    SCREENS.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="linli-screens-") as folder,
        running(_open_to_all(Path(folder)), WORLD) as system,
        chromium(path) as browser,
    ):
        for size in (PHONE, DESK):
            for language in LANGUAGES:
                with window(browser, system.base, size, language, scale=1.5 if size.phone else 1) as watched:
                    _console(watched, system, size, language, wanted)
                with window(browser, system.base, size, language, scale=1.5 if size.phone else 1) as watched:
                    _member(watched, system, size, language, wanted)
    return 0


def _open_to_all(folder: Path) -> Path:
    folder.chmod(0o755)  # PostgreSQL runs as another user where this one is root
    return folder


def _console(watched: Watched, system: System, size: Size, language: Language, wanted: list[str]) -> None:
    watched.go("/console/")
    settled(watched)
    _shoot(watched, f"console-sign-in-{language}-{size.name}", wanted)
    sign_in_operator(watched, system, "admin")
    member_id = a_member(system)
    for name, path in CONSOLE_PAGES.items():
        watched.go("/console" + path.format(member_id=member_id))
        settled(watched)
        _shoot(watched, f"console-{name}-{language}-{size.name}", wanted)
        if name == "rules":  # what comes next changes a draft
            begin = json.loads((CONSOLE_TEXTS / f"{language}.json").read_text())["draft.begin"]
            watched.page.get_by_role("button", name=begin).click()
            settled(watched)


def _member(watched: Watched, system: System, size: Size, language: Language, wanted: list[str]) -> None:
    sign_in_member(watched, system)
    for name, path in MEMBER_PAGES.items():
        watched.go(f"/m/#{path}")
        settled(watched)
        _shoot(watched, f"member-{name}-{language}-{size.name}", wanted)


def _shoot(watched: Watched, name: str, wanted: list[str]) -> None:
    if wanted and not name.startswith(tuple(wanted)):
        return
    watched.page.screenshot(path=SCREENS / f"{name}.png", animations="disabled")
    print(name, *watched.troubles, flush=True)
    watched.troubles.clear()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
