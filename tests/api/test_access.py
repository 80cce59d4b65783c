"""Keys at the door: who comes in, with what, and for how long after a key was revoked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.api.conftest import KEY, Api

from linli import access
from linli.access import Caller, Forbidden, KeyNotFound, KeyRing, Unauthorized
from linli.kit.db import Pool
from linli.kit.errors import Invalid

NOW = datetime(2026, 11, 21, tzinfo=UTC)


async def _new_key(pool: Pool, *scopes: access.Scope) -> str:
    async with pool.connection() as conn:
        text, _ = await access.create_key(conn, "shop", scopes, NOW)
    return text


async def test_a_key_is_shown_once_and_known_by_its_digest(pool: Pool) -> None:
    text = await _new_key(pool, "points:read")
    async with pool.connection() as conn:
        (found,) = await access.keys(conn, limit=10)
        cursor = await conn.execute("SELECT k::text FROM access_key k")
        (row,) = await cursor.fetchone() or ("",)
    assert text.startswith(f"lk_{found.key_id}_")
    assert text.rsplit("_", 1)[1] not in row
    assert (found.name, found.scopes, found.revoked_at) == ("shop", ["points:read"], None)


async def test_bearer_and_x_api_key_are_both_accepted(pool: Pool) -> None:
    text = await _new_key(pool, "points:read")
    ring = KeyRing(pool)
    for header in (f"Bearer {text}", f"bearer  {text}", text, text.encode(), f"Bearer {text}".encode()):
        assert (await ring.authenticate(header)).name == "shop"


NO_KEYS = [
    None, "", "Bearer", "Bearer ", "Basic abc", "lk_x", "lk_test_short", "Bearer lk_no_such0123456789abcdef",
    b"\xff\xfe", "lk_test_0123456789abcdef\0", "Bearer " + "x" * 10_000,
]  # fmt: skip


async def test_what_is_no_key_is_refused(pool: Pool) -> None:
    for header in NO_KEYS:
        with pytest.raises(Unauthorized):
            await KeyRing(pool).authenticate(header)


async def test_another_secret_under_a_known_id_is_refused(pool: Pool) -> None:
    text = await _new_key(pool, "admin")
    with pytest.raises(Unauthorized) as refused:
        await KeyRing(pool).authenticate(text[:-1] + ("A" if text[-1] != "A" else "B"))
    assert text[-10:-1] not in repr(refused.value)


async def test_a_revoked_key_is_forgotten_within_five_seconds(pool: Pool) -> None:
    text = await _new_key(pool, "points:read")
    seconds = 0.0
    ring = KeyRing(pool, lambda: seconds)
    caller = await ring.authenticate(text)
    async with pool.connection() as conn:
        await access.revoke_key(conn, caller.id, NOW)
    seconds = 4.9
    assert await ring.authenticate(text) == caller
    seconds = 5.0
    with pytest.raises(Unauthorized):
        await ring.authenticate(text)
    with pytest.raises(KeyNotFound):
        async with pool.connection() as conn:
            await access.revoke_key(conn, "nobody", NOW)


async def test_a_refusal_is_not_remembered(pool: Pool) -> None:
    ring = KeyRing(pool, lambda: 0.0)
    with pytest.raises(Unauthorized):
        await ring.authenticate(KEY)
    async with pool.connection() as conn:
        await access.ensure_key(conn, KEY, "dev", ["admin"], NOW)
    assert (await ring.authenticate(KEY)).name == "dev"


async def test_the_development_key_can_be_set_again_but_stays_revoked(pool: Pool) -> None:
    async with pool.connection() as conn:
        for _ in range(2):
            await access.ensure_key(conn, KEY, "dev", ["admin"], NOW)
        assert len(await access.keys(conn, limit=10)) == 1
        await access.revoke_key(conn, "test", NOW)
        await access.ensure_key(conn, KEY, "dev", ["admin"], NOW)
        assert await access.find_caller(conn, KEY) is None
        with pytest.raises(Invalid) as refused:
            await access.ensure_key(conn, "hush", "dev", ["admin"], NOW)
    assert "hush" not in str(refused.value)


async def test_keys_are_listed_page_by_page(pool: Pool) -> None:
    for _ in range(5):
        await _new_key(pool, "points:read")
    async with pool.connection() as conn:
        first = await access.keys(conn, limit=3)
        rest = await access.keys(conn, after=first[-1].key_id, limit=3)
    assert len({key.key_id for key in [*first, *rest]}) == 5


def test_admin_has_every_scope() -> None:
    Caller("k", "n", frozenset({"admin"})).require("points:write")
    with pytest.raises(Forbidden):
        Caller("k", "n", frozenset({"points:read"})).require("points:write")


DOORS: list[tuple[str, str, access.Scope]] = [
    ("GET", "/v1/members/m1", "points:read"),
    ("POST", "/v1/members/m1/holds", "points:write"),
    ("POST", "/v1/members/m1/adjustments", "points:adjust"),
    ("POST", "/v1/members/m1/reversals", "points:adjust"),
    ("POST", "/v1/events", "events:write"),
    ("GET", "/v1/parked", "events:read"),
    ("GET", "/v1/events", "events:read"),
    ("POST", "/v1/programme/dry-run", "programme:write"),
    ("POST", "/v1/runs", "points:write"),
    ("GET", "/v1/live", "events:read"),
    ("POST", "/v1/programme/versions", "programme:write"),
    ("POST", "/api/points/redeem", "points:write"),
]


async def test_each_door_wants_its_scope(api: Api) -> None:
    for method, path, scope in DOORS:
        text = await _new_key(api.pool, *(other for other in access.SCOPES if other not in (scope, "admin")))
        answer = await api.client.request(method, path, headers={"authorization": f"Bearer {text}"})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), path
        nobody = await api.client.request(method, path, headers={"authorization": "Bearer lk_no_0123456789abcdef"})
        assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthorized"), path
        assert nobody.headers["www-authenticate"].startswith("Bearer")
