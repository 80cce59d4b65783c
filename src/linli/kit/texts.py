"""Texts for people: the files of `i18n/`, read once. Placeholders stand in braces; both languages are always there."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

_I18N = Path(__file__).resolve().parent.parent / "i18n"


@cache
def texts(file: str) -> dict[str, dict[str, str]]:
    """Key → language (`zh`, `en`) → text of `i18n/<file>.json`. Raises FileNotFoundError."""
    return msgspec.json.decode((_I18N / f"{file}.json").read_bytes(), type=dict[str, dict[str, str]])
