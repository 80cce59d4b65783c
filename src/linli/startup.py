"""From settings to a system that can serve: a database, migrated, with partitions, a programme and a key."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from datetime import date
from pathlib import Path

from linli import access, lottery
from linli.kit.clock import add_months
from linli.kit.db import Connection, in_transaction, make_pool
from linli.kit.migrate import migrate
from linli.kit.partitions import ensure_months
from linli.kit.postgres import EmbeddedPostgres, ensure_database
from linli.kit.resources import resource
from linli.programmes import latest_version
from linli.settings import Settings

ADMINISTRATOR = "admin"
PARTITIONED = ("inbox_event", "ledger_movement")
MONTHS_AHEAD = 3


def database_url(settings: Settings) -> str:
    """The database that the settings name; the embedded server is started where it is meant. Raises PostgresFailed."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    server = EmbeddedPostgres(settings.home)
    server.start()
    ensure_database(server.url(), settings.database_name)
    return server.url(settings.database_name)


def development_key(settings: Settings) -> str:
    """The development key: the one that is set, else one made once and kept in the home, for its owner's eyes only."""
    if settings.dev_api_key is not None:
        return settings.dev_api_key.get_secret_value()
    return _kept(
        settings.home / "dev-api-key",
        f"lk_dev{secrets.token_hex(3)}_{secrets.token_urlsafe(24).replace('_', '-')}",
    )


def _kept(path: Path, new: str) -> str:
    """What stands in the file; `new` where there is none yet. For its owner's eyes only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whole under another name first: of several processes that begin at once, one makes it and all read the same.
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(handle, new.encode())
        os.close(handle)
        with suppress(FileExistsError):
            os.link(unfinished, path)
        unfinished.unlink()
    return path.read_text()


def lottery_key(settings: Settings) -> bytes:
    """What seals the seeds of lotteries: of the key that is set, else of one made once and kept in the home. Whoever
    has it and the database can read what is to be drawn; without it a campaign that runs can never be revealed.

    Raises SeedUnreadable where none is set and none can be kept.
    """
    if settings.lottery_key is not None:
        return lottery.key_of(settings.lottery_key.get_secret_value())
    try:
        return lottery.key_of(_kept(settings.home / "lottery-key", secrets.token_urlsafe(32)))
    except OSError:
        raise lottery.SeedUnreadable from None


async def prepare(settings: Settings, url: str) -> list[str]:
    """Migrate, make partitions, publish the preset where nothing is published, and let the development key in.

    Returns what was done, a line each. Safe to call again, and by several processes at once.
    """
    from linli.flows.publish import publish  # rules and all: not for those who only want to know the database

    done = [f"migration {revision}" for revision in migrate(url)]
    preset = _preset(settings.preset)
    key = development_key(settings)
    pool = make_pool(url)
    await pool.open(wait=True)
    try:
        async with pool.connection() as conn, conn.transaction():
            await ensure_partitions(conn, settings.calendar.date_of(settings.clock()))
        async with pool.connection() as conn, conn.transaction():
            if not await latest_version(conn):
                published = await publish(
                    conn, preset.read_bytes(), now=settings.clock(), by="preset", effective_from=None
                )
                done += [f"programme {published.name}" if published else "programme"]
            await access.ensure_key(conn, key, "development", access.SCOPES, now=settings.clock())
    finally:
        await pool.close()
    return done


async def first_administrator(settings: Settings, url: str) -> str | None:
    """Let there be an `admin` where there is no user at all. Their password if it was made up here, else None.

    Raises Invalid where the password that is set is too short.
    """
    given = settings.admin_password
    pool = make_pool(url)
    await pool.open(wait=True)
    try:
        if await in_transaction(pool, access.any_user):
            return None
        password = given.get_secret_value() if given else access.random_password()
        kept = await access.hash_password(password)
        await in_transaction(
            pool,
            lambda conn: access.add_user(
                conn, ADMINISTRATOR, ADMINISTRATOR, "admin", kept, by="up", now=settings.clock(), first=True
            ),
        )
    except access.UserExists:  # another process was first, and tells its own
        return None
    finally:
        await pool.close()
    return None if given else password


async def ensure_partitions(conn: Connection, today: date, *, until: date | None = None) -> None:
    """Monthly partitions from last month to some months ahead (or `until`)."""
    first = add_months(today.replace(day=1), -1)
    for table in PARTITIONED:
        await ensure_months(conn, table, first, until or add_months(first, 1 + MONTHS_AHEAD))


def _preset(name: str) -> Path:
    path = resource("presets") / f"{name}.yaml"
    if not path.exists():
        known = ", ".join(sorted(preset.stem for preset in resource("presets").glob("*.yaml")))
        raise FileNotFoundError(f"no preset {name!r}; there are {known}")
    return path


__all__ = ["database_url", "development_key", "ensure_partitions", "first_administrator", "lottery_key", "prepare"]
