"""What a condition may speak of: flat variables of an event type, derived from the event catalogue.

Absent text reads '' and an absent number 0, so that a condition need not ask first. Device, address and phone are not
offered: a rule has no business with them beyond `has_device`. An invite code reads as its owner, `inviter_id`.

    city, leader_id, community_id, member_id, has_device, year, month, day, weekday (1 = Monday), hour (business time)
    orders: order_id, group_id, paid_fen, list_fen, line_count, categories, tags (each once, sorted)
    others: the fields of the event as the catalogue names them (with_picture, size, inviter_id, …)
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Collection
from datetime import datetime
from functools import cache
from typing import Any, Literal, TypeAlias

from linli.kit import cel
from linli.words.events import CATALOGUE, Event

Kind: TypeAlias = Literal["int", "string", "bool", "list"]
_HIDDEN = {"device_id", "ip", "phone_hash", "lines", "type", "invite_code"}
_ABSENT: dict[type, tuple[Kind, Any]] = {str: ("string", ""), bool: ("bool", False), int: ("int", 0)}
_CALENDAR: dict[str, tuple[Kind, Callable[[Event, datetime], Any]]] = {
    "has_device": ("bool", lambda event, local: event.body.device_id is not None),
    "year": ("int", lambda event, local: event.business_on.year),
    "month": ("int", lambda event, local: event.business_on.month),
    "day": ("int", lambda event, local: event.business_on.day),
    "weekday": ("int", lambda event, local: event.business_on.isoweekday()),
    "hour": ("int", lambda event, local: local.hour),
}
_LINES: dict[str, tuple[Kind, Callable[[Event, datetime], Any]]] = {
    "line_count": ("int", lambda event, local: len(event.body.lines)),  # pyright: ignore[reportAttributeAccessIssue]
    "categories": ("list", lambda event, local: _categories(event.body)),
    "tags": ("list", lambda event, local: _tags(event.body)),
}


def _categories(order: Any) -> list[str]:
    return sorted({line.category for line in order.lines if line.category is not None})


def _tags(order: Any) -> list[str]:
    return sorted({tag for line in order.lines for tag in line.tags})


@cache
def _fields(event_type: str) -> dict[str, tuple[Kind, Any]]:
    """Scalar fields of the event's body that conditions may read: name → (kind, what it reads when absent)."""
    hints = typing.get_type_hints(CATALOGUE[event_type])
    found: dict[str, tuple[Kind, Any]] = {}
    for name, hint in hints.items():
        plain = [part for part in typing.get_args(hint) or (hint,) if part is not type(None)]
        if name not in _HIDDEN and len(plain) == 1 and plain[0] in _ABSENT:
            found[name] = _ABSENT[plain[0]]
    return found


@cache
def variables_of(event_type: str) -> dict[str, Kind]:
    """The variables of an event type and their kinds."""
    extra = _CALENDAR | (_LINES if "lines" in CATALOGUE[event_type].__struct_fields__ else {})
    return {name: kind for name, (kind, _) in (_fields(event_type) | extra).items()}


def context_maker(event_type: str, names: Collection[str]) -> Callable[[Event, Callable[[datetime], datetime]], Any]:
    """A function (event, to local time) → `cel.Context` with just `names`: each costs about a microsecond."""
    fields = [(name, _fields(event_type)[name][1]) for name in sorted(names) if name in _fields(event_type)]
    computed = [(name, (_CALENDAR | _LINES)[name][1]) for name in sorted(names) if name not in _fields(event_type)]
    asks_hour = "hour" in names

    def make(event: Event, local: Callable[[datetime], datetime]) -> Any:
        body, values = event.body, {}
        for name, absent in fields:
            value = getattr(body, name)
            values[name] = absent if value is None else value
        at = local(event.occurred_at) if asks_hour else event.occurred_at
        for name, read in computed:
            values[name] = read(event, at)
        return cel.Context(variables=values)

    return make
