"""Accessibility by axe-core: no serious finding beyond those that stand, with their reason, in `axe_baseline.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe

from tests.browser.chromium import Watched

BASELINE = Path(__file__).with_name("axe_baseline.json")
SERIOUS = ("serious", "critical")


def findings(watched: Watched, where: str) -> list[str]:
    """Serious findings on the page that is open, without those of the baseline: `rule: element`, each once.

    An entry of the baseline names a rule, a part of the element's selector or markup, where it holds (a beginning of
    `where`; empty: everywhere), and why it stands.
    """
    known: list[dict[str, str]] = json.loads(BASELINE.read_text())
    found: dict[str, None] = {}
    for violation in Axe().run(watched.page).response["violations"]:
        if violation["impact"] not in SERIOUS:
            continue
        for node in violation["nodes"]:
            if not any(_covers(entry, violation["id"], node, where) for entry in known):
                found.setdefault(f"{violation['id']}: {node['target']} {node['html'][:160]}")
    return list(found)


def _covers(entry: dict[str, str], rule: str, node: dict[str, Any], where: str) -> bool:
    element = f"{node['target']} {node['html']}"
    return rule == entry["rule"] and entry["element"] in element and where.startswith(entry["where"])
