"""Requests that may be sent again: same key and same body, the first answer byte for byte, for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, ClassVar, TypeVar, cast

import msgspec
from litestar import MediaType, Response
from litestar.params import Parameter

from linli import ledger, members
from linli.api.call import Call
from linli.kit.db import Connection
from linli.kit.errors import Refusal

T = TypeVar("T")
IdempotencyKey = Annotated[
    str | None,
    Parameter(
        header="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x20-\x7e]*$",
        description="Names this request for ever: 1 to 200 printable ASCII characters. Sent again with the same body, "
        "the first answer comes back byte for byte; with another body it is refused.",
    ),
]
_canonical = msgspec.json.Encoder(order="sorted").encode
_encode = msgspec.json.Encoder().encode


class IdempotencyKeyMissing(Refusal):
    """The request needs an Idempotency-Key header. No fields."""

    code: ClassVar[str] = "idempotency_key_missing"


def digest_of(*parts: Any) -> bytes:
    """A digest by which one request is told from another."""
    return hashlib.blake2b(_canonical(parts), digest_size=16).digest()


def key_of(header: str | None, default: str | None = None) -> str:
    """The key in the ledger: the caller's own, apart from those that Linli derives. Raises IdempotencyKeyMissing."""
    if header is not None:
        return f"request:{header}"
    if default is None:
        raise IdempotencyKeyMissing
    return default


async def once(
    call: Call, member_id: str, key: str, request: tuple[Any, ...], work: Callable[[Connection], Awaitable[T]],
    *, status: int = 201,
) -> Response[T]:  # fmt: skip
    """The answer to `request` of a member: `work` runs the first time only. `request` names all that makes it that one.

    Raises MemberNotFound, KeyReused, and what `work` raises; a refusal uses up no key.
    """

    async def claimed(conn: Connection) -> tuple[bytes, bool]:
        await members.get_member(conn, member_id)

        async def outcome() -> bytes:
            return _encode(await work(conn))

        return await ledger.once(conn, member_id, key, digest_of(*request), call.stamp.at, outcome)

    body, first = await call.run(claimed)
    headers = {} if first else {"idempotency-replayed": "true"}
    return Response(cast("T", body), status_code=status, headers=headers, media_type=MediaType.JSON)
