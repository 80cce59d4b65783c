"""The figures, names and small parts of which programme documents are made: their types and bounds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from linli.words.events import Code
from linli.words.units import MOST_FEN, MOST_POINTS

# `$` alone would let a trailing newline pass.
Slug = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,63}$(?!\n)", description="Lower-case name, stable for ever.")]
Words = Annotated[str, Meta(min_length=1, max_length=100)]
MOST_REWARD = 1_000_000
"""The largest fixed reward of one rule, in points."""
PointsFigure = Annotated[int, Meta(ge=1, le=MOST_REWARD)]
PointsOrNone = Annotated[int, Meta(ge=0, le=MOST_REWARD)]
CapFigure = Annotated[int, Meta(ge=1, le=MOST_POINTS)]
FenFigure = Annotated[int, Meta(ge=1, le=MOST_FEN)]
SettleDays = Annotated[int, Meta(ge=0, le=366)]
ValidMonths = Annotated[int, Meta(ge=1, le=120)]
Moment = Annotated[datetime, Meta(tz=True)]
Codes = Annotated[tuple[Code, ...], Meta(min_length=1, max_length=500)]
Weekdays = Annotated[
    tuple[Annotated[int, Meta(ge=1, le=7)], ...], Meta(min_length=1, max_length=7, description="1 = Monday.")
]
EventName = Annotated[str, Meta(max_length=64)]
EventNames = Annotated[tuple[EventName, ...], Meta(min_length=1, max_length=20)]


class Name(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What people read, in the two languages of the house."""

    zh: Words
    en: Words


class LineFilter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Lines of an order that count: of any of `categories` AND with any of `tags`; what is not given does not ask."""

    categories: Codes | None = None
    tags: Codes | None = None


class Factor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole ratio above one: double is 2/1, one and a half times is 3/2."""

    times: Annotated[int, Meta(ge=1, le=100)]
    per: Annotated[int, Meta(ge=1, le=100)] = 1
