"""Gather concurrent requests into small batches that commit together.

A writer takes whatever has arrived when it is free: no timer, so a lone request waits for nobody, and under load the
batches grow by themselves. A batch that fails is tried again submission by submission, so one bad submission cannot
take its neighbours down.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import ClassVar, Generic, TypeVar

from linli.kit.errors import Refusal

_STEPS_TO_SUBMIT = 3
"""Turns of the event loop that a request takes from its first byte to its submission."""

T = TypeVar("T")
R = TypeVar("R")


class Overloaded(Refusal):
    """More waits than can be taken in soon: send again later. Fields: `waiting`."""

    code: ClassVar[str] = "overloaded"


class Gatherer(Generic[T, R]):
    """`work(items)` returns one result an item, in order; it is called with the items of several submissions."""

    def __init__(
        self, work: Callable[[Sequence[T]], Awaitable[list[R]]], *, writers: int, limit: int, backlog: int = 20_000,
        concerns_all: tuple[type[Exception], ...] = (),
    ) -> None:  # fmt: skip
        """`concerns_all`: failures that are no submission's own fault (the database is away): no use to try singly."""
        self._work, self._writers, self._limit, self._backlog = work, writers, limit, backlog
        self._concerns_all = concerns_all
        self._queue: deque[tuple[Sequence[T], asyncio.Future[list[R]]]] = deque()
        self._busy = 0
        self._idle = asyncio.Event()
        self._waiting = 0
        self._arrived = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Gatherer[T, R]:
        self._tasks = [asyncio.create_task(self._write()) for _ in range(self._writers)]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what has arrived, then stop."""
        while self._queue or self._busy:
            self._idle.clear()
            await self._idle.wait()
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def submit(self, items: Sequence[T]) -> list[R]:
        """The results of `items`, once they are committed. Raises Overloaded, or what `work` raised for them alone."""
        if self._waiting + len(items) > self._backlog:
            raise Overloaded(waiting=self._waiting)
        future: asyncio.Future[list[R]] = asyncio.get_running_loop().create_future()
        self._queue.append((items, future))
        self._waiting += len(items)
        self._arrived.set()
        # A client that goes away cancels its future and nothing else: its events are taken in all the same.
        return await future

    async def _let_in(self) -> None:
        """Let requests that stand at the door come in, as long as they do: they cost less within a batch than after.

        Under load the writer would else win every race against them, and commit twenty events where a hundred wait.
        """
        waiting = -1
        while waiting < self._waiting < self._limit:
            waiting = self._waiting
            for _ in range(_STEPS_TO_SUBMIT):
                await asyncio.sleep(0)

    def _take(self) -> list[tuple[Sequence[T], asyncio.Future[list[R]]]]:
        taken, size = [], 0
        while self._queue and (not taken or size + len(self._queue[0][0]) <= self._limit):
            taken.append(self._queue.popleft())
            size += len(taken[-1][0])
        self._waiting -= size
        return taken

    async def _write(self) -> None:
        while True:
            if not self._queue:
                self._arrived.clear()
                await self._arrived.wait()
            await self._let_in()
            if taken := self._take():
                self._busy += 1
                await self._commit(taken)
                self._busy -= 1
            self._idle.set()

    async def _commit(self, taken: list[tuple[Sequence[T], asyncio.Future[list[R]]]]) -> None:
        try:
            results = await self._work([item for items, _ in taken for item in items])
        except Exception as failure:
            if len(taken) == 1 or isinstance(failure, self._concerns_all):
                for _, future in taken:
                    _settle(future, failure)
            else:
                for single in taken:
                    await self._commit([single])
            return
        start = 0
        for items, future in taken:
            _settle(future, results[start : start + len(items)])
            start += len(items)


def _settle(future: asyncio.Future[list[R]], result: list[R] | Exception) -> None:
    if future.done():
        return
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
