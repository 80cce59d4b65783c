"""The key ring of a process: verified keys are remembered for a moment, so that most requests ask no database."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from linli.access.keys import find_caller
from linli.access.types import Caller, Unauthorized
from linli.kit.db import Pool

REMEMBER_SECONDS = 5.0
"""How long a revoked key may still work in a process that knew it."""
_MOST_REMEMBERED = 1_000


class KeyRing:
    """`clock` counts seconds and never goes back. Only what was verified is remembered: a new key works at once."""

    def __init__(self, pool: Pool, clock: Callable[[], float] = time.monotonic) -> None:
        self._pool, self._clock = pool, clock
        # By digest: keys themselves stay nowhere in memory for longer than a request.
        self._known: dict[bytes, tuple[float, Caller]] = {}

    async def authenticate(self, credentials: str | bytes | None) -> Caller:
        """The caller behind an `Authorization` header (`Bearer <key>`) or an `X-API-Key` header (`<key>`).

        Raises Unauthorized.
        """
        text = credential_in(credentials)
        digest = hashlib.sha256(text.encode()).digest()
        known = self._known.get(digest)
        if known is not None and self._clock() < known[0]:
            return known[1]
        asked_at = self._clock()
        async with self._pool.connection() as conn:
            caller = await find_caller(conn, text)
        if caller is None:
            self._known.pop(digest, None)
            raise Unauthorized
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        # From before the question: whatever was revoked since is forgotten in time.
        self._known[digest] = (asked_at + REMEMBER_SECONDS, caller)
        return caller


def credential_in(credentials: str | bytes | None) -> str:
    """The text that either header carries. Raises Unauthorized where there is none, or of another scheme."""
    if credentials is None:
        raise Unauthorized
    text = credentials.decode("latin-1") if isinstance(credentials, bytes) else credentials
    scheme, _, rest = text.strip().partition(" ")
    if rest and scheme.lower() != "bearer":
        raise Unauthorized
    return rest.strip() or scheme
