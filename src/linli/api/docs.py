"""`/openapi.json`, and `/docs`: the same as a page that loads nothing from anywhere else."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Request, Response, Router, get

from linli.api.openapi import build_document
from linli.api.reference import STYLE, render

_HEADERS = {
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
}


@cache
def _made(app: Litestar) -> tuple[bytes, str]:
    document = build_document(app)
    return msgspec.json.encode(document), render(document)


@get("/openapi.json", include_in_schema=False)
async def get_openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The OpenAPI document."""
    return Response(_made(request.app)[0], media_type=MediaType.JSON)


@get("/docs", include_in_schema=False)
async def get_docs(request: Request[Any, Any, Any]) -> Response[str]:
    """The reference, to be read."""
    return Response(_made(request.app)[1], media_type=MediaType.HTML, headers=_HEADERS)


@get("/docs/reference.css", include_in_schema=False)
async def get_style() -> Response[str]:
    """How the reference looks."""
    return Response(STYLE, media_type=MediaType.CSS, headers=_HEADERS)


routes = Router("/", route_handlers=[get_openapi, get_docs, get_style])
