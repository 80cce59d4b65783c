"""Which member a WeChat account belongs to. An openid is one app's name for a person, so it goes with the app's id."""

from __future__ import annotations

from datetime import datetime

from linli.access import store
from linli.access.types import WechatBoundElsewhere
from linli.kit.db import Connection, fetch_one


async def bind_wechat(conn: Connection, app_id: str, member_id: str, openid: str, now: datetime) -> None:
    """Let `openid` sign in as the member, and no other one; again changes nothing. Raises WechatBoundElsewhere."""
    row = {"app_id": app_id, "member_id": member_id, "openid": openid, "now": now}
    await conn.execute(store.LOCK_WECHAT, row)
    await conn.execute(store.UNBIND_WECHAT, {**row, "but": openid})
    if await fetch_one(conn, store.BIND_WECHAT, row) is None:
        raise WechatBoundElsewhere


async def unbind_wechat(conn: Connection, app_id: str, member_id: str) -> None:
    """Let no WeChat account sign in as the member."""
    await conn.execute(store.UNBIND_WECHAT, {"app_id": app_id, "member_id": member_id, "but": ""})


async def find_member_of_wechat(conn: Connection, app_id: str, openid: str) -> str | None:
    """The member whom `openid` may sign in as, or None."""
    row = await fetch_one(conn, store.BOUND_WECHAT, {"app_id": app_id, "openid": openid})
    return row[0] if row else None


async def find_openid(conn: Connection, app_id: str, member_id: str) -> str | None:
    """The WeChat account that signs in as the member, or None."""
    row = await fetch_one(conn, store.OPENID_OF, {"app_id": app_id, "member_id": member_id})
    return row[0] if row else None
