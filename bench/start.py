"""P3 and P9: rules alone, and the time to the first answer."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from bench import rules
from bench.intake import publish_rules
from bench.world import Figure, World, median
from linli.kit.postgres import EmbeddedPostgres


def run_rules(tell: Callable[[str], None]) -> list[Figure]:
    """P3."""
    tell("P3 rules")
    seen = rules.run()
    few, many = seen["50"]["order_paid_us"], seen["500"]["order_paid_us"]
    return [
        Figure("P3 order against 50 rules", f"{few:.1f} µs", "30 µs", few / 30, "≤ 1.0", few <= 30, raw=seen),
        Figure("P3 order against 500 rules", f"{many:.1f} µs", f"50 rules {few:.1f} µs", many / few, "≤ 3.0",
               many <= 3 * few),
    ]  # fmt: skip


def run_start(world: World, tell: Callable[[str], None]) -> list[Figure]:
    """P9: set up, and first ever."""
    publish_rules(world.database("start"))
    seconds = []
    for turn in range(3):
        tell(f"P9 start {turn + 1}/3")
        with world.api("start") as api:
            seconds.append(api.seconds_to_answer)
    tell("P9 first ever")
    first = _first_ever()
    again = median(seconds)
    return [
        Figure("P9 start, set up before", f"{again:.1f} s", "3 s", again / 3, "< 1.0", again < 3),
        Figure("P9 first ever, database made", f"{first:.1f} s", "10 s", first / 10, "< 1.0", first < 10),
    ]


def _first_ever() -> float:
    """Seconds from `linli up` in an empty home to the first answer."""
    home = Path(tempfile.mkdtemp(prefix="linli-first-"))
    environment = os.environ | {"LINLI_HOME": str(home), "LINLI_PORT": "18999"}
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "linli", "up"], env=environment, stdout=subprocess.DEVNULL)
    try:
        while True:
            try:
                with urlopen("http://127.0.0.1:18999/readyz", timeout=5):
                    return time.perf_counter() - began
            except (URLError, ConnectionError):
                assert process.poll() is None, "linli up ended before it answered"
                time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        EmbeddedPostgres(home).stop()
        shutil.rmtree(home, ignore_errors=True)
