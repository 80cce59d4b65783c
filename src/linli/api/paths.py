"""Ids may hold a slash, sent as `%2F`: servers decode it before routing, which would make two segments of one id."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import unquote

from litestar import Request

# A noncharacter, which no text may hold; it stands for the slash from here to the handler.
_SLASH = "\uffff"


def keep_slashes(scope: MutableMapping[str, Any]) -> None:
    """Before routing: let an encoded slash stay within its segment."""
    raw: bytes = scope.get("raw_path") or b""
    if b"%2f" in raw.lower():
        segments = raw.split(b"?", 1)[0].decode("latin-1").split("/")
        scope["path"] = "/".join(unquote(segment).replace("/", _SLASH) for segment in segments)


async def restore_slashes(request: Request[Any, Any, Any]) -> None:
    """After routing (Litestar's `before_request`): ids are themselves again."""
    given = request.scope["path_params"]
    for name, value in given.items():
        if isinstance(value, str) and _SLASH in value:
            given[name] = value.replace(_SLASH, "/")
