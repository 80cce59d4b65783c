"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.events_page import PAGE, page

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "linli"
ROOMS = (
    "access", "backtests", "budgets", "corrections", "coupons", "deductions", "earning", "inbox", "insights", "ledger",
    "lottery", "mall", "members", "notify", "payments", "programmes", "screening",
)  # fmt: skip
MODULES = sorted(SRC.rglob("*.py"))
TABLE = rf"(?:{'|'.join(ROOMS)})_\w+"
STATEMENT = re.compile(rf"\b(?:FROM|JOIN|INTO|UPDATE|DELETE FROM|TRUNCATE|TABLE)\s+({TABLE})")
WRITE = re.compile(rf"\b(?:INTO|UPDATE|DELETE FROM|TRUNCATE|TABLE)\s+({TABLE})")
READS_ACROSS = {
    "replay/store.py": "totals of all rooms, for the report at its end",
    "insights/store.py": "sums over all rooms; it writes its own tables only",
    "insights/store_budget.py": "the same, of what was sold and issued",
    "insights/store_arms.py": "the same, of the arms of rollouts",
}


def _strings(path: Path) -> list[str]:
    tree = ast.parse(path.read_text())
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SRC)))
def test_sql_stands_in_the_store_of_the_room_that_owns_the_table(path: Path) -> None:
    statement = WRITE if str(path.relative_to(SRC)) in READS_ACROSS else STATEMENT
    for text in _strings(path):
        for table in statement.findall(text):
            room = table.split("_")[0]
            assert path.parent == SRC / room and path.stem.split("_")[0] == "store", (
                f"{path.relative_to(ROOT)} touches {table}"
            )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SRC)))
def test_modules_are_documented_and_fit_in_the_hand(path: Path) -> None:
    text = path.read_text()
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "a module says what it is for"
    assert text.count("\n") <= 420, "longer than a newcomer reads at one sitting"


@pytest.mark.parametrize("path", [p for p in MODULES if p.parent.name in (*ROOMS, "rules", "words", "flows")],
                         ids=lambda path: str(path.relative_to(SRC)))  # fmt: skip
def test_below_the_edge_nobody_asks_the_clock(path: Path) -> None:
    # The key ring counts the seconds of its memory; it is given its clock.
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called = ast.unparse(node.func)
            assert called not in ("datetime.now", "date.today", "time.time", "datetime.utcnow"), called


def test_no_text_for_people_in_code() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    allowed = {
        "api/openapi.py": "the name of the product, as the title of the OpenAPI document",
        "api/intake_schema.py": "a Chinese city in an example of the OpenAPI document",
        "cli/__init__.py": "the name of the product, as the command's help says it",
        "cli/system.py": "the name of the product, as the title of a panel",
        "cli/programme.py": "the heading of a column of Chinese names",
    }
    for path in MODULES:
        name = str(path.relative_to(SRC))
        if name not in allowed:
            for text in _strings(path):
                assert not chinese.search(text), f"{name}: {text[:60]!r} belongs into an i18n file"


def test_the_lock_file_names_no_host() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text()


def test_every_table_bears_the_name_of_its_room() -> None:
    tables = set()
    for path in (ROOT / "db/migrations/versions").glob("*.py"):
        tables |= set(re.findall(r"CREATE TABLE (\w+)", path.read_text()))
    assert tables, "there are tables"
    assert {table.split("_")[0] for table in tables} <= set(ROOMS)


def test_the_page_of_events_tells_what_the_structs_say() -> None:
    assert PAGE.read_text() == page(), "run `python -m tests.house.events_page`"
