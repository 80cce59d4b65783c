"""Coupons through HTTP: templates from draft to closed, wallets, codes, and what is refused on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from tests.api.conftest import Api
from tests.api.mine import Mine
from tests.api.operators import told
from tests.flows.world import CHECKS, stamp

from linli.flows.coupons import issue
from linli.kit.audit import run_audit
from linli.kit.db import in_transaction

URL = "/v1/coupons/templates"
TODAY = date(2026, 11, 21)
TERMS = {"title": {"zh": "无门槛5元券", "en": "Five yuan off"}, "kind": "amount", "off_fen": 500, "valid_days": 30}


@pytest.fixture(autouse=True)
async def audited(api: Api) -> AsyncIterator[None]:
    """Whatever a test did, the audit finds nothing."""
    yield
    async with api.pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []


async def template(api: Api, template_id: str = "FIVE", *, opened: bool = True, **terms: Any) -> dict[str, Any]:
    answer = await api.post(URL, {"template_id": template_id, **TERMS, **terms})
    assert answer.status_code == 201, answer.text
    if opened:
        answer = await api.post(f"{URL}/{template_id}/open")
        assert answer.status_code == 200, answer.text
    return answer.json()


async def one(api: Api, template_id: str = "FIVE") -> dict[str, Any]:
    return (await api.get(f"{URL}/{template_id}")).json()


async def give(api: Api, member_id: str, cause: str = "c1", template_id: str = "FIVE", on: date = TODAY) -> str:
    """A coupon, as the mall gives one; its id."""
    made = await in_transaction(
        api.pool, lambda conn: issue(conn, stamp(on), template_id, member_id, cause, source="mall")
    )  # fmt: skip
    return str(made.coupon_id)


async def claim(api: Api, member_id: str, code: str) -> Any:
    return await api.post(f"/v1/members/{member_id}/coupons/claim", {"code": code})


async def test_a_template_from_draft_to_closed(api: Api) -> None:
    await api.enrol("m1")
    draft = await template(api, opened=False, threshold_fen=3000, pieces=2)
    assert (draft["state"], draft["revision"], draft["issued"], draft["budget_used_fen"]) == ("draft", 1, 0, 0)
    assert draft["off"] == {"zh": "减5元", "en": "¥5 off"}
    assert draft["condition"] == {"zh": "满30元可用", "en": "when you spend ¥30 or more"}
    assert told(await api.post(f"{URL}/FIVE/close")) == (409, "coupon_template_not_open")
    body = {"revision": 1, **TERMS, "off_fen": 600, "pieces": 2}
    edited = (await api.client.put(f"{URL}/FIVE", json=body)).json()
    assert (edited["off_fen"], edited["threshold_fen"], edited["revision"]) == (600, 0, 2)
    assert told(await api.client.put(f"{URL}/FIVE", json=body)) == (409, "coupon_template_changed")
    opened = (await api.post(f"{URL}/FIVE/open")).json()
    assert (opened["state"], opened["revision"]) == ("open", 3)
    assert (await api.post(f"{URL}/FIVE/open")).json() == opened

    for cause in ("c1", "c2"):
        await give(api, "m1", cause)
    fixed = await api.client.put(f"{URL}/FIVE", json={**body, "revision": 3, "off_fen": 700, "valid_days": 9})
    assert told(fixed) == (409, "coupon_terms_fixed") and fixed.json()["fields"] == ["off_fen", "valid_days"]
    fewer = await api.client.put(f"{URL}/FIVE", json={**body, "revision": 3, "pieces": 1})
    assert fewer.status_code == 422 and fewer.json()["errors"][0]["place"] == "$.pieces"
    more = (await api.client.put(f"{URL}/FIVE", json={**body, "revision": 3, "pieces": 3})).json()
    assert (more["pieces"], more["issued"], more["budget_used_fen"]) == (3, 2, 1200)
    assert told(await api.client.delete(f"{URL}/FIVE")) == (409, "coupon_terms_fixed")

    assert (await api.post(f"{URL}/FIVE/close")).json()["state"] == "closed"
    await give(api, "m1", "c1")  # what a cause brought, it brings again
    mine = (await Mine(api, "m1").get("/coupons"))["items"]
    assert [(one["state"], one["off_fen"], one["valid_until"]) for one in mine] == [("issued", 600, "2026-12-20")] * 2


async def test_drafts_are_thrown_away_and_lists_are_paged(api: Api) -> None:
    for name in ("A", "B", "C"):
        await template(api, name, opened=name == "B", purpose="prize" if name == "C" else "general")
    assert told(await api.post(URL, {"template_id": "A", **TERMS})) == (409, "coupon_template_exists")
    made = await api.post(URL, TERMS)
    assert made.status_code == 201 and len(made.json()["template_id"]) == 8
    assert (await api.client.delete(f"{URL}/{made.json()['template_id']}")).status_code == 204
    first = (await api.get(URL, limit=2)).json()
    rest = (await api.get(URL, limit=2, cursor=first["next_cursor"])).json()
    assert [t["template_id"] for t in first["items"] + rest["items"]] == ["C", "B", "A"] and not rest["next_cursor"]
    assert [t["template_id"] for t in (await api.get(URL, state="open")).json()["items"]] == ["B"]
    assert told(await api.get(f"{URL}/NONE")) == (404, "coupon_template_not_found")


@pytest.mark.parametrize(
    ("terms", "place"),
    [
        ({"off_fen": None}, "off_fen"),
        ({"percent_off": 10}, "percent_off"),
        ({"kind": "percent", "off_fen": None}, "percent_off"),
        ({"kind": "percent", "percent_off": 10}, "off_fen"),
        ({"kind": "percent", "off_fen": None, "percent_off": 20, "budget_fen": 100}, "budget_fen"),
        ({"threshold_fen": 499}, "threshold_fen"),
        ({"valid_days": None}, "valid_days"),
        ({"valid_from": "2026-12-01", "valid_until": "2026-11-30"}, "valid_until"),
        ({"budget_fen": 499}, "budget_fen"),
        ({"claim": {"codes": "single", "code": "WELCOME"}}, "claim.code"),
    ],
)
async def test_terms_that_do_not_hold_together(api: Api, terms: dict[str, Any], place: str) -> None:
    answer = await api.post(URL, {**TERMS, **terms})
    assert answer.status_code == 422 and f"$.{place}" in [e["place"] for e in answer.json()["errors"]], answer.text


async def test_a_shared_code_is_for_everybody_once(api: Api) -> None:
    for member in ("m1", "m2"):
        await api.enrol(member)
    made = await template(api, claim={"codes": "shared", "code": "Wel-come 5"}, pieces=2)
    assert made["claim"] == {"codes": "shared", "code": "WELCOME5"}
    assert told(await api.post(URL, {**TERMS, "claim": {"codes": "shared", "code": "WELCOME5"}})) == (
        409, "coupon_code_taken",
    )  # fmt: skip
    mine = (await Mine(api, "m1").ask("POST", "/coupons/claim", json={"code": "welcome5"})).json()
    assert (mine["state"], mine["source"], mine["member_id"]) == ("issued", "claim", "m1")
    assert (await claim(api, "m1", " WELCOME-5")).json() == mine
    assert (await claim(api, "m2", "WELCOME5")).json()["coupon_id"] != mine["coupon_id"]
    assert (await one(api))["issued"] == 2
    await api.enrol("m3")
    gone = await claim(api, "m3", "WELCOME5")
    assert told(gone) == (409, "coupons_gone") and gone.json()["limit"] == "pieces"
    assert told(await claim(api, "m3", "WELCOME6")) == (404, "coupon_code_not_found")
    assert told(await claim(api, "m9", "WELCOME5")) == (404, "member_not_found")


async def test_what_is_void_frees_its_piece_and_its_budget(api: Api) -> None:
    for member in ("m1", "m2"):
        await api.enrol(member)
    await template(api, budget_fen=500, per_member=1)
    coupon_id = await give(api, "m1")
    with pytest.raises(Exception, match="coupons_gone"):
        await give(api, "m2")
    void = await api.post(f"/v1/coupons/{coupon_id}/void", {"reason": "refunded"})
    assert (void.status_code, void.json()["state"]) == (200, "void")
    assert (await api.post(f"/v1/coupons/{coupon_id}/void", {"reason": "again"})).json() == void.json()
    await give(api, "m2")
    with pytest.raises(Exception, match="coupon_limit_reached"):
        await give(api, "m2", "c2")
    found = await one(api)
    assert (found["issued"], found["voided"], found["budget_used_fen"]) == (2, 1, 500)
    assert told(await api.get("/v1/coupons/0193a1c2-8f00-7000-8000-0000000000c5")) == (404, "coupon_not_found")


async def test_a_coupon_is_over_by_its_date_alone(api: Api) -> None:
    await api.enrol("m1")
    await template(api, valid_days=2, valid_until="2026-11-22")
    await template(api, "LATER", valid_days=5, valid_from="2026-12-01")
    coupon_id = await give(api, "m1")
    await give(api, "m1", "c2", "LATER")
    me = Mine(api, "m1")
    spans = {(one["template_id"], one["valid_from"], one["valid_until"]) for one in await me.walk("/coupons", 1)}
    assert spans == {("FIVE", "2026-11-21", "2026-11-22"), ("LATER", "2026-12-01", "2026-12-05")}
    api.set_clock("2026-11-22T23:59:59+08:00")
    assert len((await me.get("/coupons", state="issued"))["items"]) == 2
    api.set_clock("2026-11-23T00:00:00+08:00")
    assert [one["coupon_id"] for one in (await me.get("/coupons", state="expired"))["items"]] == [coupon_id]
    assert (await api.get("/v1/coupons", template_id="FIVE", state="issued")).json()["items"] == []
    assert (await api.get(f"/v1/coupons/{coupon_id}")).json()["state"] == "expired"
    with pytest.raises(Exception, match="coupon_template_over"):
        await give(api, "m1", "c3", on=date(2026, 11, 23))
    by = {"member_id": "m1"}
    assert len((await api.get("/v1/coupons", **by)).json()["items"]) == 2
    assert len((await api.get("/v1/coupons", **by, template_id="LATER")).json()["items"]) == 1
    assert len((await api.get("/v1/coupons")).json()["items"]) == 2


# --- at the order system ---

CART = [{"sku": "a", "price_fen": 1990, "line_id": "x"}, {"sku": "b", "price_fen": 1010, "category": "fresh"}]


async def step(api: Api, coupon_id: str, act: str, order_id: str, member_id: str = "m1", lines: Any = None) -> Any:
    body = {"order_id": order_id, **({"lines": lines or CART} if act == "lock" else {})}
    return await api.post(f"/v1/members/{member_id}/coupons/{coupon_id}/{act}", body)


async def test_locked_used_returned_each_as_often_as_one_likes(api: Api) -> None:
    await api.enrol("m1")
    await template(api)
    coupon_id = await give(api, "m1")
    locked = await step(api, coupon_id, "lock", "o1")
    assert locked.status_code == 200, locked.text
    told_lines = [(one["line_id"], one["discount_fen"], one["pay_fen"]) for one in locked.json()["lines"]]
    assert told_lines == [("x", 332, 1658), ("2", 168, 842)]
    assert locked.json()["coupon"]["state"] == "locked" and locked.json()["discount_fen"] == 500
    assert (await step(api, coupon_id, "lock", "o1")).json() == locked.json()
    smaller = await step(api, coupon_id, "lock", "o1", lines=[{"sku": "a", "price_fen": 400}])
    assert smaller.json()["discount_fen"] == 400
    used = await step(api, coupon_id, "use", "o1")
    assert (used.json()["state"], used.json()["coupon"]["state"]) == ("used", "used")
    assert (await step(api, coupon_id, "use", "o1")).json() == used.json()
    assert (await step(api, coupon_id, "lock", "o1")).json() == used.json()  # what is paid for stays as it was
    assert ((await one(api))["used"], (await one(api))["used_fen"]) == (1, 400)
    back = await step(api, coupon_id, "return", "o1")
    assert (back.json()["state"], back.json()["coupon"]["state"]) == ("returned", "issued")
    assert (await step(api, coupon_id, "return", "o1")).json() == back.json()
    assert ((await one(api))["used"], (await one(api))["used_fen"]) == (0, 0)
    assert told(await step(api, coupon_id, "use", "o1")) == (409, "coupon_not_locked")
    assert (await step(api, coupon_id, "lock", "o2")).json()["coupon"]["order_id"] == "o2"
    assert (await step(api, coupon_id, "return", "o1")).json()["coupon"]["state"] == "locked"  # late; o2 keeps it
    assert (await step(api, coupon_id, "use", "o2")).status_code == 200


async def test_of_another_order_of_another_member_out_of_turn(api: Api) -> None:
    for member in ("m1", "m2"):
        await api.enrol(member)
    await template(api)
    mine, second = await give(api, "m1"), await give(api, "m1", "c2")
    theirs = await give(api, "m2")
    assert told(await step(api, theirs, "lock", "o1")) == (404, "coupon_not_found")
    for act in ("use", "return"):
        assert told(await step(api, theirs, act, "o1")) == (404, "coupon_not_found")
        assert told(await step(api, mine, act, "o1")) == (409, "coupon_not_locked")
    assert told(await step(api, mine, "lock", "o1", "m9")) == (404, "member_not_found")
    await step(api, mine, "lock", "o1")
    taken = await step(api, mine, "lock", "o2")
    assert told(taken) == (409, "coupon_taken") and taken.json()["order_id"] == "o1"
    assert told(await step(api, mine, "use", "o2")) == (409, "coupon_not_locked")
    assert told(await step(api, mine, "return", "o2")) == (409, "coupon_not_locked")
    other = await step(api, second, "lock", "o1")
    assert told(other) == (409, "order_has_coupon") and other.json()["coupon_id"] == mine
    assert told(await api.post(f"/v1/coupons/{mine}/void", {"reason": "r"})) == (409, "coupon_taken")
    await step(api, mine, "use", "o1")
    assert told(await step(api, mine, "lock", "o2")) == (409, "coupon_taken")
    assert told(await step(api, second, "lock", "o1")) == (409, "order_has_coupon")
    await api.post(f"/v1/coupons/{second}/void", {"reason": "r"})
    assert told(await step(api, second, "lock", "o3")) == (409, "coupon_void")


async def test_a_lock_outlives_the_last_date_and_nothing_else_does(api: Api) -> None:
    await api.enrol("m1")
    await template(api, valid_days=1)
    await template(api, "LATER", valid_days=1, valid_from="2026-11-22")
    first, second = await give(api, "m1"), await give(api, "m1", "c2")
    later = await give(api, "m1", "c3", "LATER")
    assert told(await step(api, later, "lock", "o1")) == (409, "coupon_not_yet_valid")
    await step(api, first, "lock", "o1")
    api.set_clock("2026-11-22T00:00:00+08:00")
    assert told(await step(api, second, "lock", "o2")) == (409, "coupon_expired")
    assert (await step(api, first, "use", "o1")).json()["coupon"]["state"] == "used"
    assert (await step(api, first, "return", "o1")).json()["coupon"]["state"] == "expired"
    assert told(await step(api, first, "lock", "o3")) == (409, "coupon_expired")


async def test_what_each_coupon_would_take_off_a_cart(api: Api) -> None:
    await api.enrol("m1")
    await template(api)
    await template(api, "BIG", off_fen=800, threshold_fen=3001)
    await template(api, "FRESH", kind="percent", off_fen=None, percent_off=85, categories=["fresh"])
    await template(api, "LATER", off_fen=2000, valid_from="2026-12-24")
    await template(api, "CITY", off_fen=2000, cities=["杭州"])
    for name in ("FIVE", "BIG", "FRESH", "LATER", "CITY"):
        await give(api, "m1", name, name)

    async def tried(**more: Any) -> list[tuple[Any, ...]]:
        answer = await api.post("/v1/members/m1/coupons/applicable", {"lines": CART, **more})
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["best_coupon_id"] == found["items"][0]["coupon"]["coupon_id"]
        for item in found["items"]:
            assert sum(line["discount_fen"] for line in item["lines"]) == item["discount_fen"]
        why = [(item["reason"] or {}).get("code") for item in found["items"]]
        named = [item["coupon"]["template_id"] for item in found["items"]]
        return list(zip(named, [item["discount_fen"] for item in found["items"]], why, strict=True))

    here = await tried()
    assert here[:2] == [("FRESH", 858, None), ("FIVE", 500, None)]
    assert set(here[2:]) == {("BIG", 0, "threshold"), ("LATER", 0, "not_yet"), ("CITY", 0, "city")}
    assert (await tried(city="杭州"))[0] == ("CITY", 2000, None)
    big = await step(
        api, (await api.get("/v1/coupons", template_id="BIG")).json()["items"][0]["coupon_id"], "lock", "o"
    )
    assert told(big) == (409, "coupon_unfit")
    assert (big.json()["reason"], big.json()["missing_fen"]) == ("threshold", 1)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [{"sku": "a", "price_fen": 0}],
        [{"sku": "a", "price_fen": -1}],
        [{"sku": "a", "price_fen": 1.5}],
        [{"sku": "a", "price_fen": 1}] * 201,
        [{"sku": "a", "price_fen": 1, "line_id": "2"}, {"sku": "b", "price_fen": 1}],
    ],
)
async def test_bad_carts(api: Api, lines: list[Any]) -> None:
    await api.enrol("m1")
    answer = await api.post("/v1/members/m1/coupons/applicable", {"lines": lines})
    assert told(answer) == (422, "invalid")
