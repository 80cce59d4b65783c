"""What the back office must know of events and rules. `python -m tests.house.console_catalogue` writes it."""

from __future__ import annotations

import json
import typing
from pathlib import Path
from typing import Any

import msgspec

from linli.rules.programme import ALLOWED, CANONICAL
from linli.rules.variables import variables_of
from linli.words.events import CATALOGUE, OrderLine, RefundLine

FILE = Path(__file__).parents[2] / "web" / "console" / "src" / "rules" / "catalogue.json"
_SHAPES = {str: "text", int: "number", bool: "flag"}


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


def catalogue() -> str:
    """The file as it should be: JSON."""
    kinds = {kind.__struct_config__.tag: kind for kind in ALLOWED}
    found = {
        "events": {
            name: {"fields": _fields(body), "variables": variables_of(name)} for name, body in CATALOGUE.items()
        },
        "line_fields": {"order": _fields(OrderLine), "refund": _fields(RefundLine)},
        "kinds": {
            str(tag): {"events": ALLOWED[kind], "over_history": kind in CANONICAL} for tag, kind in kinds.items()
        },
    }
    return json.dumps(found, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(catalogue())
