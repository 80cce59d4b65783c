"""The users of the back office, managed by administrators."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get, patch, post
from msgspec import Meta

from linli import access
from linli.access import LastAdmin, Role, User, UserExists, UserNotFound
from linli.api.call import Call, authorize, needs
from linli.api.paging import decode_cursor, page
from linli.api.session import NewPassword
from linli.api.strict import PLAIN_LINE, Cursor, Input, Limit, Reason
from linli.kit.db import Connection

UserName = Annotated[str, Meta(pattern=access.NAME, description="What the user signs in with; it never changes.")]
DisplayName = Annotated[str, Meta(min_length=1, max_length=100, pattern=PLAIN_LINE)]


class NewUser(Input, frozen=True, kw_only=True):
    """A user to add."""

    name: UserName
    display_name: DisplayName
    role: Role
    password: NewPassword


class UserChange(Input, frozen=True, kw_only=True):
    """What becomes different of a user, and why; what is left out stays."""

    display_name: DisplayName | None = None
    role: Role | None = None
    disabled: bool | None = None
    password: NewPassword | None = None
    reason: Reason


class Users(msgspec.Struct, frozen=True):
    """A page of users, by name."""

    items: list[User]
    next_cursor: str | None


@get("/users", opt=needs("admin"))
async def list_users(call: Call, cursor: Cursor = None, limit: Limit = 20) -> Users:
    """All users by name, disabled ones too."""
    after = decode_cursor("users", cursor, str) or ""
    found = await call.run(lambda conn: access.users(conn, after=after, limit=limit + 1))
    return Users(*page("users", found, limit, lambda user: user.name))


@post("/users", opt=needs("admin", UserExists))
async def add_user(call: Call, data: NewUser) -> User:
    """Add a user. Their name is theirs for ever: disabled or not, no other user gets it."""
    password = await access.hash_password(data.password)

    async def work(conn: Connection) -> User:
        return await access.add_user(
            conn, data.name, data.display_name, data.role, password, by=call.caller.name, now=call.stamp.at
        )

    return await call.run(work)


@patch("/users/{user_id:str}", opt=needs("admin", UserNotFound, LastAdmin))
async def change_user(call: Call, user_id: UUID, data: UserChange) -> User:
    """Change a user. Who is disabled, or gets another password, is signed out everywhere at once."""
    password = await access.hash_password(data.password) if data.password is not None else None
    change = access.Change(
        display_name=data.display_name, role=data.role, disabled=data.disabled, password=password
    )  # fmt: skip

    async def work(conn: Connection) -> User:
        return await access.change_user(
            conn, user_id, change, by=call.caller.name, reason=data.reason, now=call.stamp.at
        )

    return await call.run(work)


routes = Router("/v1", route_handlers=[list_users, add_user, change_user], guards=[authorize], tags=["access"])
