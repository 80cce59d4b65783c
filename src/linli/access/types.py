"""Keys, callers, and the two ways of being turned away."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal, get_args

import msgspec

from linli.kit.errors import NotFound, Refusal

Scope = Literal["events:write", "points:read", "points:write", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


class Key(msgspec.Struct, frozen=True):
    """A key as it may be shown: everything but the secret."""

    key_id: str
    name: str
    scopes: list[Scope]
    created_at: datetime
    revoked_at: datetime | None


class Unauthorized(Refusal):
    """There is no key, or it is not one of ours, or it was revoked: which of these is not told. No fields."""

    code: ClassVar[str] = "unauthorized"


class Forbidden(Refusal):
    """The key may not do this. Fields: `scope`, the one that is wanted."""

    code: ClassVar[str] = "forbidden"


class KeyNotFound(NotFound):
    """There is no such key. Fields: `key_id`."""

    code: ClassVar[str] = "key_not_found"


class Caller(msgspec.Struct, frozen=True):
    """Who calls, by a key that was verified. `name` is what the ledger notes as the actor."""

    key_id: str
    name: str
    scopes: frozenset[Scope]

    def require(self, scope: Scope) -> None:
        """Raises Forbidden unless the key has `scope`; `admin` has them all."""
        if scope not in self.scopes and "admin" not in self.scopes:
            raise Forbidden(scope=scope)
