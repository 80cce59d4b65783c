"""The only place that knows which HTTP status a refusal has: RFC 9457 problem details, in Chinese and English.

Texts and statuses stand in `i18n/errors.json`, by code. Litestar's own complaints come out the same way.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, ClassVar, Literal

import msgspec
import psycopg
import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import (
    HTTPException,
    InternalServerException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from psycopg_pool import PoolTimeout
from uuid_utils.compat import uuid7

from linli.kit.errors import Refusal

Language = Literal["zh", "en"]
PROBLEM = "application/problem+json"
RETRY_AFTER_SECONDS = 1
MOST_BODY_BYTES = 4 * 1024 * 1024
"""Of every request but `POST /v1/events`, which has a measure of its own."""
_I18N = Path(__file__).resolve().parent.parent / "i18n"
_log = structlog.get_logger("linli.api")
_STANDARD = ("type", "title", "status", "code", "title_zh", "title_en")
_CHOICE = re.compile(r"\s*(zh|en|\*)(?:-[\w-]+)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*", re.IGNORECASE)


class MalformedJson(Refusal):
    """The body is no JSON. Fields: `detail`."""

    code: ClassVar[str] = "malformed_json"


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one code reads. Hints may name fields of the refusal: `{available}`."""

    status: int
    title_zh: str
    title_en: str
    hint_zh: str
    hint_en: str


@cache
def entries() -> dict[str, Entry]:
    """Code → how it reads and which HTTP status it has."""
    return msgspec.json.decode((_I18N / "errors.json").read_bytes(), type=dict[str, Entry])


def language_of(accept_language: str | bytes | None) -> Language:
    """The language that an `Accept-Language` header prefers; Chinese where it does not say."""
    text = accept_language.decode("latin-1") if isinstance(accept_language, bytes) else accept_language or ""
    best: tuple[float, Language] = (0.0, "zh")
    for part in text.split(",")[:20]:
        if found := _CHOICE.fullmatch(part):
            weight = float(found.group(2) or 1)
            if weight > best[0]:
                best = (weight, "en" if found.group(1).lower() == "en" else "zh")
    return best[1]


def problem(code: str, fields: dict[str, Any], language: Language) -> dict[str, Any]:
    """The problem document: `type`, `title`, `status`, `detail`, `code`, both titles, and the refusal's fields."""
    entry = entries().get(code) or entries()["refused"]
    titles = {"zh": entry.title_zh, "en": entry.title_en}
    return {
        "type": f"/problems/{code}",
        "title": titles[language],
        "status": entry.status,
        "detail": fields.get("detail") or hint(code, fields, language),
        "code": code,
        "title_zh": entry.title_zh,
        "title_en": entry.title_en,
        **{name: value for name, value in fields.items() if name not in _STANDARD and name != "detail"},
    }


def hint(code: str, fields: dict[str, Any], language: Language) -> str:
    """What a person can do about it, with the figures of this case."""
    entry = entries().get(code) or entries()["refused"]
    texts = {"zh": entry.hint_zh, "en": entry.hint_en}
    shown = {name: ", ".join(map(str, v)) if isinstance(v, list | tuple) else v for name, v in fields.items()}
    return texts[language].format_map(_Shown(shown))


class _Shown(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "–"


def problem_bytes(code: str, fields: dict[str, Any], language: Language) -> tuple[int, bytes]:
    """(HTTP status, body of type `application/problem+json`)."""
    document = problem(code, fields, language)
    return document["status"], msgspec.json.encode(document, enc_hook=str)


def headers_for(status: int, fields: Mapping[str, Any]) -> dict[str, str]:
    """Headers that a status asks for, by the fields of the refusal."""
    if (seconds := fields.get("retry_after_seconds")) is not None:
        return {"retry-after": str(seconds)}
    if status == HTTPStatus.UNAUTHORIZED:
        return {"www-authenticate": 'Bearer realm="linli"'}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"retry-after": str(RETRY_AFTER_SECONDS)}
    return {}


def code_of(error: Exception, where: str) -> tuple[str, dict[str, Any]]:
    """(code, fields) of whatever was raised. What nobody foresaw is logged, `where` it happened, under an error id."""
    match error:
        case Refusal():
            return error.code, error.fields
        case ValidationException():
            return "invalid", {"errors": _faults_of(error)}
        case NotFoundException():
            return "route_not_found", {}
        case MethodNotAllowedException():
            return "method_not_allowed", {}
        case HTTPException(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE):
            return "body_too_large", {"most_bytes": MOST_BODY_BYTES}
        case InternalServerException(detail="client disconnected prematurely"):
            return "invalid", {"detail": error.detail}  # nobody reads it
        case HTTPException(status_code=status, detail=detail) if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return "invalid", {"errors": [{"place": "$", "detail": detail}]}
        case psycopg.OperationalError() | PoolTimeout():
            _log.warning("database_unavailable", where=where, error=type(error).__name__)
            return "database_unavailable", {}
    return "internal", {"error_id": log_unforeseen(error, where)}


def log_unforeseen(error: Exception, where: str) -> str:
    """Log a bug with its stack, without local variables, which may hold keys. Returns the id to tell the caller."""
    error_id = str(uuid7())
    frames = "".join(traceback.format_tb(error.__traceback__))
    # The text of a database error may quote what a member sent: the type and the place say enough.
    said = str(error) if isinstance(error, AssertionError) else type(error).__name__
    _log.error("unforeseen", error_id=error_id, where=where, error=type(error).__name__, said=said, frames=frames)
    return error_id


def _faults_of(error: ValidationException) -> list[dict[str, str]]:
    if not isinstance(error.extra, list):
        return [{"place": "$", "detail": error.detail.split(" for path ")[0]}]
    faults: list[dict[str, str]] = []
    for item in error.extra:
        key, source = str(item.get("key", "$")), item.get("source")
        source = getattr(source, "value", source)  # Litestar gives an enum or a string
        place = "$" if key == "data" else f"{source}.{key}" if source else key
        faults.append({"place": place, "detail": str(item.get("message", ""))})
    return faults


def where_of(request: Request[Any, Any, Any]) -> str:
    """Method and route, without the ids in the path."""
    return f"{request.method} {request.scope.get('path_template') or '?'}"


def on_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Litestar's exception handler for everything."""
    code, fields = code_of(error, where_of(request))
    status, body = problem_bytes(code, fields, language_of(request.headers.get("accept-language")))
    headers = headers_for(status, fields)
    if isinstance(error, MethodNotAllowedException):
        headers |= error.headers or {}
    return Response(body, status_code=status, headers=headers, media_type=PROBLEM)


def on_compat_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The same, in the shape that the owner's document B publishes: `{"success": false, "error", "code"}`."""
    code, fields = code_of(error, where_of(request))
    language = language_of(request.headers.get("accept-language"))
    told = problem(code, fields, language)
    body = {"success": False, "error": f"{told['title']}: {told['detail']}", "code": code}
    if "errors" in fields:
        body["errors"] = fields["errors"]
    status = told["status"]
    return Response(
        msgspec.json.encode(body), status_code=status, headers=headers_for(status, fields), media_type=MediaType.JSON
    )
