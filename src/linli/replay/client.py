"""The platform's side of the HTTP API: batches of events, and points spent."""

from __future__ import annotations

from types import TracebackType
from typing import ClassVar

import httpx
import msgspec
import stamina

from linli.kit.errors import Refusal

BATCH = {"content-type": "application/cloudevents-batch+json"}
_SECONDS = 60.0


class NotTaken(Refusal):
    """The API would not take what a replay sent. Fields: `status` or `outcome`, `id`, `code`, `detail`."""

    code: ClassVar[str] = "not_taken"


class Busy(Exception):
    """The API asks to be asked again later."""


class Sent(msgspec.Struct):
    """What became of events: taken in now, or known from an earlier time; and the points they were granted now."""

    accepted: int = 0
    duplicates: int = 0
    points: int = 0


class _Granted(msgspec.Struct):
    points: int


class _Outcome(msgspec.Struct):
    outcome: str
    id: str | None = None
    code: str | None = None
    detail: str | None = None
    granted: list[_Granted] = []


class _Answer(msgspec.Struct):
    outcomes: list[_Outcome]


class _Redeemed(msgspec.Struct):
    success: bool


_answer = msgspec.json.Decoder(_Answer).decode
_redeemed = msgspec.json.Decoder(_Redeemed).decode
_encode = msgspec.json.Encoder().encode


class Api:
    """A few keep-alive connections. What fails on the way is sent again: all of it is idempotent."""

    def __init__(self, url: str, key: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """`transport`: tests drive an app within their own process."""
        self._http = httpx.AsyncClient(
            base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=_SECONDS, transport=transport,
            # The proxy of the environment is not for a server on this machine.
            trust_env=False,
        )  # fmt: skip

    async def __aenter__(self) -> Api:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def send(self, batch: bytes) -> Sent:
        """Send a batch of events. Raises NotTaken unless each was taken in, now or before."""
        sent = Sent()
        for outcome in _answer(await self._post("/v1/events", batch, BATCH)).outcomes:
            if outcome.outcome == "accepted":
                sent.accepted += 1
                for granted in outcome.granted:
                    sent.points += granted.points
            elif outcome.outcome == "duplicate":
                sent.duplicates += 1
            else:
                raise NotTaken(outcome=outcome.outcome, id=outcome.id, code=outcome.code, detail=outcome.detail)
        return sent

    async def redeem(self, member_id: str, order_id: str, points: int) -> None:
        """Spend points on an order; again with the same order and points changes nothing. Raises NotTaken."""
        body = _encode({"user_id": member_id, "order_id": order_id, "points_to_redeem": points})
        told = await self._post("/api/points/redeem", body, {"content-type": "application/json"})
        if not _redeemed(told).success:
            raise NotTaken(id=order_id, detail=told.decode(errors="replace")[:500])

    @stamina.retry(on=(httpx.TransportError, Busy), attempts=8, timeout=_SECONDS, wait_initial=0.05, wait_max=5.0)
    async def _post(self, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        response = await self._http.post(path, content=body, headers=headers)
        if response.status_code in (429, 502, 503):
            raise Busy(f"{path}: {response.status_code}")
        if response.status_code != 200:
            raise NotTaken(status=response.status_code, detail=response.text[:500])
        return response.content
