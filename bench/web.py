"""The pages: largest contentful paint and layout shift of both front pages on the demo; a page of a long list."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from tests.browser.chromium import DESK, HOW_TO_GET_ONE, PHONE, Watched, chromium, executable, window
from tests.browser.people import settled
from tests.browser.system import System, running

from bench.world import Figure, World, median

TURNS = 5
WORLD = ("--households", "120", "--days", "60")
PAINT_MS, SHIFT, PAGE_MS = 1_500, 0.02, 200
ROWS, LIMIT = 100_000, 200
_SEEN = """() => new Promise((done) => {
  const seen = { paint: 0, shift: 0 }
  const hear = (type, add) =>
    new PerformanceObserver((list) => list.getEntries().forEach(add)).observe({ type, buffered: true })
  hear("largest-contentful-paint", (entry) => { seen.paint = entry.startTime })
  hear("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.shift += entry.value })
  setTimeout(() => done(seen), 300)
})"""


def run(world: World, tell: Callable[[str], None]) -> list[Figure]:
    """Needs Chromium, and the front ends built."""
    path = executable()
    if path is None:
        raise SystemExit(HOW_TO_GET_ONE)
    seen: dict[str, list[dict[str, float]]] = {"member": [], "console": []}
    tell("web demo")
    with tempfile.TemporaryDirectory(prefix="linli-bench-web-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user where this one is root
        with running(Path(folder), WORLD) as system, chromium(path) as browser:
            for turn in range(TURNS):
                tell(f"web pages {turn + 1}/{TURNS}")
                # Each a window of its own, with nothing cached: a first look.
                with window(browser, system.base, PHONE, "zh") as watched:
                    seen["member"].append(_look(watched, system.links[0]))
                with window(browser, system.base, DESK, "zh") as watched:
                    _sign_in(watched, system)
                    seen["console"].append(_look(watched, "/console/"))
    figures: list[Figure] = []
    for name, looks in seen.items():
        paint, shift = median([look["paint"] for look in looks]), max(look["shift"] for look in looks)
        figures += [
            Figure(f"web {name}, largest paint", f"{paint:.0f} ms", f"{PAINT_MS} ms", paint / PAINT_MS, "≤ 1.0",
                   0 < paint <= PAINT_MS),
            Figure(f"web {name}, layout shift", f"{shift:.3f}", f"{SHIFT}", shift / SHIFT, "≤ 1.0", shift <= SHIFT),
        ]  # fmt: skip
    return [*figures, _long_list(world, tell)]


def _sign_in(watched: Watched, system: System) -> None:
    # Without the door's page, which would leave its scripts in the cache.
    body = {"name": "operator", "password": system.passwords["operator"]}
    answer = watched.context.request.post(f"{system.base}/v1/session", data=body)
    assert answer.ok, answer.text()


def _look(watched: Watched, path: str) -> dict[str, float]:
    watched.go(path)
    settled(watched)
    return watched.page.evaluate(_SEEN)


def _long_list(world: World, tell: Callable[[str], None]) -> Figure:
    """Members page by page, to the end: the slowest page counts."""
    tell(f"web list of {ROWS}")
    world.database("web")
    world.sql(
        "web",
        "INSERT INTO members_member (member_id, profile_at, enrolled_at) "
        f"SELECT 'm' || lpad(i::text, 8, '0'), now(), now() FROM generate_series(1, {ROWS}) i",
        "ANALYZE members_member",
    )
    took: list[float] = []
    rows = 0
    with world.api("web") as api:
        cursor: str | None = ""
        while cursor is not None:
            began = time.perf_counter()
            body = json.loads(api.get(f"/v1/members?limit={LIMIT}" + (f"&cursor={quote(cursor)}" if cursor else "")))
            took.append(1_000 * (time.perf_counter() - began))
            rows += len(body["items"])
            cursor = body["next_cursor"]
    assert rows == ROWS, rows
    slowest = max(took)
    return Figure(
        f"web page of a list of {ROWS} rows, slowest", f"{slowest:.0f} ms", f"{PAGE_MS} ms", slowest / PAGE_MS,
        "≤ 1.0", slowest <= PAGE_MS, raw={"median_ms": median(took), "pages": len(took)},
    )  # fmt: skip
