"""Every reason for which a rule gives nothing has words in both languages."""

from __future__ import annotations

import ast

from linli.kit.texts import texts
from tests.house.test_house import SRC


def _reasons() -> set[str]:
    """The codes that are made into skips: second arguments of `Skip(…)`, and what they are picked from."""
    found: set[str] = set()
    for path in [*(SRC / "rules").glob("*.py"), *(SRC / "flows").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Skip" and len(node.args) > 1:
                reason = node.args[1]
                if isinstance(reason, ast.Constant):
                    found.add(str(reason.value))
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "reasons":
                found |= {str(part.value) for part in ast.walk(node.value) if isinstance(part, ast.Constant)}
    return found


def test_all_reasons_have_words() -> None:
    known = texts("skips")
    assert len(_reasons()) > 20
    assert _reasons() - known.keys() == set(), "say them in i18n/skips.json"
    assert all(text["zh"] and text["en"] for text in known.values())
