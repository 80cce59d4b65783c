"""The whole demo: its place, an API of its own while it is filled, and what a person needs to look at it."""

from __future__ import annotations

import asyncio
import signal
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from linli.demo.acts import Acts, Link
from linli.demo.days import World
from linli.demo.fill import begin, fill
from linli.kit.clock import system_clock
from linli.replay.client import Api
from linli.replay.clock import SimulatedClock
from linli.replay.driver import Driver, Progress
from linli.replay.place import Place, alone, make_database, own_place
from linli.replay.run import open_pool
from linli.replay.server import own_server
from linli.replay.show import note_of, progress_bar
from linli.startup import development_key, ensure_partitions, prepare

NAME = "demo"


class Shown(NamedTuple):
    """What the filled demo is looked at with."""

    place: Place
    progress: Progress
    passwords: dict[str, str]
    links: list[Link]


async def run(home: Path | None, days: int, households: int, *, until: datetime | None, fresh: bool) -> Shown:
    """Fill the demo, or bring it up to now (or `until`). Ctrl-C stops it after a night; the same call goes on."""
    place = own_place(NAME, home)
    with alone(place):
        if fresh:
            for name in ("world.json", "passwords.json"):
                (place.folder / name).unlink(missing_ok=True)
        zone = place.settings.calendar.zone
        now = (until.replace(tzinfo=until.tzinfo or zone) if until else system_clock()).astimezone(zone)
        begun = begin(place.folder, now, now.date(), days, households)
        world = await asyncio.to_thread(World, zone, begun.on, begun.days, begun.households)
        end = begun.until.astimezone(zone)
        dates = world.dates(end.date())
        clock = SimulatedClock(place.clock_file, zone, dates[0])
        make_database(place, fresh=fresh)
        await prepare(place.settings, place.url)
        key = development_key(place.settings)
        async with open_pool(place.url) as pool:
            async with pool.connection() as conn, conn.transaction():
                await ensure_partitions(conn, dates[0], until=end.date() + timedelta(days=92))
            async with own_server(place) as url, Api(url, key) as api, Acts(url, key, world, place.folder) as acts:
                driver = Driver(api, pool, clock, place.settings.calendar)
                stop = asyncio.Event()
                asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
                try:
                    with progress_bar() as bar:
                        task = bar.add_task("", total=len(dates), note="")

                        def tell(progress: Progress) -> None:
                            done = progress.skipped + progress.nights + progress.finished
                            bar.update(task, completed=done, description=f"{progress.on}", note=note_of(progress))

                        progress = await fill(world, driver, acts, pool, clock, end, tell, stop)
                finally:
                    asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
                if not progress.finished:
                    return Shown(place, progress, {}, [])
                clock.set(until or system_clock())  # tokens are of the present
                return Shown(place, progress, await acts.users(), await acts.links())
