"""Buckets by a stable hash: the same part of all ids for ever, without anything being stored. Pure.

Source of the hash: GrowthBook's SDK build guide, hash version 2; its test cases are ours (`tests/programmes`).
"""

from __future__ import annotations

from functools import lru_cache

BUCKETS = 10_000
PER_PERCENT = BUCKETS // 100


def fnv1a32(text: str) -> int:
    """FNV-1a, 32 bits, of the UTF-8 bytes of `text`."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


@lru_cache(maxsize=65_536)
def bucket(salt: str, of: str) -> int:
    """The bucket of the id `of`, 0 … 9,999: the same for ever for a salt."""
    return fnv1a32(str(fnv1a32(salt + of))) % BUCKETS
