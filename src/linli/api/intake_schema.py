"""`POST /v1/events` as the OpenAPI document shows it: the whole event catalogue, told apart by `type`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from linli.api.intake import BATCH, SINGLE, STATUS
from linli.inbox import MAX_BATCH, Outcome
from linli.words.events import CATALOGUE

_PREFIX = "#/components/schemas/"
EXAMPLE = {
    "specversion": "1.0",
    "id": "o20261121-7-paid",
    "source": "shop",
    "type": "order.paid",
    "time": "2026-11-21T12:00:00+08:00",
    "data": {"member_id": "u1024", "city": "杭州", "order_id": "o20261121-7", "paid_fen": 3680},
}
_MEANS = {
    "200": "Taken in (`accepted`), or it was before (`duplicate`).",
    "202": "Set aside with its reason (`parked`); it is kept, and tried again.",
    "400": "The body is no JSON.",
    "409": "The same source and id came before with another body (`conflict`).",
    "413": "More events in one batch, or more bytes, than one request may bring.",
    "422": "It cannot be read (`invalid`): `code`, `detail` and `place` say why and where.",
}


class Outcomes(msgspec.Struct, frozen=True):
    """One outcome for each event of a batch, in their order."""

    outcomes: list[Outcome]


def intake_types() -> list[Any]:
    """The types whose schemas the operation needs."""
    return [Outcome, Outcomes, *CATALOGUE.values()]


def intake_operation(schema: Callable[[Any], dict[str, Any]], summary: str) -> dict[str, Any]:
    """The operation object, refusals left out. `schema` gives a type's schema."""
    event = {
        "oneOf": [_envelope(name, schema(body)) for name, body in CATALOGUE.items()],
        "discriminator": {"propertyName": "type"},
    }
    outcome, outcomes = schema(Outcome), schema(Outcomes)
    answers: dict[str, Any] = {}
    for status in sorted({*map(str, STATUS.values()), "400", "413"}):
        told = {"anyOf": [outcome, outcomes]} if status == "200" else outcome
        answers[status] = {"description": _MEANS[status], "content": {"application/json": {"schema": told}}}
    return {
        "operationId": "take_events",
        "summary": summary,
        "description": "Take in one event, or a batch (CloudEvents 1.0, structured or batched mode). Extension "
        "attributes are allowed and ignored; an unknown field within `data` is refused. `source` and `id` name an "
        "event for ever: sent again it changes nothing and says `duplicate`. Amounts are whole fen; lines, where "
        "given, add up to their sum. Scope: `events:write`.",
        "tags": ["events"],
        "requestBody": {
            "required": True,
            "content": {
                SINGLE.decode(): {"schema": event, "example": EXAMPLE},
                BATCH.decode(): {
                    "schema": {"type": "array", "maxItems": MAX_BATCH, "items": event},
                    "example": [EXAMPLE],
                },
            },
        },
        "responses": answers,
    }


def _envelope(name: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "title": name,
        "required": ["specversion", "id", "source", "type", "time", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "minLength": 1, "maxLength": 128},
            "source": {"type": "string", "minLength": 1, "maxLength": 200},
            "type": {"const": name},
            "time": {"type": "string", "format": "date-time", "description": "Business time; aware."},
            "datacontenttype": {"type": ["string", "null"], "enum": ["application/json", None]},
            "data": data,
        },
    }
