"""The OpenAPI 3.1 document, made from what decodes requests and encodes answers.

Litestar's own generator leaves out what makes a schema true here (unknown fields, tagged unions, limits within
structs), so paths and parameters are taken from its handlers, and every schema from msgspec, which does the decoding.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar

from linli import __version__
from linli.api.compat import CompatError
from linli.api.described import Described, Taken, describe
from linli.api.door import CSRF_HEADER, SAFE, SESSION_COOKIE
from linli.api.errors import PROBLEM, entries, problem
from linli.api.intake_schema import intake_operation, intake_types
from linli.rules import Programme

_COMPAT = "/api/points/"
_I18N = Path(__file__).resolve().parent.parent / "i18n"
_ALWAYS = ("internal", "database_unavailable")
_BODY = ("malformed_json", "body_too_large", "unsupported_content_type")
_DOOR = ("unauthorized", "forbidden")
_INTAKE = (*_ALWAYS, *_DOOR, "csrf_failed", "overloaded", "unsupported_content_type", "body_too_large")
_BYTES = {"type": "string", "format": "binary"}
_NO_DEFAULT = (None, date.min, date.max)
_MORE_STATUSES = {"publish_version": (200,), "get_readiness": (503,)}
_KEYS: list[dict[str, Any]] = [{"bearer": []}, {"apiKey": []}]
_SCHEMES = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "Of a user who signed in: `POST /v1/session`. Each permission is a scope.",
    },
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": CSRF_HEADER,
        "description": "With a session: its `csrf_token`, wherever something changes.",
    },
    "member": {
        "type": "http",
        "scheme": "bearer",
        "description": "`Authorization: Bearer lm_…`: a member's own; `POST /v1/members/{member_id}/tokens`.",
    },
    "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer lk_…`"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
_INFO = {
    "title": "邻里分 Linli",
    "version": __version__,
    "summary": "Points, rules and settlement for community group-buying (社区团购积分系统)",
    "description": "Events come in by `POST /v1/events`; everything else reads what became of them, or moves points. "
    "Errors are problem documents (RFC 9457) with a stable `code`, in Chinese or English by `Accept-Language`.",
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
_TAGS = [
    {"name": "events", "description": "事件 · what happened on the platform, and what became of it"},
    {"name": "members", "description": "会员 · what a member has, had and will have"},
    {"name": "me", "description": "我的 · what a member sees of their own, by their token"},
    {"name": "holds", "description": "冻结 · points reserved for orders that are not paid yet"},
    {
        "name": "deductions",
        "description": "积分抵扣 · what points pay of an order, line by line, and what is given back",
    },
    {"name": "postings", "description": "更正 · refunds, reversals, adjustments"},
    {
        "name": "corrections",
        "description": "批量更正 · many adjustments at once: previewed, approved, applied, reversed",
    },
    {"name": "coupons", "description": "卡券 · templates, issues, and the coupons of members from lock to use"},
    {"name": "mall", "description": "积分商城 · items, stock, and orders for points or points and cash"},
    {"name": "programme", "description": "方案 · rules and deduction, version by version, and drafts"},
    {"name": "screening", "description": "风控 · what caps took away before points were credited"},
    {"name": "runs", "description": "结算 · settlement and expiry: how far they are, started and stopped"},
    {"name": "notices", "description": "通知 · reminders of points that lapse, and calls to come back"},
    {"name": "insights", "description": "看板 · the programme at a glance, and live"},
    {"name": "lottery", "description": "抽奖 · campaigns with published odds, and draws that anybody can verify"},
    {"name": "compat", "description": "积分抵扣（公开接口） · the two calls of the published document"},
    {"name": "access", "description": "登录与权限 · operators' sessions and users, members' tokens"},
    {"name": "platform", "description": "运维 · health, readiness, metrics"},
]


class OperationText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `i18n/operations.json` says of an operation: a summary, and examples, which a test holds to the schema."""

    summary_zh: str
    body: Any = None
    answer: Any = None


class Problem(msgspec.Struct, frozen=True):
    """Why a request was refused (RFC 9457). More members follow, by `code`: the figures that one needs to act on it."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    title_zh: str
    title_en: str


def build_document(app: Litestar) -> dict[str, Any]:
    """The whole document of `app` and of the hot path before it."""
    found = list(describe(app))
    texts = msgspec.json.decode((_I18N / "operations.json").read_bytes(), type=dict[str, OperationText])
    schemas = Schemas([Problem, CompatError, Programme, *intake_types(), *_types(found)])
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for operation in found:
        paths[operation.path][operation.method] = _operation(operation, texts[operation.name], schemas)
    intake = intake_operation(schemas.of, texts["take_events"].summary_zh)
    _add_refusals(intake["responses"], _INTAKE, schemas)
    paths["/v1/events"]["post"] = {**intake, "security": _security(None, "post")}
    components = {"schemas": dict(sorted(schemas.components.items())), "securitySchemes": _SCHEMES}
    return {
        "openapi": "3.1.0",
        "info": _INFO,
        "servers": [{"url": "/"}],
        "tags": _TAGS,
        # Litestar keeps a route's methods in a set: sorted, so that every process tells the same document.
        "paths": {path: dict(sorted(methods.items())) for path, methods in sorted(paths.items())},
        "components": components,
    }


class Schemas:
    """Schemas of many types at once, so that they share their components."""

    def __init__(self, kinds: list[Any]) -> None:
        made, self.components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
        for schema in self.components.values():
            schema["description"] = " ".join(schema["description"].split())
        self._made = {repr(kind): schema for kind, schema in zip(kinds, made, strict=True)}

    def of(self, kind: Any) -> dict[str, Any]:
        """The schema of one of the types: a reference where it is a struct."""
        return dict(self._made[repr(kind)])


def _types(found: list[Described]) -> list[Any]:
    said = [(operation.body, operation.answer, operation.opt.get("streams")) for operation in found]
    kinds = [kind for kinds in said for kind in kinds if kind is not None]
    return [*kinds, *(parameter.kind for operation in found for parameter in operation.parameters)]


def _operation(found: Described, text: OperationText, schemas: Schemas) -> dict[str, Any]:
    who, scopes = found.opt.get("who"), found.opt.get("scopes", ())
    codes = [*_ALWAYS[:1], *(refusal.code for refusal in found.opt.get("refusals", ()))]
    made: dict[str, Any] = {
        "operationId": found.name,
        "summary": text.summary_zh,
        "description": f"{found.doc} Scope: {' or '.join(f'`{scope}`' for scope in scopes)}." if scopes else found.doc,
        "tags": found.tags,
    }
    if found.parameters:
        made["parameters"] = [_parameter(parameter, schemas) for parameter in found.parameters]
        codes.append("invalid")
    if "{" in found.path:
        codes.append("route_not_found")  # an empty id makes another path
    if found.body is not None:
        content = _content(schemas.of(found.body), text.body)
        read_as = {"application/json": content}
        read_as |= {kind: {"schema": {"type": "string"}} for kind in found.opt.get("also", ())}
        made["requestBody"] = {"required": found.body_required, "content": read_as}
        codes += [*_BODY, "invalid"]
    elif takes := found.opt.get("takes"):
        made["requestBody"] = {"required": True, "content": {kind: {"schema": _BYTES} for kind in takes}}
    if who == "nobody":
        codes += _ALWAYS
    elif who or scopes:
        made["security"] = _security(who, found.method)
        codes += [*_ALWAYS, *_DOOR, *(("csrf_failed",) if {"session": [], "csrf": []} in made["security"] else ())]
    made["responses"] = _answers(found, text, schemas)
    _add_refusals(made["responses"], codes, schemas, compat=found.path.startswith(_COMPAT))
    return made


def _security(who: str | None, method: str) -> list[dict[str, Any]]:
    """What opens an operation: one of these."""
    if who == "member":
        return [{"member": []}]
    session: dict[str, Any] = {"session": []} if method.upper() in SAFE else {"session": [], "csrf": []}
    return [session] if who == "operator" else [*_KEYS, session]


def _content(schema: dict[str, Any], example: Any) -> dict[str, Any]:
    return {"schema": schema} if example is None else {"schema": schema, "example": example}


def _parameter(found: Taken, schemas: Schemas) -> dict[str, Any]:
    schema = schemas.of(found.kind)
    if found.default not in _NO_DEFAULT:
        schema["default"] = found.default
    made: dict[str, Any] = {"name": found.name, "in": found.place, "required": found.required, "schema": schema}
    return made | ({"description": found.description} if found.description else {})


def _answers(found: Described, text: OperationText, schemas: Schemas) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "Done."}
    if found.answer is not None:
        answer["content"] = {"application/json": _content(schemas.of(found.answer), text.answer)}
    elif streams := found.opt.get("streams"):
        answer["description"] = f"Server-sent events; the data of each is a `{streams.__name__}`."
        answer["content"] = {"text/event-stream": {"schema": {"type": "string"}}}
    elif gives := found.opt.get("gives"):
        answer["content"] = {kind: {"schema": _BYTES} for kind in gives}
    elif found.status == 200:
        answer["content"] = {found.opt.get("sends", "text/plain"): {"schema": {"type": "string"}}}
    if any(parameter.place == "header" for parameter in found.parameters):
        schema = {"type": "string", "const": "true"}
        answer["headers"] = {"Idempotency-Replayed": {"description": "This is an earlier answer.", "schema": schema}}
    return {str(status): answer for status in (found.status, *_MORE_STATUSES.get(found.name, ()))}


def _add_refusals(answers: dict[str, Any], codes: Any, schemas: Schemas, *, compat: bool = False) -> None:
    by_status: dict[str, list[str]] = defaultdict(list)
    for code in sorted(set(codes)):
        by_status[str(entries()[code].status)].append(code)
    for status, these in sorted(by_status.items()):
        schema = {"allOf": [schemas.of(CompatError if compat else Problem), {"properties": {"code": {"enum": these}}}]}
        content: dict[str, Any] = {"schema": schema}
        if not compat:
            content["examples"] = {code: {"value": problem(code, {}, "zh")} for code in these}
        answer = answers.setdefault(status, {"description": "; ".join(entries()[code].title_en for code in these)})
        answer.setdefault("content", {})["application/json" if compat else PROBLEM] = content
