"""What must be done as soon as a process is asked to end, before its server waits for open connections.

A server waits until all that is under way was answered, and only then ends the lifespan: an endless stream that waits
for the lifespan's end would keep it alive for ever.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def at_farewell(work: Callable[[], None]) -> Iterator[None]:
    """Let `work` be called in the running loop on SIGTERM or SIGINT, besides whatever the process does on them.

    Only where somebody handles them already: a signal that would end the process still does. An event loop reads its
    signals from a descriptor that Python writes to, whichever handler is set here, so the server's own are kept.
    """
    loop = asyncio.get_running_loop()
    before: dict[int, Callable[[int, FrameType | None], object]] = {}

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(work)
        before[number](number, frame)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            found = signal.getsignal(number)
            if callable(found):
                before[number] = found
                signal.signal(number, handle)
    try:
        yield
    finally:
        for number, found in before.items():
            # Whoever set another one meanwhile keeps it.
            if signal.getsignal(number) is handle:
                signal.signal(number, found)
