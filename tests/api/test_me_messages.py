"""消息： derived from the ledger, read once for ever, and none of somebody else's."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.api.conftest import NOW, Api
from tests.api.mine import Mine, at

from linli.flows.publish import publish
from linli.kit.resources import resource
from linli.settings import Settings
from linli.worker import run_night


async def _adjust(api: Api, points: int, key: str, **more: Any) -> None:
    body = {"points": points, "reason": "r", **more}
    assert (await api.post("/v1/members/m1/adjustments", body, key=key)).status_code == 201


async def night(api: Api, tmp_path: Path, moment: str) -> None:
    """Let it be `moment`, and the worker's night of that date."""
    api.set_clock(moment)
    settings = Settings(clock_file=tmp_path / "clock", home=tmp_path)  # pyright: ignore
    assert await run_night(api.pool, settings, datetime.fromisoformat(moment))


async def _read(mine: Mine, message_id: str) -> None:
    assert (await mine.ask("POST", "/messages/read", json={"up_to": message_id})).status_code == 204


async def test_what_happened_by_date_and_kind(api: Api) -> None:
    await api.tell("order.paid", member_id="m1", order_id="o1", paid_fen=30000)
    await api.tell("check_in", member_id="m1")
    await at(api, "2026-11-22T02:00:00+08:00", "settle")
    mine = Mine(api, "m1")
    (settled,) = (await mine.get("/messages"))["items"]
    assert (settled["kind"], settled["points"], settled["read"]) == ("settled", 310, False)
    assert settled["text"] == {
        "zh": "310积分已到账，现在可以使用。", "en": "310 points arrived and can be spent now.",
    }  # fmt: skip
    api.set_clock("2026-11-23T12:00:00+08:00")
    await api.tell("order.refunded", member_id="m1", order_id="o1", refund_id="r1", refund_fen=10000)
    await _adjust(api, -10, "a1")
    hold = (await api.post("/v1/members/m1/holds", {"points": 50}, key="h")).json()["hold_id"]
    await api.post(f"/v1/members/m1/holds/{hold}/capture", {}, key="c")
    await api.post("/v1/members/m1/refunds", {"hold_id": hold, "points": 20}, key="r")
    found = (await mine.get("/messages"))["items"]
    assert [(item["kind"], item["points"]) for item in found] == [
        ("refunded", 20), ("adjusted", -10), ("reversed", -100), ("settled", 310),
    ]  # fmt: skip
    assert [item["text"]["zh"] for item in found[:2]] == ["您使用过的20积分已退回。", "已扣减10积分。"]
    assert (await mine.get("/home"))["unread"] == 4


async def test_reading_goes_forward_only_and_news_of_the_same_day_is_unread_again(api: Api) -> None:
    await api.enrol("m1")
    await _adjust(api, 1, "k1")
    mine = Mine(api, "m1")
    (first,) = (await mine.get("/messages"))["items"]
    await _read(mine, first["message_id"])
    assert (await mine.get("/home"))["unread"] == 0
    assert (await mine.get("/messages"))["items"][0]["read"] is True
    await _adjust(api, 2, "k2")
    (same_day,) = (await mine.get("/messages"))["items"]
    assert (same_day["points"], same_day["read"]) == (3, False)
    await _read(mine, first["message_id"])  # a page that was opened earlier
    assert (await mine.get("/home"))["unread"] == 1
    await _read(mine, same_day["message_id"])
    await _read(mine, first["message_id"])
    assert (await mine.get("/home"))["unread"] == 0


async def test_up_to_leaves_what_is_newer_unread(api: Api) -> None:
    await api.enrol("m1")
    for day in (21, 22, 23):
        api.set_clock(f"2026-11-{day}T12:00:00+08:00")
        await _adjust(api, day, f"k{day}")
    mine = Mine(api, "m1")
    items = await mine.walk("/messages", 1)
    assert [item["points"] for item in items] == [23, 22, 21]
    await _read(mine, items[1]["message_id"])
    assert [item["read"] for item in (await mine.get("/messages"))["items"]] == [False, True, True]
    assert (await mine.get("/home"))["unread"] == 1


async def test_what_lapses_soon_is_told_by_the_night(api: Api, tmp_path: Path) -> None:
    await api.enrol("m1")
    for on, points in (("2026-12-07", 300), ("2026-12-08", 5)):
        await _adjust(api, points, on, expires_on=on)
    mine = Mine(api, "m1")
    await _read(mine, (await mine.get("/messages"))["items"][0]["message_id"])
    assert (await mine.get("/home"))["unread"] == 0
    await night(api, tmp_path, "2026-11-22T00:31:00+08:00")
    (expiring,) = [item for item in (await mine.get("/messages"))["items"] if not item["read"]]
    assert (expiring["kind"], expiring["points"], expiring["at"]) == ("expiring", 300, "2026-11-21T16:31:00Z")
    assert expiring["params"] == {"points": 300, "lapses_on": "2026-12-07"}
    assert expiring["text"] == {
        "zh": "您有300积分即将过期，请在12月7日前使用。", "en": "300 points begin to lapse on 7 Dec: use them in time.",
    }  # fmt: skip
    await _adjust(api, -300, "spent")  # what was told stays told
    assert (await mine.get("/home"))["unread"] == 2
    await _read(mine, expiring["message_id"])
    assert [item["read"] for item in (await mine.get("/messages"))["items"]] == [False, True, True]
    await night(api, tmp_path, "2026-11-23T00:31:00+08:00")
    assert [item["points"] for item in await mine.walk("/messages", 1)] == [5, -300, 300, 305]
    assert (await mine.get("/home"))["unread"] == 2


async def test_a_notice_that_comes_later_on_a_day_that_was_read_is_unread(api: Api, tmp_path: Path) -> None:
    """Each notice knows by itself whether it was read."""
    await api.enrol("m1")
    mine = Mine(api, "m1")
    await _adjust(api, 1, "k1", expires_on="2026-12-06")
    await _read(mine, (await mine.get("/messages"))["items"][0]["message_id"])
    await night(api, tmp_path, "2026-11-21T12:31:00+08:00")
    assert (await mine.get("/home"))["unread"] == 1


async def test_who_was_not_heard_of_for_long_is_called_back_with_a_coupon(api: Api, tmp_path: Path) -> None:
    await api.enrol("m1")
    document = re.sub(
        rb"(?m)^reminders:.*\n",
        rb"\g<0>  silent_coupon: COME_BACK\n",
        (resource("presets") / "fresh-life.yaml").read_bytes(),
    )
    async with api.pool.connection() as conn:
        await publish(conn, document, now=datetime.fromisoformat(NOW), by="test", effective_from=None)
    for date in ("2026-12-20", "2026-12-21"):
        await night(api, tmp_path, f"{date}T00:31:00+08:00")
    mine = Mine(api, "m1")
    (call,) = (await mine.get("/messages"))["items"]
    assert (call["kind"], call["message_id"], call["read"]) == ("wake_up", "wake_up.2026-12-21.0", False)
    assert (call["params"]["coupon"], call["text"]["zh"]) == ("COME_BACK", "给您留了一张优惠券，回来看看吧。")
    await _read(mine, call["message_id"])
    assert (await mine.get("/home"))["unread"] == 0


async def test_messages_are_kept_for_a_year(api: Api) -> None:
    await api.enrol("m1")
    await _adjust(api, 1, "k1", expires_on="2030-01-01")
    mine = Mine(api, "m1")
    api.set_clock("2027-11-21T12:00:00+08:00")
    assert len((await mine.get("/messages"))["items"]) == 1
    api.set_clock("2027-11-22T00:00:00+08:00")
    assert (await mine.get("/messages"))["items"] == []
    assert (await mine.get("/home"))["unread"] == 0


@pytest.mark.parametrize(
    "message_id",
    ["", "x", "settled", "settled.2026-11-21", "settled.2026-13-01.1", "settled.20261121.1", "settled.2026-11-21.-1",
     "other.2026-11-21.1", "settled.2026-11-21.٣", "settled.2026-11-21." + "9" * 30, "settled.2026-11-21.1\u0000"],
)  # fmt: skip
async def test_what_is_no_message_cannot_be_read(api: Api, message_id: str) -> None:
    await api.enrol("m1")
    answer = await Mine(api, "m1").ask("POST", "/messages/read", json={"up_to": message_id})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_a_mark_in_the_future_reads_nothing_beforehand(api: Api, tmp_path: Path) -> None:
    await api.enrol("m1")
    mine = Mine(api, "m1")
    await _read(mine, "settled.9999-12-31.99999999")
    await _adjust(api, 1, "k1", expires_on="2026-12-07")
    assert (await mine.get("/home"))["unread"] == 1
    await night(api, tmp_path, "2026-11-22T00:31:00+08:00")
    assert (await mine.get("/home"))["unread"] == 2
