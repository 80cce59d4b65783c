"""Users: add, list, change; sign in. A password is verified between two transactions, never within one."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from linli.access import store
from linli.access.acts import note_act
from linli.access.attempts import by_address, by_name, charge, fold, forgive, refund
from linli.access.passwords import hash_password, matches, outdated
from linli.access.sessions import end_sessions
from linli.access.types import LastAdmin, Role, SignInFailed, User, UserExists, UserNotFound
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.kit.errors import Invalid

NAME = r"^[a-z0-9][a-z0-9._-]{0,62}[a-z0-9]$"
ATTEMPTS_BY_NAME, ATTEMPTS_BY_ADDRESS = 10, 50
"""How many may fail within `attempts.WINDOW`."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes different; None: what stays. `password` is a hash."""

    display_name: str | None = None
    role: Role | None = None
    disabled: bool | None = None
    password: str | None = None


class Credentials(msgspec.Struct, frozen=True):
    """What is known of a name that wants to sign in; of one that does not exist, nothing."""

    user_id: UUID | None
    password: str | None


async def add_user(
    conn: Connection, name: str, display_name: str, role: Role, password: str, *, by: str, now: datetime,
    first: bool = False, reason: str = "",
) -> User:  # fmt: skip
    """A new user; `password` is a hash. `first`: only while there is nobody. Raises UserExists, Invalid."""
    if not re.fullmatch(NAME, name):
        raise Invalid(errors=[{"place": "$.name", "detail": f"Expected `str` matching regex '{NAME}'"}])
    row = {"user_id": uuid7(), "name": name, "display_name": display_name, "role": role, "password": password}
    found = await fetch_one(conn, store.ADD_FIRST_USER if first else store.ADD_USER, {**row, "now": now})
    if found is None:
        raise UserExists(name=name)
    await note_act(conn, by, "user.add", name, reason, now)
    return User(*found)


async def any_user(conn: Connection) -> bool:
    """Whether there is a user at all."""
    row = await fetch_one(conn, store.ANY_USER)
    return bool(row and row[0])


async def get_user(conn: Connection, user_id: UUID) -> User:
    """The user. Raises UserNotFound."""
    row = await fetch_one(conn, store.USER, {"user_id": user_id})
    if row is None:
        raise UserNotFound(user=str(user_id))
    return User(*row)


async def get_user_named(conn: Connection, name: str) -> User:
    """The user of that name. Raises UserNotFound."""
    row = await fetch_one(conn, store.USER_NAMED, {"name": fold(name)})
    if row is None:
        raise UserNotFound(user=name)
    return User(*row)


async def users(conn: Connection, *, after: str = "", limit: int) -> list[User]:
    """A page of users by name, disabled ones too."""
    return [User(*row) for row in await fetch_all(conn, store.USERS, {"after": after, "limit": limit})]


async def change_user(
    conn: Connection, user_id: UUID, change: Change, *, by: str, reason: str, now: datetime
) -> User:  # fmt: skip
    """Change a user. Who is disabled, or gets another password, is signed out everywhere.

    Raises UserNotFound, LastAdmin.
    """
    if change.disabled or change.role not in (None, "admin"):
        admins = {row[0] for row in await fetch_all(conn, store.ADMINS)}
        if admins == {user_id}:
            raise LastAdmin(name=(await get_user(conn, user_id)).name)
    row = await fetch_one(conn, store.CHANGE_USER, {**msgspec.structs.asdict(change), "user_id": user_id, "now": now})
    if row is None:
        raise UserNotFound(user=str(user_id))
    user = User(*row)
    if change.disabled or change.password is not None:
        await end_sessions(conn, user_id)
        await forgive(conn, by_name(user.name))
    await note_act(conn, by, _act(change), user.name, reason, now)
    return user


def _act(change: Change) -> str:
    """The act by what weighs most in it."""
    if change.disabled is not None:
        return "user.disable" if change.disabled else "user.enable"
    if change.role is not None:
        return f"user.role.{change.role}"
    return "user.password" if change.password is not None else "user.change"


async def begin_sign_in(conn: Connection, name: str, address: str, now: datetime) -> Credentials:
    """Count the attempt and look the name up; whether there is such a user does not show. Raises TooManyAttempts.

    To be committed before `verify`, and followed by `finish_sign_in`.
    """
    limits = {by_name(name): ATTEMPTS_BY_NAME, by_address(address): ATTEMPTS_BY_ADDRESS}
    await charge(conn, limits, now)
    row = await fetch_one(conn, store.CREDENTIALS, {"name": fold(name)})
    return Credentials(*row) if row else Credentials(None, None)


async def verify(found: Credentials, password: str) -> str | None:
    """A new hash to keep where the old one is outdated. Takes as long for nobody. Raises SignInFailed."""
    if not await matches(found.password, password):
        raise SignInFailed
    assert found.password is not None, "nobody has no password"
    return await hash_password(password) if outdated(found.password) else None


async def finish_sign_in(
    conn: Connection, found: Credentials, renewed: str | None, address: str, now: datetime
) -> User:  # fmt: skip
    """The user who signed in with what was verified; the attempt did not fail. Raises SignInFailed."""
    return await _finish(conn, found, renewed, address, now)


async def replace_password(
    conn: Connection, found: Credentials, password: str, address: str, now: datetime, *, keep: str
) -> None:  # fmt: skip
    """Give a user, whose old password was verified, a new one (a hash). All sessions end but the one named by `keep`.

    Raises SignInFailed.
    """
    user = await _finish(conn, found, password, address, None)
    await end_sessions(conn, user.user_id, but=keep)
    await note_act(conn, user.name, "user.password", user.name, "", now)


async def _finish(
    conn: Connection, found: Credentials, password: str | None, address: str, signed_in_at: datetime | None
) -> User:  # fmt: skip
    row = await fetch_one(
        conn, store.USE_PASSWORD,
        {"user_id": found.user_id, "verified": found.password, "password": password, "now": signed_in_at},
    )  # fmt: skip
    if row is None:  # disabled, or given another password, since the attempt began
        raise SignInFailed
    user = User(*row)
    await forgive(conn, by_name(user.name))
    await refund(conn, by_address(address))
    return user
