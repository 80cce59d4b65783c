"""A shop that reports to Linli over an API that dies under it, and remembers what was acknowledged.

What it sends earns under the preset `neighbours`; `plain_points` says the same in a few lines of plain Python.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from linli.kit.clock import BusinessCalendar

SHANGHAI = BusinessCalendar("Asia/Shanghai")
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
"""Noon of 1 June in Shanghai."""
LAST = "~last"
"""A member after all others, whom only the test touches: who holds its lock stops a sweep in its last chunk."""
START_POINTS = 1_000_000
PAUSE_SECONDS = 0.05
SOURCE = "//shop"
SINGLE = {"content-type": "application/cloudevents+json"}
BATCH = {"content-type": "application/cloudevents-batch+json"}
_TTL_SECONDS = 31 * 86_400

Event = dict[str, Any]


@dataclass
class Posting:
    """A request that moves points. `key` None: the call has a key of its own (an order is redeemed once)."""

    member_id: str
    path: str
    body: dict[str, Any]
    key: str | None
    spent: int = 0
    held: int = 0
    answer: dict[str, Any] | None = None


@dataclass
class Shop:
    """All that was ever sent, and what is known of it. `faults` are answers that ought never to be given."""

    seed: int
    members: int = 40
    events: dict[str, Event] = field(default_factory=dict)
    told: dict[str, list[Any]] = field(default_factory=dict)
    """Acknowledged events, each with the grants that it was told."""
    accepted: Counter[str] = field(default_factory=Counter)
    postings: list[Posting] = field(default_factory=list)
    acknowledged: int = 0
    """Answers that acknowledged something, of all kinds."""
    answers: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    now: datetime = NOON

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self._known: list[str] = []
        self._again: deque[list[Event]] = deque()
        self._open: deque[Posting] = deque()
        self._orders: deque[Event] = deque()

    # -- what there is to say

    def event(self, type_: str, member_id: str, *, at: datetime | None = None, **data: Any) -> Event:
        """A new event of the shop, noted before it is sent."""
        event_id = f"e{len(self.events):06}"
        time = (at or self.now).isoformat()
        data = {"member_id": member_id, **data}
        event = {"specversion": "1.0", "id": event_id, "source": SOURCE, "type": type_, "time": time, "data": data}
        self.events[event_id] = event
        return event

    def _member(self) -> str:
        return f"m{self.rng.randrange(self.members):03}"

    def _new_event(self) -> Event:
        kind = self.rng.random()
        number = len(self.events)
        if kind < 0.45:
            return self.event("order.paid", self._member(), order_id=f"o{number}", paid_fen=self.rng.randint(0, 90_000))
        if kind < 0.55 and self._orders:
            order = self._orders.popleft()["data"]
            return self.event("order.cancelled", order["member_id"], order_id=order["order_id"])
        if kind < 0.70:
            return self.event("review.created", self._member(), review_id=f"r{number}", with_picture=True)
        if kind < 0.90:
            return self.event("vote.cast", self._member(), vote_id=f"v{number}")
        return self.event("group.formed", self._member(), group_id=f"g{number}")

    def _new_posting(self) -> Posting:
        number, member_id = len(self.postings), self._member()
        held = [one for one in self.postings if one.held and one.answer and one.answer.get("state") == "held"]
        points = self.rng.randint(1, 300)
        kind = self.rng.random()
        if kind < 0.4 or (kind >= 0.7 and not held):
            body = {"user_id": member_id, "order_id": f"paid-{number}", "points_to_redeem": points}
            posting = Posting(member_id, "/api/points/redeem", body, None, spent=points)
        elif kind < 0.7:
            body = {"points": points, "ttl_seconds": _TTL_SECONDS}
            posting = Posting(member_id, f"/v1/members/{member_id}/holds", body, f"hold-{number}", held=points)
        else:
            hold = self.rng.choice(held)
            assert hold.answer is not None
            path = f"{hold.path}/{hold.answer['hold_id']}"
            hold.answer["state"] = "closing"
            if kind < 0.85:
                part = self.rng.randint(1, hold.held)
                posting = Posting(
                    hold.member_id, f"{path}/capture", {"points": part}, f"capture-{number}", part, -hold.held
                )
            else:
                posting = Posting(hold.member_id, f"{path}/release", {}, f"release-{number}", held=-hold.held)
        self.postings.append(posting)
        return posting

    # -- saying it

    async def open_accounts(self, client: httpx.AsyncClient) -> None:
        """Let there be members, each with points to spend."""
        names = [*(f"m{number:03}" for number in range(self.members)), LAST]
        assert await self.send(client, [self.event("vote.cast", name, vote_id=f"first-{name}") for name in names])
        for name in names:
            body = {"points": START_POINTS, "reason": "start"}
            posting = Posting(name, f"/v1/members/{name}/adjustments", body, f"start-{name}", spent=-START_POINTS)
            self.postings.append(posting)
            assert await self.post(client, posting)

    @asynccontextmanager
    async def under_load(self, client: httpx.AsyncClient, senders: int) -> AsyncIterator[None]:
        """Many send at once, until the block ends: new things, unacknowledged ones, and known ones again."""
        stop = asyncio.Event()

        async def go_on() -> None:
            while not stop.is_set():
                if not await self.one_request(client):
                    with suppress(TimeoutError):  # nobody is there: ask again a little later
                        await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(senders):
                tasks.create_task(go_on())
            try:
                yield
            finally:
                stop.set()

    async def one_request(self, client: httpx.AsyncClient) -> bool:
        """Send something. Returns whether it was acknowledged."""
        if self.rng.random() < 0.25:
            if self._open:
                return await self.post(client, self._open.popleft())
            known = [one for one in self.postings[-200:] if one.answer]
            if known and self.rng.random() < 0.2:
                return await self.post(client, self.rng.choice(known))
            return await self.post(client, self._new_posting())
        if self._again and self.rng.random() < 0.5:
            return await self.send(client, self._again.popleft())
        size = 1 if self.rng.random() < 0.6 else self.rng.randint(2, 12)
        events = [self._new_event() for _ in range(size)]
        if self.told and self.rng.random() < 0.2:
            latest = len(self._known) - 1 - int(self.rng.expovariate(1 / 50))
            events.append(self.events[self._known[max(0, latest)]])
        return await self.send(client, events)

    async def drain(self, client: httpx.AsyncClient) -> None:
        """Send again what was never acknowledged, one thing after another."""
        while self._again:
            assert await self.send(client, self._again.popleft()), self.faults
        while self._open:
            assert await self.post(client, self._open.popleft()), self.faults

    @property
    def refused(self) -> int:
        """How many requests were told to come again."""
        return sum(number for name, number in self.answers.items() if name.startswith("503"))

    @property
    def unsure(self) -> int:
        """How many things were sent, and neither acknowledged nor sent again yet."""
        return sum(map(len, self._again)) + len(self._open)

    async def send(self, client: httpx.AsyncClient, events: list[Event]) -> bool:
        """One event alone, several as a batch; what is not acknowledged waits to be sent again."""
        alone = len(events) == 1
        body = json.dumps(events[0] if alone else events)
        answer = await self._request(client, "/v1/events", content=body, headers=SINGLE if alone else BATCH)
        if answer is None:
            if unknown := [event for event in events if event["id"] not in self.told]:
                self._again.append(unknown)
            return False
        told = [answer.json()] if alone else answer.json()["outcomes"]
        for event, outcome in zip(events, told, strict=True):
            self._note(event, outcome)
        self._acknowledge(len(events))
        return True

    def _note(self, event: Event, outcome: dict[str, Any]) -> None:
        kind, granted = outcome["outcome"], outcome.get("granted", [])
        if kind not in ("accepted", "duplicate"):
            self.faults.append(f"{event} came to {outcome}")
            return
        self.accepted[event["id"]] += kind == "accepted"
        if event["id"] in self.told:
            if kind != "duplicate" or self.told[event["id"]] != granted:
                self.faults.append(f"{event} was {kind} again, with {granted} after {self.told[event['id']]}")
        else:
            self.answers["committed before it was acknowledged"] += kind == "duplicate"
            if event["type"] == "order.paid" and self.rng.random() < 0.3:
                self._orders.append(event)
            self.told[event["id"]] = granted
            self._known.append(event["id"])

    async def post(self, client: httpx.AsyncClient, posting: Posting) -> bool:
        """A posting, for the first time or again."""
        headers = {"idempotency-key": posting.key} if posting.key else {}
        answer = await self._request(client, posting.path, json=posting.body, headers=headers)
        if answer is None:
            if posting.answer is None and posting not in self._open:
                self._open.append(posting)
            return False
        said = answer.json()
        if posting.answer is None:
            posting.answer = said
            self.answers["posted before it was acknowledged"] += "idempotency-replayed" in answer.headers
        elif {**posting.answer, "state": None} != {**said, "state": None} or not answer.headers["idempotency-replayed"]:
            self.faults.append(f"{posting} came again to {said}")
        self._acknowledge(1)
        return True

    def _acknowledge(self, number: int) -> None:
        self.acknowledged += number

    async def _request(self, client: httpx.AsyncClient, path: str, **what: Any) -> httpx.Response | None:
        """The answer; None where there was none, or one that says to come again. All else is a fault."""
        try:
            answer = await client.post(path, **what)
        except (httpx.TimeoutException, httpx.PoolTimeout) as hang:
            self.faults.append(f"{path} was not answered: {hang!r}")
            return None
        except httpx.TransportError as gone:
            self.answers[type(gone).__name__] += 1
            return None
        if answer.status_code == 503:
            self._judge_refusal(path, answer)
            return None
        self.answers[str(answer.status_code)] += 1
        if answer.status_code not in (200, 201):
            self.faults.append(f"{path} {what} came to {answer.status_code}: {answer.text}")
            return None
        return answer

    def _judge_refusal(self, path: str, answer: httpx.Response) -> None:
        """A refusal for the time being has a code, a type and a time to come again."""
        self.answers[f"503 {answer.json().get('code')}"] += 1
        kind = "application/json" if path.startswith("/api/points") else "application/problem+json"
        good = (
            answer.json().get("code") in ("database_unavailable", "overloaded")
            and answer.headers.get("content-type", "").startswith(kind)
            and int(answer.headers.get("retry-after", 0)) > 0
        )
        if not good:
            self.faults.append(f"{path} was refused with {answer.headers} {answer.text}")

    # -- what must come of it

    def plain_points(self, event: Event) -> int:
        """What an event promises, whatever comes after it; the first group is a matter of the member."""
        data = event["data"]
        if event["type"] == "order.paid":
            return data["paid_fen"] // 100
        return {"review.created": 10, "vote.cast": 5}.get(event["type"], 0)

    def plain_balances(self) -> dict[str, tuple[int, int]]:
        """Member → (available, held) once all is settled."""
        available: Counter[str] = Counter()
        held: Counter[str] = Counter()
        cancelled = {e["data"]["order_id"] for e in self.events.values() if e["type"] == "order.cancelled"}
        for event in self.events.values():
            if event["type"] == "order.paid" and event["data"]["order_id"] in cancelled:
                continue
            available[event["data"]["member_id"]] += self.plain_points(event)
        for member_id in {e["data"]["member_id"] for e in self.events.values() if e["type"] == "group.formed"}:
            available[member_id] += 50
        for posting in self.postings:
            available[posting.member_id] -= posting.spent + posting.held
            held[posting.member_id] += posting.held
        return {member_id: (available[member_id], held[member_id]) for member_id in available}

    def next_day(self) -> None:
        """What comes now happens a day later."""
        self.now += timedelta(days=1)
