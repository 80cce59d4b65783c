"""WeChat's sign-in server as a small ASGI app: a code is good once, for five minutes; errors come as HTTP 200.

Source: WeChat's documentation of `code2Session`, and what others report of it (40163; the body's `text/plain`; the
`rid` at the end of each error). `python -m linli.fakes.wechat` serves it; there, `POST /fake/codes` with
`{"openid": …}` plays `wx.login`. Tests call `login`.
"""

from __future__ import annotations

import base64
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import msgspec

from linli.kit.clock import Clock, system_clock

APP_ID, SECRET = "wx0123456789abcdef", "0123456789abcdef0123456789abcdef"
CODE_LIVES = timedelta(minutes=5)
CALLS_A_MINUTE = 100
"""For one person."""
_TEXTS = {
    -1: "system error", 40002: "invalid grant_type", 40013: "invalid appid", 40029: "invalid code",
    40066: "invalid url", 40125: "invalid appsecret", 40163: "code been used", 40226: "code blocked",
    41002: "appid missing", 41004: "appsecret missing", 41008: "missing code",
    45011: "api minute-quota reach limit  mustslower  retry next minute",
}  # fmt: skip

Message = MutableMapping[str, Any]


class _Code(msgspec.Struct):
    openid: str
    made_at: datetime
    used: bool = False


class _Login(msgspec.Struct):
    openid: str


class FakeWechat:
    """An ASGI app. `ails`: an `errcode` that every call gets; `blocked`: accounts that are held for a risk."""

    def __init__(self, app_id: str = APP_ID, secret: str = SECRET, *, clock: Clock = system_clock) -> None:
        self._app_id, self._secret, self._clock = app_id, secret, clock
        self._codes: dict[str, _Code] = {}
        self._calls: defaultdict[str, list[datetime]] = defaultdict(list)
        self.ails: int | None = None
        self.blocked: set[str] = set()

    def login(self, openid: str) -> str:
        """What `wx.login` gives the mini-program of a person: a new code."""
        code = f"0{secrets.token_urlsafe(23)}"
        self._codes[code] = _Code(openid, self._clock())
        return code

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] == "lifespan":
            while True:
                kind = (await receive())["type"]
                await send({"type": f"{kind}.complete"})
                if kind == "lifespan.shutdown":
                    return
        told = await self._answer(scope, receive)
        body = msgspec.json.encode(told)
        headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(
        self, scope: MutableMapping[str, Any], receive: Callable[[], Awaitable[Message]]
    ) -> dict[str, Any]:  # fmt: skip
        if scope["path"] == "/fake/codes" and scope["method"] == "POST":
            return {"code": self.login(msgspec.json.decode(await _body(receive), type=_Login).openid)}
        if scope["path"] != "/sns/jscode2session":
            return self._error(40066)
        query = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode()).items()}
        return self._session(query)

    def _session(self, query: dict[str, str]) -> dict[str, Any]:
        """The answer to code2Session. Nothing awaits in here, so of two who bring a code at once, one is the first."""
        if (fault := self._fault(query)) is not None:
            return self._error(fault)
        code, now = self._codes.get(query["js_code"]), self._clock()
        if code is None or now - code.made_at >= CODE_LIVES:
            return self._error(40029)
        if code.used:
            return self._error(40163)
        if code.openid in self.blocked:
            return self._error(40226)
        calls = self._calls[code.openid]
        calls[:] = [at for at in calls if now - at < timedelta(minutes=1)]
        if len(calls) >= CALLS_A_MINUTE:
            return self._error(45011)
        calls.append(now)
        code.used = True
        return {"session_key": base64.b64encode(secrets.token_bytes(16)).decode(), "openid": code.openid}

    def _fault(self, query: dict[str, str]) -> int | None:
        """What is wrong with a call, whatever its code."""
        for name, missing in (("appid", 41002), ("secret", 41004), ("js_code", 41008)):
            if not query.get(name):
                return missing
        if query["appid"] != self._app_id:
            return 40013
        if query["secret"] != self._secret:
            return 40125
        if query.get("grant_type") != "authorization_code":
            return 40002
        return self.ails

    def _error(self, code: int) -> dict[str, Any]:
        rid = "-".join(secrets.token_hex(4) for _ in range(3))
        return {"errcode": code, "errmsg": f"{_TEXTS.get(code, 'error')}, rid: {rid}"}


async def _body(receive: Callable[[], Awaitable[Message]]) -> bytes:
    whole = b""
    while True:
        message = await receive()
        whole += message.get("body", b"")
        if not message.get("more_body"):
            return whole


def app() -> FakeWechat:
    """A new one, for a server to serve."""
    return FakeWechat()


if __name__ == "__main__":
    import sys

    from granian.constants import Interfaces
    from granian.server import Server

    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8390
    Server(
        "linli.fakes.wechat:app", factory=True, address="127.0.0.1", port=port, interface=Interfaces.ASGI, workers=1
    ).serve()
