"""The demo's coupons: templates of every kind, and in the wallets of those who are shown one in every state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

_TEXTS = Path(__file__).resolve().parent.parent / "i18n" / "demo_coupons.json"
Ask = Callable[..., Awaitable[dict[str, Any]]]
"""`ask(method, path, body=None, headers=None)`, the API as an administrator uses it."""
CODES = 5
BIRTHDAY, COMEBACK, WELCOME = "BIRTHDAY5", "COMEBACK6", "NEIGHBOUR"


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `i18n/demo_coupons.json` says."""

    templates: list[dict[str, Any]]
    drafts: list[dict[str, Any]]
    basket: list[dict[str, Any]]
    issue_reason: str


@cache
def texts() -> Said:
    """The templates and what operators write."""
    return msgspec.json.decode(_TEXTS.read_bytes(), type=Said)


async def make_templates(ask: Ask) -> None:
    """Templates that issue, and a draft. Those that are there stay as they are."""
    said = texts()
    there = {one["template_id"] for one in (await ask("GET", "/v1/coupons/templates?limit=200"))["items"]}
    for template in [*said.drafts, *said.templates]:
        if template["template_id"] in there:
            continue
        await ask("POST", "/v1/coupons/templates", template)
        if template in said.templates:
            await ask("POST", f"/v1/coupons/templates/{template['template_id']}/open")
        if template.get("claim", {}).get("codes") == "single":
            await ask("POST", f"/v1/coupons/templates/{template['template_id']}/codes", {"number": CODES})


async def fill_wallets(ask: Ask, members: Sequence[str], begun: str) -> None:
    """A coupon claimed by each, one locked, one used; a list of members to whom another is to be issued."""
    for nth, member_id in enumerate(members):
        mine = f"/v1/members/{member_id}/coupons"
        coupon = await ask("POST", f"{mine}/claim", {"code": WELCOME})
        if nth and coupon["state"] == "issued":
            order = {"order_id": f"coupon-{begun}-{nth}"}
            await ask("POST", f"{mine}/{coupon['coupon_id']}/lock", {**order, "lines": texts().basket})
            if nth > 1:
                await ask("POST", f"{mine}/{coupon['coupon_id']}/use", order)
    body = {"template_id": "OFF8", "reason": texts().issue_reason, "member_ids": list(members)}
    await ask("POST", "/v1/coupons/issues", body, {"idempotency-key": f"demo:{begun}:coupons"})
