"""Codes by which members claim a coupon: one for everybody, or one for each piece."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from linli.coupons import store_codes as store
from linli.coupons.refusals import ClaimCodeNotFound, ClaimCodeTaken
from linli.kit.columns import texts
from linli.kit.db import Connection, fetch_all, fetch_one

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0 and O, no 1, I and L: codes are read aloud and typed."""
LENGTH = 12
"""31¹² = 7.9 × 10¹⁷: among a hundred million codes one guess in 7.9 × 10⁹ finds one."""


class ClaimCode(NamedTuple):
    """A code. `member_id`: who claimed by it, where it is for one member."""

    code: str
    template_id: str
    shared: bool
    member_id: str | None


class SingleCode(msgspec.Struct, frozen=True):
    """A code for one member, and who claimed by it."""

    code: str
    made_by: str
    made_at: datetime
    member_id: str | None
    coupon_id: UUID | None
    claimed_at: datetime | None


def spelled(typed: str) -> str:
    """A code as it is kept, however it was typed: small letters, spaces and hyphens do not matter."""
    return typed.upper().replace("-", "").replace(" ", "")


def draw() -> str:
    """A code that nobody guesses."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


async def lock_code(conn: Connection, typed: str) -> ClaimCode:
    """The code; where it is for one member, nobody else claims by it until the transaction ends.

    Raises ClaimCodeNotFound.
    """
    code = {"code": spelled(typed)}
    row = await fetch_one(conn, store.CODE, code)
    if row is not None and not row[2]:
        row = await fetch_one(conn, store.LOCK_SINGLE, code)
    if row is None:
        raise ClaimCodeNotFound
    return ClaimCode(*row)


async def note_claim(conn: Connection, code: str, member_id: str, coupon_id: UUID, at: datetime) -> None:
    """Write down who claimed by a code for one member."""
    row = {"code": code, "member_id": member_id, "coupon_id": coupon_id, "at": at}
    await conn.execute(store.CLAIM, row)


async def put_shared(conn: Connection, template_id: str, code: str | None, *, by: str, at: datetime) -> str:
    """Let the template have this shared code, or one that is made; as it is kept. Raises ClaimCodeTaken."""
    kept = spelled(code) if code is not None else draw()
    row = {"template_id": template_id, "shared": True, "by": by, "at": at, "codes": texts([kept])}
    if not await fetch_all(conn, store.ADD_CODES, row):
        raise ClaimCodeTaken(claim_code=kept)
    return kept


async def drop_shared(conn: Connection, template_id: str) -> None:
    """Let the template have no shared code: nobody has claimed yet."""
    await conn.execute(store.DROP_SHARED, {"template_id": template_id})


async def make_codes(conn: Connection, template_id: str, number: int, *, by: str, at: datetime) -> list[str]:
    """So many new codes for one member each."""
    made: list[str] = []
    while len(made) < number:
        drawn = {draw() for _ in range(number - len(made))}
        row = {"template_id": template_id, "shared": False, "by": by, "at": at, "codes": texts(sorted(drawn))}
        made += [row[0] for row in await fetch_all(conn, store.ADD_CODES, row)]
    return sorted(made)


async def codes(
    conn: Connection, template_id: str, *, claimed: bool | None, after: str, limit: int
) -> list[SingleCode]:  # fmt: skip
    """A page of a template's codes, in order."""
    asked = {"template_id": template_id, "claimed": claimed, "after": after, "limit": limit}
    return [SingleCode(*row) for row in await fetch_all(conn, store.CODES, asked)]


async def count_codes(conn: Connection, template_id: str) -> tuple[int, int]:
    """(codes for one member, those that were claimed)."""
    row = await fetch_one(conn, store.COUNT_CODES, {"template_id": template_id})
    assert row is not None, "an aggregate returns a row"
    return row[0], row[1]
