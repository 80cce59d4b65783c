"""What the back office must know of events and rules. `python -m tests.house.console_catalogue` writes it."""

from __future__ import annotations

import json
import typing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from linli.rules.programme import ALLOWED, CANONICAL, Programme
from linli.rules.variables import variables_of
from linli.words.events import CATALOGUE, OrderLine, RefundLine

FILE = Path(__file__).parents[2] / "web" / "console" / "src" / "rules" / "catalogue.json"
_SHAPES = {str: "text", int: "number", bool: "flag", date: "text"}


def _shape(hint: Any) -> str:
    parts = [part for part in typing.get_args(hint) if part is not type(None)]
    if typing.get_origin(hint) is tuple:
        return "lines" if parts[0] in (OrderLine, RefundLine) else "texts"
    return _SHAPES[parts[0] if parts else hint]


def _fields(struct: type[msgspec.Struct]) -> list[dict[str, Any]]:
    hints = typing.get_type_hints(struct)
    return [
        {"name": field.name, "shape": _shape(hints[field.name]), "required": field.required}
        for field in msgspec.structs.fields(struct)
    ]


def _described(struct: type[msgspec.Struct]) -> list[dict[str, Any]]:
    """The fields of a part of the programme document, with what they are made of and the values they may have."""
    hints = typing.get_type_hints(struct, include_extras=False)
    return [
        {"name": field.name, "required": field.required, **_of(hints[field.name])}
        for field in msgspec.structs.fields(struct)
    ]


def _of(hint: Any) -> dict[str, Any]:
    parts = [part for part in typing.get_args(hint) if part is not type(None)]
    if typing.get_origin(hint) is typing.Literal:
        return {"shape": "choice", "choices": parts}
    if typing.get_origin(hint) is tuple:
        inner = _of(parts[0])
        return {**inner, "shape": f"list of {inner['shape']}"}
    if len(parts) > 1:  # one or several of the same
        return {**_of(parts[0]), "shape": "one or several"}
    if parts:
        return _of(parts[0])
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return {"shape": "part", "fields": _described(hint)}
    return {"shape": {str: "text", int: "number", bool: "flag", datetime: "moment"}[hint]}


def catalogue() -> str:
    """The file as it should be: JSON."""
    kinds = {kind.__struct_config__.tag: kind for kind in ALLOWED}
    found = {
        "events": {
            name: {"fields": _fields(body), "variables": variables_of(name)} for name, body in CATALOGUE.items()
        },
        "line_fields": {"order": _fields(OrderLine), "refund": _fields(RefundLine)},
        "kinds": {
            str(tag): {"events": ALLOWED[kind], "over_history": kind in CANONICAL, "fields": _described(kind)}
            for tag, kind in kinds.items()
        },
        "programme": [field for field in _described(Programme) if field["name"] != "rules"],
    }
    return json.dumps(found, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(catalogue())
