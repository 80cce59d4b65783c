"""Passwords as argon2id hashes. Hashing takes a core and 64 MiB for a moment: threads do it, two at a time."""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from linli.kit.errors import Invalid

LEAST_CHARACTERS, MOST_CHARACTERS = 10, 200
_HASHER = PasswordHasher()  # RFC 9106, second recommended option: t=3, 64 MiB, p=4
# Few at once: who tries a thousand passwords waits in line and takes no gigabytes. Not asyncio's own threads, where
# other work would wait behind them.
_THREADS = ThreadPoolExecutor(2, thread_name_prefix="argon2")
# Of a password that nobody knows: who signs in under a name that does not exist waits as long as everybody.
DECOY = "$argon2id$v=19$m=65536,t=3,p=4$32dNcEzu/reD9Cop2EzWkA$nSOS030dh80wa/cV/tfCS119tiyaUo/soW0oQeQzKm8"


def check_password(password: str) -> None:
    """Raises Invalid, without the password, for one that is too short or too long. Length is all that is asked."""
    if not LEAST_CHARACTERS <= len(password) <= MOST_CHARACTERS:
        raise Invalid(detail=f"a password has {LEAST_CHARACTERS} to {MOST_CHARACTERS} characters")


async def hash_password(password: str) -> str:
    """The hash to keep. Raises Invalid as `check_password` does."""
    check_password(password)
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, _bytes(password))


async def matches(kept: str | None, password: str) -> bool:
    """Whether `password` is the one whose hash was kept; takes as long where none was (then it never is)."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _matches, kept, _bytes(password))


def outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def random_password() -> str:
    """A password for somebody to begin with: 96 bits."""
    return secrets.token_urlsafe(12)


def _matches(kept: str | None, password: bytes) -> bool:
    try:
        return _HASHER.verify(kept or DECOY, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def _bytes(password: str) -> bytes:
    # The same characters, however a keyboard composes them.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
