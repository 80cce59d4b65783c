"""Attempts to sign in are counted before they are made, so that a thousand at once are a thousand."""

from __future__ import annotations

import hashlib
import ipaddress
import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from linli.access import store
from linli.access.types import TooManyAttempts
from linli.kit.columns import blobs
from linli.kit.db import Connection, fetch_all

WINDOW = timedelta(minutes=15)
"""How long attempts count, from the first one on."""


async def charge(conn: Connection, limits: Mapping[str, int], now: datetime) -> None:
    """Count an attempt of each subject (`name:…`, `address:…`), which may have so many within WINDOW.

    Raises TooManyAttempts; then nothing is to be committed: who has to wait does not make it longer.
    """
    by_digest = {_digest(subject): most for subject, most in limits.items()}
    rows = await fetch_all(
        conn, store.CHARGE, {"subjects": blobs(sorted(by_digest)), "now": now, "forgotten": now - WINDOW}
    )
    free_at = [begun_at + WINDOW for subject, attempts, begun_at in rows if attempts > by_digest[bytes(subject)]]
    if free_at:
        raise TooManyAttempts(retry_after_seconds=max(1, math.ceil((max(free_at) - now).total_seconds())))


async def forgive(conn: Connection, subject: str) -> None:
    """Forget a subject's attempts: it knew the secret."""
    await conn.execute(store.FORGIVE, {"subject": _digest(subject)})


async def refund(conn: Connection, subject: str) -> None:
    """Take back one attempt: it did not fail."""
    await conn.execute(store.REFUND_ATTEMPT, {"subject": _digest(subject)})


def by_name(name: str) -> str:
    """The subject of attempts under a user's name."""
    return f"name:{fold(name)}"


def by_address(address: str) -> str:
    """The subject of attempts from an address. Who has one address of IPv6 has all of its /64."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return f"address:{address}"
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False).network_address
    return f"address:{found}"


def fold(name: str) -> str:
    """A user's name as it is kept: people begin it with a capital, or end it with a blank."""
    return name.strip().lower()


def _digest(subject: str) -> bytes:
    # People type passwords where their name belongs: what was typed is not kept.
    return hashlib.sha256(subject.encode("utf-8", "surrogatepass")).digest()
