"""A member at their own pages: a client with the member's token, and ways to let time pass."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
from tests.api.conftest import Api

from linli.flows.sweep import sweep
from linli.kit.clock import BusinessCalendar
from linli.ledger import SweepKind

SHANGHAI = BusinessCalendar("Asia/Shanghai")


class Mine:
    """Requests of one member. Tokens end after hours, so each request fetches one."""

    def __init__(self, api: Api, member_id: str) -> None:
        self.api, self.member_id = api, member_id

    async def token(self) -> str:
        """A fresh token of the member."""
        answer = await self.api.post(f"/v1/members/{quote(self.member_id, safe='')}/tokens")
        assert answer.status_code == 201, answer.text
        return answer.json()["token"]

    async def ask(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """Any request below `/v1/me`."""
        headers = {"authorization": f"Bearer {await self.token()}", **kwargs.pop("headers", {})}
        return await self.api.client.request(method, f"/v1/me{path}", headers=headers, **kwargs)

    async def get(self, path: str = "", **params: Any) -> Any:
        """The answer's body; it must be a good one."""
        answer = await self.ask("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def check_in(self) -> Any:
        """Check in, as the app does."""
        answer = await self.ask("POST", "/check-in")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def walk(self, path: str, limit: int, **params: Any) -> list[Any]:
        """All items of a list, page by page."""
        found = await self.get(path, limit=limit, **params)
        items = found["items"]
        while found["next_cursor"]:
            found = await self.get(path, limit=limit, cursor=found["next_cursor"], **params)
            assert len(found["items"]) <= limit
            items += found["items"]
        return items


async def at(api: Api, moment: str, *kinds: SweepKind) -> datetime:
    """Let it be `moment` (RFC 3339), and let the night's work named be done for its business date."""
    api.set_clock(moment)
    now = datetime.fromisoformat(moment)
    for kind in kinds:
        await sweep(api.pool, kind, SHANGHAI.date_of(now), lambda: now)
    return now
