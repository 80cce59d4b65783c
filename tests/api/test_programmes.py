"""Programmes through HTTP: what holds, versions, drafts, publication; and the nightly runs."""

from __future__ import annotations

from datetime import date, datetime

from tests.api.conftest import NOW, Api

from linli.flows.sweep import sweep
from linli.kit.resources import resource

VERSIONS = "/v1/programme/versions"
DRAFT = {"name": "trial", "title": {"zh": "试用", "en": "Trial"}}


async def test_the_programme_that_holds(api: Api) -> None:
    found = (await api.get("/v1/programme")).json()
    assert (found["version"], found["name"]) == (1, "fresh-life")
    assert found["document"]["deduction"]["cap_percent"] == 30
    assert found["rule_versions"]["base"] == 1


async def test_a_version_is_published_and_holds_from_its_time(api: Api) -> None:
    body = {"document": DRAFT, "note": "n", "effective_from": "2026-11-22T00:00:00+08:00"}
    answer = await api.post(VERSIONS, body)
    assert (answer.status_code, answer.json()["version"], answer.json()["published_by"]) == (201, 2, "test")
    assert (await api.get("/v1/programme")).json()["version"] == 1
    api.set_clock("2026-11-22T00:00:00+08:00")
    assert (await api.get("/v1/programme")).json()["version"] == 2
    same = await api.post(VERSIONS, body)
    assert (same.status_code, same.json()["version"]) == (200, 2)


async def test_a_draft_may_be_yaml(api: Api) -> None:
    text = (resource("presets") / "neighbours.yaml").read_text()
    assert (await api.post("/v1/programme/check", {"document": text})).json()["faults"] == []
    assert (await api.post(VERSIONS, {"document": text})).json()["name"] == "neighbours"


async def test_a_faulty_draft_is_refused_with_every_fault_and_its_place(api: Api) -> None:
    faulty = DRAFT | {"validity_months": 0, "rules": [{"id": "x", "kind": "nope"}, {"id": "y"}]}
    checked = await api.post("/v1/programme/check", {"document": faulty})
    assert checked.status_code == 200
    faults = checked.json()["faults"]
    assert {fault["place"].split("/")[1] for fault in faults} == {"validity_months", "rules"}
    assert all(fault["reason"] for fault in faults)
    refused = await api.post(VERSIONS, {"document": faulty})
    assert (refused.status_code, refused.json()["code"]) == (422, "faulty_programme")
    assert refused.json()["faults"] == faults
    assert len((await api.get(VERSIONS)).json()["items"]) == 1


async def test_drafts_that_are_none(api: Api) -> None:
    for body in ({}, {"document": 5}, {"document": None}, {"document": []}, {"document": DRAFT, "note": "a\0"},
                 {"document": DRAFT, "effective_from": "2026-11-22T00:00:00"},
                 {"document": DRAFT, "effective_from": "0001-01-01T00:00:00+12:00"}):  # fmt: skip
        answer = await api.post(VERSIONS, body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), body


async def test_versions_are_walked_and_read(api: Api) -> None:
    for n in range(3):
        assert (await api.post(VERSIONS, {"document": DRAFT | {"hold_minutes": n + 1}})).status_code == 201
    first = (await api.get(VERSIONS, limit=3)).json()
    assert [item["version"] for item in first["items"]] == [4, 3, 2]
    rest = (await api.get(VERSIONS, limit=3, cursor=first["next_cursor"])).json()
    assert ([item["version"] for item in rest["items"]], rest["next_cursor"]) == ([1], None)
    assert (await api.get(f"{VERSIONS}/2")).json()["document"]["hold_minutes"] == 1
    assert (await api.get(f"{VERSIONS}/9")).json()["code"] == "version_not_found"
    for wrong in ("0", "-1", "x", "9" * 30):
        assert (await api.get(f"{VERSIONS}/{wrong}")).status_code == 422


async def test_runs_are_listed_newest_first(api: Api) -> None:
    now = datetime.fromisoformat(NOW)
    for day in (19, 20, 21):
        await sweep(api.pool, "settle", date(2026, 11, day), lambda: now)
    first = (await api.get("/v1/runs", limit=2)).json()
    assert [run["run_on"] for run in first["items"]] == ["2026-11-21", "2026-11-20"]
    rest = (await api.get("/v1/runs", limit=2, cursor=first["next_cursor"])).json()
    assert [run["run_on"] for run in rest["items"]] == ["2026-11-19"]
    assert (await api.get("/v1/runs", kind="expire")).json()["items"] == []
    assert (await api.get("/v1/runs", kind="nope")).status_code == 422
