"""Who stands at the door: a key or a member's token in a header, or an operator's session in a cookie."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from linli.access import (
    SESSION_TEXT,
    Caller,
    KeyRing,
    Unauthorized,
    check_csrf,
    credential_in,
    get_session,
    member_caller,
)
from linli.kit.clock import Clock
from linli.kit.db import Pool

SESSION_COOKIE = "linli_session"
CSRF_HEADER = "X-CSRF-Token"
SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
_COOKIE = re.compile(rf"(?:^|;)\s*{SESSION_COOKIE}=({SESSION_TEXT.pattern})\s*(?:;|$)")


class Door:
    """Names the caller of a request. `idle`: how long a session lives that is not used."""

    def __init__(self, pool: Pool, keys: KeyRing, clock: Clock, idle: timedelta) -> None:
        self._pool, self._keys, self._clock, self.idle = pool, keys, clock, idle

    async def identify(self, scope: Mapping[str, Any], *, uses: bool = True) -> Caller:
        """The caller of an ASGI request. A header counts before a cookie. Raises Unauthorized, CsrfFailed.

        Unless it `uses` its session, the session ends as if nobody had called.

        The clock is read only where something may have run out: most events come with a key.
        """
        headers: dict[bytes, bytes] = dict(scope["headers"])
        credentials = headers.get(b"authorization") or headers.get(b"x-api-key")
        if credentials:
            if (text := credential_in(credentials)).startswith("lm_"):
                async with self._pool.connection() as conn:
                    return await member_caller(conn, text, self._clock())
            return await self._keys.authenticate(credentials)
        if (cookie := session_in(scope["headers"])) is None:
            raise Unauthorized
        async with self._pool.connection() as conn:
            session = await get_session(conn, cookie, self._clock(), self.idle, uses=uses)
        if scope["method"] not in SAFE:
            # Another site can make a browser send the cookie, but cannot read the token.
            check_csrf(cookie, headers.get(CSRF_HEADER.lower().encode()))
        return session.caller


def session_in(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """What the session cookie holds; None where there is none. HTTP/2 may bring cookies in several headers."""
    text = b"; ".join(value for name, value in headers if name == b"cookie")
    found = _COOKIE.search(text.decode("latin-1"))
    return found.group(1) if found else None
