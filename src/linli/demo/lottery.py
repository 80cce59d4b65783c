"""The demo's lotteries: a grid of nine that runs, and one that is over, with those who drew."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

import msgspec

from linli.replay.client import NotTaken

_TEXTS = Path(__file__).resolve().parent.parent / "i18n" / "demo_lottery.json"
Ask = Callable[..., Awaitable[dict[str, Any]]]
"""`ask(method, path, body=None, headers=None)`, the API as an administrator uses it."""
URL = "/v1/lottery/campaigns"
DAYS = {"past": 7, "running": 12}
MOST_DRAWERS, MOST_DRAWS = 60, 4


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `i18n/demo_lottery.json` says."""

    running: dict[str, str]
    past: dict[str, str]
    rules: dict[str, str]
    item: dict[str, Any]
    templates: list[dict[str, Any]]
    prizes: list[dict[str, Any]]
    minimum_prize_id: str


@cache
def texts() -> Said:
    """Titles, rules, prizes, and what prizes are made of."""
    return msgspec.json.decode(_TEXTS.read_bytes(), type=Said)


async def hold(ask: Ask, which: Literal["running", "past"], members: Sequence[str], begins: datetime) -> None:
    """A campaign from `begins` on, and draws of some of the members: as many as they can pay. Twice is once."""
    said, begun = texts(), begins.date().isoformat()
    await _make_templates(ask)
    item_id = await _make_item(ask)
    body = {
        "title": getattr(said, which), "rules": said.rules, "price_points": 100, "draws_a_day": 5,
        "starts_at": begins.isoformat(), "ends_at": (begins + timedelta(days=DAYS[which])).isoformat(),
        "prizes": [{**one, "item_id": item_id} if one["kind"] == "goods" else one for one in said.prizes],
        "minimum_prize_id": said.minimum_prize_id, "guarantee_every": 10, "budget_fen": 200_000,
    }  # fmt: skip
    made = await ask("POST", URL, body, {"idempotency-key": f"demo:{begun}:lottery:{which}"})
    if made["state"] == "draft":
        await ask("POST", f"{URL}/{made['campaign_id']}/publish")
    for place, member_id in enumerate(members[:MOST_DRAWERS]):
        for number in range(1 + place % MOST_DRAWS):
            if not await _draw(ask, member_id, made["campaign_id"], f"demo:{begun}:draw:{number}"):
                break


async def _draw(ask: Ask, member_id: str, campaign_id: str, key: str) -> bool:
    """Whether the member has drawn: some lack the points, some have not come yet."""
    nonce = hashlib.sha256(f"{member_id}:{key}".encode()).hexdigest()[:16]
    path = f"/v1/members/{member_id}/lottery/{campaign_id}/draws"
    try:
        await ask("POST", path, {"nonce": nonce}, {"idempotency-key": f"{key}:{campaign_id}"})
    except NotTaken as refused:
        if refused.fields["status"] not in (HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND):
            raise
        return False
    return True


async def _make_templates(ask: Ask) -> None:
    there = {one["template_id"] for one in (await ask("GET", "/v1/coupons/templates?limit=200"))["items"]}
    for template in texts().templates:
        if template["template_id"] not in there:
            await ask("POST", "/v1/coupons/templates", template)
            await ask("POST", f"/v1/coupons/templates/{template['template_id']}/open")


async def _make_item(ask: Ask) -> str:
    """The gift box, which the mall keeps and does not list."""
    item = texts().item
    for found in (await ask("GET", f"/v1/mall/items?q={item['sku']}"))["items"]:
        if found["sku"] == item["sku"]:
            return found["item_id"]
    return (await ask("POST", "/v1/mall/items", item))["item_id"]
