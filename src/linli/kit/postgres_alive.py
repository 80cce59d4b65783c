"""Whether any process of a PostgreSQL server is left on a data directory, without trusting a pid.

The server inherits a lock on `linli.alive` in its data directory, and so does all that it forks. The kernel frees it
when the last of them is gone: neither a zombie nor a stranger with a reused pid holds it, a backend that outlived its
postmaster does, and so does a server in another container that shares the directory.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from psycopg import pq


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, waiting for it; the kernel lets go for a process that dies."""
    fd = _open_lock(path)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def try_claim(data: Path) -> int | None:
    """A descriptor that holds the lock, for a server to inherit; None while any process of a server is left."""
    fd = _open_lock(data / "linli.alive")
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    if processes(data):  # started by hand with pg_ctl: it holds no lock of ours
        os.close(fd)
        return None
    return fd


def processes(data: Path) -> list[psutil.Process]:
    """The postmaster and all it forked: they work in the data directory. Zombies and strangers do not."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.name() == "postgres" and process.cwd() == str(data):
                found.append(process)
        except psutil.Error:  # gone, a zombie, or another user's
            continue
    return found


def postmaster_runs(data: Path) -> bool:
    """Whether postmaster.pid names a process that really serves `data`."""
    lines = _pid_file(data)
    return bool(lines) and any(str(process.pid) == lines[0].strip() for process in processes(data))


def says_ready(data: Path) -> bool:
    """Whether the last server that wrote postmaster.pid was accepting connections then. It may be dead by now."""
    lines = _pid_file(data)
    return len(lines) >= 8 and lines[7].strip() == "ready"


def answers(url: str) -> bool:
    """Whether the server of `url` takes connections, if only to say that it has too many."""
    return pq.PGconn.ping(f"{url}&connect_timeout=5".encode()) == pq.Ping.OK


def kill_all(data: Path) -> None:
    """SIGKILL: safe for what was committed, since the next start recovers it from the WAL."""
    for process in processes(data):
        try:
            process.kill()
        except psutil.Error:
            continue


def _pid_file(data: Path) -> list[str]:
    """Lines of postmaster.pid: pid, data directory, start, port, socket directory, address, memory, status."""
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _open_lock(path: Path) -> int:
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    if os.geteuid() == 0:  # whoever owns the directory must be able to open it when root does not
        owner = path.parent.stat()
        os.chown(fd, owner.st_uid, owner.st_gid)
    return fd
