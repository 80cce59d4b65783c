"""What changed between two versions of a programme, place by place: what an operator reads before they publish."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeGuard

import msgspec
from msgspec import Meta

from linli.rules.documents import pointer

Json = Annotated[msgspec.Raw, Meta(extra_json_schema={})]
_NAMED = ("rules", "rates", "tiers", "groups", "caps", "arms", "funders")
"""Lists whose items are told apart by their `id`, or of a rule's caps by what they are `per`, of funders by name."""
_CELLS = "cells"
"""Of a matrix: told apart by tier and city."""


class Change(msgspec.Struct, frozen=True):
    """One difference. `place`: a JSON pointer, into the rule of that id, or into the document where `rule` is null.

    `before` and `after` are JSON as it stands in the documents; null where there is nothing on that side. Items of
    named lists stand under their id; a list of ids under the list's own place says that their order changed.
    """

    rule: str | None
    place: str
    kind: Literal["added", "removed", "changed"]
    before: Json | None
    after: Json | None


def difference(before: bytes | None, after: bytes) -> list[Change]:
    """The changes from `before` (None: nothing) to `after`, both canonical JSON; in the order of their places."""
    old: dict[str, Any] = msgspec.json.decode(before) if before is not None else {}
    new: dict[str, Any] = msgspec.json.decode(after)
    changes = list(_compare(old, new, ()))
    return sorted(changes, key=lambda change: (change.rule is not None, change.rule or "", change.place))


def _compare(old: Any, new: Any, place: tuple[str, ...]) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in {**old, **new}:
            if name not in old:
                yield from _all_new(new[name], (*place, name), old)
            elif name not in new:
                yield _change((*place, name), "removed", old[name], None)
            else:
                yield from _compare(old[name], new[name], (*place, name))
    elif place and place[-1] in (*_NAMED, _CELLS) and _are_items(old) and _are_items(new):
        yield from _compare_named(_by_id(old), _by_id(new), place)
    elif old != new:
        yield _change(place, "changed", old, new)


def _all_new(value: Any, place: tuple[str, ...], old: dict[str, Any]) -> Iterator[Change]:
    """A part that was not there. Of a whole new programme each rule is a change of its own."""
    if place == ("rules",) and not old:
        yield from _compare_named({}, _by_id(value), place)
    else:
        yield _change(place, "added", None, value)


def _compare_named(old: dict[str, Any], new: dict[str, Any], place: tuple[str, ...]) -> Iterator[Change]:
    yield from _compare(old, new, place)
    was, now = [name for name in old if name in new], [name for name in new if name in old]
    if was != now:
        yield _change(place, "changed", was, now)


def _by_id(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {_name(item): item for item in items}


def _are_items(value: Any) -> TypeGuard[list[dict[str, Any]]]:
    """Whether it is a list of parts, and not of mere codes, as the arms are that a rate names."""
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _name(item: dict[str, Any]) -> str:
    """Its id, what it is per, or of a cell `tier × city`."""
    return item.get("id") or item.get("per") or item.get("funder") or f"{item['tier'] or '*'} × {item['city'] or '*'}"


def _change(
    place: tuple[str, ...], kind: Literal["added", "removed", "changed"], before: Any, after: Any
) -> Change:  # fmt: skip
    rule = place[1] if place[0] == "rules" and len(place) > 1 else None
    inside = place[2:] if rule is not None else place
    sides = [msgspec.Raw(msgspec.json.encode(side)) if side is not None else None for side in (before, after)]
    return Change(rule, pointer(*inside), kind, *sides)
