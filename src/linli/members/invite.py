"""Invite codes: short enough for a poster, too many to guess, one for each member and for ever."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from linli.kit.columns import texts
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.members import store

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0 and O, no 1, I and L: codes are read aloud and typed."""
CODE_LENGTH = 8
"""31⁸ = 850 thousand million codes: where a million are taken, one in 850,000 guesses finds one."""


def spelled(typed: str) -> str:
    """A code as it is kept, however it was typed: small letters, spaces and hyphens do not matter."""
    return typed.upper().replace("-", "").replace(" ", "")


async def find_invite_code(conn: Connection, member_id: str) -> str | None:
    """The member's code, or None where it was never asked for."""
    row = await fetch_one(conn, store.INVITE_CODE, {"member_id": member_id})
    return row[0] if row else None


async def make_invite_code(conn: Connection, member_id: str, now: datetime) -> str:
    """The member's code, made where there is none. Of two who ask at once, both are told the same."""
    while True:
        if (code := await find_invite_code(conn, member_id)) is not None:
            return code
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        # Nothing is inserted where somebody else has the code, or the member has one by now: looked up again.
        await conn.execute(store.MAKE_INVITE_CODE, {"member_id": member_id, "code": code, "now": now})


async def inviters(conn: Connection, codes: Collection[str]) -> dict[str, str]:
    """Code as typed → the member whose it is; a code of nobody is left out."""
    rows = dict(await fetch_all(conn, store.INVITERS, {"codes": texts(sorted({spelled(code) for code in codes}))}))
    return {code: member for code in codes if (member := rows.get(spelled(code)))}
