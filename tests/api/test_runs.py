"""Runs through HTTP: started for the worker, stopped, gone on with; who did it and why is noted."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.api.conftest import NOW, Api
from tests.flows.world import CHECKS

from linli import worker
from linli.flows import sweep as sweeping
from linli.flows.runs import SWEEP
from linli.flows.sweep import sweep
from linli.kit.audit import run_audit
from linli.kit.db import fetch_all
from linli.settings import Settings

TODAY = "2026-11-21"
MEMBERS = 7


async def _promise(api: Api) -> None:
    """Points of so many members, due on the 21st."""
    for n in range(MEMBERS):
        await api.tell("vote.cast", time="2026-11-20T15:59:59Z", member_id=f"m{n}", vote_id="v")
        await api.tell("order.paid", time="2026-11-20T15:59:59Z", member_id=f"m{n}", order_id="o", paid_fen=1_000)


async def _start(api: Api, kind: str = "settle", run_on: str = TODAY) -> Any:
    return await api.post("/v1/runs", {"kind": kind, "run_on": run_on, "reason": "late night"})


async def _work(api: Api, tmp_path: Any) -> None:
    """Let a worker do all jobs that wait, and go home."""
    settings = Settings(clock_file=tmp_path / "clock", home=tmp_path)  # pyright: ignore
    app = worker.make_app(api.pool.conninfo, api.pool, settings)
    async with app.open_async():
        await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False, delete_jobs="always")


async def _jobs(api: Api) -> list[Any]:
    async with api.pool.connection() as conn:
        return await fetch_all(
            conn, "SELECT task_name, args::text FROM procrastinate_jobs WHERE task_name = %s", (SWEEP,)
        )


async def _run(api: Api, kind: str = "settle") -> dict[str, Any]:
    return (await api.get("/v1/runs", kind=kind)).json()["items"][0]


async def test_a_run_is_started_and_the_worker_does_it(api: Api, tmp_path: Any) -> None:
    await _promise(api)
    answer = await _start(api)
    assert answer.status_code == 202
    told = answer.json()
    assert (told["state"], told["due"], told["items"], told["finished_at"]) == ("running", MEMBERS, 0, None)
    await _work(api, tmp_path)
    done = await _run(api)
    assert (done["state"], done["due"], done["items"], done["points"]) == ("finished", MEMBERS, MEMBERS, 10 * MEMBERS)
    again = await _start(api)
    assert (again.status_code, again.json()) == (202, done)
    assert await _jobs(api) == []


async def test_started_twice_is_one_job(api: Api) -> None:
    for _ in range(2):
        assert (await _start(api)).status_code == 202
    assert len(await _jobs(api)) == 1
    await _start(api, "expire")
    assert len(await _jobs(api)) == 2


async def test_stopped_before_the_worker_came_it_waits_to_be_started_again(api: Api, tmp_path: Any) -> None:
    await _promise(api)
    await _start(api)
    stopped = await api.post(f"/v1/runs/settle/{TODAY}/stop", {"reason": "wait"})
    assert (stopped.status_code, stopped.json()["state"]) == (200, "stopped")
    await _work(api, tmp_path)
    assert (await _run(api))["state"] == "stopped"
    assert (await _start(api)).json()["state"] == "running"
    await _work(api, tmp_path)
    assert (await _run(api))["state"] == "finished"


async def test_stopped_in_the_middle_it_ends_with_the_chunk_in_hand_and_goes_on_when_told(
    api: Api, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "CHUNK", 1)
    monkeypatch.setattr(sweeping, "LANES", 1)
    await _promise(api)
    await _start(api)
    chunk, done = sweeping._chunk, 0

    async def stopping(conn: Any, **named: Any) -> Any:
        nonlocal done
        done += 1
        if done == 3:  # while the third is under way, somebody else's transaction
            await api.post(f"/v1/runs/settle/{TODAY}/stop", {"reason": "wait"})
        return await chunk(conn, **named)

    monkeypatch.setattr(sweeping, "_chunk", stopping)
    await _work(api, tmp_path)
    left = await _run(api)
    assert (left["state"], left["items"], left["due"]) == ("stopped", 3, MEMBERS)
    await _start(api)
    await _work(api, tmp_path)
    whole = await _run(api)
    assert (whole["state"], whole["items"], whole["points"]) == ("finished", MEMBERS, 10 * MEMBERS)


async def test_the_night_leaves_a_stopped_run_alone_and_lets_nothing_lapse_before_it(api: Api, tmp_path: Any) -> None:
    await _promise(api)
    await _start(api)
    await api.post(f"/v1/runs/settle/{TODAY}/stop", {"reason": "wait"})
    settings = Settings(clock_file=tmp_path / "clock", home=tmp_path)  # pyright: ignore
    assert await worker.run_night(api.pool, settings, settings.clock())
    assert (await _run(api))["items"] == 0
    assert (await api.get("/v1/runs", kind="expire")).json()["items"] == []
    await sweep(api.pool, "settle", date(2026, 11, 21), settings.clock)  # by hand it goes on
    assert (await _run(api))["state"] == "finished"
    await worker.run_night(api.pool, settings, settings.clock())
    assert (await _run(api, "expire"))["state"] == "finished"


async def test_a_finished_run_cannot_be_stopped_and_an_unknown_one_neither(api: Api) -> None:
    finished = await sweep(api.pool, "settle", date(2026, 11, 21), lambda: datetime.fromisoformat(NOW))
    answer = await api.post(f"/v1/runs/settle/{TODAY}/stop", {"reason": "x"})
    assert (answer.json()["state"], finished.state) == ("finished", "finished")
    missing = await api.post("/v1/runs/settle/2026-11-20/stop", {"reason": "x"})
    assert (missing.status_code, missing.json()["code"]) == (404, "run_not_found")


async def test_acts_are_noted_with_their_reasons(api: Api) -> None:
    await _start(api)
    await api.post(f"/v1/runs/settle/{TODAY}/stop", {"reason": "rules first"})
    async with api.pool.connection() as conn:
        acts = await fetch_all(conn, "SELECT actor, act, subject, reason FROM access_act ORDER BY act_id")
    assert acts == [
        ("test", "run.start", "settle 2026-11-21", "late night"),
        ("test", "run.stop", "settle 2026-11-21", "rules first"),
    ]


async def test_runs_that_cannot_be(api: Api) -> None:
    for run_on in ("2026-11-22", "1999-12-31", "9999-12-31", "2026-02-30", "x"):
        assert (await _start(api, run_on=run_on)).json()["code"] == "invalid", run_on
    api.set_clock("2026-11-21T16:00:00+00:00")  # midnight in Shanghai
    assert (await _start(api, run_on="2026-11-22")).status_code == 202
    for body in ({"kind": "settle", "run_on": TODAY}, {"kind": "settle", "run_on": TODAY, "reason": ""},
                 {"kind": "eat", "run_on": TODAY, "reason": "r"}):  # fmt: skip
        assert (await api.post("/v1/runs", body)).json()["code"] == "invalid", body
    for path in ("settle/x", "eat/2026-11-21", "settle/2026-11-21T00:00:00Z"):
        assert (await api.post(f"/v1/runs/{path}/stop", {"reason": "x"})).status_code in (404, 422), path


async def test_cron_that_finds_nothing_to_do_says_nothing(api: Api, tmp_path: Any) -> None:
    await _promise(api)
    settings = Settings(clock_file=tmp_path / "clock", home=tmp_path)  # pyright: ignore
    with capture_logs() as logs:
        for _ in range(3):
            assert await worker.run_night(api.pool, settings, settings.clock())
    told = [(line["kind"], line["state"], line["items"]) for line in logs if line["event"] == "sweep"]
    assert told == [("settle", "finished", MEMBERS), ("expire", "finished", 0)]


async def test_cron_and_an_operators_run_at_once_stopped_and_gone_on_with_by_two(
    api: Api, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each chunk counts once, whoever does it; the run is finished when all of it is done, and not before."""
    monkeypatch.setattr(sweeping, "CHUNK", 1)
    monkeypatch.setattr(sweeping, "LANES", 1)
    await _promise(api)
    settings = Settings(clock_file=tmp_path / "clock", home=tmp_path)  # pyright: ignore
    await _start(api)
    chunk, begun, stopped = sweeping._chunk, 0, asyncio.Event()

    async def stopping(conn: Any, **named: Any) -> Any:
        nonlocal begun
        begun += 1
        if begun == 3:
            await api.post(f"/v1/runs/settle/{TODAY}/stop", {"reason": "wait"})
            stopped.set()
        elif begun > 3:  # one a lane: of the operator's, of this night's, and of the worker's own
            await stopped.wait()
        return await chunk(conn, **named)

    monkeypatch.setattr(sweeping, "_chunk", stopping)
    await asyncio.gather(_work(api, tmp_path), worker.run_night(api.pool, settings, settings.clock()))
    left = await _run(api)
    assert (left["state"], left["finished_at"]) == ("stopped", None)
    assert left["items"] < MEMBERS
    assert {answer.status_code for answer in await asyncio.gather(_start(api), _start(api))} == {202}
    assert len(await _jobs(api)) == 1
    await asyncio.gather(_work(api, tmp_path), worker.run_night(api.pool, settings, settings.clock()))
    whole = await _run(api)
    assert (whole["state"], whole["items"], whole["points"]) == ("finished", MEMBERS, 10 * MEMBERS)
    async with api.pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []


async def test_a_run_that_failed_is_gone_on_with(api: Api, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await _promise(api)
    api.set_clock("2026-11-21T00:10:00+08:00")  # before the night's own run, which would make up for it
    await _start(api)
    chunk, fails = sweeping._chunk, 1

    async def failing(conn: Any, **named: Any) -> Any:
        nonlocal fails
        if fails:
            fails -= 1
            raise ZeroDivisionError("a power cut")
        return await chunk(conn, **named)

    monkeypatch.setattr(sweeping, "_chunk", failing)
    await _work(api, tmp_path)
    assert (await _run(api))["state"] == "running"
    async with api.pool.connection() as conn:  # half a minute later
        tried = await conn.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
        assert tried.rowcount == 1
    await _work(api, tmp_path)
    assert ((await _run(api))["state"], (await _run(api))["items"]) == ("finished", MEMBERS)
