"""Sessions of users and tokens of members: long random texts, kept as digests, each with its end."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from linli.access import store
from linli.access.types import ROLES, Caller, CsrfFailed, Unauthorized, User
from linli.kit.db import Connection, fetch_one

# Bounded, so that nobody makes us digest megabytes.
SESSION_TEXT = re.compile(r"[A-Za-z0-9_-]{43}")
_TOKEN_TEXT = re.compile(r"lm_[A-Za-z0-9_-]{43}")
_SEEN = timedelta(minutes=1)


class Session(msgspec.Struct, frozen=True):
    """A user's session. `expires_at`: unless it is used before; `ends_at`: even if it is."""

    user: User
    expires_at: datetime
    ends_at: datetime

    @property
    def caller(self) -> Caller:
        """Its user, as a caller."""
        return Caller(str(self.user.user_id), self.user.name, ROLES[self.user.role], "operator")


class MemberToken(msgspec.Struct, frozen=True):
    """What a member's app calls with, as `Authorization: Bearer lm_…`, until it expires. It is shown this once."""

    token: str
    expires_at: datetime


async def open_session(conn: Connection, user_id: UUID, now: datetime, lasts: timedelta) -> str:
    """A new session of a user; returns what the cookie is to hold, which nobody can show again."""
    text = secrets.token_urlsafe(32)
    row = {"digest": _digest(text), "user_id": user_id, "now": now, "ends_at": now + lasts}
    await conn.execute(store.OPEN_SESSION, row)
    return text


async def get_session(conn: Connection, text: str, now: datetime, idle: timedelta, *, uses: bool = True) -> Session:
    """The session whose cookie holds `text`; it is in use now, if this `uses` it. Raises Unauthorized.

    It is asked of the database each time: who is disabled is out at once.
    """
    if not SESSION_TEXT.fullmatch(text):
        raise Unauthorized
    digest = _digest(text)
    row = await fetch_one(conn, store.SESSION, {"digest": digest, "now": now, "idle": now - idle})
    if row is None:
        raise Unauthorized
    seen_at, ends_at, *user = row
    if uses and now - seen_at >= _SEEN:
        await conn.execute(store.SEE_SESSION, {"digest": digest, "now": now})
        seen_at = now
    return Session(User(*user), min(seen_at + idle, ends_at), ends_at)


async def end_session(conn: Connection, text: str) -> None:
    """End the session whose cookie holds `text`, if there is one."""
    await conn.execute(store.END_SESSION, {"digest": _digest(text)})


async def end_sessions(conn: Connection, user_id: UUID, *, but: str | None = None) -> None:
    """End all sessions of a user, but the one whose cookie holds `but`."""
    await conn.execute(store.END_SESSIONS, {"user_id": user_id, "but": _digest(but) if but else b""})


def csrf_token(text: str) -> str:
    """The CSRF token of a session: derived from what the cookie holds, which it does not give away."""
    digest = hmac.digest(text.encode(), b"csrf", "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def check_csrf(text: str, given: bytes | None) -> None:
    """Raises CsrfFailed unless `given` is the CSRF token of the session."""
    if not hmac.compare_digest(csrf_token(text).encode(), given or b""):
        raise CsrfFailed


async def make_member_token(
    conn: Connection, member_id: str, made_by: str, now: datetime, lasts: timedelta
) -> MemberToken:
    """A token for a member."""
    text = f"lm_{secrets.token_urlsafe(32)}"
    row = {"digest": _digest(text), "member_id": member_id, "made_by": made_by, "now": now, "ends_at": now + lasts}
    await conn.execute(store.MAKE_TOKEN, row)
    return MemberToken(text, now + lasts)


async def member_caller(conn: Connection, text: str, now: datetime) -> Caller:
    """The member whose token `text` is. Raises Unauthorized."""
    row = await fetch_one(conn, store.TOKEN, {"digest": _digest(text), "now": now}) if is_member_token(text) else None
    if row is None:
        raise Unauthorized
    return Caller(row[0], f"member:{row[0]}", frozenset(), "member")


async def end_member_tokens(conn: Connection, member_id: str) -> None:
    """End all tokens of a member."""
    await conn.execute(store.END_TOKENS, {"member_id": member_id})


def is_member_token(text: str) -> bool:
    """Whether `text` looks like a member's token."""
    return _TOKEN_TEXT.fullmatch(text) is not None


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
