"""Texts that answers carry for people, from `i18n/texts.json`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from linli.api.errors import Language

_I18N = Path(__file__).resolve().parent.parent / "i18n"


@cache
def _texts() -> dict[str, dict[str, str]]:
    return msgspec.json.decode((_I18N / "texts.json").read_bytes(), type=dict[str, dict[str, str]])


def say(name: str, language: Language, **figures: Any) -> str:
    """The text `name` with its figures."""
    return _texts()[name][language].format(**figures)
