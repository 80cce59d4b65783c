"""Callers of every kind, what they may do, and the ways of being turned away."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal, get_args
from uuid import UUID

import msgspec

from linli.kit.errors import NotFound, Refusal

Scope = Literal[
    "events:read", "events:write", "points:read", "points:write", "points:adjust", "programme:write",
    "mall:write", "coupons:write", "lottery:write", "members:sign_in", "acts:read", "admin",
]  # fmt: skip
SCOPES: tuple[Scope, ...] = get_args(Scope)
Role = Literal["admin", "operator", "auditor"]
ROLES: dict[Role, frozenset[Scope]] = {
    "admin": frozenset(SCOPES),
    "operator": frozenset(SCOPES) - {"members:sign_in", "acts:read", "admin"},
    "auditor": frozenset(("events:read", "points:read", "acts:read")),
}
"""What the users of a role may do."""
Kind = Literal["key", "operator", "member", "nobody"]


class Key(msgspec.Struct, frozen=True):
    """A key as it may be shown: everything but the secret."""

    key_id: str
    name: str
    scopes: list[Scope]
    created_at: datetime
    revoked_at: datetime | None


class User(msgspec.Struct, frozen=True):
    """A person who works with the back office. `name` signs in, and is the actor in the ledger; it never changes."""

    user_id: UUID
    name: str
    display_name: str
    role: Role
    disabled: bool
    created_at: datetime
    last_sign_in_at: datetime | None


class Unauthorized(Refusal):
    """There are no credentials, or they are not ours, or no longer hold: which of these is not told. No fields."""

    code: ClassVar[str] = "unauthorized"


class Forbidden(Refusal):
    """The caller may not do this. Fields: `scope`, the one that is wanted, or `member`, or `operator`."""

    code: ClassVar[str] = "forbidden"


class CsrfFailed(Refusal):
    """A session's request that changes something came without the session's CSRF token. No fields."""

    code: ClassVar[str] = "csrf_failed"


class FourEyes(Refusal):
    """Who made it, or changed it last, cannot approve it. Fields: `author`."""

    code: ClassVar[str] = "four_eyes"


class SignInFailed(Refusal):
    """Name or password is wrong, or the user is disabled: which of these is not told. No fields."""

    code: ClassVar[str] = "sign_in_failed"


class TooManyAttempts(Refusal):
    """Too many attempts failed, with this name or from this address. Fields: `retry_after_seconds`."""

    code: ClassVar[str] = "too_many_attempts"


class KeyNotFound(NotFound):
    """There is no such key. Fields: `key_id`."""

    code: ClassVar[str] = "key_not_found"


class UserNotFound(NotFound):
    """There is no such user. Fields: `user`, the name or the id that was asked for."""

    code: ClassVar[str] = "user_not_found"


class UserExists(Refusal):
    """The name is taken, perhaps by a user who is disabled. Fields: `name`."""

    code: ClassVar[str] = "user_exists"


class LastAdmin(Refusal):
    """Nobody would be left who may manage users. Fields: `name`."""

    code: ClassVar[str] = "last_admin"


class WechatNotBound(NotFound):
    """The WeChat account belongs to no member yet. No fields."""

    code: ClassVar[str] = "wechat_not_bound"


class WechatBoundElsewhere(Refusal):
    """The WeChat account belongs to another member. No fields: whose it is, is not told."""

    code: ClassVar[str] = "wechat_bound_elsewhere"


class Caller(msgspec.Struct, frozen=True):
    """Who calls, as was verified. `id`: of the key, user or member; `name`: what the ledger notes as the actor."""

    id: str
    name: str
    scopes: frozenset[Scope]
    kind: Kind = "key"

    def require(self, *scopes: Scope) -> None:
        """Raises Forbidden unless the caller has one of `scopes`; `admin` has them all."""
        if self.scopes.isdisjoint(scopes) and "admin" not in self.scopes:
            raise Forbidden(scope=" | ".join(scopes))


NOBODY = Caller("", "nobody", frozenset(), "nobody")
"""Who calls what is open to all."""
