"""What a condition may speak of: flat variables of an event type, derived from the event catalogue.

Absent text reads '' and an absent number 0, so that a condition need not ask first. Device, address and phone are not
offered: a rule has no business with them beyond `has_device`. An invite code reads as its owner, `inviter_id`.

    city, leader_id, community_id, member_id, has_device, year, month, day, weekday (1 = Monday), hour (business time)
    orders: order_id, group_id, paid_fen, list_fen, line_count, categories, tags (each once, sorted)
    facts: tier (that held at the event's time, '' is none), birthday_month (whether it is the member's month of birth)
    others: the fields of the event as the catalogue names them (with_picture, size, inviter_id, …)
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Collection
from functools import cache
from typing import Any, Literal, TypeAlias

from linli.kit import cel
from linli.rules.scene import Scene
from linli.words.events import CATALOGUE

Kind: TypeAlias = Literal["int", "string", "bool", "list"]
Read: TypeAlias = Callable[[Scene], Any]
"""The value of a variable, of its kind and never None."""
_HIDDEN = {"device_id", "ip", "phone_hash", "lines", "type", "invite_code"}
_ABSENT: dict[type, tuple[Kind, Any]] = {str: ("string", ""), bool: ("bool", False), int: ("int", 0)}
_COMPUTED: dict[str, tuple[Kind, Read]] = {
    "has_device": ("bool", lambda scene: scene.body.device_id is not None),
    "year": ("int", lambda scene: scene.event.business_on.year),
    "month": ("int", lambda scene: scene.event.business_on.month),
    "day": ("int", lambda scene: scene.event.business_on.day),
    "weekday": ("int", lambda scene: scene.event.business_on.isoweekday()),
    "hour": ("int", lambda scene: scene.hour()),
    "tier": ("string", lambda scene: scene.tier()),
    "birthday_month": ("bool", lambda scene: scene.after.birth_month == scene.event.business_on.month),
}
_LINES: dict[str, tuple[Kind, Read]] = {
    "line_count": ("int", lambda scene: len(scene.body.lines)),
    "categories": ("list", lambda scene: scene.categories()),
    "tags": ("list", lambda scene: sorted({tag for line in scene.body.lines for tag in line.tags})),
}


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
    extra = _COMPUTED | (_LINES if "lines" in CATALOGUE[event_type].__struct_fields__ else {})
    return {name: kind for name, (kind, _) in (extra | _fields(event_type)).items()}


@cache
def reader(event_type: str, name: str) -> Read:
    """How the variable `name` of an event type is read."""
    if name not in _fields(event_type):
        return (_COMPUTED | _LINES)[name][1]
    absent = _fields(event_type)[name][1]

    def read(scene: Scene) -> Any:
        value = getattr(scene.body, name)
        return absent if value is None else value

    return read


def context_maker(event_type: str, names: Collection[str]) -> Read:
    """A function scene → `cel.Context` with just `names`: each costs about a microsecond."""
    reads = [(name, reader(event_type, name)) for name in sorted(names)]
    return lambda scene: cel.Context(variables={name: read(scene) for name, read in reads})
