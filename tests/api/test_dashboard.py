"""The dashboard through HTTP: empty, at midnight, of one city, and for periods that make no sense."""

from __future__ import annotations

from datetime import date, datetime

from tests.api.conftest import NOW, Api

from linli.flows.sweep import sweep

DASHBOARD = "/v1/insights/dashboard"


async def test_an_empty_world(api: Api) -> None:
    assert (await api.get(DASHBOARD)).json() == {
        "business_on": "2026-11-21", "cities": [], "days": [], "events_by_hour": [],
        "liability": {"available": 0, "held": 0, "pending": 0, "debt": 0}, "liability_by_month": [],
        "parked_waiting": 0, "members": 0, "latest_runs": [],
    }  # fmt: skip


async def _world(api: Api) -> None:
    """Two cities; an order yesterday, settled today; one today; a hold; a refund that waits."""
    api.set_clock("2026-11-20T15:59:59+00:00")  # a second before midnight in Shanghai
    await api.tell("order.paid", time="2026-11-20T15:59:59Z", member_id="h", city="杭州", order_id="o1", paid_fen=3_000)
    api.set_clock(NOW)
    await sweep(api.pool, "settle", date(2026, 11, 21), lambda: datetime.fromisoformat(NOW))
    await api.tell("vote.cast", member_id="s", city="苏州", vote_id="v")
    await api.tell("order.paid", member_id="s", city="苏州", order_id="o2", paid_fen=500)
    await api.tell("vote.cast", member_id="nowhere", vote_id="v")
    await api.post("/v1/members/h/holds", {"points": 10}, key="k")
    await api.tell("order.refunded", member_id="h", order_id="later", refund_id="r", refund_fen=1)


async def test_a_world_at_a_glance(api: Api) -> None:
    await _world(api)
    found = (await api.get(DASHBOARD)).json()
    zero = dict.fromkeys(("granted", "settled", "spent", "expired", "reversed", "adjusted"), 0)
    assert found["days"] == [
        {"on": "2026-11-20", "city": "杭州", **zero, "granted": 30},
        {"on": "2026-11-21", "city": "杭州", **zero, "settled": 30},
        {"on": "2026-11-21", "city": "苏州", **zero, "granted": 5},
    ]
    assert found["events_by_hour"] == [
        {"hour_at": "2026-11-20T15:00:00Z", "count": 1}, {"hour_at": "2026-11-21T04:00:00Z", "count": 3}
    ]  # fmt: skip
    assert found["liability"] == {"available": 20, "held": 10, "pending": 5, "debt": 0}
    assert found["liability_by_month"] == [{"month": "2027-11", "points": 20}]
    assert (found["cities"], found["members"], found["parked_waiting"]) == (["杭州", "苏州"], 3, 1)
    assert [(run["kind"], run["run_on"]) for run in found["latest_runs"]] == [("settle", "2026-11-21")]


async def test_one_city(api: Api) -> None:
    await _world(api)
    found = (await api.get(DASHBOARD, city="苏州")).json()
    assert [(day["on"], day["city"]) for day in found["days"]] == [("2026-11-21", "苏州")]
    assert (found["members"], found["cities"]) == (1, ["杭州", "苏州"])
    assert found["liability"] == {"available": 0, "held": 0, "pending": 5, "debt": 0}
    assert [hour["count"] for hour in found["events_by_hour"]] == [2]
    nowhere = (await api.get(DASHBOARD, city="上海")).json()
    assert (nowhere["days"], nowhere["members"], nowhere["liability"]["available"]) == ([], 0, 0)


async def test_days_that_are_over_are_told_from_their_sums(api: Api) -> None:
    """They are rolled up by whoever asks first, where no worker has done it, and stay what they were."""
    await _world(api)
    before = (await api.get(DASHBOARD)).json()["days"]
    api.set_clock("2026-11-25T04:00:00+00:00")
    assert (await api.get(DASHBOARD)).json()["days"] == before
    async with api.pool.connection() as conn:
        await conn.execute("DELETE FROM inbox_event")  # as an archive is thinned out
    assert (await api.get(DASHBOARD)).json()["days"] == before


async def test_the_period(api: Api) -> None:
    await _world(api)
    yesterday = {"from": "2026-11-20", "to": "2026-11-20"}
    found = (await api.get(DASHBOARD, **yesterday)).json()
    assert ([day["on"] for day in found["days"]], len(found["events_by_hour"])) == (["2026-11-20"], 1)
    api.set_clock("2026-12-20T04:00:00+00:00")
    assert [d["on"] for d in (await api.get(DASHBOARD)).json()["days"]] == ["2026-11-21"] * 2, "30 days with today"
    for bad in ({"from": "2026-11-21", "to": "2026-11-20"}, {"from": "2025-01-01"}, {"to": "9999-12-31"},
                {"from": "x"}, {"from": "0001-01-01"}, {"from": "0001-01-01", "to": "0001-01-01"},
                {"to": "0001-01-01"}, {"city": ""}, {"city": "\0"}):  # fmt: skip
        assert (await api.get(DASHBOARD, **bad)).json()["code"] == "invalid", bad
