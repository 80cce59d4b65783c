"""What a member reads, in the two languages of the house: from `i18n/me.json`, with points, days, yuan in words."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import msgspec

from linli.kit.texts import texts

_BOTH: tuple[Literal["zh", "en"], ...] = ("zh", "en")


class Bilingual(msgspec.Struct, frozen=True):
    """The same said in both languages."""

    zh: str
    en: str


def both(key: str, **figures: Any) -> Bilingual:
    """The text `key`; a figure that has `zh` and `en` itself is said in each."""
    return said("me", key, **figures)


def said(file: str, key: str, **figures: Any) -> Bilingual:
    """The text `key` of `i18n/<file>.json`, likewise."""
    return Bilingual(*(texts(file)[key][language].format(**_in(language, figures)) for language in _BOTH))


def same(found: Any) -> Bilingual:
    """A rule's name or sentence, as it is."""
    return Bilingual(found.zh, found.en)


def points(number: int) -> Bilingual:
    """So many points, without their sign."""
    return _counted("points", abs(number))


def days(number: int) -> Bilingual:
    """So many days."""
    return _counted("days", number)


def yuan(fen: int) -> Bilingual:
    """Fen as yuan, without needless zeros."""
    whole, rest = divmod(fen, 100)
    return both("yuan", number=f"{whole:,}.{rest:02}" if rest else f"{whole:,}")


def day(on: date) -> Bilingual:
    """A business date, without its year."""
    month = texts("sentences")[f"month.{on.month}"]
    return both("day", day=on.day, month=Bilingual(month["zh"], month["en"]))


def _counted(key: str, number: int) -> Bilingual:
    return both(f"{key}.one" if number == 1 else key, number=f"{number:,}")


def _in(language: Literal["zh", "en"], figures: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(value, language, value) for name, value in figures.items()}
