"""Cursors: opaque to callers, and bound to the list that they came from."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from linli.kit.errors import Invalid

T = TypeVar("T")


def encode_cursor(of: str, at: Any) -> str:
    """A cursor of list `of` that stands after the item whose key is `at`."""
    return base64.urlsafe_b64encode(msgspec.json.encode([of, at])).rstrip(b"=").decode()


def decode_cursor(of: str, cursor: str | None, at: Any) -> Any:
    """Where the page begins, of type `at`; None for the first page. Raises Invalid for what is no cursor of this."""
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found, place = msgspec.json.decode(text, type=tuple[str, at])
    except (msgspec.MsgspecError, binascii.Error, ValueError, RecursionError):
        found, place = None, None
    if found != of or place is None or (isinstance(place, str) and "\0" in place):
        raise Invalid(errors=[{"place": "query.cursor", "detail": "no cursor of this list"}])
    return place


def page(of: str, found: Sequence[T], limit: int, key: Callable[[T], Any]) -> tuple[list[T], str | None]:
    """(items, next cursor) of `limit` + 1 items that were asked for: the last of them only tells that there is more."""
    items = list(found[:limit])
    return items, encode_cursor(of, key(items[-1])) if len(found) > limit else None
