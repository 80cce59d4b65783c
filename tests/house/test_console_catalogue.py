"""The back office offers what the rules allow."""

from __future__ import annotations

from tests.house.console_catalogue import FILE, catalogue


def test_the_back_office_knows_the_events_and_kinds_of_today() -> None:
    assert FILE.read_text() == catalogue(), "run `python -m tests.house.console_catalogue`"
