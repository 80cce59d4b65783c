"""What the demo does through the API beside events: names and faces, operators, holds, corrections, parked events."""

from __future__ import annotations

import asyncio
import os
import secrets
from datetime import date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec

from linli.demo import coupons, lottery, mall
from linli.demo.days import SOURCE, World
from linli.demo.people import Person, texts
from linli.replay.client import NotTaken
from linli.words.events import Order

AT_ONCE = 8
HELD_SECONDS = 6 * 3600
_MORNING = time(0, 5)
_SINGLE = {"content-type": "application/cloudevents+json"}


class Link(NamedTuple):
    """A member's way into their app."""

    nickname: str
    path: str


class Acts:
    """The API as an administrator of the demo uses it. Everything here may be done again: nothing happens twice."""

    def __init__(
        self, url: str, key: str, world: World, folder: Path, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`folder` keeps the users' passwords. `transport`: tests drive an app within their own process."""
        self._world, self._folder = world, folder
        self._http = httpx.AsyncClient(
            base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=60.0, transport=transport,
            # The proxy of the environment is not for a server on this machine.
            trust_env=False,
        )  # fmt: skip

    async def __aenter__(self) -> Acts:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._http.aclose()

    async def publish(self) -> None:
        """Another version of the programme: one occasion is rewarded a little better."""
        document = (await self._ask("GET", "/v1/programme"))["document"]
        for rule in document["rules"]:
            if rule["kind"] == "fixed" and rule["on"] in ("review.created", "check_in"):
                rule["points"] += 5
                coupons_of = {"silent_coupon": coupons.COMEBACK, "birthday_coupon": coupons.BIRTHDAY}
                document["reminders"] = {**document.get("reminders", {}), **coupons_of}
                body = {"document": document, "note": texts().note}
                await self._ask("POST", "/v1/programme/versions", body)
                return

    async def draw(self, on: date, zone: tzinfo | None) -> None:
        """A lottery that is over by now: begun on that date, drawn by some."""
        begins = datetime.combine(on, _MORNING, zone)
        await lottery.hold(self._ask, "past", [person.member_id for person in self._world.people], begins)

    async def today(self, now: datetime) -> None:
        """What stands on today's pages beside the day's events."""
        await self._name_everybody()
        await self._hold_and_correct()
        await self._park(now)
        await coupons.make_templates(self._ask)
        shown = [person.member_id for person in self._world.shown]
        await coupons.fill_wallets(self._ask, shown, self._world.begun.isoformat())
        items = await mall.furnish(self._ask, self._world.begun)
        buyers = [person.member_id for person in [*self._world.shown, *self._world.people[:40]]]
        await mall.trade(self._ask, items, list(dict.fromkeys(buyers)), self._world.begun)
        everybody = [person.member_id for person in [*self._world.shown, *self._world.people]]
        begins = datetime.combine(self._world.begun, _MORNING, now.tzinfo)
        await lottery.hold(self._ask, "running", list(dict.fromkeys(everybody)), begins)

    async def users(self) -> dict[str, str]:
        """One of each role: name → password, made once and kept for its owner's eyes only."""
        said, path = texts(), self._folder / "passwords.json"
        if not path.exists():
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            made = {name: secrets.token_urlsafe(9) for name in ("admin", "operator", "auditor")}
            os.write(handle, msgspec.json.encode(made))
            os.close(handle)
        passwords = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
        there = {user["name"]: user["user_id"] for user in (await self._ask("GET", "/v1/users?limit=100"))["items"]}
        names = {"admin": said.admin, "operator": said.operator, "auditor": said.auditor}
        for name, password in passwords.items():
            if name in there:
                change = {"password": password, "reason": said.password_reason}
                await self._ask("PATCH", f"/v1/users/{there[name]}", change)
            else:
                body = {"name": name, "display_name": names[name], "role": name, "password": password}
                await self._ask("POST", "/v1/users", body)
        return passwords

    async def links(self) -> list[Link]:
        """Sign-in links for the members who are shown."""
        found: list[Link] = []
        for person in self._world.shown:
            token = (await self._ask("POST", f"/v1/members/{person.member_id}/tokens"))["token"]
            found.append(Link(person.nickname, f"/m/#/pages/enter/enter?token={token}"))
        return found

    async def _name_everybody(self) -> None:
        places = asyncio.Semaphore(AT_ONCE)

        async def name(person: Person) -> None:
            async with places:
                body = {"nickname": person.nickname, "avatar": person.avatar}
                await self._ask("PUT", f"/v1/members/{person.member_id}/profile", body)

        async with asyncio.TaskGroup() as tasks:
            for person in self._world.people:
                tasks.create_task(name(person))

    async def _hold_and_correct(self) -> None:
        said = texts()
        first, second, third = (person.member_id for person in self._world.shown)
        for number, member_id in enumerate((first, second)):
            await self._change(member_id, "adjustments", {"points": 120, "reason": said.adjustment_up}, f"up-{number}")
            body = {"points": 60, "order_id": f"unpaid-{number}", "reason": said.hold, "ttl_seconds": HELD_SECONDS}
            await self._change(member_id, "holds", body, f"hold-{number}")
        await self._change(third, "adjustments", {"points": 50, "reason": said.adjustment_up}, "up-third")
        await self._change(third, "adjustments", {"points": -50, "reason": said.adjustment_down}, "down-third")

    async def _change(self, member_id: str, what: str, body: dict[str, Any], key: str) -> None:
        # Dated: on another day the demo may hold and correct again, on the same day it changes nothing.
        dated = f"demo:{self._world.begun}:{key}"
        await self._ask("POST", f"/v1/members/{member_id}/{what}", body, {"idempotency-key": dated})

    async def _park(self, now: datetime) -> None:
        """Events that wait, parked: of orders that nobody knows, and one that tells of an order what it was not."""
        first, second, _ = (person.member_id for person in self._world.shown)
        begun = self._world.begun
        waiting: list[tuple[str, dict[str, Any]]] = [
            ("order.refunded", {"member_id": first, "order_id": "o-9471", "refund_id": "r-9471", "refund_fen": 1990}),
            ("order.cancelled", {"member_id": second, "order_id": "o-9502"}),
        ]
        for paid in self._world.orders(begun - timedelta(days=1))[:1]:
            order = paid.data
            assert isinstance(order, Order), "an order was paid"
            other = {"order_id": order.order_id, "paid_fen": order.paid_fen + 100}
            waiting.append(("order.paid", {"member_id": order.member_id, **other}))
        # The same bytes whenever they are sent: another instant would be another body under a known id.
        at = datetime.combine(begun, _MORNING, now.tzinfo).isoformat()
        for type_, data in waiting:
            event = {"specversion": "1.0", "id": f"odd-{type_}", "source": SOURCE, "type": type_, "time": at}
            body = msgspec.json.encode({**event, "data": data})
            answer = await self._http.post("/v1/events", content=body, headers=_SINGLE)
            if answer.status_code not in (200, 202):
                raise NotTaken(status=answer.status_code, id=event["id"], detail=answer.text[:500])

    async def _ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        answer = await self._http.request(method, path, json=body, headers=headers)
        if answer.status_code >= 400:
            raise NotTaken(status=answer.status_code, id=path, detail=answer.text[:500])
        return answer.json() if answer.content else {}
