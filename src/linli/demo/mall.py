"""The demo's mall: a shelf of things that neighbours like, and orders in every state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from linli.replay.client import NotTaken

_TEXTS = Path(__file__).resolve().parent.parent / "i18n" / "demo_mall.json"
Ask = Callable[..., Awaitable[dict[str, Any]]]
"""`ask(method, path, body=None, headers=None)`, the API as an administrator uses it."""
BOUGHT = ("M001", "M003", "M009", "M014", "M010", "M002")
"""What neighbours order, one after the other."""


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `i18n/demo_mall.json` says. `best_before_days` of an item: from the day on which the demo begins."""

    items: list[dict[str, Any]]
    drafts: list[dict[str, Any]]
    restocked: str
    given_back: str


@cache
def texts() -> Said:
    """The items, and what operators write."""
    return msgspec.json.decode(_TEXTS.read_bytes(), type=Said)


async def furnish(ask: Ask, begun: date) -> dict[str, str]:
    """Put everything on the shelf that is not there yet; sku → item. Items of wallets and coupon templates that there
    are not are left out."""
    said = texts()
    there = {one["sku"]: one["item_id"] for one in (await ask("GET", "/v1/mall/items?limit=200"))["items"]}
    templates = {one["template_id"] for one in (await ask("GET", "/v1/coupons/templates?limit=200"))["items"]}
    wallets = (await ask("GET", "/v1/programme"))["document"].get("wallets", ["points"])
    for item in [*said.drafts, *said.items]:
        if item["sku"] in there or item.get("wallet", "points") not in wallets:
            continue
        if item.get("coupon_template_id", "") not in {"", *templates}:
            continue
        body = {name: value for name, value in item.items() if name != "best_before_days"}
        if days := item.get("best_before_days"):
            body["best_before"] = (begun + timedelta(days=days)).isoformat()
        made = await ask("POST", "/v1/mall/items", body)
        there[item["sku"]] = made["item_id"]
        if item in said.items:
            await ask("POST", f"/v1/mall/items/{made['item_id']}/list")
    return there


async def trade(ask: Ask, items: dict[str, str], members: Sequence[str], begun: date) -> None:
    """Orders of those who have the points: some wait to be made ready, some lie ready, were collected or given back."""
    for nth, member_id in enumerate(members):
        body = {"item_id": items[BOUGHT[nth % len(BOUGHT)]]}
        key = {"idempotency-key": f"demo:{begun}:mall:{nth}"}
        try:
            order = await ask("POST", f"/v1/members/{member_id}/mall/orders", body, key)
        except NotTaken:  # too few points, say
            continue
        path = f"/v1/mall/orders/{order['order_id']}"
        state = (await ask("GET", path))["state"]
        if state == "paid" and nth % 4:
            await ask("POST", f"{path}/ready")
            state = "ready"
        if state == "ready" and nth % 4 > 1:
            await ask("POST", "/v1/mall/collect", {"code": order["code"]})
            if nth % 8 == 7:
                await ask("POST", f"{path}/refund", {"reason": texts().given_back})
