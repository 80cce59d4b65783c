"""The budget through HTTP: by month, city and rule, as it holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from tests.api.conftest import NOW, Api

from linli.flows.publish import publish

NAME = {"zh": "规则", "en": "Rule"}
VOTE = {"zh": "投票", "en": "Vote"}
RULES = [
    {"id": "base", "kind": "per_amount", "name": NAME, "points": 1, "per_fen": 100},
    {"id": "vote", "kind": "fixed", "name": VOTE, "on": "vote.cast", "points": 50},
]


async def _publish(api: Api, budget: dict[str, Any] | None) -> None:
    document = msgspec.json.encode({"name": "kept", "title": NAME, "rules": RULES, "budget": budget})
    at = datetime.fromisoformat("2026-10-01T00:00:00Z")
    async with api.pool.connection() as conn:
        await publish(conn, document, now=at, by="test", effective_from=at)


def _line(found: dict[str, Any], scope: str, name: str | None = None) -> dict[str, Any]:
    return next(line for line in found["lines"] if (line["scope"], line["id"]) == (scope, name))


async def test_a_month_by_city_and_rule(api: Api) -> None:
    await _publish(api, {"sales_basis_points": 1_000, "cities": {"hz": 2_000}, "rules": {"vote": 500}})
    await api.tell("order.paid", "o0", time="2026-10-20T04:00:00Z", member_id="m", order_id="o0", paid_fen=7_000)
    await api.tell("order.paid", "o1", member_id="m", order_id="o1", paid_fen=1_000, city="hz")
    await api.tell("vote.cast", "v1", member_id="m", vote_id="v1", city="hz")
    found = (await api.get("/v1/insights/budget")).json()
    assert (found["month"], found["city"]) == ("2026-11", None)
    assert _line(found, "all") == {
        "scope": "all", "id": None, "name": None, "sales_fen": 1_000, "allowance_fen": 100, "issued_points": 60,
        "issued_fen": 60, "used_basis_points": 6_000, "state": "ok", "since_at": None,
    }  # fmt: skip
    assert (_line(found, "city", "hz")["allowance_fen"], _line(found, "city", "hz")["state"]) == (200, "ok")
    assert (_line(found, "rule", "vote")["name"], _line(found, "rule", "vote")["used_basis_points"]) == (VOTE, 1_000)
    assert (_line(found, "rule", "base")["allowance_fen"], _line(found, "rule", "base")["issued_points"]) == (0, 10)
    assert len(found["months"]) == 12 and found["months"][0]["month"] == "2025-12"
    assert found["months"][-2:] == [
        {"month": "2026-10", "sales_fen": 7_000, "issued_fen": 70, "allowance_fen": 700},
        {"month": "2026-11", "sales_fen": 1_000, "issued_fen": 60, "allowance_fen": 100},
    ]
    await api.tell("vote.cast", "v2", member_id="m", vote_id="v2")
    told = _line((await api.get("/v1/insights/budget")).json(), "all")
    assert (told["state"], told["since_at"]) == ("paused", "2026-11-21T04:00:00Z")
    rests = (await api.tell("vote.cast", "v3", member_id="m", vote_id="v3")).json()
    assert "granted" not in rests and {"rule": "vote", "reason": "budget_exhausted"} in rests["skipped"]
    of_city = (await api.get("/v1/insights/budget", month="2026-11", city="hz")).json()
    assert [(line["scope"], line["id"], line["issued_points"]) for line in of_city["lines"]] == [
        ("city", "hz", 60), ("rule", "vote", 50), ("rule", "base", 10)
    ]  # fmt: skip
    assert of_city["months"][-1] == {"month": "2026-11", "sales_fen": 1_000, "issued_fen": 60, "allowance_fen": 200}
    assert NOW.startswith("2026-11-21")


async def test_without_a_budget_nothing_is_allowed_or_rests(api: Api) -> None:
    await _publish(api, None)
    await api.tell("vote.cast", "v1", member_id="m", vote_id="v1")
    found = (await api.get("/v1/insights/budget")).json()
    assert {(line["allowance_fen"], line["state"]) for line in found["lines"]} == {(0, "ok")}
    assert (await api.get("/v1/insights/budget", month="2026-13")).json()["code"] == "invalid"
