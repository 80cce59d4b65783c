"""Columns of values as PostgreSQL arrays, in binary.

psycopg's own list dumper looks at each value and, in text, escapes each string with a regular expression; for batches
of hundreds of rows and JSON in them that costs more than all the rest. A column knows its type beforehand.
Source: PostgreSQL's `array_recv` (ndim, has nulls, element type, then length and lower bound of each dimension).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from struct import Struct, pack
from typing import Any, ClassVar

from psycopg import adapt, pq
from psycopg.abc import AdaptContext

_HEADER = Struct("!iiIii").pack
_LENGTH = Struct("!i").pack
_ITEM4 = Struct("!ii").pack
_ITEM8 = Struct("!iq").pack
_NULL = _LENGTH(-1)
_MOST_SHORT = 1_024
_SHORT = [_LENGTH(size) for size in range(_MOST_SHORT)]
_DATE_ZERO = date(2000, 1, 1).toordinal()
_TIME_ZERO = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Column:
    """An array parameter, packed already. Made by the functions below."""

    __slots__ = ("payload",)
    oid: ClassVar[int]

    def __init__(self, payload: bytes) -> None:
        self.payload = payload


class _Text(Column):
    oid = 1009


class _Int8(Column):
    oid = 1016


class _Date(Column):
    oid = 1182


class _Timestamptz(Column):
    oid = 1185


class _Bytea(Column):
    oid = 1001


def texts(values: Iterable[str | None]) -> Column:
    """text[]"""
    items = list(values)
    try:
        return _Text(_pack(25, list(map(str.encode, items))))  # pyright: ignore[reportArgumentType]  (no None in it)
    except TypeError:
        return _Text(_pack_some(25, [None if v is None else v.encode() for v in items]))


def blobs(values: Iterable[bytes]) -> Column:
    """bytea[]"""
    return _Bytea(_pack(17, list(values)))


def json_texts(values: Iterable[bytes]) -> Column:
    """text[] of JSON that is encoded already."""
    return _Text(_pack(25, list(values)))


def ints(values: Iterable[int | None]) -> Column:
    """bigint[]"""
    items = list(values)
    if None in items:
        rows = [_NULL if item is None else _ITEM8(8, item) for item in items]
        return _Int8(_head(20, len(items), 1) + b"".join(rows))
    # Lengths and values in one go: 8 and the value, for each.
    flat: list[Any] = [8] * (2 * len(items))
    flat[1::2] = items
    return _Int8(_head(20, len(items), 0) + pack("!" + "iq" * len(items), *flat))


def dates(values: Iterable[date | None]) -> Column:
    """date[]"""
    items = list(values)
    return _Date(_head(1082, len(items), 1 if None in items else 0) + b"".join(map(_date, items)))


def instants(values: Iterable[datetime | None]) -> Column:
    """timestamptz[] of aware datetimes"""
    items = list(values)
    return _Timestamptz(_head(1184, len(items), 1 if None in items else 0) + b"".join(map(_instant, items)))


@lru_cache(maxsize=4_096)
def _date(value: date | None) -> bytes:
    return _NULL if value is None else _ITEM4(4, value.toordinal() - _DATE_ZERO)


@lru_cache(maxsize=4_096)
def _instant(value: datetime | None) -> bytes:
    return _NULL if value is None else _ITEM8(8, (value - _TIME_ZERO) // _MICROSECOND)


def _head(element: int, count: int, has_null: int) -> bytes:
    # An array of nothing has no dimension.
    return _HEADER(1, has_null, element, count, 1) if count else pack("!iiI", 0, 0, element)


def _pack(element: int, items: list[bytes]) -> bytes:
    # Slices and maps rather than a loop: this runs for each value of each batch.
    parts: list[bytes] = [b""] * (2 * len(items))
    parts[0::2] = [_SHORT[size] if size < _MOST_SHORT else _LENGTH(size) for size in map(len, items)]
    parts[1::2] = items
    return _head(element, len(items), 0) + b"".join(parts)


def _pack_some(element: int, items: list[bytes | None]) -> bytes:
    parts = [_head(element, len(items), 1)]
    for item in items:
        parts += (_NULL,) if item is None else (_LENGTH(len(item)), item)
    return b"".join(parts)


def register(context: AdaptContext) -> None:
    """Teach a connection to send columns."""
    for kind in (_Text, _Int8, _Date, _Timestamptz, _Bytea):
        context.adapters.register_dumper(kind, type(f"{kind.__name__}Dumper", (_Dumper,), {"oid": kind.oid}))


class _Dumper(adapt.Dumper):
    format = pq.Format.BINARY

    def dump(self, obj: Any) -> bytes:
        return obj.payload
