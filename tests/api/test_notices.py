"""Notices and their runs through HTTP: started for the worker, stopped, gone on with; listed for the back office."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.conftest import Api
from tests.api.operators import told
from tests.api.test_runs import _work as work

from linli.flows import remind
from linli.kit.db import fetch_all

TODAY = "2026-11-21"
LAPSING = "2026-12-06"
RUNS = "/v1/notices/runs"


async def _points(api: Api, *members: str) -> None:
    for n, member in enumerate(members, 1):
        await api.enrol(member)
        body = {"points": 100 * n, "reason": "r", "expires_on": LAPSING}
        assert (await api.post(f"/v1/members/{member}/adjustments", body, key="k")).status_code == 201


async def _start(api: Api, kind: str = "remind", run_on: str = TODAY) -> Any:
    return await api.post(RUNS, {"kind": kind, "run_on": run_on, "reason": "by hand"})


async def test_a_run_is_started_and_the_worker_tells(api: Api, tmp_path: Any) -> None:
    await _points(api, "m1", "m2", "m3")
    answer = await _start(api)
    assert answer.status_code == 202, answer.text
    assert (answer.json()["state"], answer.json()["due"], answer.json()["items"]) == ("running", 3, 0)
    await work(api, tmp_path)
    (run,) = (await api.get(RUNS)).json()["items"]
    assert (run["kind"], run["state"], run["due"], run["items"], run["members"], run["points"]) == (
        "remind", "finished", 3, 3, 3, 600,
    )  # fmt: skip
    assert (await _start(api)).json() == run
    first = (await api.get("/v1/notices", limit=2)).json()
    assert [item["member_id"] for item in first["items"]] == ["m3", "m2"]
    assert first["items"][0] == {
        "notice_id": f"expiring:{TODAY}:m3", "member_id": "m3", "kind": "expiring", "on": TODAY, "points": 300,
        "lapses_on": LAPSING, "coupon": None, "read": False, "created_at": "2026-11-21T04:00:00Z",
        "text": {"zh": "您有300积分即将过期，请在12月6日前使用。",
                 "en": "300 points begin to lapse on 6 Dec: use them in time."},
    }  # fmt: skip
    rest = (await api.get("/v1/notices", limit=2, cursor=first["next_cursor"])).json()
    assert ([item["member_id"] for item in rest["items"]], rest["next_cursor"]) == (["m1"], None)
    assert [item["member_id"] for item in (await api.get("/v1/notices", member_id="m2")).json()["items"]] == ["m2"]
    assert (await api.get("/v1/notices", kind="wake_up")).json()["items"] == []
    async with api.pool.connection() as conn:
        acts = await fetch_all(conn, "SELECT act, subject, reason FROM access_act WHERE act ~ 'notice'")
    assert acts == [("notice_run.start", f"remind {TODAY}", "by hand")]


async def test_a_stopped_run_tells_the_rest_when_it_is_started_again(
    api: Api, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remind, "CHUNK", 1)
    await _points(api, "m1", "m2")
    await _start(api)
    stopped = await api.post(f"{RUNS}/remind/{TODAY}/stop", {"reason": "wait"})
    assert (stopped.status_code, stopped.json()["state"]) == (200, "stopped")
    await work(api, tmp_path)
    assert (await api.get("/v1/notices")).json()["items"] == []
    assert (await _start(api)).json()["state"] == "running"
    await work(api, tmp_path)
    assert [item["points"] for item in (await api.get("/v1/notices")).json()["items"]] == [200, 100]
    assert told(await api.post(f"{RUNS}/wake_up/2026-11-20/stop", {"reason": "wait"})) == (404, "notice_run_not_found")


@pytest.mark.parametrize(
    "body",
    [{"run_on": "2026-11-22"}, {"run_on": "1999-12-31"}, {"kind": "settle"}, {"reason": " "}, {"more": 1}],
)
async def test_bad_input_is_refused(api: Api, body: dict[str, Any]) -> None:
    answer = await api.post(RUNS, {"kind": "remind", "run_on": TODAY, "reason": "r", **body})
    assert told(answer) == (422, "invalid")
