"""Operators in tests: a user, a browser without a key, and their sign-in. And a member's app with its token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import httpx
from tests.api.conftest import NOW, Api

from linli import access
from linli.access import Role, User

PASSWORD = "correct horse battery"


async def add_user(api: Api, name: str, role: Role = "operator", password: str = PASSWORD) -> User:
    """Let there be a user."""
    kept = await access.hash_password(password)
    async with api.pool.connection() as conn:
        return await access.add_user(
            conn, name, name.title(), role, kept, by="test", now=datetime.fromisoformat(NOW)
        )  # fmt: skip


@asynccontextmanager
async def browser(
    api: Api, address: str = "127.0.0.1", *, scheme: str = "http", headers: dict[str, str] | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without any key, at an address."""
    transport = httpx.ASGITransport(api.app, raise_app_exceptions=False, client=(address, 1))  # pyright: ignore
    async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://linli", headers=headers) as client:
        yield client


async def sign_in(client: httpx.AsyncClient, name: str, password: str = PASSWORD) -> dict[str, Any]:
    """Sign in, and show the CSRF token from now on."""
    answer = await client.post("/v1/session", json={"name": name, "password": password})
    assert answer.status_code == 200, answer.text
    client.headers["x-csrf-token"] = answer.json()["csrf_token"]
    return answer.json()


def told(answer: httpx.Response) -> tuple[int, str]:
    """Status and code."""
    return answer.status_code, answer.json()["code"]


@asynccontextmanager
async def app_of(api: Api, member_id: str) -> AsyncIterator[httpx.AsyncClient]:
    """A member's app: it calls with a token that the platform obtained."""
    answer = await api.post(f"/v1/members/{member_id}/tokens")
    assert answer.status_code == 201, answer.text
    async with browser(api, headers={"authorization": f"Bearer {answer.json()['token']}"}) as client:
        yield client
