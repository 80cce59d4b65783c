"""The member's balance as it changes, as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

import msgspec
from litestar import get
from litestar.response import Stream
from psycopg import OperationalError

from linli import members
from linli.access import Unauthorized
from linli.api.call import Call, for_members
from linli.api.me_watch import MyBalance
from linli.api.strict import StrictRequest
from linli.kit.db import Connection
from linli.members import MemberNotFound

HEARTBEAT_SECONDS = 15.0
_encode = msgspec.json.Encoder().encode


@get("/live", media_type="text/event-stream", opt=for_members(MemberNotFound) | {"streams": MyBalance})
async def watch_me(call: Call, request: StrictRequest) -> Stream:
    """`event: balance` with `{available, pending_points, unread}`, at once and whenever it changes, until the token
    ends."""

    async def known(conn: Connection) -> None:
        await members.get_member(conn, call.member_id)

    await call.read(known)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return Stream(_messages(call, request), media_type="text/event-stream", headers=headers)


async def _messages(call: Call, request: StrictRequest) -> AsyncIterator[bytes]:
    async with aclosing(call.process.balances.listen(call.member_id, HEARTBEAT_SECONDS)) as balances:
        async for balance in balances:
            try:
                await call.process.door.identify(request.scope)
            except (Unauthorized, OperationalError):
                return  # who still may listen comes again
            yield b": \n\n" if balance is None else _message(balance)


def _message(balance: MyBalance) -> bytes:
    return b"event: balance\ndata: " + _encode(balance) + b"\n\n"


handlers = [watch_me]
