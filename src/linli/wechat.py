"""WeChat's server, as far as members sign in with it. Thin: one call, its refusals as types, and no secret in any log.

Source of the wire: WeChat's `code2Session` (GET /sns/jscode2session). Errors come as HTTP 200 with an `errcode`, which
may be absent where all is well; the body says `text/plain`.
"""

from __future__ import annotations

import logging
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar, Self

import msgspec
import structlog

from linli.kit.errors import Refusal
from linli.settings import Settings

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS, READ_SECONDS = 2.0, 5.0
_BUSY_SECONDS = 60
_log = structlog.get_logger("linli.wechat")


class WechatCodeInvalid(Refusal):
    """WeChat does not know the code, or it was used, or its five minutes are over. No fields."""

    code: ClassVar[str] = "wechat_code_invalid"


class WechatBlocked(Refusal):
    """WeChat holds the account for a risk and lets it sign in nowhere. No fields."""

    code: ClassVar[str] = "wechat_blocked"


class WechatBusy(Refusal):
    """WeChat takes no more calls for this user, or this minute. Fields: `retry_after_seconds`."""

    code: ClassVar[str] = "wechat_busy"


class WechatUnavailable(Refusal):
    """WeChat does not answer, or not as it should, or no app is set here. No fields."""

    code: ClassVar[str] = "wechat_unavailable"


class WechatAccount(msgspec.Struct, frozen=True):
    """Who signed in: `openid` is this app's name for them. The `session_key` that comes with it is not kept."""

    openid: str


class _Answer(msgspec.Struct, frozen=True):
    errcode: int = 0
    errmsg: str = ""
    openid: str = ""


class Wechat:
    """WeChat's server for the app that the settings name. To be entered before use; one for a whole process."""

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """`transport`: where requests go instead of the network."""
        self.app_id = settings.wechat_app_id
        self._secret = settings.wechat_secret
        # Only who has an app pays for httpx, which brings half a second of a start with it.
        self._client = _client(settings.wechat_base_url, transport) if self.app_id else None

    async def __aenter__(self) -> Self:
        if self._client:
            await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client:
            await self._client.__aexit__(kind, error, trace)

    def require_app(self) -> str:
        """The app's id. Raises WechatUnavailable where none is set."""
        if not self.app_id or self._secret is None:
            raise WechatUnavailable
        return self.app_id

    async def sign_in(self, code: str) -> WechatAccount:
        """Who a mini-program's login code stands for; WeChat takes each code once. Not within a transaction.

        Raises WechatCodeInvalid, WechatBlocked, WechatBusy, WechatUnavailable.
        """
        query = {"appid": self.require_app(), "js_code": code, "grant_type": "authorization_code"}
        assert self._secret is not None and self._client is not None, "an app has a secret, and its client"
        import httpx

        query["secret"] = self._secret.get_secret_value()
        try:
            answer = await self._client.get("/sns/jscode2session", params=query)
            told = msgspec.json.decode(answer.content, type=_Answer) if answer.status_code == 200 else None
        except (httpx.HTTPError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            # Its text may quote the address with the secret.
            _log.warning("wechat_unavailable", error=type(error).__name__)
            raise WechatUnavailable from None
        if told is not None and not told.errcode and told.openid:
            return WechatAccount(told.openid)
        raise _refusal(answer.status_code, told)


def _client(base_url: str, transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    import httpx

    logging.getLogger("httpx").addFilter(_FILTER)  # once, however often it is added
    return httpx.AsyncClient(
        base_url=base_url, timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS), transport=transport,
        follow_redirects=False,
    )  # fmt: skip


def _refusal(status: int, told: _Answer | None) -> Refusal:
    match told.errcode if told else 0:
        case 40029 | 40163:
            return WechatCodeInvalid()
        case 40226:
            return WechatBlocked()
        case 45011:
            return WechatBusy(retry_after_seconds=_BUSY_SECONDS)
    # 40013, 40125, 40164 …: somebody has to look at the settings; -1: WeChat itself is busy. The text ends with the
    # id under which WeChat finds the call.
    _log.error("wechat_refused", status=status, errcode=told and told.errcode, errmsg=told and told.errmsg[-80:])
    return WechatUnavailable()


class _WithoutQuery(logging.Filter):
    """httpx logs each address in full, and WeChat wants the app's secret in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        import httpx

        if isinstance(record.args, tuple):
            record.args = tuple(
                value.copy_with(query=None) if isinstance(value, httpx.URL) else value for value in record.args
            )
        return True


_FILTER = _WithoutQuery()
