"""Reading a member: balance, statement, grants, lots; pages, filters, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from tests.api.conftest import Api

from linli.api.paging import encode_cursor
from linli.flows.sweep import sweep
from linli.kit.clock import BusinessCalendar


async def _walk(api: Api, path: str, limit: int, **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await api.get(path, limit=limit, **params, **cursor)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = {"cursor": page["next_cursor"]}


async def _settle(api: Api, at: str) -> None:
    api.set_clock(at)
    now = datetime.fromisoformat(at).astimezone(UTC)
    await sweep(api.pool, "settle", BusinessCalendar("Asia/Shanghai").date_of(now), lambda: now)


async def test_a_member_as_events_describe_them(api: Api) -> None:
    await api.tell("member.registered", member_id="m1", city="杭州", leader_id="l1", community_id="c1")
    found = (await api.get("/v1/members/m1")).json()
    assert (found["member_id"], found["city"], found["leader_id"]) == ("m1", "杭州", "l1")
    assert found["registered_at"] == "2026-11-21T04:00:00Z"


async def test_an_id_may_hold_a_slash_and_anything_else(api: Api) -> None:
    for member_id in ("shop/17", "a//b", "中 文？#%2F", "balance", "x/balance"):
        await api.tell("check_in", member_id=member_id)
        in_path = quote(member_id, safe="")
        assert (await api.get(f"/v1/members/{in_path}/balance")).json()["member_id"] == member_id
        assert (await api.get(f"/v1/members/{in_path}")).json()["member_id"] == member_id
    await api.tell("check_in", "2026/11/21", member_id="shop/17")
    assert (await api.get("/v1/events/2026%2F11%2F21", source="shop")).json()["event_id"] == "2026/11/21"


async def test_points_are_pending_then_available_then_next_to_lapse(api: Api) -> None:
    await api.tell("order.paid", member_id="m1", order_id="o1", paid_fen=3680)
    assert (await api.balance("m1"))["pending"] == [{"settle_on": "2026-11-22", "points": 36}]
    await _settle(api, "2026-11-22T01:00:00+08:00")
    balance = await api.balance("m1")
    assert (balance["available"], balance["pending"]) == (36, [])
    assert balance["next_expiry"] == {"expires_on": "2027-11-21", "points": 36}
    (line,) = (await api.get("/v1/members/m1/statement")).json()["items"]
    assert (line["kind"], line["points"], line["order_id"]) == ("settle", 36, "o1")


async def test_grants_tell_rule_version_event_and_dates(api: Api) -> None:
    await api.tell("order.paid", "e1", member_id="m1", order_id="o1", paid_fen=3680)
    (grant,) = (await api.get("/v1/members/m1/grants", state="pending")).json()["items"]
    assert (grant["rule"], grant["rule_version"], grant["event_id"], grant["order_id"]) == ("base", 1, "e1", "o1")
    assert (grant["earned_on"], grant["settle_on"], grant["expires_on"]) == ("2026-11-21", "2026-11-22", "2027-11-21")
    assert (await api.get("/v1/members/m1/grants", state="settled")).json()["items"] == []


async def test_lists_are_walked_page_by_page(api: Api) -> None:
    await api.enrol("m1")
    for n in range(7):
        body = {"points": n + 1, "reason": "r", "expires_on": f"2027-01-0{n + 1}"}
        assert (await api.post("/v1/members/m1/adjustments", body, key=f"k{n}")).status_code == 201
        await api.tell("order.paid", member_id="m1", order_id=f"o{n}", paid_fen=500)
        assert (await api.post("/v1/members/m1/holds", {"points": 1}, key=f"h{n}")).status_code == 201
    statement = await _walk(api, "/v1/members/m1/statement", 3)
    assert [line["seq"] for line in statement] == list(range(14, 0, -1))
    lots = await _walk(api, "/v1/members/m1/lots", 2)
    assert [lot["expires_on"] for lot in lots] == [f"2027-01-0{n}" for n in range(1, 8)]
    grants = await _walk(api, "/v1/members/m1/grants", 2)
    assert [grant["key"] for grant in grants] == [f"order:o{n}:base" for n in range(7)]
    holds = await _walk(api, "/v1/members/m1/holds", 3, state="held")
    assert len({hold["hold_id"] for hold in holds}) == 7


async def test_the_statement_is_filtered_by_kind_and_date(api: Api) -> None:
    await api.enrol("m1", 100)
    await api.post("/v1/members/m1/holds", {"points": 10}, key="h")
    api.set_clock("2026-11-25T04:00:00+00:00")
    await api.post("/v1/members/m1/adjustments", {"points": -5, "reason": "r"}, key="a")

    async def kinds(**params: Any) -> list[str]:
        return [line["kind"] for line in (await api.get("/v1/members/m1/statement", **params)).json()["items"]]

    assert await kinds() == ["adjust", "release", "hold", "adjust"]  # the hold's time was over
    assert await kinds(kind="hold") == ["hold"]
    assert await kinds(kind=["hold", "adjust"], to="2026-11-21") == ["hold", "adjust"]
    assert await kinds(**{"from": "2026-11-22"}) == ["adjust", "release"]
    refused = await api.get("/v1/members/m1/statement", **{"from": "2026-11-22", "to": "2026-11-21"})
    assert refused.json()["errors"][0]["place"] == "query.from"


async def test_an_unknown_member_is_not_found(api: Api) -> None:
    hold = "/holds/0193a1c2-8f00-7000-8000-000000000001"
    for path in ("", "/balance", "/statement", "/grants", "/lots", "/holds", hold):
        answer = await api.get(f"/v1/members/nobody{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "member_not_found"), path


async def test_a_wallet_that_the_programme_lacks_never_reads_as_empty(api: Api) -> None:
    await api.enrol("m1")
    assert (await api.balance("m1", "team"))["available"] == 0
    for path in ("balance", "statement", "lots"):
        answer = await api.get(f"/v1/members/m1/{path}", wallet="pionts")
        assert answer.json()["code"] == "unknown_wallet"
        assert answer.json()["wallets"] == ["points", "team"]


async def test_a_cursor_belongs_to_its_list(api: Api) -> None:
    await api.enrol("m1", 5)
    await api.post("/v1/members/m1/adjustments", {"points": 5, "reason": "r"}, key="a")
    cursor = (await api.get("/v1/members/m1/statement", limit=1)).json()["next_cursor"]
    of_versions = encode_cursor("versions", 1)
    beyond_int64 = "WyJzdGF0ZW1lbnQiLDk5OTk5OTk5OTk5OTk5OTk5OTk5OTld"
    for path, wrong in [
        ("lots", cursor), ("statement", "%%%"), ("statement", "WzFd"), ("statement", "é"), ("statement", beyond_int64),
        ("statement", of_versions),
        ("grants", "x" * 500),
    ]:  # fmt: skip
        answer = await api.get(f"/v1/members/m1/{path}", cursor=wrong)
        assert answer.status_code == 422, (path, wrong)
