"""Do the tests find faults? Seed them one by one in a copy of the source, and see which test fails.

    python -m tests.proof.seeded_defects [words of a defect's name]

The checkout is never touched. Where the tests named with a defect find nothing, all of ledger's and flows' are run.
Not a part of `make test`: it takes some minutes. The last result stands in docs/decisions/0003-seeded-defects.md.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from linli.kit.postgres import EmbeddedPostgres
from tests.proof.defects import DEFECTS, Defect

ROOT = Path(__file__).parent.parent.parent
COPIED = ("src", "db", "presets", "tests", "pyproject.toml")
ALL = ("tests/ledger", "tests/flows")
# Fewer examples than usual, and none made smaller: one failure is enough.
QUICK = {"LINLI_MACHINE_EXAMPLES": "150", "LINLI_MACHINE_SHRINK": "0", "LINLI_ORDER_EXAMPLES": "20"}
MOST_SECONDS = 900


class Verdict(NamedTuple):
    """What became of one defect: the test that found it, or None."""

    name: str
    killed_by: str | None
    seconds: float


@contextmanager
def seeded(edits: Sequence[tuple[str, str, str]]) -> Iterator[Path]:
    """A copy of the source tree with `edits` made in it."""
    with tempfile.TemporaryDirectory(prefix="linli-seeded-") as folder:
        copy = Path(folder)
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, copy / name)
        for name, old, new in edits:
            text = (copy / name).read_text()
            assert text.count(old) == 1, f"{name} holds this {text.count(old)} times: {old!r}"
            (copy / name).write_text(text.replace(old, new))
        yield copy


def failing(copy: Path, tests: Sequence[str], database_url: str) -> str | None:
    """The first of `tests` that fails in the copy; None where all pass."""
    environment = os.environ | QUICK | {"PYTHONPATH": str(copy / "src"), "LINLI_TEST_DATABASE_URL": database_url}
    # PYTHONPATH comes before the checkout, which the environment has installed in place.
    where = "import linli, pathlib; print(pathlib.Path(linli.__file__).parents[2])"
    found = subprocess.run([sys.executable, "-c", where], env=environment, cwd=copy, capture_output=True, text=True)
    assert Path(found.stdout.strip()) == copy.resolve(), f"the copy is not what is tested: {found.stdout}{found.stderr}"
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--tb=no", *tests]
    try:
        done = subprocess.run(command, env=environment, cwd=copy, capture_output=True, text=True, timeout=MOST_SECONDS)
    except subprocess.TimeoutExpired:
        return "nothing in time: the tests hang"
    if done.returncode == 0:
        return None
    named = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    assert named, f"pytest failed without a test's name:\n{done.stdout[-2_000:]}{done.stderr[-2_000:]}"
    return named.group(1)


def judge(defect: Defect, database_url: str) -> Verdict:
    """Seed the defect and look for a test that fails."""
    began = time.monotonic()
    with seeded(defect.edits) as copy:
        killed_by = failing(copy, defect.tests, database_url) or failing(copy, ALL, database_url)
    return Verdict(defect.name, killed_by, time.monotonic() - began)


def main(words: Sequence[str]) -> int:
    """Print the table; 1 if more than one defect survived."""
    wanted = [defect for defect in DEFECTS if all(word in defect.name for word in words)]
    # Not a TemporaryDirectory of mode 0700: the server may run as another OS user.
    home = Path(tempfile.gettempdir()) / f"linli-defects-{os.getpid()}"
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    try:
        named = sorted({test for defect in wanted for test in defect.tests})
        with seeded(()) as copy:
            broken = failing(copy, named, server.url())
        assert broken is None, f"without any defect this fails already: {broken}"
        print("| defect | found by | s |\n| --- | --- | --- |", flush=True)
        survivors = 0
        for defect in wanted:
            verdict = judge(defect, server.url())
            survivors += verdict.killed_by is None
            shown = f"`{verdict.killed_by.removeprefix('tests/')}`" if verdict.killed_by else "**survived**"
            print(f"| {verdict.name} | {shown} | {verdict.seconds:.0f} |", flush=True)
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)
    print(f"\n{len(wanted) - survivors} of {len(wanted)} found")
    return 1 if survivors > 1 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
