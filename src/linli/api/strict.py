"""Requests are read strictly: a number is a number, a field that is not known is refused, amounts stay exact.

Litestar would read JSON into floats and dictionaries first and coerce afterwards. Here the bytes are decoded straight
into the struct that the handler names.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Any

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.params import Parameter
from msgspec import Meta

from linli.access import Caller
from linli.api.errors import MalformedJson
from linli.api.intake import UnsupportedContent
from linli.kit.errors import Invalid
from linli.ledger import Stamp
from linli.words.units import MOST_POINTS

# U+0000 cannot be kept in a text column. What else a name is made of is the platform's own business.
NO_NUL = r"^[^\x00]*$"
SAYS = r"^\s*[^\s\x00][^\x00]*$"
# What is shown as a name: one line with something to see in it, that does not turn around the text beside it.
_UNSEEN = r"\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"
PLAIN_LINE = rf"^[^{_UNSEEN}]*[^\s{_UNSEEN}][^{_UNSEEN}]*$"
_WALLET = r"^[a-z][a-z0-9_-]{0,63}$"

MemberId = Annotated[
    str, Parameter(min_length=1, max_length=128, pattern=NO_NUL, description="The platform's user id.")
]
EventId = Annotated[str, Parameter(min_length=1, max_length=128, pattern=NO_NUL, description="The CloudEvents `id`.")]
Wallet = Annotated[str, Parameter(pattern=_WALLET, description="A wallet of the programme.")]
Limit = Annotated[int, Parameter(ge=1, le=200, description="Items on a page at the most.")]
Cursor = Annotated[str | None, Parameter(max_length=400, description="`next_cursor` of the page before.")]
Name = Annotated[str, Parameter(min_length=1, max_length=200, pattern=NO_NUL)]

BodyId = Annotated[str, Meta(min_length=1, max_length=128, pattern=NO_NUL)]
BodyKey = Annotated[str, Meta(min_length=1, max_length=400, pattern=NO_NUL)]
BodyWallet = Annotated[str, Meta(pattern=_WALLET, description="A wallet of the programme.")]
BodyPoints = Annotated[int, Meta(ge=1, le=MOST_POINTS, description="Points.")]
# A reason says something: a blank one is none.
Reason = Annotated[str, Meta(min_length=1, max_length=500, pattern=SAYS, description="Shown in the statement.")]

AnyObject = Annotated[msgspec.Raw, Meta(extra_json_schema={"type": "object"})]

_PLACE = re.compile(r" - at `([^`]*)`$")
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json", re.IGNORECASE)


class Input(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Base of all request bodies."""


@cache
def _decoder(annotation: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(annotation)


def decode(body: bytes, annotation: Any) -> Any:
    """`body` as `annotation`. Raises MalformedJson, or Invalid with the place of what is wrong."""
    try:
        return _decoder(annotation).decode(body)
    except msgspec.ValidationError as error:
        text = str(error)
        found = _PLACE.search(text)
        fault = {"place": found.group(1) if found else "$", "detail": text[: found.start()] if found else text}
        raise Invalid(errors=[fault]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedJson(detail=str(error)[:200]) from None


def is_json(content_type: str) -> bool:
    """Whether a body of that type is JSON."""
    return _JSON.fullmatch(content_type) is not None


class StrictRequest(Request[Caller, Stamp, State]):
    """A request whose JSON body is decoded into what its handler asks for."""

    @property
    def media_type(self) -> str:
        """The type of the body, without its parameters."""
        return self.headers.get("content-type", "").split(";", 1)[0].strip()

    async def json(self) -> Any:
        """The decoded body. Raises UnsupportedContent, MalformedJson, Invalid."""
        content_type = self.media_type
        if not is_json(content_type):
            raise UnsupportedContent(content_type=content_type[:100], supported=["application/json"])
        field = self.route_handler.parsed_data_field
        assert field is not None, "only a handler with `data` asks for the body"
        return decode(await self.body(), field.annotation)
