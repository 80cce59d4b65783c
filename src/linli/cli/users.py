"""`linli user add|list|password|disable|enable`: who works with the back office."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

from cyclopts import App, Parameter
from rich.table import Table

from linli import access
from linli.access import Change, Role, User
from linli.cli.common import console, open_pool
from linli.kit.db import Connection, in_transaction
from linli.kit.errors import Invalid
from linli.settings import Settings

user = App(name="user", help="Users of the back office: add, list, set a password, disable.")
_PAGE = 200
Generate = Annotated[bool, Parameter(negative="")]


@user.command
async def add(name: str, *, role: Role = "operator", display_name: str = "", generate: Generate = False) -> None:
    """Add a user. The password is asked for, or read from a pipe; never an argument, which others could see.

    Parameters
    ----------
    name
        What the user signs in with: small letters, digits, dots and hyphens. It never changes.
    role
        admin may do everything; operator works with members, events and rules; auditor only reads.
    display_name
        How the user is shown.
    generate
        Make a password up, and print it once.
    """
    settings = Settings()
    password = _new_password(generate)
    kept = await access.hash_password(password)
    async with open_pool(settings) as pool:
        added = await in_transaction(
            pool,
            lambda conn: access.add_user(
                conn, name, display_name or name, role, kept, by=getpass.getuser(), now=settings.clock()
            ),
        )
    console.print(f"{added.name} added as {added.role}")
    _tell(password, generate)


@user.command(name="list")
async def list_() -> None:
    """List all users by name, disabled ones too."""
    table = Table()
    for heading in ("name", "shown as", "role", "since", "last sign-in", ""):
        table.add_column(heading)
    async with open_pool(Settings()) as pool:
        after = ""
        while found := await in_transaction(
            pool, lambda conn, after=after: access.users(conn, after=after, limit=_PAGE)
        ):
            for one in found:
                last = f"{one.last_sign_in_at:%Y-%m-%d %H:%M}" if one.last_sign_in_at else "never"
                since, state = f"{one.created_at:%Y-%m-%d}", "disabled" if one.disabled else ""
                table.add_row(one.name, one.display_name, one.role, since, last, state)
            after = found[-1].name
    console.print(table)


@user.command
async def password(name: str, *, generate: Generate = False, reason: str = "set on the command line") -> None:
    """Set a user's password. It is asked for, or read from a pipe. The user is signed out everywhere.

    Parameters
    ----------
    name
        Whose.
    generate
        Make a password up, and print it once.
    reason
        Why, for the record.
    """
    given = _new_password(generate)
    kept = await access.hash_password(given)
    changed = await _change(name, Change(password=kept), reason)
    console.print(f"{changed.name} has a new password")
    _tell(given, generate)


@user.command
async def disable(name: str, *, reason: str = "disabled on the command line") -> None:
    """Sign a user out at once, and let them in no more. The last administrator stays.

    Parameters
    ----------
    name
        Whom.
    reason
        Why, for the record.
    """
    changed = await _change(name, Change(disabled=True), reason)
    console.print(f"{changed.name} is disabled")


@user.command
async def enable(name: str, *, reason: str = "enabled on the command line") -> None:
    """Let a user in again who was disabled.

    Parameters
    ----------
    name
        Whom.
    reason
        Why, for the record.
    """
    changed = await _change(name, Change(disabled=False), reason)
    console.print(f"{changed.name} may sign in again")


async def _change(name: str, change: Change, reason: str) -> User:
    settings = Settings()

    async def work(conn: Connection) -> User:
        found = await access.get_user_named(conn, name)
        return await access.change_user(
            conn, found.user_id, change, by=getpass.getuser(), reason=reason, now=settings.clock()
        )

    async with open_pool(settings) as pool:
        return await in_transaction(pool, work)


def _new_password(generate: bool) -> str:
    """A password that will do: made up, from a pipe, or typed twice. Raises Invalid."""
    if generate:
        return access.random_password()
    if not sys.stdin.isatty():
        given = sys.stdin.readline().rstrip("\r\n")
    else:
        given = getpass.getpass("New password: ")
        if given != getpass.getpass("Once more: "):
            raise Invalid(detail="the two passwords differ")
    access.check_password(given)
    return given


def _tell(password: str, generated: bool) -> None:
    if generated:
        console.print(f"password: {password}", highlight=False, markup=False)


def add_to(app: App) -> None:
    """Add these commands."""
    app.command(user)
