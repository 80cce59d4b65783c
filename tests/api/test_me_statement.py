"""The member's statement: tabs, months, totals that add up, pages, and why a line is there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from tests.api.conftest import Api
from tests.api.mine import Mine, at

MONTHS_END = ("2026-11-30T15:59:59+00:00", "2026-11-30T16:00:00+00:00")
"""The last second of November in Shanghai, and the first of December."""


async def _adjust(api: Api, member_id: str, points: int, key: str, **more: Any) -> None:
    body = {"points": points, "reason": "因配送延误补偿", **more}
    answer = await api.post(f"/v1/members/{member_id}/adjustments", body, key=key)
    assert answer.status_code == 201, answer.text


async def _a_life(api: Api) -> Mine:
    """Earned, held, released, spent, refunded, taken back, adjusted, lapsed."""
    await api.tell("order.paid", member_id="m1", order_id="o1", paid_fen=30000)
    await api.tell("order.paid", member_id="m1", order_id="o2", paid_fen=10000)
    await at(api, "2026-11-22T02:00:00+08:00", "settle")
    await _adjust(api, "m1", 50, "a1", expires_on="2026-11-24")
    hold = (await api.post("/v1/members/m1/holds", {"points": 60, "order_id": "o3"}, key="h1")).json()
    await api.post(f"/v1/members/m1/holds/{hold['hold_id']}/capture", {"points": 40}, key="c1")
    await api.tell("order.refunded", member_id="m1", order_id="o1", refund_id="r1", refund_fen=9900)
    refund = {"hold_id": hold["hold_id"], "points": 15}
    assert (await api.post("/v1/members/m1/refunds", refund, key="r2")).status_code == 201
    await at(api, "2026-11-24T02:00:00+08:00", "expire")
    await _adjust(api, "m1", -7, "a2")
    return Mine(api, "m1")


async def test_each_line_stands_in_one_tab_and_the_totals_explain_the_balance(api: Api) -> None:
    mine = await _a_life(api)
    whole = await mine.get("/statement", limit=100)
    tabs = {tab: (await mine.get("/statement", tab=tab, limit=100)) for tab in ("earned", "spent", "expired")}
    seqs = sorted(line["seq"] for tab in tabs.values() for line in tab["items"])
    assert sorted(line["seq"] for line in whole["items"]) == seqs
    assert "capture" not in {line["kind"] for line in whole["items"]}  # it left what can be spent as it was
    sums = {tab: sum(line["points"] for line in found["items"]) for tab, found in tabs.items()}
    assert whole["totals"] == {"earned": sums["earned"], "spent": -sums["spent"], "expired": -sums["expired"]}
    assert whole["totals"] == tabs["spent"]["totals"]
    home = await mine.get("/home")
    assert whole["totals"]["earned"] - whole["totals"]["spent"] - whole["totals"]["expired"] == home["available"]
    assert whole["items"][0]["available_after"] == home["available"]
    assert (whole["totals"]["spent"], whole["totals"]["expired"]) == (25, 50 - 25)
    running = 0
    for line in reversed(whole["items"]):
        running += line["points"]
        assert line["available_after"] == running


async def test_lines_are_called_by_their_rule_or_their_kind(api: Api) -> None:
    mine = await _a_life(api)
    titles = {(line["kind"], line["order_id"]): line["title"] for line in (await mine.get("/statement"))["items"]}
    assert titles["settle", "o1"] == {"zh": "消费积分", "en": "Points for orders"}
    assert titles["hold", "o3"] == {"zh": "下单使用积分", "en": "Points used for an order"}
    assert titles["adjust", None]["zh"] == "积分调整：因配送延误补偿"
    assert titles["expire", None]["en"] == "Points lapsed"
    assert titles["reverse", "o1"]["en"] == "Points taken back"


async def test_operators_read_the_same_words(api: Api) -> None:
    mine = await _a_life(api)
    told = {line["seq"]: line["title"] for line in (await mine.get("/statement", limit=100))["items"]}
    items = (await api.get("/v1/members/m1/statement", limit=100)).json()["items"]
    assert {line["seq"]: line["title"] for line in items if line["seq"] in told} == told
    (captured,) = [line for line in items if line["seq"] not in told]
    assert (captured["kind"], captured["title"]["en"]) == ("capture", "Reserved points were spent")


async def test_a_month_ends_at_midnight_in_shanghai(api: Api) -> None:
    await api.enrol("m1")
    for place, moment in enumerate(MONTHS_END):
        api.set_clock(moment)
        await _adjust(api, "m1", 100 + place, f"k{place}")
    mine = Mine(api, "m1")
    november, december = await mine.get("/statement", month="2026-11"), await mine.get("/statement", month="2026-12")
    assert [line["points"] for line in november["items"]] == [100]
    assert (november["totals"]["earned"], november["items"][0]["posted_on"]) == (100, "2026-11-30")
    assert [line["points"] for line in december["items"]] == [101]
    assert (december["totals"]["earned"], december["items"][0]["posted_on"]) == (101, "2026-12-01")
    empty = await mine.get("/statement", month="2026-02")
    assert (empty["items"], empty["totals"]) == ([], {"earned": 0, "spent": 0, "expired": 0})
    assert (await mine.get("/statement"))["totals"]["earned"] == 201


@pytest.mark.parametrize(
    "month",
    ["2026", "2026-13", "2026-00", "2026-1", "26-11", "2026-11-01", "2026-11\n", "٢٠٢٦-١١", "", "0000-01", "no"],
)
async def test_what_is_no_month_is_refused(api: Api, month: str) -> None:
    await api.enrol("m1")
    for path in ("/statement", "/check-in"):
        answer = await Mine(api, "m1").ask("GET", path, params={"month": month})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), path


@pytest.mark.parametrize("month", ["2000-01", "2024-02", "2999-12"])
async def test_any_month_may_be_asked_for(api: Api, month: str) -> None:
    await api.enrol("m1")
    assert (await Mine(api, "m1").get("/statement", month=month))["items"] == []
    assert (await Mine(api, "m1").get("/check-in", month=month))["days"] == []


async def test_pages_are_walked_and_keep_their_totals(api: Api) -> None:
    await api.enrol("m1")
    for n in range(7):
        await _adjust(api, "m1", n + 1, f"k{n}")
    mine = Mine(api, "m1")
    assert [line["points"] for line in await mine.walk("/statement", 3, tab="earned")] == [7, 6, 5, 4, 3, 2, 1]
    first = await mine.get("/statement", limit=3, month="2026-11")
    await _adjust(api, "m1", 100, "later")
    second = await mine.get("/statement", limit=3, month="2026-11", cursor=first["next_cursor"])
    assert second["totals"] == first["totals"] == {"earned": 28, "spent": 0, "expired": 0}
    assert [line["points"] for line in second["items"]] == [4, 3, 2]
    # A cursor belongs to its list, tab and month.
    for params in ({"month": "2026-12"}, {"month": "2026-11", "tab": "spent"}, {}):
        answer = await mine.ask("GET", "/statement", params={"cursor": first["next_cursor"], **params})
        assert answer.status_code == 422


async def test_a_line_explained(api: Api) -> None:
    mine = await _a_life(api)
    lines = {(line["kind"], line["order_id"]): line for line in (await mine.get("/statement"))["items"]}
    settled = await mine.get(f"/statement/{lines['settle', 'o1']['seq']}")
    (reason,) = settled["because"]
    assert (reason["rule"], reason["points"], reason["order_id"]) == ("base", 300, "o1")
    assert (reason["event_type"], reason["earned_on"], reason["rule_version"]) == ("order.paid", "2026-11-21", 1)
    assert reason["sentence"]["zh"].endswith("。")
    assert settled["lots"] == [{"expires_on": "2027-11-21", "points": 300}]
    held = await mine.get(f"/statement/{lines['hold', 'o3']['seq']}")
    assert held["because"] == []
    assert held["lots"] == [
        {"expires_on": "2026-11-24", "points": 50}, {"expires_on": "2027-11-21", "points": 10},
    ]  # fmt: skip
    taken_back = await mine.get(f"/statement/{lines['reverse', 'o1']['seq']}")
    assert [(reason["rule"], reason["points"]) for reason in taken_back["because"]] == [("base", -99)]
    assert taken_back["lots"] == [{"expires_on": "2027-11-21", "points": 99}]
    lapsed = await mine.get(f"/statement/{lines['expire', None]['seq']}")
    assert lapsed["lots"] == [{"expires_on": "2026-11-24", "points": -lapsed["line"]["points"]}]
    for line in (await mine.get("/statement"))["items"]:
        assert (await mine.get(f"/statement/{line['seq']}"))["line"] == line


@pytest.mark.parametrize("seq", ["0", "-1", "999999", "9" * 40, "x"])
async def test_a_line_that_is_not_there(api: Api, seq: str) -> None:
    await api.enrol("m1", 5)
    assert (await Mine(api, "m1").ask("GET", f"/statement/{seq}")).status_code in (404, 422)


async def test_the_deductions_bonus_has_a_name_and_a_reason(api: Api) -> None:
    await api.enrol("m1", 500)
    hold = (await api.post("/v1/members/m1/holds", {"points": 100, "order_id": "o1"}, key="h1")).json()
    assert (await api.post(f"/v1/members/m1/holds/{hold['hold_id']}/capture", {}, key="c")).status_code == 200
    mine = Mine(api, "m1")
    (pending,) = (await mine.get("/pending"))["items"]
    assert (pending["points"], pending["title"]["zh"]) == (50, "首次抵扣奖励")
    await at(api, "2026-11-22T02:00:00+08:00", "settle")
    line = (await mine.get("/statement"))["items"][0]
    assert line["title"]["en"] == "First deduction bonus"
    (reason,) = (await mine.get(f"/statement/{line['seq']}"))["because"]
    assert (reason["rule_name"]["zh"], reason["points"], reason["sentence"]["zh"]) == (
        "首次抵扣奖励", 50, "首次用积分抵扣后，奖励50积分。",
    )  # fmt: skip


async def test_what_is_on_its_way_soonest_first(api: Api) -> None:
    await api.tell("order.paid", member_id="m1", order_id="o1", paid_fen=3680)
    await api.tell("order.paid", member_id="m1", order_id="o2", paid_fen=5000)
    await api.tell("order.refunded", member_id="m1", order_id="o2", refund_id="r", refund_fen=5000)
    await api.tell("check_in", member_id="m1")
    items = await Mine(api, "m1").walk("/pending", 1)
    assert [(item["key"], item["points"]) for item in items] == [
        ("day:daily_check_in:2026-11-21", 10), ("order:o1:base", 36),
    ]  # fmt: skip
    assert (items[1]["settle_on"], items[1]["earned_on"], items[1]["order_id"]) == ("2026-11-22", "2026-11-21", "o1")
    assert items[0]["title"] == {"zh": "每日签到", "en": "Daily check-in"}
    await at(api, "2026-11-22T02:00:00+08:00", "settle")
    assert (await Mine(api, "m1").get("/pending"))["items"] == []


async def test_a_hundred_thousand_lines_are_paged(api: Api) -> None:
    await api.enrol("m1")
    now = datetime.fromisoformat("2026-11-21T04:00:00+00:00")
    async with api.pool.connection() as conn:
        await conn.execute(
            """
            INSERT INTO ledger_movement (member_id, wallet, seq, posted_on, posted_at, kind, from_account, to_account,
                                         points, available_after, key)
            SELECT 'm1', 'points', n, date '2026-11-01' + n / 5000, %s, 'settle', 'issued', 'available', 1, n, 'k' || n
            FROM generate_series(1, 100000) n
            """,
            (now,),
        )
    mine = Mine(api, "m1")
    found = await mine.get("/statement", month="2026-11", limit=200)
    assert found["totals"] == {"earned": 100_000, "spent": 0, "expired": 0}
    deep = await mine.get("/statement", month="2026-11", limit=200, cursor=found["next_cursor"])
    assert [line["seq"] for line in deep["items"]] == list(range(99_800, 99_600, -1))
    messages = await mine.get("/messages", limit=5)
    assert [item["points"] for item in messages["items"]] == [1, 5000, 5000, 5000, 5000]
