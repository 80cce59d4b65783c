"""Signing in to the back office: a session in a cookie, and the token that its requests must show."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, ClassVar

import msgspec
from litestar import Response, Router, delete, get, post, put
from litestar.datastructures import Cookie
from msgspec import Meta

from linli import access
from linli.access import (
    LEAST_CHARACTERS,
    MOST_CHARACTERS,
    ROLES,
    SCOPES,
    Scope,
    SignInFailed,
    TooManyAttempts,
    Unauthorized,
    User,
)
from linli.api.call import Call, authorize, for_anyone, for_operators
from linli.api.door import SESSION_COOKIE, session_in
from linli.api.strict import NO_NUL, Input, StrictRequest
from linli.kit.db import Connection
from linli.kit.errors import Refusal

NO_STORE = {"cache-control": "no-store"}
GivenPassword = Annotated[str, Meta(min_length=1, max_length=MOST_CHARACTERS)]
NewPassword = Annotated[str, Meta(min_length=LEAST_CHARACTERS, max_length=MOST_CHARACTERS)]


class WrongPassword(Refusal):
    """The old password is not the one that was given. No fields."""

    code: ClassVar[str] = "wrong_password"


class SignIn(Input, frozen=True, kw_only=True):
    """A user's name and password."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)]
    password: GivenPassword


class PasswordChange(Input, frozen=True, kw_only=True):
    """The password of the user who is signed in, and the one to come."""

    old_password: GivenPassword
    new_password: NewPassword


class Session(msgspec.Struct, frozen=True):
    """Who is signed in, and what they may do. `csrf_token` goes into the header `X-CSRF-Token` of unsafe requests."""

    user: User
    permissions: list[Scope]
    csrf_token: str
    expires_at: datetime


def _view(session: access.Session, cookie: str) -> Session:
    permissions: list[Scope] = [scope for scope in SCOPES if scope in ROLES[session.user.role]]
    return Session(session.user, permissions, access.csrf_token(cookie), session.expires_at)


def address_of(request: StrictRequest) -> str:
    """The caller's address: of the connection, or what the outermost of our own proxies noted."""
    proxies = request.app.state.process.settings.proxies
    heard = [part.strip() for part in ",".join(request.headers.getall("x-forwarded-for", [])).split(",")]
    if proxies and len(heard) >= proxies and heard[-proxies]:
        return heard[-proxies]
    return request.client.host if request.client else ""


def _cookie(request: StrictRequest, value: str, seconds: int) -> Cookie:
    secure = "https" in (request.scope["scheme"], request.headers.get("x-forwarded-proto"))
    return Cookie(SESSION_COOKIE, value=value, max_age=seconds, httponly=True, samesite="lax", secure=secure)


def _session_of(request: StrictRequest) -> str:
    found = session_in(request.scope["headers"])
    if found is None:
        raise Unauthorized
    return found


@post("/session", status_code=200, opt=for_anyone(SignInFailed, TooManyAttempts))
async def sign_in(call: Call, data: SignIn, request: StrictRequest) -> Response[Session]:
    """Sign in: the session comes as the cookie `linli_session`. Failed attempts are limited by name and by address."""
    settings, now = call.process.settings, call.stamp.at
    address, lasts = address_of(request), timedelta(hours=settings.session_hours)
    found = await call.run(lambda conn: access.begin_sign_in(conn, data.name, address, now))
    renewed = await access.verify(found, data.password)

    async def work(conn: Connection) -> tuple[str, access.Session]:
        user = await access.finish_sign_in(conn, found, renewed, address, now)
        if (before := session_in(request.scope["headers"])) is not None:
            await access.end_session(conn, before)
        text = await access.open_session(conn, user.user_id, now, lasts)
        return text, await access.get_session(conn, text, now, call.process.door.idle)

    text, session = await call.run(work)
    cookie = _cookie(request, text, int(lasts.total_seconds()))
    return Response(_view(session, text), status_code=200, cookies=[cookie], headers=NO_STORE)


@get("/session", opt=for_operators())
async def get_session(call: Call, request: StrictRequest) -> Response[Session]:
    """The session of the cookie."""
    text = _session_of(request)
    session = await call.run(lambda conn: access.get_session(conn, text, call.stamp.at, call.process.door.idle))
    return Response(_view(session, text), headers=NO_STORE)


@delete("/session", status_code=204, opt=for_operators())
async def sign_out(call: Call, request: StrictRequest) -> Response[None]:
    """Sign out."""
    text = _session_of(request)
    await call.run(lambda conn: access.end_session(conn, text))
    return Response(None, status_code=204, cookies=[_cookie(request, "", 0)])


@put("/session/password", status_code=204, opt=for_operators(WrongPassword, TooManyAttempts))
async def change_password(call: Call, data: PasswordChange, request: StrictRequest) -> None:
    """Change one's own password. All other sessions of the user end."""
    now, address = call.stamp.at, address_of(request)
    found = await call.run(lambda conn: access.begin_sign_in(conn, call.caller.name, address, now))
    try:
        await access.verify(found, data.old_password)
    except SignInFailed:
        raise WrongPassword from None
    password = await access.hash_password(data.new_password)

    keep = _session_of(request)
    await call.run(lambda conn: access.replace_password(conn, found, password, address, now, keep=keep))


routes = Router("/v1", route_handlers=[sign_in, get_session, sign_out, change_password], guards=[authorize],
                tags=["access"])  # fmt: skip
