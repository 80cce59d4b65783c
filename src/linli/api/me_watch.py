"""One watcher a process: it looks, for all members who look on, whether anything changed, and tells those concerned.

It runs only while somebody listens. Each turn asks one small question for all of them at once; only those for whom the
answer differs are reckoned anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from datetime import date

import msgspec
import psycopg
import structlog

from linli import ledger, notify
from linli.api.errors import log_unforeseen
from linli.flows.messages import count_unread
from linli.flows.redeem import WALLET
from linli.kit.clock import BusinessCalendar, Clock
from linli.kit.db import Connection, Pool, in_snapshot

TURN_SECONDS = 1.0
_log = structlog.get_logger("linli.api")
_Seen = tuple[date, int, int, notify.Mark, int]


class MyBalance(msgspec.Struct, frozen=True):
    """What a member's page shows live."""

    available: int
    pending_points: int
    unread: int


class BalanceWatch:
    """`listen` to it. An asynchronous context: leaving it ends all that listen."""

    def __init__(self, pool: Pool, clock: Clock, calendar: BusinessCalendar) -> None:
        self._pool, self._clock, self._calendar = pool, clock, calendar
        self._ears: dict[str, set[asyncio.Queue[MyBalance | None]]] = {}
        self._seen: dict[str, _Seen] = {}
        self._last: dict[str, MyBalance] = {}
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._closed = False

    async def listen(self, member_id: str, silence_seconds: float) -> AsyncGenerator[MyBalance | None, None]:
        """The member's balance, at once and whenever it changes; None after each `silence_seconds` without a change.

        Ends when the watch does. Only the newest is kept for who is slow to take it.
        """
        if self._closed:
            return
        ear: asyncio.Queue[MyBalance | None] = asyncio.Queue()
        self._ears.setdefault(member_id, set()).add(ear)
        if (known := self._last.get(member_id)) is not None:
            ear.put_nowait(known)
        self._start()
        try:
            while True:
                try:
                    async with asyncio.timeout(silence_seconds):
                        found = await ear.get()
                except TimeoutError:
                    yield None
                    continue
                while not ear.empty():
                    found = ear.get_nowait()
                if found is None:
                    return
                yield found
        finally:
            self._forget(member_id, ear)

    async def __aenter__(self) -> BalanceWatch:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def close(self) -> None:
        """Send home all that listen, and whoever comes from now on."""
        self._closed = True
        self._end_all()

    def _end_all(self) -> None:
        for ears in self._ears.values():
            for ear in ears:
                ear.put_nowait(None)

    def _start(self) -> None:
        self._wake.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def _forget(self, member_id: str, ear: asyncio.Queue[MyBalance | None]) -> None:
        ears = self._ears.get(member_id, set())
        ears.discard(ear)
        if not ears:
            self._ears.pop(member_id, None)
            self._seen.pop(member_id, None)
            self._last.pop(member_id, None)

    async def _run(self) -> None:
        """Turn after turn, until nobody listens any more."""
        while self._ears:
            self._wake.clear()
            try:
                await self._turn()
            except psycopg.OperationalError as error:
                _log.warning("database_unavailable", where="live balances", error=type(error).__name__)
            except Exception as error:
                log_unforeseen(error, "live balances")
                self._end_all()
                return
            # Whoever comes new is not kept waiting for the next turn.
            with suppress(TimeoutError):
                async with asyncio.timeout(TURN_SECONDS):
                    await self._wake.wait()

    async def _turn(self) -> None:
        members = sorted(self._ears)
        on = self._calendar.date_of(self._clock())

        async def look(conn: Connection) -> tuple[dict[str, _Seen], dict[str, MyBalance]]:
            pulses = await ledger.pulses(conn, members, WALLET)
            marks = await notify.marks(conn, members)
            told = await notify.count_unread(conn, members, notify.since(on))
            seen: dict[str, _Seen] = {who: (on, *pulses[who], marks[who], told.get(who, 0)) for who in members}
            changed = [who for who in members if self._seen.get(who) != seen[who]]
            return seen, await _reckon(conn, changed, on, seen) if changed else {}

        seen, found = await in_snapshot(self._pool, look)
        for who, balance in found.items():
            if who not in self._ears:
                continue  # gone while it was reckoned
            self._seen[who] = seen[who]
            if self._last.get(who) != balance:
                self._last[who] = balance
                for ear in self._ears[who]:
                    ear.put_nowait(balance)


async def _reckon(conn: Connection, members: Sequence[str], on: date, seen: dict[str, _Seen]) -> dict[str, MyBalance]:
    available = await ledger.available_of(conn, members, WALLET, on)
    unread = await count_unread(conn, members, WALLET, on)
    return {who: MyBalance(available[who], seen[who][2], unread[who]) for who in members}
