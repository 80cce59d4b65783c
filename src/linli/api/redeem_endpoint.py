"""`POST /v1/members/{member_id}/deductions/redeem` as a bare ASGI callable, for the many that come at once.

What is out of the ordinary about a request (a slash in an id, another content type) is left to the framework.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from linli.api.deductions import NewRedemption, redeem
from linli.api.door import Door
from linli.api.errors import PROBLEM, code_of, headers_for, language_of, problem_bytes
from linli.api.intake import read_body
from linli.api.strict import decode
from linli.till import Till

Message = MutableMapping[str, Any]
TEMPLATE = "/v1/members/{member_id}/deductions/redeem"
_PATH = re.compile(rb"/v1/members/([A-Za-z0-9._~:@-]{1,128})/deductions/redeem")
_KEY = re.compile(rb"[\x20-\x7e]{1,200}")


class RedeemEndpoint:
    """Takes one request that `accepts` lets through: `(scope, receive, send)`."""

    def __init__(self, till: Till, door: Door) -> None:
        self._till, self._door = till, door

    def accepts(self, scope: MutableMapping[str, Any]) -> bool:
        """Whether it is such a request, and an ordinary one."""
        if scope["method"] != "POST" or not scope["path"].endswith("/deductions/redeem"):
            return False
        headers: dict[bytes, bytes] = dict(scope["headers"])
        return (
            headers.get(b"content-type") == b"application/json"
            and _KEY.fullmatch(headers.get(b"idempotency-key", b"-")) is not None
            and _PATH.fullmatch(scope.get("raw_path") or b"") is not None
        )

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> int:
        """Answers, and returns the HTTP status; 499 where the client went away."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        more: dict[str, str] = {}
        try:
            caller = await self._door.identify(scope)
            caller.require("points:write")
            body = await read_body(receive)
            if body is None:
                return 499
            data: NewRedemption = decode(body, NewRedemption)
            found = _PATH.fullmatch(scope["raw_path"])
            assert found is not None, "`accepts` has seen to it"
            key = headers.get(b"idempotency-key")
            done = await redeem(self._till, found[1].decode(), data, key.decode() if key else None, caller.name)
            status, told, kind = 201, done.outcome, b"application/json"
            if not done.first:
                more = {"idempotency-replayed": "true"}
        except Exception as error:
            code, fields = code_of(error, f"POST {TEMPLATE}")
            status, told = problem_bytes(code, fields, language_of(headers.get(b"accept-language")))
            kind, more = PROBLEM.encode(), headers_for(status, fields)
        lines = [(b"content-type", kind), (b"content-length", str(len(told)).encode())]
        lines += [(name.encode(), value.encode()) for name, value in more.items()]
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": told})
        return status
