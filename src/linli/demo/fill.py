"""Lives the demo: each date's events and its night, then today as far as it has come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec
from msgspec.structs import replace

from linli.demo.acts import Acts
from linli.demo.days import World
from linli.kit.db import Pool, in_transaction
from linli.replay.clock import SimulatedClock, next_day
from linli.replay.driver import Driver, Progress, nights_over
from linli.replay.history import Day

VERSION_DAYS = 21
"""So long ago the operators published another version of the programme."""


class Begun(msgspec.Struct, frozen=True):
    """What a demo was begun with. Kept beside its clock: the same command goes on with the same world."""

    on: date
    days: int
    households: int
    until: datetime
    """How far it was last asked to come: on the same date it is not asked for more."""


Tell = Callable[[Progress], None]


def begun_before(folder: Path) -> Begun | None:
    """How the demo in `folder` was begun, if it was."""
    path = folder / "world.json"
    return msgspec.json.decode(path.read_bytes(), type=Begun) if path.exists() else None


def begin(folder: Path, now: datetime, on: date, days: int, households: int) -> Begun:
    """Begin a demo, or go on with the one that is there, whose size then holds."""
    before = begun_before(folder)
    if before is None:
        made = Begun(on, days, households, now)
    elif before.until.astimezone(now.tzinfo).date() < on:
        made = Begun(before.on, before.days, before.households, now)
    else:
        return before
    (folder / "world.json").write_bytes(msgspec.json.encode(made))
    return made


async def fill(
    world: World, driver: Driver, acts: Acts, pool: Pool, clock: SimulatedClock, until: datetime, tell: Tell,
    stop: asyncio.Event,
) -> Progress:  # fmt: skip
    """Live until `until`, an instant in the calendar's zone. `stop` ends it after a night; the same call goes on."""
    today = until.date()
    over = await in_transaction(pool, nights_over)
    dates = [on for on in world.dates(today) if on < today]
    progress = Progress(dates[0])
    for on in dates:
        if stop.is_set():
            return progress
        progress.on = on
        if next_day(on) in over:
            progress.skipped += 1
        else:
            if on == today - timedelta(days=1):
                await _by_the_hour(driver, world, on, None, progress)
            await _live(driver, await asyncio.to_thread(world.day, on), progress)
            if on == world.begun - timedelta(days=VERSION_DAYS):
                await acts.publish()
                await acts.draw(on, until.tzinfo)
            await driver.night(next_day(on), progress)
        tell(progress)
    progress.on = today
    await _by_the_hour(driver, world, today, until, progress)
    await _live(driver, await asyncio.to_thread(world.day, today, until), progress, at=until)
    await acts.today(until)
    progress.finished = True
    tell(progress)
    return progress


async def _live(driver: Driver, day: Day, progress: Progress, *, at: datetime | None = None) -> None:
    # Spending after the events: a refund among them may take what the member was about to spend.
    await driver.send(replace(day, spenders=[]), progress, at=at)
    await driver.send(replace(day, batches=[], events=0), progress, at=at)


async def _by_the_hour(
    driver: Driver, world: World, on: date, before: datetime | None, progress: Progress
) -> None:  # fmt: skip
    # The last two dates come in as they happened, so that the pages have hours to show.
    for at, day in await asyncio.to_thread(lambda: list(world.hours(on, before))):
        if day.batches:
            await driver.send(day, progress, at=at)
