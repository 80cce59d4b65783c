"""Problems: every refusal has its texts, both languages, and nothing that should stay inside comes out."""

from __future__ import annotations

import importlib
import pkgutil
import string
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from tests.api.conftest import KEY, Api

import linli
from linli.api.errors import entries, language_of, problem, problem_bytes
from linli.kit.errors import Refusal


def _refusals(base: type[Refusal]) -> Iterator[type[Refusal]]:
    yield base
    for kind in base.__subclasses__():
        yield from _refusals(kind)


def _all_refusals() -> list[type[Refusal]]:
    for module in pkgutil.walk_packages(linli.__path__, "linli."):
        if "__main__" not in module.name:
            importlib.import_module(module.name)
    return sorted(set(_refusals(Refusal)), key=lambda kind: kind.__qualname__)


def test_every_refusal_has_its_texts() -> None:
    missing = [f"{kind.__module__}.{kind.__qualname__}" for kind in _all_refusals() if kind.code not in entries()]
    assert not missing, f"no entry in i18n/errors.json: {missing}"


def test_no_two_refusals_share_a_code() -> None:
    codes: dict[str, str] = {}
    for kind in _all_refusals():
        assert codes.setdefault(kind.code, kind.__qualname__) == kind.__qualname__, kind.code


def test_hints_name_fields_that_the_refusal_documents() -> None:
    documented = {kind.code: kind.__doc__ or "" for kind in _all_refusals()}
    for code, entry in entries().items():
        for text in (entry.hint_zh, entry.hint_en):
            for _, name, _, _ in string.Formatter().parse(text):
                assert not name or f"`{name}`" in documented.get(code, f"`{name}`"), (code, name)


@pytest.mark.parametrize(
    ("header", "language"),
    [(None, "zh"), ("", "zh"), ("en", "en"), ("en-GB,en;q=0.9,zh;q=0.8", "en"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
     ("fr, en;q=0.5", "en"), ("fr", "zh"), ("en;q=0", "zh"), ("*", "zh"), (b"en;q=0.4, zh;q=0.6", "zh"),
     ("en;q=abc", "zh"), (b"\xff", "zh")],
)  # fmt: skip
def test_the_language_follows_the_header(header: str | bytes | None, language: str) -> None:
    assert language_of(header) == language


def test_a_problem_names_the_figures() -> None:
    told = problem("insufficient_points", {"available": 3, "wanted": 5}, "en")
    assert told["detail"] == "3 points are available, 5 were asked for."
    assert (told["title_zh"], told["available"]) == ("积分不足", 3)
    status, body = problem_bytes("no_such_code", {"x": object}, "zh")
    assert status == 409
    assert b"no_such_code" in body


async def test_litestars_own_errors_look_the_same(api: Api) -> None:
    cases: list[tuple[str, str, dict[str, Any], int, str]] = [
        ("GET", "/nowhere", {}, 404, "route_not_found"),
        ("DELETE", "/v1/members/m1", {}, 405, "method_not_allowed"),
        ("GET", "/v1/members/m1/statement?limit=0", {}, 422, "invalid"),
        ("POST", "/v1/programme/check", {"content": b"{", "headers": {"content-type": "application/json"}}, 400,
         "malformed_json"),
        ("POST", "/v1/programme/check", {"content": b"{}", "headers": {"content-type": "text/plain"}}, 415,
         "unsupported_content_type"),
        ("POST", "/v1/programme/check",
         {"content": b"x" * 4_200_000, "headers": {"content-type": "application/json"}}, 413, "body_too_large"),
    ]  # fmt: skip
    for method, path, extra, status, code in cases:
        answer = await api.client.request(method, path, **extra)
        assert (answer.status_code, answer.json()["code"]) == (status, code), path
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"type", "title", "status", "detail", "title_zh", "title_en"} <= answer.json().keys()
    allowed = (await api.client.delete("/v1/members/m1")).headers["allow"]
    assert set(allowed.split(", ")) == {"GET", "OPTIONS"}


async def test_a_fault_says_where_it_is(api: Api) -> None:
    answer = await api.post("/v1/members/m1/holds", {"points": "5"}, key="k")
    assert answer.json()["errors"] == [{"place": "$.points", "detail": "Expected `int`, got `str`"}]
    answer = await api.get("/v1/members/m1/statement", limit="x")
    assert answer.json()["errors"][0]["place"] == "query.limit"
    english = await api.client.get("/v1/members/m9", headers={"accept-language": "en"})
    assert english.json()["title"] == "No such member"


async def test_what_nobody_foresaw_is_logged_by_an_id_and_tells_nothing(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"the key was {KEY}")

    monkeypatch.setattr("linli.members.get_member", broken)
    with structlog.testing.capture_logs() as logs:
        answer = await api.get("/v1/members/secret-member")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    (entry,) = logs
    assert entry["error_id"] == answer.json()["error_id"]
    assert "broken" in entry["frames"]
    for text in (answer.text, str(logs)):
        assert KEY not in text
        assert "secret-member" not in text


async def test_a_database_that_is_away_is_said_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    import psycopg

    async def away(*_: object, **__: object) -> None:
        raise psycopg.OperationalError("gone")

    monkeypatch.setattr("linli.api.call.in_transaction", away)
    answer = await api.get("/v1/members/m1")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert "retry-after" in answer.headers
