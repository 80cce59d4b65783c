"""The seed of a campaign, and who is who in its log: sealed in the database by a key that is not in it.

A seed of 32 random bytes is kept as seed ⊕ HMAC-SHA256(key, "seed" and the campaign's id): a pad that is used once, so
whoever has the database alone has nothing. What opens to another hash than the published one was sealed by another key.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import NamedTuple

from linli.lottery.types import SeedUnreadable
from linli.lottery.wheel import commitment

BYTES = 32


class Sealed(NamedTuple):
    """What the database keeps: the sealed seed, its hash, and the sealed key of the campaign's member digests."""

    seed: bytes
    seed_hash: bytes
    member_key: bytes


class Opened(NamedTuple):
    """What a process knows while it draws. It is never written down, nor told to anybody before the reveal."""

    seed: bytes
    member_key: bytes

    def digest_of(self, member_id: str) -> bytes:
        """16 bytes that stand for a member in this campaign's log, and in no other's."""
        return hmac.digest(self.member_key, member_id.encode(), "sha256")[:16]

    def __repr__(self) -> str:
        return "Opened(…)"


def new_seed(key: bytes, campaign_id: str) -> Sealed:
    """A seed that nobody knows, sealed."""
    seed, member_key = secrets.token_bytes(BYTES), secrets.token_bytes(BYTES)
    return Sealed(
        _pad(key, "seed", campaign_id, seed), commitment(seed), _pad(key, "member", campaign_id, member_key)
    )  # fmt: skip


def open_seed(key: bytes, campaign_id: str, sealed: Sealed) -> Opened:
    """The seed. Raises SeedUnreadable."""
    seed = _pad(key, "seed", campaign_id, sealed.seed)
    if not hmac.compare_digest(commitment(seed), sealed.seed_hash):
        raise SeedUnreadable
    return Opened(seed, _pad(key, "member", campaign_id, sealed.member_key))


def key_of(text: str) -> bytes:
    """The key of 32 bytes that a setting's text stands for."""
    return hashlib.sha256(text.encode()).digest()


def _pad(key: bytes, what: str, campaign_id: str, secret: bytes) -> bytes:
    pad = hmac.digest(key, f"linli.lottery.{what}\n{campaign_id}".encode(), "sha256")
    return bytes(a ^ b for a, b in zip(secret, pad, strict=True))
