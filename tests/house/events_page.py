"""`docs/events.md`, made from the structs of the catalogue. `python -m tests.house.events_page` writes it."""

from __future__ import annotations

import typing
from pathlib import Path
from typing import Any

import msgspec

from linli.words.events import CATALOGUE, OrderLine, RefundLine

PAGE = Path(__file__).parents[2] / "docs" / "events.md"

HEAD = """# Events

Made from `src/linli/words/events.py` by `python -m tests.house.events_page`; a test holds them together.

Events are [CloudEvents 1.0](https://cloudevents.io) in JSON: `POST /v1/events` with
`content-type: application/cloudevents+json` (one) or `application/cloudevents-batch+json` (an array of up to 1,000).
`id` and `source` together are the idempotency key, for ever. `time` is the business time, with a zone. Amounts are
whole fen. A field that is not listed here is refused.

"""


def _shape(kind: Any) -> str:
    """A field's type, as a reader wants it."""
    inner, rules = kind, []
    if typing.get_origin(kind) is typing.Annotated:
        inner, *metas = typing.get_args(kind)
        for meta in metas:
            if isinstance(meta, msgspec.Meta):
                low = meta.ge if meta.ge is not None else meta.min_length
                high = meta.le if meta.le is not None else meta.max_length
                if low is not None or high is not None:
                    rules.append(f"{'' if low is None else low}…{'' if high is None else f'{high:,}'}")
    if typing.get_origin(inner) is typing.Union or str(inner).count("|"):
        parts = [part for part in typing.get_args(inner) if part is not type(None)]
        return _shape(parts[0])
    if typing.get_origin(inner) is tuple:
        return f"list of {_shape(typing.get_args(inner)[0])}"
    name = {str: "text", int: "whole number", bool: "true/false"}.get(inner, getattr(inner, "__name__", str(inner)))
    return f"{name} {' '.join(rules)}".strip()


def _table(struct: type[msgspec.Struct]) -> str:
    hints = typing.get_type_hints(struct, include_extras=True)
    rows = ["| field | | shape |", "| --- | --- | --- |"]
    for field in msgspec.structs.fields(struct):
        rows.append(f"| `{field.name}` | {'required' if field.required else ''} | {_shape(hints[field.name])} |")
    return "\n".join(rows)


def page() -> str:
    """The page as it should be."""
    parts = [HEAD]
    for name, body in CATALOGUE.items():
        parts.append(f"## `{name}`\n\n{(body.__doc__ or '').strip()}\n\n{_table(body)}\n\n")
    for part in (OrderLine, RefundLine):
        parts.append(f"## {part.__name__}\n\n{(part.__doc__ or '').strip()}\n\n{_table(part)}\n\n")
    return "".join(parts).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
