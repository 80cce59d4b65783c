"""Migrations run once however many ask, and asking again costs next to nothing."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from alembic import command

from linli.kit.migrate import LOCK, UnknownRevision, config, migrate, pending

REVISION = """
from alembic import op

revision: str = {name!r}
down_revision = {after!r}


def upgrade() -> None:
    {body}
"""


def write(folder: Path, name: str, after: str | None, body: str) -> None:
    (folder / f"{name}_test.py").write_text(REVISION.format(name=name, after=after, body=body))


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    folder = tmp_path / "50% of: versions"
    folder.mkdir()
    write(folder, "0001", None, 'op.execute("CREATE TABLE a (n int); INSERT INTO a SELECT 7 % 4")')
    write(folder, "0002", "0001", 'op.execute("CREATE TABLE b AS SELECT n::text FROM a")')
    return folder


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as conn:
        found = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {str(name) for (name,) in found} - {"alembic_version"}


def test_what_is_missing_is_applied_oldest_first(empty_database_url: str, versions: Path) -> None:
    url = empty_database_url
    assert pending(url, versions) == ["0001", "0002"]
    assert migrate(url, versions) == ["0001", "0002"]
    assert tables(url) == {"a", "b"}
    assert pending(url, versions) == migrate(url, versions) == []
    write(versions, "0003", "0002", 'op.execute("CREATE TABLE c ()")')
    assert pending(url, versions) == ["0003"]
    assert migrate(url, versions) == ["0003"]
    assert tables(url) == {"a", "b", "c"}


def test_many_may_migrate_at_once(empty_database_url: str, versions: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        applied = list(threads.map(lambda _: migrate(empty_database_url, versions), range(4)))
    assert sorted(applied) == [[], [], [], ["0001", "0002"]]


def test_who_waits_does_not_hinder_an_index_made_concurrently(empty_database_url: str, versions: Path) -> None:
    migrate(empty_database_url, versions)
    write(versions, "0003", "0002", 'op.execute("CREATE TABLE c ()")')
    with psycopg.connect(empty_database_url, autocommit=True) as first, ThreadPoolExecutor(1) as threads:
        first.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        waiting = threads.submit(migrate, empty_database_url, versions)
        asks = "SELECT FROM pg_stat_activity WHERE query LIKE '%advisory%' AND pid <> pg_backend_pid()"
        while first.execute(asks).fetchone() is None:
            pass
        first.execute("SET statement_timeout = '3s'")
        try:
            first.execute("CREATE INDEX CONCURRENTLY ON a (n)")  # waits for whoever holds a snapshot
            assert not waiting.done()
        finally:
            first.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))
        assert waiting.result() == ["0003"]


def test_a_revision_that_fails_leaves_the_earlier_ones(empty_database_url: str, versions: Path) -> None:
    write(versions, "0003", "0002", 'op.execute("CREATE TABLE c (); SELECT 1 / 0")')
    with pytest.raises(Exception, match="division by zero"):
        migrate(empty_database_url, versions)
    assert pending(empty_database_url, versions) == ["0003"]
    assert tables(empty_database_url) == {"a", "b"}
    write(versions, "0003", "0002", 'op.execute("CREATE TABLE c ()")')
    assert migrate(empty_database_url, versions) == ["0003"], "the lock was let go"


def test_branches_that_meet_again(empty_database_url: str, versions: Path) -> None:
    write(versions, "0003", "0001", 'op.execute("CREATE TABLE c ()")')
    assert migrate(empty_database_url, versions) == ["0001", "0002", "0003"]
    (versions / "0004.py").write_text(REVISION.format(name="0004", after=("0002", "0003"), body="pass"))
    assert migrate(empty_database_url, versions) == ["0004"]
    assert pending(empty_database_url, versions) == []


def test_newer_code_was_here_before(empty_database_url: str, versions: Path) -> None:
    migrate(empty_database_url, versions)
    (versions / "0002_test.py").unlink()
    with pytest.raises(UnknownRevision, match="0002"):
        migrate(empty_database_url, versions)


def test_nothing_to_do_does_not_load_alembic(empty_database_url: str, versions: Path) -> None:
    migrate(empty_database_url, versions)
    code = (
        "import sys; from pathlib import Path; from linli.kit.migrate import migrate\n"
        "assert migrate(sys.argv[1], Path(sys.argv[2])) == []\n"
        "print({'alembic', 'sqlalchemy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, empty_database_url, str(versions)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_a_new_revision_is_begun_from_the_template(empty_database_url: str, versions: Path) -> None:
    command.revision(config(versions), message="Add c", rev_id="0003")
    begun = versions / "0003_add_c.py"
    begun.write_text(begun.read_text().replace('op.execute("""', 'op.execute("""CREATE TABLE c ()'))
    assert migrate(empty_database_url, versions) == ["0001", "0002", "0003"]


def test_the_revisions_of_the_house_apply(database_url: str) -> None:
    assert pending(database_url) == []
