"""The front ends: `/m/` for members, `/console/` for operators, from what build_hook.py put into the package."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from litestar import HttpMethod, MediaType, Request, Response, Router, route
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from linli.api.call import Process
from linli.api.site import ASK_FIRST, INDEX, Site, page_headers
from linli.api.texts import say

BUILT = Path(__file__).resolve().parent.parent / "static"
_READ = [HttpMethod.GET, HttpMethod.HEAD]
_ASSETS = "assets/"


@cache
def _site(folder: Path) -> Site:
    return Site(folder)


@route("/", http_method=_READ, include_in_schema=False)
async def get_root() -> Redirect:
    """Operators are the ones who come without being sent to an address."""
    return Redirect("/console/")


@route(["/m", "/m/{path:path}"], http_method=_READ, include_in_schema=False)
async def get_member_app(request: Request[Any, Any, Any]) -> Response[Any]:
    """The members' app. It finds its way by what follows `#`, so any other path is a mistake."""
    return _serve(request, "member", "/m/", deep_links=False)


@route(["/console", "/console/{path:path}"], http_method=_READ, include_in_schema=False)
async def get_console(request: Request[Any, Any, Any]) -> Response[Any]:
    """The back office. Whatever is no file of it is a page that it finds by itself."""
    return _serve(request, "console", "/console/", deep_links=True)


def _serve(request: Request[Any, Any, Any], name: str, base: str, *, deep_links: bool) -> Response[Any]:
    process: Process = request.app.state.process
    # The raw path: Litestar strips the slash at the end of the other.
    if request.scope["raw_path"].split(b"?", 1)[0] == base.rstrip("/").encode():
        return Redirect(base)  # what a page names relative to itself would be sought beside it
    site = _site((process.settings.pages or BUILT) / name)
    if not site.built():
        return _not_built()
    asked: str = request.path_params.get("path", "").removeprefix("/")
    found = site.find(asked or INDEX)
    if found is None and deep_links and not asked.startswith(_ASSETS):
        found = INDEX
    if found is None:
        raise NotFoundException
    return site.answer(found, request.headers)


def _not_built() -> Response[str]:
    texts = "".join(
        f'<h1 lang="{language}">{escape(say("pages_not_built", language))}</h1>'
        f'<p lang="{language}">{escape(say("pages_not_built_hint", language))}</p>'
        for language in ("zh", "en")
    )
    page = (
        '<!doctype html><html lang="zh"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Linli</title>'
        f'<link rel="stylesheet" href="/docs/reference.css"></head><body><main>{texts}</main></body></html>'
    )
    headers = page_headers() | {"cache-control": ASK_FIRST}
    return Response(page, status_code=503, media_type=MediaType.HTML, headers=headers)


routes = Router("/", route_handlers=[get_root, get_member_app, get_console])
