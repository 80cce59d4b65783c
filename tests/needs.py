"""What a test needs of the machine: CI must have it, a developer is told how to get it."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def lacking(what: str) -> NoReturn:
    """Skip, saying what is missing and how to get it. Where CI is set, fail: what is never run proves nothing."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)
