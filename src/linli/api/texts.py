"""Texts that answers carry for people, from `i18n/texts.json`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from linli.api.errors import Language
from linli.api.me_words import Bilingual

_I18N = Path(__file__).resolve().parent.parent / "i18n"


@cache
def _texts() -> dict[str, dict[str, str]]:
    return msgspec.json.decode((_I18N / "texts.json").read_bytes(), type=dict[str, dict[str, str]])


def say(name: str, language: Language, **figures: Any) -> str:
    """The text `name` with its figures."""
    return _texts()[name][language].format(**figures)


def say_both(name: str, **figures: Any) -> Bilingual:
    """The text `name` with its figures, in both languages."""
    return Bilingual(say(name, "zh", **figures), say(name, "en", **figures))
