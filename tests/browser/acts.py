"""What journeys need beside a window: people of their own, events that come in, and the pages' own words."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator, Page

from tests.browser.chromium import Watched
from tests.browser.system import UNTIL, System

WEB = Path(__file__).parents[2] / "web"
_CONSOLE: dict[str, str] = json.loads((WEB / "console/src/i18n/zh.json").read_text())
_MEMBER: dict[str, Any] = json.loads((WEB / "member/src/i18n/zh.json").read_text())
_SINGLE = {"content-type": "application/cloudevents+json"}


def said(key: str, **values: object) -> str:
    """What the console says by `key`, in Chinese."""
    return _filled(_CONSOLE[key], values)


def told(key: str, **values: object) -> str:
    """What the members' app says by `key` (`checkIn.do`), in Chinese."""
    found: Any = _MEMBER
    for step in key.split("."):
        found = found[step]
    return _filled(found, values)


def _filled(text: str, values: dict[str, object]) -> str:
    return re.sub(r"\{(\w+)\}", lambda hit: str(values[hit[1]]), text)


def button(within: Page | Locator, key: str, **values: object) -> Locator:
    """The console's button that says just this, with or without a picture before it."""
    return within.get_by_role("button", name=re.compile(rf"(^|\s){re.escape(said(key, **values))}$"))


def seen(page: Page, testid: str) -> Locator:
    """What is shown of the members' app under this id: pages that one has gone on from stay in the document."""
    return page.locator(f'[data-testid="{testid}"]:visible')


def new_member(system: System, nickname: str | None = None, prefix: str = "journey") -> str:
    """Somebody who has just registered; their id."""
    member_id = f"{prefix}-{uuid4().hex[:10]}"
    take_in(system, "member.registered", {"member_id": member_id, "city": "hangzhou"})
    if nickname is not None:
        body = {"nickname": nickname, "avatar": "face-3"}
        system.http.put(f"/v1/members/{member_id}/profile", json=body).raise_for_status()
    return member_id


def take_in(system: System, type_: str, data: dict[str, Any], time: str = UNTIL) -> dict[str, Any]:
    """An event comes in; its outcome."""
    event = {
        "specversion": "1.0", "id": uuid4().hex, "source": "journeys", "type": type_, "time": time, "data": data,
    }  # fmt: skip
    answer = system.http.post("/v1/events", content=json.dumps(event), headers=_SINGLE)
    answer.raise_for_status()
    return answer.json()


def adjust(system: System, member_id: str, points: int, reason: str) -> None:
    """Points given or taken by the platform."""
    system.http.post(
        f"/v1/members/{member_id}/adjustments",
        json={"points": points, "reason": reason},
        headers={"idempotency-key": uuid4().hex},
    ).raise_for_status()


def balance_of(system: System, member_id: str) -> dict[str, Any]:
    """The member's balance as the API tells it."""
    return system.http.get(f"/v1/members/{member_id}/balance").raise_for_status().json()


def enter(watched: Watched, system: System, member_id: str) -> Page:
    """The members' app, opened by the platform for this member; at home."""
    token = system.http.post(f"/v1/members/{member_id}/tokens").raise_for_status().json()["token"]
    watched.go(f"/m/#/pages/enter/enter?token={token}")
    seen(watched.page, "available").wait_for()
    return watched.page
