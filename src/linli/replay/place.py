"""Where a replay takes place: a database of its own, a simulated clock, and a folder for what belongs to them."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import msgspec
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from linli.kit.errors import Refusal
from linli.kit.postgres import drop_database, ensure_database
from linli.settings import Settings
from linli.startup import database_url

PREFIX = "linli_replay_"
"""Names of databases that a replay may drop."""


class ReplayUnderWay(Refusal):
    """Another replay of this history is being driven from this home. Fields: `folder`."""

    code: ClassVar[str] = "replay_under_way"


class ClockMissing(Refusal):
    """A server that runs already must share its simulated clock with the driver. Fields: `setting`."""

    code: ClassVar[str] = "clock_missing"


class Place(msgspec.Struct, frozen=True):
    """`settings` name the database at `url`, the clock's file and the home."""

    settings: Settings
    url: str
    folder: Path

    @property
    def clock_file(self) -> Path:
        """The file that holds the simulated instant."""
        assert self.settings.clock_file is not None, "a replay has a simulated clock"
        return self.settings.clock_file


def own_place(name: str, home: Path | None) -> Place:
    """The place of replay `name`: on the server that the environment names, in a database of its own there."""
    given = Settings() if home is None else Settings(home=home)
    home = given.home.expanduser().resolve()
    folder = home / "replay" / name
    folder.mkdir(parents=True, exist_ok=True)
    changed = {"home": home, "database_name": PREFIX + name, "clock_file": folder / "clock"}
    url = make_conninfo(_server(given), dbname=PREFIX + name)
    if given.database_url is not None:
        changed["database_url"] = SecretStr(url)
    return Place(given.model_copy(update=changed), url, folder)


def given_place(name: str, home: Path | None) -> Place:
    """The place of a server that runs already: its settings must be given here too. Raises ClockMissing."""
    settings = Settings() if home is None else Settings(home=home)
    if settings.clock_file is None:
        raise ClockMissing(setting="LINLI_CLOCK_FILE")
    folder = settings.home.expanduser().resolve() / "replay" / name
    folder.mkdir(parents=True, exist_ok=True)
    return Place(settings, database_url(settings), folder)


def make_database(place: Place, *, fresh: bool) -> None:
    """Have the place's own database; `fresh`: a new one."""
    assert place.settings.database_name.startswith(PREFIX), "only a replay's own database is ever dropped"
    # From the maintenance database: one cannot be connected to what one drops.
    server = make_conninfo(place.url, dbname="postgres")
    if fresh:
        drop_database(server, place.settings.database_name)
    ensure_database(server, place.settings.database_name)


def _server(settings: Settings) -> str:
    """The server that `settings` name, running."""
    return database_url(settings.model_copy(update={"database_name": "postgres"}))


def environment(place: Place) -> dict[str, str]:
    """The same settings for a child process."""
    settings = place.settings
    names = {
        "LINLI_HOME": str(settings.home),
        "LINLI_DATABASE_NAME": settings.database_name,
        "LINLI_CLOCK_FILE": str(place.clock_file),
    }
    if settings.database_url is not None:
        names["LINLI_DATABASE_URL"] = settings.database_url.get_secret_value()
    return names


@contextmanager
def alone(place: Place) -> Iterator[None]:
    """Nobody else drives this replay meanwhile: two drivers would turn one clock. Raises ReplayUnderWay."""
    with (place.folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ReplayUnderWay(folder=str(place.folder)) from None
        yield
