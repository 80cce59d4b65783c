"""Health, readiness, metrics, the document and its page, and input that no client should send."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import pytest
from tests.api.conftest import Api

from linli.words.events import CATALOGUE

OPEN = {
    ("get", "/healthz"), ("get", "/readyz"), ("get", "/metrics"), ("post", "/v1/session"),
    ("post", "/v1/sign-in/wechat"), ("post", "/v1/payments/wechat/notices"), ("get", "/v1/mall/pictures/{picture_id}"),
    ("get", "/v1/lottery/campaigns/{campaign_id}/proof"), ("get", "/v1/lottery/campaigns/{campaign_id}/draws"),
}  # fmt: skip


async def test_health_and_readiness_name_each_check(api: Api) -> None:
    assert (await api.get("/healthz")).json() == {"status": "ok"}
    ready = await api.get("/readyz")
    assert ready.status_code == 200
    assert {name: check["ok"] for name, check in ready.json()["checks"].items()} == {
        "database": True, "migrations": True, "programme": True
    }  # fmt: skip


async def test_readiness_says_what_is_missing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async with api.pool.connection() as conn:
        await conn.execute("ALTER TABLE programmes_step DISABLE TRIGGER USER")
        await conn.execute("DELETE FROM programmes_step")
        await conn.execute("DELETE FROM programmes_version")
    unready = await api.get("/readyz")
    assert unready.status_code == 503
    assert unready.json()["checks"]["programme"] == {"ok": False, "detail": "no programme is published"}
    async with api.pool.connection() as conn:
        await conn.execute("DELETE FROM alembic_version")
    assert "0001" in (await api.get("/readyz")).json()["checks"]["migrations"]["detail"]


async def test_nobody_needs_a_key_for_health(api: Api) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"):
        assert (await api.client.get(path, headers={"authorization": ""})).status_code == 200, path


async def test_metrics_count_by_route_and_never_by_id(api: Api) -> None:
    await api.enrol("m1")
    await api.get("/v1/members/a-very-special-id")
    text = (await api.get("/metrics")).text
    assert re.search(r'requests_total\{method="GET",route="/v1/members/\{member_id\}",status="404"\}', text)
    assert 'route="/v1/events"' in text
    assert "a-very-special-id" not in text


async def test_the_document_is_whole(api: Api) -> None:
    document = (await api.get("/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], path
            assert operation["description"], path
            assert bool(operation.get("security")) != ((method, path) in OPEN), path
            for status, answer in operation["responses"].items():
                if status >= "400" and path not in ("/v1/events", "/readyz") and not path.startswith("/api/"):
                    assert list(answer["content"]) == ["application/problem+json"], (path, status)
    content = document["paths"]["/v1/events"]["post"]["requestBody"]["content"]
    assert set(content) == {"application/cloudevents+json", "application/cloudevents-batch+json"}
    event = content["application/cloudevents+json"]["schema"]
    assert {kind["properties"]["type"]["const"] for kind in event["oneOf"]} == set(CATALOGUE)
    assert document["components"]["schemas"]["OrderPaid"]["additionalProperties"] is False


async def test_every_example_is_true(api: Api) -> None:
    document = (await api.get("/openapi.json")).json()
    checked = 0
    for path, methods in document["paths"].items():
        for operation in methods.values():
            bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
            for content in (content for body in bodies for content in body.get("content", {}).values()):
                examples = [found["value"] for found in content.get("examples", {}).values()]
                examples += [content["example"]] if "example" in content else []
                for example in examples:
                    rooted = {**content["schema"], "components": document["components"]}
                    jsonschema_rs.validator_for(rooted).validate(example)
                    checked += 1
        assert path
    assert checked > 150


async def test_the_reference_loads_nothing_from_elsewhere(api: Api) -> None:
    page = await api.get("/docs")
    assert page.headers["content-security-policy"].startswith("default-src 'self';")
    assert page.headers["content-type"].startswith("text/html")
    assert set(re.findall(r'(?:src|href)="([^#"][^"]*)"', page.text)) == {"/docs/reference.css", "/openapi.json"}
    assert "<script" not in page.text
    assert "style=" not in page.text
    document = (await api.get("/openapi.json")).json()
    for methods in document["paths"].values():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page.text
    links = set(re.findall(r'href="#([^"]+)"', page.text))
    assert links <= set(re.findall(r'id="([^"]+)"', page.text))
    style = await api.get("/docs/reference.css")
    assert style.headers["content-type"].startswith("text/css")


BAD_IDS = ["\0", "a\0b", "x" * 10_000, "x" * 129, "%", "..", "\n", "\u2028", "'; --", "é" * 64, "\ud800"]
BAD_QUERIES: list[dict[str, Any]] = [
    {"limit": 0}, {"limit": -1}, {"limit": 10**9}, {"limit": 2**64}, {"limit": "1.5"}, {"limit": ""},
    {"limit": "NaN"}, {"wallet": "x" * 10_000},
    {"cursor": "\0"}, {"cursor": "x" * 10_000}, {"cursor": ""}, {"cursor": "WyJzdGF0ZW1lbnQiLG51bGxd"},
    {"wallet": "\0"}, {"wallet": ""}, {"kind": "nope"}, {"kind": "\0"}, {"from": "2026-02-30"},
    {"from": "x"}, {"to": "99999-01-01"}, {"from": "\0"}, {"from": "2026-01-01T00:00:00"},
]  # fmt: skip


async def test_bad_ids_and_queries_are_refused_by_type_and_never_break(api: Api) -> None:
    await api.enrol("m1")
    for bad in BAD_IDS:
        for path in ("", "/balance", "/holds"):
            answer = await api.get(f"/v1/members/{quote(bad, errors='surrogatepass')}{path}")
            assert answer.status_code in (404, 422), (bad[:20], path, answer.status_code)
            assert answer.json()["code"] in ("member_not_found", "invalid", "route_not_found")
    for query in BAD_QUERIES:
        answer = await api.get("/v1/members/m1/statement", **query)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), query
    for source in ("", "\0", "x" * 10_000):
        assert (await api.get("/v1/events/e", source=source)).status_code == 422


BAD_BODIES = [
    b"", b"null", b"[]", b"0", b'""', b"\xff", b"{", b'{"points": 1e400}', b'{"points": NaN}', b'{"points": 1e1}',
    b'{"points": 99999999999999999999999999}', b'{"points": "\\ud800"}', b'{"points": 1, "points": "x"}',
    b'{"points": 1, "order_id": "\\u0000"}', b'{"points": 1, "order_id": ""}', b'{"points": 1, "ttl_seconds": 0}',
    b'{"points": 1, "ttl_seconds": 99999999999}', b"[" * 100_000, b'{"a":' * 50_000,
    b'{"points": 1, "reason": "' + b"x" * 501 + b'"}', json.dumps({"points": 1, "order_id": "x" * 10_000}).encode(),
]  # fmt: skip


async def test_bad_bodies_are_refused_by_type_and_never_break(api: Api) -> None:
    await api.enrol("m1", 5)
    for body in BAD_BODIES:
        headers = {"content-type": "application/json", "idempotency-key": "k"}
        answer = await api.client.post("/v1/members/m1/holds", content=body, headers=headers)
        assert answer.status_code in (400, 422), (body[:60], answer.status_code, answer.text[:200])
        assert answer.json()["code"] in ("invalid", "malformed_json")
    assert (await api.balance("m1"))["held"] == 0
