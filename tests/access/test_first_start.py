"""The first administrator, the commands of users, and what is cleared away."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from linli import access
from linli.kit.db import Pool
from linli.kit.errors import Invalid
from linli.settings import Settings
from linli.startup import first_administrator

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
PASSWORD = "correct horse battery"


async def _signs_in(pool: Pool, name: str, password: str) -> bool:
    async with pool.connection() as conn:
        found = await access.begin_sign_in(conn, name, "::1", NOW)
    try:
        await access.verify(found, password)
    except access.SignInFailed:
        return False
    return True


async def test_the_first_start_makes_one_administrator(pool: Pool, database_url: str) -> None:
    starts = await asyncio.gather(*(first_administrator(Settings(), database_url) for _ in range(4)))
    made = [password for password in starts if password is not None]
    assert len(made) == 1, "one start makes it, and tells the password that holds"
    assert await _signs_in(pool, "admin", made[0])
    assert await first_administrator(Settings(), database_url) is None
    async with pool.connection() as conn:
        (admin,) = await access.users(conn, limit=9)
    assert (admin.name, admin.role) == ("admin", "admin")


async def test_the_password_that_is_set_is_not_told(pool: Pool, database_url: str) -> None:
    with pytest.raises(Invalid) as refused:
        await first_administrator(Settings(admin_password="hush"), database_url)  # pyright: ignore
    assert "hush" not in str(refused.value)
    assert await first_administrator(Settings(admin_password=PASSWORD), database_url) is None  # pyright: ignore
    assert await _signs_in(pool, "admin", PASSWORD)
    assert await first_administrator(Settings(admin_password="another password"), database_url) is None  # pyright: ignore
    assert await _signs_in(pool, "admin", PASSWORD), "later starts change nothing"


def _linli(url: str, home: Path, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "linli", "user", *words], input=typed, capture_output=True, text=True,
        env={**os.environ, "LINLI_DATABASE_URL": url, "LINLI_HOME": str(home), "COLUMNS": "120"},
    )  # fmt: skip


async def test_users_by_command(pool: Pool, database_url: str, tmp_path: Path) -> None:
    async def linli(*words: str, typed: str = "") -> tuple[int, str]:
        done = await asyncio.to_thread(_linli, database_url, tmp_path, *words, typed=typed)
        assert "Traceback" not in done.stderr
        assert PASSWORD not in done.stdout + done.stderr
        return done.returncode, done.stdout + done.stderr

    assert (await linli("add", "boss", "--role", "admin", typed=f"{PASSWORD}\n"))[0] == 0
    assert await _signs_in(pool, "boss", PASSWORD)
    status, said = await linli("add", "boss", typed=f"{PASSWORD}\n")
    assert (status, "user_exists" in said) == (1, True)
    assert (await linli("add", "lin", typed="short\n"))[0] == 1
    assert (await linli("add", "A B", typed=f"{PASSWORD}\n"))[0] == 1
    status, said = await linli("add", "lin", "--generate")
    assert (status, await _signs_in(pool, "lin", said.split("password: ")[1].strip())) == (0, True)
    assert (await linli("password", "lin", typed=f"{PASSWORD}\n"))[0] == 0
    assert await _signs_in(pool, "lin", PASSWORD)
    assert (await linli("disable", "lin", "--reason", "left"))[0] == 0
    assert not await _signs_in(pool, "lin", PASSWORD)
    status, said = await linli("disable", "boss")
    assert (status, "last_admin" in said) == (1, True)
    status, said = await linli("list")
    assert [word in said for word in ("boss", "lin", "disabled")] == [True] * 3
    assert (await linli("enable", "lin"))[0] == 0
    assert (await linli("password", "nobody", "--generate"))[0] == 1


async def test_what_has_run_out_is_cleared_away(pool: Pool) -> None:
    kept = await access.hash_password(PASSWORD)
    async with pool.connection() as conn:
        user = await access.add_user(conn, "lin", "Lin", "operator", kept, by="test", now=NOW)
        for hours in (1, 3):
            await access.open_session(conn, user.user_id, NOW, timedelta(hours=hours))
            await access.make_member_token(conn, "m1", "test", NOW, timedelta(hours=hours))
            await access.charge(conn, {f"name:{hours}": 5}, NOW + timedelta(hours=hours) - timedelta(minutes=30))
        await access.tidy(conn, NOW + timedelta(hours=2))
        for table in ("access_session", "access_token", "access_attempt"):
            cursor = await conn.execute(f"SELECT count(*) FROM {table}")
            assert await cursor.fetchone() == (1,), table


async def test_a_password_is_the_same_however_it_is_composed() -> None:
    kept = await access.hash_password("café café 店")
    assert kept.startswith("$argon2id$")
    assert await access.verify(access.Credentials(None, kept), "cafe\u0301 cafe\u0301 店") is None
    with pytest.raises(access.SignInFailed):
        await access.verify(access.Credentials(None, kept), "cafe cafe 店")
    with pytest.raises(access.SignInFailed):
        await access.verify(access.Credentials(None, "no hash"), "x")


async def test_a_hash_of_older_parameters_is_renewed() -> None:
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=1, memory_cost=8_192).hash(PASSWORD)
    renewed = await access.verify(access.Credentials(None, old), PASSWORD)
    assert renewed is not None
    assert await access.verify(access.Credentials(None, renewed), PASSWORD) is None


def test_addresses_of_one_household_are_one_subject() -> None:
    assert access.by_address("2001:db8:1:2::1") == access.by_address("2001:db8:1:2:ffff::9")
    assert access.by_address("2001:db8:1:2::1") != access.by_address("2001:db8:1:3::1")
    assert access.by_address("::ffff:192.0.2.1") == access.by_address("192.0.2.1")
    assert access.by_address("192.0.2.1") != access.by_address("192.0.2.2")
    assert access.by_address("unix") != access.by_address("")
