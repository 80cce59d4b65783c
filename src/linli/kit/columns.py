"""Columns of values as PostgreSQL arrays, in binary.

psycopg's own list dumper looks at each value and, in text, escapes each string with a regular expression; for batches
of hundreds of rows and JSON in them that costs more than all the rest. A column knows its type beforehand.
Source: PostgreSQL's `array_recv` (ndim, has nulls, element type, then length and lower bound of each dimension).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from struct import Struct, pack
from typing import Any, ClassVar

from psycopg import adapt, pq
from psycopg.abc import AdaptContext

_HEADER = Struct("!iiIii").pack
_LENGTH = Struct("!i").pack
_NULL = _LENGTH(-1)
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
    return _Text(_pack(25, [None if v is None else v.encode() for v in values]))


def blobs(values: Iterable[bytes | None]) -> Column:
    """bytea[]"""
    return _Bytea(_pack(17, list(values)))


def json_texts(values: Iterable[bytes]) -> Column:
    """text[] of JSON that is encoded already."""
    return _Text(_pack(25, list(values)))


def ints(values: Iterable[int | None]) -> Column:
    """bigint[]"""
    items = list(values)
    if None in items:
        return _Int8(_pack(20, [None if v is None else pack("!q", v) for v in items]))
    # Lengths and values in one go: 8 and the value, for each.
    flat = [8] * (2 * len(items))
    flat[1::2] = items  # pyright: ignore[reportCallIssue, reportArgumentType]  (no None in it)
    return _Int8(_head(20, len(items), 0) + pack("!" + "iq" * len(items), *flat))


def dates(values: Iterable[date | None]) -> Column:
    """date[]"""
    return _Date(_pack(1082, [None if v is None else pack("!i", v.toordinal() - _DATE_ZERO) for v in values]))


def instants(values: Iterable[datetime | None]) -> Column:
    """timestamptz[] of aware datetimes"""
    return _Timestamptz(
        _pack(1184, [None if v is None else pack("!q", (v - _TIME_ZERO) // _MICROSECOND) for v in values])
    )


def _head(element: int, count: int, has_null: int) -> bytes:
    # An array of nothing has no dimension.
    return _HEADER(1, has_null, element, count, 1) if count else pack("!iiI", 0, 0, element)


def _pack(element: int, items: list[bytes | None]) -> bytes:
    parts = [_head(element, len(items), 1 if None in items else 0)]
    for item in items:
        if item is None:
            parts.append(_NULL)
        else:
            parts.append(_LENGTH(len(item)))
            parts.append(item)
    return b"".join(parts)


def register(context: AdaptContext) -> None:
    """Teach a connection to send columns."""
    for kind in (_Text, _Int8, _Date, _Timestamptz, _Bytea):
        context.adapters.register_dumper(kind, type(f"{kind.__name__}Dumper", (_Dumper,), {"oid": kind.oid}))


class _Dumper(adapt.Dumper):
    format = pq.Format.BINARY

    def dump(self, obj: Any) -> bytes:
        return obj.payload
