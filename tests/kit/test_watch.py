"""The watcher: looks only while somebody listens, tells all of them what changed, and leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from linli.kit.watch import HEARTBEAT, Watcher, message


class World:
    """Something to look at, and a clock that ticks when the test says so."""

    def __init__(self) -> None:
        self.now, self.looks, self.failing = b"a", 0, False
        self.looked = asyncio.Event()
        self._ticks: asyncio.Queue[None] = asyncio.Queue()
        self.watcher = Watcher(self.look, self._ticks.get)

    async def look(self) -> bytes:
        self.looks += 1
        self.looked.set()
        if self.failing:
            raise OSError("gone")
        return self.now

    async def tick(self) -> None:
        """Let the watcher look once more, and its listeners hear of it."""
        self.looked.clear()
        self._ticks.put_nowait(None)
        await self.looked.wait()
        await asyncio.sleep(0)


async def _next(listener: AsyncGenerator[bytes, None]) -> bytes:
    return await anext(listener)


async def test_what_is_seen_is_told_at_once_and_when_it_changes() -> None:
    world = World()
    async with world.watcher as watcher:
        listener = watcher.listen()
        assert await _next(listener) == b"a"
        await world.tick()
        world.now = b"b"
        await world.tick()
        assert await _next(listener) == b"b", "what did not change was not told again"
        await listener.aclose()


async def test_one_look_serves_all_and_a_late_comer_hears_at_once() -> None:
    world = World()
    async with world.watcher as watcher:
        first = watcher.listen()
        await _next(first)
        late = watcher.listen()
        assert await _next(late) == b"a"
        assert (world.looks, watcher.listeners) == (1, 2)
        await first.aclose()
        assert watcher.looking
        await late.aclose()


async def test_nobody_listens_nobody_looks() -> None:
    world = World()
    async with world.watcher as watcher:
        assert not watcher.looking
        listener = watcher.listen()
        await _next(listener)
        await listener.aclose()
        assert (watcher.looking, watcher.listeners, world.looks) == (False, 0, 1)
        world.now = b"b"  # and who comes then is told nothing old
        again = watcher.listen()
        assert await _next(again) == b"b"
        await again.aclose()


async def test_a_listener_that_is_cancelled_leaves_nothing_behind() -> None:
    world = World()
    async with world.watcher as watcher:
        heard = asyncio.Event()

        async def listen() -> None:
            async for _ in watcher.listen():
                heard.set()

        task = asyncio.create_task(listen())
        await heard.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        for _ in range(5):  # an abandoned generator is closed by the event loop
            await asyncio.sleep(0)
        assert (watcher.listeners, watcher.looking) == (0, False)


async def test_who_is_slow_hears_the_latest_only() -> None:
    world = World()
    async with world.watcher as watcher:
        listener = watcher.listen()
        await _next(listener)
        for seen in (b"b", b"c", b"d"):
            world.now = seen
            await world.tick()
        assert await _next(listener) == b"d"
        await listener.aclose()


async def test_a_failed_look_is_tried_again() -> None:
    world = World()
    world.failing = True
    async with world.watcher as watcher:
        listener = watcher.listen()
        waiting = asyncio.create_task(_next(listener))
        await world.looked.wait()
        world.failing = False
        await world.tick()
        assert await waiting == b"a"
        await listener.aclose()


async def test_silence_is_broken_by_a_comment() -> None:
    world = World()
    async with world.watcher as watcher:
        listener = watcher.listen(heartbeat_seconds=0)
        heard = [await _next(listener) for _ in range(3)]
        assert HEARTBEAT in heard
        await listener.aclose()


async def test_closing_sends_all_home() -> None:
    world = World()
    async with world.watcher as watcher:
        listener = watcher.listen()
        await _next(listener)
        waiting = asyncio.create_task(anext(listener, None))
        await asyncio.sleep(0)
    assert await waiting is None
    assert not world.watcher.looking
    assert [seen async for seen in world.watcher.listen()] == []


def test_messages_are_server_sent_events() -> None:
    assert message("pulse", b"{}") == b"event: pulse\ndata: {}\n\n"
