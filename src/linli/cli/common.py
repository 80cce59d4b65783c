"""What commands share: where it is served, a pool, a progress bar."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from linli.kit.db import Pool, make_pool
from linli.settings import Settings
from linli.startup import database_url

console = Console()


def base_of(settings: Settings) -> str:
    """Where the API and the pages are."""
    return f"http://{settings.host}:{settings.port}"


def is_served(settings: Settings) -> bool:
    """Whether anything listens there."""
    try:
        socket.create_connection((settings.host, settings.port), timeout=1).close()
    except OSError:
        return False
    return True


@asynccontextmanager
async def open_pool(settings: Settings, *, size: int = 5) -> AsyncIterator[Pool]:
    """A pool on the database of `settings`."""
    pool = make_pool(database_url(settings), max_size=size)
    await pool.open(wait=True)
    try:
        yield pool
    finally:
        await pool.close()


def progress_bar() -> Progress:
    """A bar that tells how far, how much, how long."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
        console=console,
    )
