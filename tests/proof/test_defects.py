"""The seeded defects still fit the source: a change that moves their text must move them along."""

from __future__ import annotations

import pytest

from tests.proof.defects import DEFECTS, Defect
from tests.proof.seeded_defects import ROOT


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_each_defect_can_be_seeded(defect: Defect) -> None:
    for name, old, new in defect.edits:
        assert (ROOT / name).read_text().count(old) == 1 and old != new
    for test in defect.tests:
        path, _, function = test.partition("::")
        assert f"def {function}(" in (ROOT / path).read_text() if function else (ROOT / path).exists()
