"""Digests of devices, addresses and telephones: equal ones tell the same device, none tells which.

Source: BLAKE2 (RFC 7693), keyed, 8 bytes; `person` keeps the three kinds apart. The key is the database's own.
"""

from __future__ import annotations

from hashlib import blake2b

from linli.kit.db import Connection, fetch_one
from linli.screening import store
from linli.words.events import Body
from linli.words.grants import NO_MARKS, Marks


class Digester:
    """Makes digests with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def marks(self, body: Body) -> Marks:
        """Where an event came from, as far as it says."""
        if body.device_id is None and body.ip is None and body.phone_hash is None:
            return NO_MARKS
        return Marks(
            self._digest(b"device", body.device_id),
            self._digest(b"ip", body.ip),
            self._digest(b"phone", body.phone_hash),
        )

    def _digest(self, kind: bytes, value: str | None) -> int | None:
        if not value:
            return None
        # Addresses and hashes are hexadecimal: in capitals they are the same.
        text = value if kind == b"device" else value.lower()
        found = blake2b(text.encode(), digest_size=8, key=self._key, person=kind).digest()
        return int.from_bytes(found, "big", signed=True)


async def digester(conn: Connection) -> Digester:
    """The one of this database."""
    row = await fetch_one(conn, store.SECRET)
    assert row is not None, "the migration made it"
    return Digester(bytes(row[0]))
