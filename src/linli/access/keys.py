"""Make keys, list them, revoke them, and find out whose key a text is."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from datetime import datetime

from linli.access import store
from linli.access.types import Caller, Key, KeyNotFound, Scope
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.kit.errors import Invalid

# Bounded, so that nobody makes us digest megabytes; the secret is long enough that a plain digest keeps it.
_TEXT = re.compile(r"lk_([a-z0-9]{1,32})_([A-Za-z0-9_-]{16,128})")


def parse(text: str) -> tuple[str, bytes] | None:
    """(key id, digest) of a text that looks like a key, else None."""
    found = _TEXT.fullmatch(text)
    return (found.group(1), hashlib.sha256(text.encode()).digest()) if found else None


async def create_key(conn: Connection, name: str, scopes: Collection[Scope], now: datetime) -> tuple[str, Key]:
    """(the key's text, which nobody can show again, and what is kept of it)."""
    text = f"lk_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"
    read = parse(text)
    assert read is not None, "what is made here can be read here"
    key_id, digest = read
    row = {"key_id": key_id, "digest": digest, "name": name, "scopes": sorted(scopes), "now": now}
    await conn.execute(store.INSERT, row)
    return text, Key(key_id, name, sorted(scopes), now, None)


async def ensure_key(conn: Connection, text: str, name: str, scopes: Collection[Scope], now: datetime) -> None:
    """Let `text` be a key, as often as one likes: for development. A key that was revoked stays so. Raises Invalid."""
    read = parse(text)
    if read is None:
        raise Invalid(detail="a key reads lk_<key_id>_<secret>, the secret of 16 to 128 letters, digits, - and _")
    key_id, digest = read
    await conn.execute(
        store.ENSURE, {"key_id": key_id, "digest": digest, "name": name, "scopes": sorted(scopes), "now": now}
    )


async def find_caller(conn: Connection, text: str) -> Caller | None:
    """Whose key `text` is, or None. Digests are compared in constant time."""
    read = parse(text)
    if read is None:
        return None
    key_id, digest = read
    row = await fetch_one(conn, store.VALID, {"key_id": key_id})
    if row is None or not hmac.compare_digest(bytes(row[0]), digest):
        return None
    return Caller(key_id, row[1], frozenset(row[2]))


async def keys(conn: Connection, *, after: str = "", limit: int) -> list[Key]:
    """A page of keys by id, revoked ones too."""
    return [Key(*row) for row in await fetch_all(conn, store.KEYS, {"after": after, "limit": limit})]


async def revoke_key(conn: Connection, key_id: str, now: datetime) -> Key:
    """Revoke a key for ever; again changes nothing. Raises KeyNotFound."""
    row = await fetch_one(conn, store.REVOKE, {"key_id": key_id, "now": now})
    if row is None:
        raise KeyNotFound(key_id=key_id)
    return Key(*row)
