"""`POST /v1/events` as a bare ASGI callable: keys, body and answer, with no framework in between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from linli.api.door import Door
from linli.api.errors import PROBLEM, code_of, headers_for, language_of, problem_bytes
from linli.api.intake import answer, read_body
from linli.gate import Gate

Message = MutableMapping[str, Any]


class IntakeEndpoint:
    """Takes one request: `(scope, receive, send)`."""

    def __init__(self, gate: Gate, door: Door) -> None:
        self._gate, self._door = gate, door

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> int:
        """Answers, and returns the HTTP status; 499 where the client went away."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        try:
            caller = await self._door.identify(scope)
            caller.require("events:write")
            body = await read_body(receive)
            if body is None:
                return 499
            status, told = await answer(self._gate, headers.get(b"content-type", b""), body)
            kind, more = b"application/json", {}
        except Exception as error:
            code, fields = code_of(error, "POST /v1/events")
            status, told = problem_bytes(code, fields, language_of(headers.get(b"accept-language")))
            kind, more = PROBLEM.encode(), headers_for(status, fields)
        lines = [(b"content-type", kind), (b"content-length", str(len(told)).encode())]
        lines += [(name.encode(), value.encode()) for name, value in more.items()]
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": told})
        return status
