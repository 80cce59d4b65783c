"""Bringing a database to the newest schema: alembic with plain SQL, by any number of processes at once.

Every process calls `migrate` when it starts, so the usual case, nothing to do, must cost no more than a connection:
the revision files are read as syntax, and alembic is imported only when one of them is to be run.
"""

from __future__ import annotations

import ast
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from linli.kit.resources import resource

if TYPE_CHECKING:
    from alembic.config import Config

LOCK = 0x6C696E6C69  # "linli", whom nobody else on the server is likely to lock
_POLL_SECONDS = 0.1


class UnknownRevision(Exception):
    """The database has revisions that these files do not: newer code was here before. `revisions` names them."""

    def __init__(self, revisions: set[str]) -> None:
        super().__init__(f"the database is at {', '.join(sorted(revisions))}, which this version does not know")
        self.revisions = revisions


def migrate(url: str, versions: Path | None = None) -> list[str]:
    """Apply what is missing, oldest first, each revision in a transaction of its own; the ids of those applied.

    Processes that call it at once wait for the first of them and then find nothing to do. What is applied stays when
    a later revision fails. Raises UnknownRevision, or the error of the statement that failed.
    """
    if not pending(url, versions):
        return []
    with psycopg.connect(url, autocommit=True) as guard:
        # A session's lock, since a revision may end its transaction. Asked for again and again, not waited for: a
        # waiting statement holds a snapshot, and CREATE INDEX CONCURRENTLY waits until there is none: for ever.
        while guard.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone() != (True,):
            time.sleep(_POLL_SECONDS)
        missing = pending(url, versions)
        if missing:
            _upgrade(url, versions)
        return missing


def pending(url: str, versions: Path | None = None) -> list[str]:
    """Ids of the revisions that `migrate` would apply, in that order. Raises UnknownRevision."""
    parents = _parents(versions or _scripts() / "versions")
    with psycopg.connect(url) as conn:
        row = conn.execute("SELECT to_regclass('alembic_version')").fetchone()
        exists = row is not None and row[0] is not None
        heads = {str(head) for (head,) in conn.execute("SELECT version_num FROM alembic_version")} if exists else set()
    if unknown := heads - parents.keys():
        raise UnknownRevision(unknown)
    applied: set[str] = set()
    todo = list(heads)
    while todo:
        revision = todo.pop()
        if revision not in applied:
            applied.add(revision)
            todo += parents[revision]
    return [revision for revision in _oldest_first(parents) if revision not in applied]


def config(versions: Path | None = None) -> Config:
    """Alembic's configuration, which has no file. `alembic.command.revision(config(), message=…)` begins a new one."""
    from alembic.config import Config

    made = Config()
    options = {
        "script_location": str(_scripts()),
        "version_locations": str(versions or _scripts() / "versions"),
        "path_separator": "newline",  # the only character that no sensible path has
        "file_template": "%(rev)s_%(slug)s",
    }
    for name, value in options.items():
        made.set_main_option(name, value.replace("%", "%%"))
    return made


def _upgrade(url: str, versions: Path | None) -> None:
    import sqlalchemy
    from alembic import command

    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=sqlalchemy.NullPool
    )
    with engine.connect() as connection:
        made = config(versions)
        made.attributes["connection"] = connection
        command.upgrade(made, "heads")


def _scripts() -> Path:
    return resource("db") / "migrations"


def _parents(versions: Path) -> dict[str, tuple[str, ...]]:
    """Each revision in the files of `versions`, with those it follows."""
    parents = {}
    for path in sorted(versions.glob("*.py")):
        said = _constants(path)
        if "revision" not in said:
            continue
        follows = said.get("down_revision") or ()
        needs = said.get("depends_on") or ()
        parents[str(said["revision"])] = tuple(
            str(one) for some in (follows, needs) for one in ([some] if isinstance(some, str) else some)
        )
    return parents


def _constants(path: Path) -> dict[str, str | tuple[str, ...] | None]:
    """The names that a revision file binds to literals at its top: alembic reads them so as well."""
    found = {}
    for statement in ast.parse(path.read_text(encoding="utf-8"), str(path)).body:
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, value = [statement.target], statement.value
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name) and target.id in ("revision", "down_revision", "depends_on"):
                found[target.id] = ast.literal_eval(value)
    return found


def _oldest_first(parents: dict[str, tuple[str, ...]]) -> list[str]:
    """All revisions, each after those it follows. Raises graphlib.CycleError."""
    from graphlib import TopologicalSorter

    return list(TopologicalSorter({revision: parents[revision] for revision in sorted(parents)}).static_order())
