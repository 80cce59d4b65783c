"""The member's balance as it changes, as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec
from litestar import get
from litestar.response import Stream

from linli import members
from linli.api.call import Call, for_members, while_admitted
from linli.api.me_watch import MyBalance
from linli.api.strict import StrictRequest
from linli.kit.db import Connection
from linli.kit.watch import HEARTBEAT, message
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
    return Stream(while_admitted(request, _messages(call)), media_type="text/event-stream", headers=headers)


async def _messages(call: Call) -> AsyncGenerator[bytes, None]:
    async with aclosing(call.process.balances.listen(call.member_id, HEARTBEAT_SECONDS)) as balances:
        async for balance in balances:
            yield HEARTBEAT if balance is None else message("balance", _encode(balance))


handlers = [watch_me]
