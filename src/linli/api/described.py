"""Litestar's handlers as the OpenAPI document needs them: where each stands, what it takes, what it answers."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import ParameterKwarg
from litestar.response import Stream
from litestar.routes import HTTPRoute
from litestar.types import Empty
from litestar.typing import FieldDefinition
from msgspec import Meta

_INJECTED = ("call", "data", "request")
_LIMITS = ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern")


class Taken(NamedTuple):
    """A parameter. `kind` is its type with its limits, as msgspec knows them; `default` None: there is none."""

    name: str
    place: Literal["path", "query", "header"]
    kind: Any
    required: bool
    default: Any
    description: str | None


class Described(NamedTuple):
    """An operation. `body` and `answer` are types, None where there is none."""

    name: str
    path: str
    method: str
    status: int
    doc: str
    tags: list[str]
    opt: dict[str, Any]
    parameters: list[Taken]
    body: Any
    body_required: bool
    answer: Any


def describe(app: Litestar) -> Iterator[Described]:
    """All operations of the app that are meant to be seen."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            for method in sorted(handler.http_methods):
                if method != "OPTIONS" and handler.resolve_include_in_schema():
                    yield _described(route.path_format or "/", method.lower(), handler)


def _described(path: str, method: str, handler: HTTPRouteHandler) -> Described:
    data = handler.parsed_data_field
    fields = handler.parsed_fn_signature.parameters.values()
    idempotent = bool(handler.opt.get("idempotent"))
    return Described(
        name=handler.handler_name.rsplit(".", 1)[-1],
        path=path,
        method=method,
        status=handler.status_code,
        doc=" ".join((handler.fn.__doc__ or "").split()),
        tags=handler.resolve_tags(),
        opt=handler.opt,
        parameters=[_taken(path, field, idempotent) for field in fields if field.name not in _INJECTED],
        body=data.annotation if data else handler.opt.get("body"),
        body_required=not (data and data.is_optional),
        answer=_answer(handler.parsed_fn_signature.return_type.annotation),
    )


def _taken(path: str, field: FieldDefinition, idempotent: bool) -> Taken:
    said = field.kwarg_definition if isinstance(field.kwarg_definition, ParameterKwarg) else None
    kind, description = _limited(field.annotation, said), said.description if said else None
    if f"{{{field.name}}}" in path:
        return Taken(field.name, "path", kind, True, None, description)
    if said and said.header:
        return Taken(said.header, "header", kind, idempotent, None, description)
    default = None if field.default in (Empty, None) else field.default
    return Taken((said and said.query) or field.name, "query", kind, field.is_required, default, description)


def _limited(annotation: Any, said: ParameterKwarg | None) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    given = {name: limit for name in _LIMITS if (limit := getattr(said, name, None)) is not None}
    return Annotated[annotation, Meta(**given)] if given else annotation


def _answer(returned: Any) -> Any:
    if get_origin(returned) is Response:
        (returned,) = get_args(returned)
    return None if returned in (None, type(None), bytes, Stream) else returned
