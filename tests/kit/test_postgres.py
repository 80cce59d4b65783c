"""The embedded server outlives its owners, survives their deaths and its own, and is closed to others."""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from linli.kit import postgres
from linli.kit import postgres_alive as alive
from linli.kit.postgres import EmbeddedPostgres, PostgresFailed, ensure_database
from linli.kit.privileges import give, let_through, run_as

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")


@pytest.fixture
def home(scratch: Path) -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="linli-", dir=scratch))
    yield path
    EmbeddedPostgres(path).stop()
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def made(scratch: Path) -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="linli-", dir=scratch))
    server = EmbeddedPostgres(path, durable=False)
    server.start()
    server.stop()
    yield server.data
    shutil.rmtree(path)


@pytest.fixture
def server(home: Path, made: Path) -> EmbeddedPostgres:
    """A server that stands still, its database made already: a copy is quicker than initdb."""
    subprocess.run(["cp", "-a", str(made), str(home / "pg")], check=True)
    return EmbeddedPostgres(home, durable=False)


def ask(server: EmbeddedPostgres, sql: str) -> str:
    with psycopg.connect(server.url()) as conn:
        row = conn.execute(sql).fetchone()
    assert row is not None
    return str(row[0])


def note(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url()) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 42 AS answer")


def postmaster(server: EmbeddedPostgres) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


def serves(pid: int) -> bool:
    """Whether process `pid` does anything yet. Under an init that reaps late, the dead stay for a while as zombies."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def another_process(home: Path, then: str = "") -> subprocess.Popen[str]:
    """A process that starts the server, says 'up', and goes on with `then` when its input ends."""
    code = (
        "import sys; from pathlib import Path; from linli.kit.postgres import EmbeddedPostgres\n"
        f"server = EmbeddedPostgres(Path({str(home)!r}), durable=False); server.start(); print('up', flush=True)\n"
        f"sys.stdin.read(); {then}"
    )
    env = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=env)


def stranger(server: EmbeddedPostgres) -> subprocess.Popen[bytes]:
    """A living process of the server's own user, so that PostgreSQL may signal it and takes it for a postmaster."""
    return subprocess.Popen(["cat"], stdin=subprocess.PIPE, **run_as(server.data))


def claim_of(server: EmbeddedPostgres, pid: int) -> None:
    """Have both lock files say that process `pid` is our postmaster, and ready."""
    lines = [str(pid), str(server.data), "1700000000", "5432", str(server.data), "", "     1  1", "ready   ", ""]
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        (server.data / name).write_text("\n".join(lines))


def test_data_outlive_a_restart(server: EmbeddedPostgres) -> None:
    server.start()
    note(server)
    first = postmaster(server)
    server.start()
    assert postmaster(server) == first, "the second start attaches"
    server.stop()
    assert not serves(first)
    server.stop()
    server.start()
    assert ask(server, "SELECT answer FROM kept") == "42"


def test_it_is_made_once_by_many_processes(home: Path) -> None:
    server = EmbeddedPostgres(home)
    processes = [another_process(server.home) for _ in range(3)]
    assert [process.communicate() for process in processes] == [("up\n", "")] * 3, "and nothing else is printed"
    assert ask(server, "SELECT 1") == "1", "nobody stopped it by leaving"


def test_it_stays_when_an_owner_is_killed_and_the_next_may_stop_it(server: EmbeddedPostgres) -> None:
    with another_process(server.home) as owner:
        assert owner.stdout is not None and owner.stdout.readline() == "up\n"
        owner.kill()
    first = postmaster(server)
    with another_process(server.home, then="server.stop()") as heir:
        assert heir.communicate() == ("up\n", "")
    assert not serves(first)


@pytest.mark.parametrize("who", ["a stranger", "a zombie"])
def test_a_stale_pid_file_is_not_believed(server: EmbeddedPostgres, who: str) -> None:
    server.start()
    note(server)
    server.stop()
    process = stranger(server)
    if who == "a zombie":
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    claim_of(server, process.pid)
    try:
        server.stop()
        assert who == "a zombie" or process.poll() is None, "stop() has no quarrel with whoever has the pid"
        claim_of(server, process.pid)
        server.start()
        assert ask(server, "SELECT answer FROM kept") == "42"
    finally:
        process.kill()
        process.communicate()


def test_a_killed_postmaster_is_followed_by_a_new_one(server: EmbeddedPostgres) -> None:
    server.durable = True
    server.start()
    note(server)
    with psycopg.connect(server.url()) as conn:  # a backend that outlives its postmaster by a moment
        conn.execute("SELECT 1")
        os.kill(postmaster(server), signal.SIGKILL)
        server.start()
        assert ask(server, "SELECT answer FROM kept") == "42"
        with pytest.raises(psycopg.OperationalError):
            conn.execute("SELECT 1")


@pytest.mark.parametrize("next_step", ["start", "stop"])
def test_a_backend_that_does_not_leave_is_made_to(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, next_step: str
) -> None:
    monkeypatch.setattr(postgres, "ORPHAN_SECONDS", 0.05)
    server.durable = True
    server.start()
    note(server)
    conn = psycopg.connect(server.url())
    stuck = conn.info.backend_pid
    os.kill(stuck, signal.SIGSTOP)
    os.kill(postmaster(server), signal.SIGKILL)
    getattr(server, next_step)()
    conn.close()
    assert not serves(stuck)
    server.start()
    assert ask(server, "SELECT answer FROM kept") == "42"


def test_a_server_that_cannot_be_seen_is_left_alone(server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "UNSEEN_SECONDS", 0.05)
    with (server.data / "linli.alive").open("w") as elsewhere:  # as by a server in another container
        fcntl.flock(elsewhere, fcntl.LOCK_EX)
        with pytest.raises(PostgresFailed, match="cannot be seen"):
            server.start()
    server.start()
    monkeypatch.setattr(alive, "processes", lambda data: [])
    assert alive.try_claim(server.data) is None, "the lock alone tells that a server is there"


def test_a_server_started_by_hand_is_attached_to(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    done = server._run("pg_ctl", "-w", "-D", ".", "-l", "by-hand.log", "start")
    assert done.returncode == 0
    first = postmaster(server)
    assert alive.try_claim(server.data) is None, "though it holds no lock of ours"
    server.start()
    assert postmaster(server) == first
    server.stop()
    assert not serves(first)


def test_data_removed_under_a_running_server_are_made_anew(server: EmbeddedPostgres) -> None:
    server.start()
    note(server)
    bereft = psutil.Process(postmaster(server))  # it notices within a minute, and goes
    shutil.rmtree(server.data)
    server.start()
    assert ask(server, "SELECT to_regclass('kept')") == "None"
    with suppress(psutil.NoSuchProcess):
        bereft.kill()


def test_half_an_initdb_is_swept_away(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    (server.home / "pg.new-killed").mkdir()
    (server.home / "pg.new-killed" / "PG_VERSION").write_text("18")
    server.start()
    assert sorted(path.name for path in server.home.iterdir()) == ["pg", "pg.lock"]


@pytest.mark.parametrize("name", ["x" * 120, "邻里 $HOME 'q' %s"])
def test_any_path_will_do(home: Path, name: str) -> None:
    server = EmbeddedPostgres(home / name, durable=False)
    with pytest.raises(PostgresFailed, match="no database"):
        server.url()
    server.start()
    url = server.url()
    socket_dir = server._socket_dir()
    assert stat.S_IMODE(socket_dir.stat().st_mode) == 0o700
    assert ask(server, "SELECT 1") == "1"
    server.stop()
    assert not socket_dir.exists()
    socket_dir.mkdir(mode=0o755)
    with pytest.raises(PostgresFailed, match="somebody else's"):
        server.start()
    give(socket_dir, run_as(server.data))  # ours, but open to others: who knows what they laid in it
    with pytest.raises(PostgresFailed, match="somebody else's"):
        server.start()
    socket_dir.rmdir()
    server.start()
    assert server.url() == url, "a pool that holds the URL finds the server again"
    server.stop()


def test_the_url_names_the_port_and_the_caller_s_environment_moves_nothing(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGPORT": "6543", "PGHOST": "nowhere", "PGDATA": "/nowhere", "LC_ALL": "xx_XX"}.items():
        monkeypatch.setenv(name, value)
    server.start()
    assert "port=5432" in server.url()
    assert ask(server, "SHOW port") == "5432"


def test_settings_are_chosen_when_it_starts(server: EmbeddedPostgres) -> None:
    def shown() -> list[str]:
        return [ask(server, f"SHOW {name}") for name in ("fsync", "full_page_writes", "shared_buffers", "TimeZone")]

    server.start()
    assert shown() == ["off", "off", "128MB", "UTC"]
    server.stop()
    EmbeddedPostgres(server.home).start()
    assert shown() == ["on", "on", "512MB", "UTC"]


def test_the_socket_is_private(server: EmbeddedPostgres) -> None:
    server.start()
    assert stat.S_IMODE((server.data / ".s.PGSQL.5432").stat().st_mode) == 0o700
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    assert ask(server, "SHOW listen_addresses") == ""


@AS_ROOT
def test_another_os_user_does_not_get_in(server: EmbeddedPostgres) -> None:
    server.start()
    psql = [str(server.bin_dir / "psql"), server.url(), "-c", "SELECT 1"]
    assert subprocess.run(psql, capture_output=True, check=False).returncode == 0
    nobody = pwd.getpwnam("nobody")
    done = subprocess.run(
        psql, capture_output=True, text=True, check=False, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[]
    )
    assert done.returncode != 0 and "Permission denied" in done.stderr


@AS_ROOT
def test_root_follows_the_owner_of_the_data(server: EmbeddedPostgres) -> None:
    nobody = pwd.getpwnam("nobody")
    (server.data / "linli.alive").unlink()
    for path in [server.data, *server.data.rglob("*")]:
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    server.start()
    assert psutil.Process(postmaster(server)).uids().effective == nobody.pw_uid
    assert {path.stat().st_uid for path in server.data.rglob("*")} == {nobody.pw_uid}, "root leaves nothing of its own"


@AS_ROOT
def test_parents_are_opened_to_walk_through_only(home: Path) -> None:
    (home / "closed" / "open").mkdir(parents=True)
    (home / "closed").chmod(0o700)
    (home / "closed" / "open").chmod(0o2775)
    let_through(home / "closed" / "open" / "data")
    assert stat.S_IMODE((home / "closed").stat().st_mode) == 0o701
    assert stat.S_IMODE((home / "closed" / "open").stat().st_mode) == 0o2775


def test_a_failure_is_told_with_the_log_and_prints_nothing(
    server: EmbeddedPostgres, capfd: pytest.CaptureFixture[str]
) -> None:
    with (server.data / "postgresql.conf").open("a") as conf:
        conf.write("no_such_setting = 1\n")
    with pytest.raises(PostgresFailed, match="no_such_setting") as failure:
        server.start()
    assert "no_such_setting" in failure.value.log
    assert capfd.readouterr() == ("", "")


def test_a_home_that_is_no_directory_is_told(home: Path) -> None:
    (home / "file").touch()
    with pytest.raises(PostgresFailed, match="cannot be started"):
        EmbeddedPostgres(home / "file").start()


def test_a_database_is_made_once(server: EmbeddedPostgres) -> None:
    server.start()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: ensure_database(server.url(), "it's"), range(4)))
    with psycopg.connect(server.url("it's")) as conn:
        row = conn.execute(
            "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert row == ("UTF8", "C")
