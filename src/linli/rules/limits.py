"""The caps of stored programmes, read without the rest: a night reads those of every version there ever was."""

from __future__ import annotations

import msgspec

from linli.rules.programme import Cap, Screening, ScreeningCap

__all__ = ["Cap", "Limits", "ScreeningCap", "limits_of"]


class _Rule(msgspec.Struct, frozen=True):
    id: str
    caps: tuple[Cap, ...] = ()


class Limits(msgspec.Struct, frozen=True):
    """What a version limits: by rule, and by its screening."""

    timezone: str = "Asia/Shanghai"
    screening: Screening = Screening()
    rules: tuple[_Rule, ...] = ()


_decoder = msgspec.json.Decoder(Limits)


def limits_of(document: bytes) -> Limits:
    """The limits of a stored document: canonical JSON, which was checked before it was stored."""
    return _decoder.decode(document)
