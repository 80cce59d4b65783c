"""Every door of the API, and everybody who may stand before it: who comes in, who does not, and with which words."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import NamedTuple

import httpx
import pytest
from tests.api.conftest import Api
from tests.api.mine import Mine, at
from tests.api.operators import add_user, app_of, browser, sign_in

from linli import access
from linli.access import ROLES
from linli.api.openapi import build_document

DOORS = """
get /healthz: anyone
get /readyz: anyone
get /metrics: anyone
post /v1/session: anyone
post /v1/sign-in/wechat: anyone
get /v1/session: operator
delete /v1/session: operator
put /v1/session/password: operator
get /v1/me: member
get /v1/me/home: member
get /v1/me/rules: member
get /v1/me/statement: member
get /v1/me/statement/{seq}: member
get /v1/me/pending: member
get /v1/me/check-in: member
post /v1/me/check-in/make-up: member
post /v1/me/check-in: member
get /v1/me/messages: member
post /v1/me/messages/read: member
get /v1/me/live: member
get /v1/members: points:read
get /v1/members/{member_id}: points:read
put /v1/members/{member_id}/profile: points:write members:sign_in
get /v1/members/{member_id}/balance: points:read
get /v1/members/{member_id}/statement: points:read
get /v1/members/{member_id}/grants: points:read
get /v1/members/{member_id}/lots: points:read
get /v1/members/{member_id}/movements/{seq}: points:read
get /v1/members/{member_id}/holds: points:read
post /v1/members/{member_id}/holds: points:write
get /v1/members/{member_id}/holds/{hold_id}: points:read
post /v1/members/{member_id}/holds/{hold_id}/capture: points:write
post /v1/members/{member_id}/holds/{hold_id}/release: points:write
post /v1/members/{member_id}/refunds: points:write
post /v1/members/{member_id}/reversals: points:adjust
post /v1/members/{member_id}/adjustments: points:adjust
post /v1/members/{member_id}/tokens: members:sign_in
delete /v1/members/{member_id}/tokens: members:sign_in
put /v1/members/{member_id}/wechat: members:sign_in
delete /v1/members/{member_id}/wechat: members:sign_in
get /v1/events: events:read
post /v1/events: events:write
get /v1/events/{event_id}: points:read events:read
get /v1/parked: events:read
post /v1/parked/{parked_id}/replay: events:write
post /v1/parked/{parked_id}/discard: events:write
get /v1/programme: points:read
get /v1/programme/versions: points:read
post /v1/programme/versions: programme:write
get /v1/programme/versions/{version}: points:read
get /v1/programme/versions/{version}/diff: points:read
post /v1/programme/check: points:read
post /v1/programme/dry-run: programme:write
get /v1/programme/drafts: points:read
post /v1/programme/drafts: programme:write
get /v1/programme/drafts/{draft_id}: points:read
put /v1/programme/drafts/{draft_id}: programme:write
post /v1/programme/drafts/{draft_id}/check: programme:write
post /v1/programme/drafts/{draft_id}/approve: programme:write
post /v1/programme/drafts/{draft_id}/reject: programme:write
post /v1/programme/drafts/{draft_id}/release: programme:write
get /v1/programme/rollouts: points:read
get /v1/programme/rollouts/{version}: points:read
get /v1/programme/rollouts/{version}/shadow: points:read
post /v1/programme/rollouts/{version}/steps: programme:write
post /v1/programme/rollouts/{version}/rollback: programme:write
post /v1/programme/rollouts/{version}/retire: programme:write
get /v1/acts: acts:read
get /v1/programme/back-tests: points:read
post /v1/programme/back-tests: programme:write
get /v1/programme/back-tests/{back_test_id}: points:read
post /v1/programme/back-tests/{back_test_id}/stop: programme:write
post /v1/programme/back-tests/{back_test_id}/resume: programme:write
get /v1/screening/cuts: points:read
get /v1/me/invitations: member
get /v1/corrections: points:read
post /v1/corrections: points:adjust
get /v1/corrections/{correction_id}: points:read
get /v1/corrections/{correction_id}/lines: points:read
post /v1/corrections/{correction_id}/submit: points:adjust
post /v1/corrections/{correction_id}/approve: points:adjust
post /v1/corrections/{correction_id}/reject: points:adjust
post /v1/corrections/{correction_id}/cancel: points:adjust
post /v1/corrections/{correction_id}/stop: points:adjust
post /v1/corrections/{correction_id}/resume: points:adjust
post /v1/corrections/{correction_id}/reverse: points:adjust
get /v1/notices: points:read
get /v1/notices/runs: points:read
post /v1/notices/runs: points:write
post /v1/notices/runs/{kind}/{run_on}/stop: points:write
get /v1/me/assistant: member
post /v1/me/assistant/cart: member
get /v1/me/orders/{order_id}/explanation: member
get /v1/members/{member_id}/assistant: points:read
get /v1/members/{member_id}/orders/{order_id}/explanation: points:read events:read
get /v1/insights/budget: points:read
get /v1/runs: points:read
post /v1/runs: points:write
post /v1/runs/{kind}/{run_on}/stop: points:write
get /v1/insights/dashboard: points:read
get /v1/live: events:read
get /v1/mall/items: points:read
post /v1/mall/items: mall:write
get /v1/mall/items/{item_id}: points:read
put /v1/mall/items/{item_id}: mall:write
post /v1/mall/items/{item_id}/list: mall:write
post /v1/mall/items/{item_id}/delist: mall:write
post /v1/mall/items/{item_id}/stock: mall:write
get /v1/mall/items/{item_id}/stock-moves: points:read
get /v1/mall/costs: points:read
get /v1/mall/orders: points:read
get /v1/mall/orders/{order_id}: points:read
post /v1/mall/orders/{order_id}/ready: mall:write
post /v1/mall/orders/{order_id}/collect: mall:write
post /v1/mall/orders/{order_id}/cancel: mall:write
post /v1/mall/orders/{order_id}/refund: mall:write
post /v1/mall/collect: mall:write
post /v1/mall/pictures: mall:write
get /v1/mall/pictures/{picture_id}: anyone
post /v1/mall/imports: mall:write
get /v1/mall/imports: points:read
get /v1/mall/imports/{import_id}: points:read
get /v1/mall/imports/{import_id}/lines: points:read
post /v1/mall/imports/{import_id}/apply: mall:write
post /v1/mall/imports/{import_id}/cancel: mall:write
post /v1/members/{member_id}/mall/orders: points:write
get /v1/me/mall/items: member
get /v1/me/mall/items/{item_id}: member
post /v1/me/mall/orders: member
get /v1/me/mall/orders: member
get /v1/me/mall/orders/{order_id}: member
post /v1/me/mall/orders/{order_id}/pay: member
post /v1/me/mall/orders/{order_id}/cancel: member
post /v1/payments/wechat/notices: anyone
get /v1/mall/shelf: points:read
post /v1/users: admin
get /v1/users: admin
patch /v1/users/{user_id}: admin
get /v1/lottery/campaigns: points:read
post /v1/lottery/campaigns: lottery:write
get /v1/lottery/campaigns/{campaign_id}: points:read
put /v1/lottery/campaigns/{campaign_id}: lottery:write
delete /v1/lottery/campaigns/{campaign_id}: lottery:write
post /v1/lottery/campaigns/{campaign_id}/publish: lottery:write
post /v1/lottery/campaigns/{campaign_id}/stop: lottery:write
post /v1/lottery/campaigns/{campaign_id}/reveal: lottery:write
get /v1/lottery/campaigns/{campaign_id}/entries: points:read
get /v1/lottery/campaigns/{campaign_id}/figures: points:read
get /v1/lottery/campaigns/{campaign_id}/proof: anyone
get /v1/lottery/campaigns/{campaign_id}/draws: anyone
post /v1/members/{member_id}/lottery/{campaign_id}/draws: points:write
get /v1/me/lottery/campaigns: member
get /v1/me/lottery/campaigns/{campaign_id}: member
post /v1/me/lottery/campaigns/{campaign_id}/draws: member
get /v1/me/lottery/draws: member
get /v1/members/{member_id}/deductions: points:read
post /v1/members/{member_id}/deductions: points:write
post /v1/members/{member_id}/deductions/quote: points:read
post /v1/members/{member_id}/deductions/redeem: points:write
get /v1/members/{member_id}/deductions/{deduction_id}: points:read
post /v1/members/{member_id}/deductions/{deduction_id}/capture: points:write
post /v1/members/{member_id}/deductions/{deduction_id}/release: points:write
post /v1/members/{member_id}/deductions/{deduction_id}/refunds: points:write
get /v1/deductions: points:read
post /v1/me/deductions/quote: member
get /v1/me/deductions: member
post /v1/programme/deduction/try: programme:write
post /api/points/calculate: points:read
post /api/points/redeem: points:write
get /v1/coupons: points:read
get /v1/coupons/export: points:read
get /v1/coupons/issues: points:read
post /v1/coupons/issues: coupons:write
get /v1/coupons/issues/{issue_id}: points:read
get /v1/coupons/issues/{issue_id}/lines: points:read
post /v1/coupons/issues/{issue_id}/start: coupons:write
post /v1/coupons/issues/{issue_id}/stop: coupons:write
post /v1/coupons/issues/{issue_id}/cancel: coupons:write
get /v1/coupons/templates/{template_id}/codes: coupons:write
post /v1/coupons/templates/{template_id}/codes: coupons:write
get /v1/coupons/templates/{template_id}/codes/export: coupons:write
get /v1/coupons/{coupon_id}: points:read
post /v1/coupons/{coupon_id}/void: coupons:write
get /v1/coupons/templates: points:read
post /v1/coupons/templates: coupons:write
get /v1/coupons/templates/{template_id}: points:read
put /v1/coupons/templates/{template_id}: coupons:write
delete /v1/coupons/templates/{template_id}: coupons:write
post /v1/coupons/templates/{template_id}/open: coupons:write
post /v1/coupons/templates/{template_id}/close: coupons:write
post /v1/members/{member_id}/coupons/claim: coupons:write
post /v1/members/{member_id}/coupons/applicable: points:read
post /v1/members/{member_id}/coupons/{coupon_id}/lock: coupons:write
post /v1/members/{member_id}/coupons/{coupon_id}/use: coupons:write
post /v1/members/{member_id}/coupons/{coupon_id}/return: coupons:write
get /v1/me/coupons: member
post /v1/me/coupons/claim: member
"""
"""By hand, not from the code: whoever adds a door or moves one says here whom it is for."""
STREAMS = {"/v1/live", "/v1/me/live"}
"""They have no end for those who come in, so these do not go through; `test_pulse` and `test_me_live` do."""
SIGN_OUT = ("delete", "/v1/session")
"""Whoever goes through it is out."""


class Door(NamedTuple):
    """An operation and whom it is for: `anyone`, `operator`, `member`, or scopes of which one is enough."""

    method: str
    path: str
    whom: frozenset[str]

    def opens_to(self, caller: str) -> bool:
        """Whether a role, `member`, `key` (without scopes) or `nobody` comes in."""
        if "anyone" in self.whom:
            return True
        if caller in ROLES:
            return "operator" in self.whom or not self.whom.isdisjoint(ROLES[caller])
        return caller in self.whom


def _doors() -> list[Door]:
    found = [re.fullmatch(r"(\w+) (\S+): (.+)", line) for line in DOORS.strip().splitlines()]
    return [Door(one[1], one[2], frozenset(one[3].split())) for one in found if one is not None]


@pytest.fixture
async def callers(api: Api) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """One of each kind. The operators have signed in, and show no CSRF token yet."""
    await api.enrol("m1", 10)
    await api.enrol("m2")
    async with api.pool.connection() as conn:
        key, _ = await access.create_key(conn, "idle", [], datetime(2026, 11, 21, tzinfo=UTC))
    async with AsyncExitStack() as stack:
        found = {
            "nobody": await stack.enter_async_context(browser(api)),
            "key": await stack.enter_async_context(browser(api, headers={"authorization": f"Bearer {key}"})),
            "member": await stack.enter_async_context(app_of(api, "m2")),
        }
        for role in ROLES:
            found[role] = await stack.enter_async_context(browser(api))
            await add_user(api, f"the-{role}", role)
            await sign_in(found[role], f"the-{role}")
        yield found


async def _knock(client: httpx.AsyncClient, door: Door) -> tuple[int, str]:
    answer = await client.request(door.method, re.sub(r"\{\w+\}", "m1", door.path.replace("{seq}", "1")))
    is_json = "json" in answer.headers.get("content-type", "") and answer.content
    return answer.status_code, answer.json().get("code", "") if is_json else ""


def test_every_door_of_the_document_is_told_here(api: Api) -> None:
    document = build_document(api.app.framework)
    operations = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert operations == {(door.method, door.path) for door in _doors()}


async def test_each_door_lets_in_whom_it_is_for_and_nobody_else(
    api: Api, callers: dict[str, httpx.AsyncClient]
) -> None:
    refusals = {"nobody": (401, "unauthorized")}
    for door in _doors():
        for name, client in callers.items():
            place = f"{name}: {door.method} {door.path}"
            if not door.opens_to(name):
                assert await _knock(client, door) == refusals.get(name, (403, "forbidden")), place
            elif door.path not in STREAMS and (door.method, door.path) != SIGN_OUT:
                status, code = await _knock(client, door)  # without a body, so most of them go no further
                assert code not in ("unauthorized", "forbidden", "csrf_failed"), place
                assert status < 500 or code == "wechat_unavailable", (place, status, code)


async def test_without_the_csrf_token_a_session_changes_nothing(
    api: Api, callers: dict[str, httpx.AsyncClient]
) -> None:
    for role in ROLES:
        for given in (None, "", "x" * 43, callers["auditor" if role != "auditor" else "admin"].headers["x-csrf-token"]):
            mine = callers[role].headers.pop("x-csrf-token")
            if given is not None:
                callers[role].headers["x-csrf-token"] = given
            for door in _doors():
                if door.method != "get" and "anyone" not in door.whom:
                    assert await _knock(callers[role], door) == (403, "csrf_failed"), (role, given, door)
            callers[role].headers["x-csrf-token"] = mine
        assert (await callers[role].get("/v1/session")).status_code == 200


async def test_a_members_pages_are_of_that_member_alone(api: Api) -> None:
    """Whatever ids of another's a member names, they see nothing of it, and change nothing there."""
    await api.tell("order.paid", "secret-event", time="2026-11-20T04:00:00Z", member_id="m1", order_id="secret-order",
                   paid_fen=7_700)  # fmt: skip
    await at(api, "2026-11-21T12:00:00+08:00", "settle")
    await api.tell("order.paid", member_id="m1", order_id="secret-later", paid_fen=8_800)
    await api.enrol("m2")
    one, two = Mine(api, "m1"), Mine(api, "m2")
    line = (await one.get("/statement"))["items"][0]
    message = (await one.get("/messages"))["items"][0]
    cursor = (await one.get("/statement", limit=1))["next_cursor"] or ""
    before = [await one.get(path) for path in ("/home", "/messages", "/statement", "/pending", "/check-in")]

    for door in _doors():
        if "member" in door.whom and door.method == "get" and door.path not in STREAMS:
            path = door.path.removeprefix("/v1/me").replace("{seq}", str(line["seq"]))
            for query in ({}, {"member_id": "m1"}, {"cursor": cursor} if cursor else {}):
                text = (await two.ask("GET", path, params=query)).text
                assert "secret" not in text and "m1" not in text, (path, query)
    assert (await two.ask("GET", f"/statement/{line['seq']}")).status_code == 404
    assert (await two.get("/home"))["available"] == 0
    await two.ask("POST", "/messages/read", json={"up_to": message["message_id"]})
    await two.check_in()
    after = [await one.get(path) for path in ("/home", "/messages", "/statement", "/pending", "/check-in")]
    assert after == before


async def test_a_header_counts_before_a_cookie(api: Api, callers: dict[str, httpx.AsyncClient]) -> None:
    """Nobody comes in by a cookie who shows a member's token, or a key that is none."""
    token = callers["member"].headers["authorization"]
    for header, told in ((token, (403, "forbidden")), ("Bearer lk_no_0123456789abcdef", (401, "unauthorized"))):
        answer = await callers["admin"].get("/v1/users", headers={"authorization": header})
        assert (answer.status_code, answer.json()["code"]) == told
    assert (await callers["admin"].get("/v1/users")).status_code == 200
