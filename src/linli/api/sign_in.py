"""Members sign in: by a token that the platform fetches for its user, or by their WeChat account."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from litestar import Response, Router, delete, post, put
from msgspec import Meta

from linli import access, members
from linli.access import MemberToken, TooManyAttempts, WechatBoundElsewhere, WechatNotBound, by_address
from linli.api.call import Call, authorize, for_anyone, needs
from linli.api.session import NO_STORE, address_of
from linli.api.strict import Input, MemberId, StrictRequest
from linli.kit.db import Connection
from linli.kit.errors import Refusal
from linli.members import MemberNotFound
from linli.wechat import WechatBlocked, WechatBusy, WechatCodeInvalid, WechatUnavailable

CODES_BY_ADDRESS = 200
"""How many wrong codes one address may bring while `access.attempts.WINDOW` lasts: many phones share one."""
_PRINTABLE = r"^[\x21-\x7e]+$"


class WechatCode(Input, frozen=True, kw_only=True):
    """What `wx.login` gave the mini-program; it is good for five minutes, once."""

    code: Annotated[str, Meta(min_length=1, max_length=128, pattern=_PRINTABLE)]


class WechatBinding(Input, frozen=True, kw_only=True):
    """A WeChat account: this app's name for the person."""

    openid: Annotated[str, Meta(min_length=1, max_length=64, pattern=_PRINTABLE)]


@post("/members/{member_id:str}/tokens", opt=needs("members:sign_in", MemberNotFound))
async def create_member_token(call: Call, member_id: MemberId) -> Response[MemberToken]:
    """A token for a member whom the platform has signed in itself. It opens `/v1/me…` of this member, nothing else."""
    lasts = timedelta(minutes=call.process.settings.member_token_minutes)

    async def work(conn: Connection) -> MemberToken:
        await members.get_member(conn, member_id)
        return await access.make_member_token(conn, member_id, call.caller.name, call.stamp.at, lasts)

    return Response(await call.run(work), status_code=201, headers=NO_STORE)


@delete("/members/{member_id:str}/tokens", status_code=204, opt=needs("members:sign_in", MemberNotFound))
async def end_member_tokens(call: Call, member_id: MemberId) -> None:
    """Sign a member out everywhere: all tokens end."""

    async def work(conn: Connection) -> None:
        await members.get_member(conn, member_id)
        await access.end_member_tokens(conn, member_id)

    await call.run(work)


_WECHAT = (WechatCodeInvalid, WechatNotBound, WechatBlocked, WechatBusy, WechatUnavailable, TooManyAttempts)


@post("/sign-in/wechat", opt=for_anyone(*_WECHAT))
async def sign_in_by_wechat(call: Call, data: WechatCode, request: StrictRequest) -> Response[MemberToken]:
    """A token for the member to whom the WeChat account was bound."""
    process, now, subject = call.process, call.stamp.at, f"wechat {by_address(address_of(request))}"
    app_id, lasts = process.wechat.require_app(), timedelta(minutes=process.settings.member_token_minutes)
    await call.run(lambda conn: access.charge(conn, {subject: CODES_BY_ADDRESS}, now))
    failed: Refusal | None = None
    try:
        openid = (await process.wechat.sign_in(data.code)).openid
    except (WechatBlocked, WechatBusy, WechatUnavailable) as refusal:
        failed, openid = refusal, ""

    async def work(conn: Connection) -> MemberToken | None:
        await access.refund(conn, subject)  # only a wrong code counts
        member_id = await access.find_member_of_wechat(conn, app_id, openid)
        return await access.make_member_token(conn, member_id, "wechat", now, lasts) if member_id else None

    token = await call.run(work)
    if token is None:
        raise failed or WechatNotBound
    return Response(token, status_code=201, headers=NO_STORE)


@put(
    "/members/{member_id:str}/wechat",
    status_code=204,
    opt=needs("members:sign_in", MemberNotFound, WechatBoundElsewhere, WechatUnavailable),
)
async def bind_wechat(call: Call, member_id: MemberId, data: WechatBinding) -> None:
    """Let a WeChat account sign in as the member, in place of the one before."""
    app_id = call.process.wechat.require_app()

    async def work(conn: Connection) -> None:
        await members.get_member(conn, member_id)
        await access.bind_wechat(conn, app_id, member_id, data.openid, call.stamp.at)

    await call.run(work)


@delete(
    "/members/{member_id:str}/wechat",
    status_code=204,
    opt=needs("members:sign_in", MemberNotFound, WechatUnavailable),
)
async def unbind_wechat(call: Call, member_id: MemberId) -> None:
    """Let no WeChat account sign in as the member. Tokens that it has end by themselves, or by `…/tokens`."""
    app_id = call.process.wechat.require_app()

    async def work(conn: Connection) -> None:
        await members.get_member(conn, member_id)
        await access.unbind_wechat(conn, app_id, member_id)

    await call.run(work)


routes = Router(
    "/v1",
    route_handlers=[create_member_token, end_member_tokens, sign_in_by_wechat, bind_wechat, unbind_wechat],
    guards=[authorize],
    tags=["access"],
)
