"""One watcher for many listeners: it looks only while somebody listens, and tells them what has changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress

import structlog

_log = structlog.get_logger("linli.watch")
HEARTBEAT = b": \n\n"
"""A comment of server-sent events: it keeps the connection open through proxies, and tells no listener anything."""


async def _a_second() -> None:
    await asyncio.sleep(1)


class Watcher:
    """`look` returns what listeners are to be sent; `pause` is awaited between two looks. An asynchronous context.

    A look that fails is logged and tried again after the pause: listeners keep what they have.
    """

    def __init__(self, look: Callable[[], Awaitable[bytes]], pause: Callable[[], Awaitable[None]] = _a_second) -> None:
        self._look, self._pause = look, pause
        self._listeners: set[asyncio.Queue[bytes | None]] = set()
        self._latest: bytes | None = None
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return len(self._listeners)

    @property
    def looking(self) -> bool:
        """Whether anything is looked at."""
        return self._task is not None

    async def listen(self, heartbeat_seconds: float = 15.0) -> AsyncGenerator[bytes, None]:
        """What the watcher sees, at once and whenever it has changed; `HEARTBEAT` where nothing has for so long.

        A listener that is slow misses what was overtaken meanwhile. Ends when the watcher is closed.
        """
        if self._closed:
            return
        mine: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=1)
        if self._latest is not None:
            mine.put_nowait(self._latest)
        self._listeners.add(mine)
        if self._task is None:
            self._task = asyncio.create_task(self._watch())
        try:
            while True:
                try:
                    async with asyncio.timeout(heartbeat_seconds):
                        seen = await mine.get()
                except TimeoutError:
                    yield HEARTBEAT
                    continue
                if seen is None:
                    return
                yield seen
        finally:
            self._listeners.discard(mine)
            if not self._listeners:
                self._rest()

    async def __aenter__(self) -> Watcher:
        return self

    async def __aexit__(self, *_: object) -> None:
        task = self._task
        self.close()
        if task is not None:
            with suppress(asyncio.CancelledError):
                await task

    def close(self) -> None:
        """Send every listener home, and look no more."""
        self._closed = True
        for queue in self._listeners:
            _put(queue, None)
        self._rest()

    def _rest(self) -> None:
        if self._task is not None:
            self._task.cancel()
        # What was seen grows old while nobody looks.
        self._task, self._latest = None, None

    async def _watch(self) -> None:
        while True:
            try:
                seen = await self._look()
            except Exception as error:  # whatever it is, the next look may go well
                _log.warning("look_failed", error=type(error).__name__)
            else:
                if seen != self._latest:
                    self._latest = seen
                    for queue in self._listeners:
                        _put(queue, seen)
            await self._pause()


def _put(queue: asyncio.Queue[bytes | None], seen: bytes | None) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(seen)


def message(event: str, data: bytes) -> bytes:
    """A message of server-sent events (WHATWG HTML, 9.2); `data` is one line."""
    return b"event: " + event.encode() + b"\ndata: " + data + b"\n\n"
