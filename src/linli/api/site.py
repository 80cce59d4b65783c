"""The files of one built front end, and how each is sent: type, cache, compression, Content-Security-Policy.

All of them are read into memory, some 5 MB: what is not among them cannot be asked for, whatever a path says.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from litestar import Response

INDEX = "index.html"
STAMP = "built-from"
"""Written by build_hook.py beside the files; it changes when they do."""
KINDS = {
    ".css": "text/css",
    ".gif": "image/gif",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""In the order of preference."""
FOREVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
_HASHED = re.compile(r"assets/.*[-.][A-Za-z0-9_-]{8,}\.\w+")
_NONCE = re.compile(rb'(<meta name="csp-nonce" content=")[^"]*')


def page_headers(nonce: str | None = None) -> dict[str, str]:
    """What every page and file says: nothing from other hosts, no inline script, in nobody's frame.

    `nonce` lets in the style elements that a script of ours makes.
    """
    style = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    policy = (
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"style-src {style}; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )
    return {
        "content-security-policy": policy,
        "cross-origin-opener-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }


class Site:
    """One front end as it lies in `folder`; read again after it was built again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stamp: int | None = None
        self._files: dict[str, bytes] = {}

    def built(self) -> bool:
        """Whether there is anything to serve. Looks whether it was built anew, and if so reads it: call it first."""
        try:
            stamp = (self._folder / STAMP).stat().st_mtime_ns
        except FileNotFoundError:
            return False
        if stamp != self._stamp:
            self._files = {
                path.relative_to(self._folder).as_posix(): path.read_bytes()
                for path in self._folder.rglob("*")
                if path.is_file() and path.name != STAMP
            }
            self._stamp = stamp
        return INDEX in self._files

    def find(self, name: str) -> str | None:
        """`name` if there is such a file, and it is not merely another's compressed form."""
        return name if name in self._files and not name.endswith(tuple(ENCODINGS.values())) else None

    def answer(self, name: str, headers: Mapping[str, str]) -> Response[bytes]:
        """File `name`, as the request's `headers` accept it: compressed, or 304 if they have it already."""
        content = self._files[name]
        kind = KINDS.get(Path(name).suffix, "application/octet-stream")
        if name == INDEX and _NONCE.search(content):
            nonce = secrets.token_urlsafe(18)
            filled = _NONCE.sub(rb"\g<1>" + nonce.encode(), content)
            return Response(filled, media_type=kind, headers=page_headers(nonce) | {"cache-control": ASK_FIRST})
        cached = FOREVER if _HASHED.fullmatch(name) else ASK_FIRST
        sent = page_headers() | {"cache-control": cached, "vary": "accept-encoding"}
        encoding = self._encoding(name, headers.get("accept-encoding", ""))
        if encoding:
            content = self._files[name + ENCODINGS[encoding]]
            sent["content-encoding"] = encoding
        sent["etag"] = tag = _tag(content)
        if tag in {one.strip().removeprefix("W/") for one in headers.get("if-none-match", "").split(",")}:
            sent.pop("content-encoding", None)
            return Response(b"", status_code=304, headers=sent, media_type=kind)
        return Response(content, media_type=kind, headers=sent)

    def _encoding(self, name: str, accepted: str) -> str | None:
        for encoding, suffix in ENCODINGS.items():
            if name + suffix in self._files and re.search(
                rf"\b{encoding}\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", accepted
            ):
                return encoding
        return None


@cache
def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
