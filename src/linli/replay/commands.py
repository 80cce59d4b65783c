"""`linli replay completejourney|beibei|parked`."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from linli.replay.run import Where, parked_again, replay
from linli.replay.show import console
from linli.settings import Settings

_app = App(
    name="replay", help="Live a history again through the API: a year of groceries, group buying, parked events."
)
_NOWHERE = Where()
LAST_NIGHT = date(2018, 1, 2)
"""The night on which the points of the year's last baskets are credited."""


@_app.command
async def completejourney(*, until: date = LAST_NIGHT, where: Annotated[Where, Parameter(name="*")] = _NOWHERE) -> None:
    """Replay a year of groceries: 155,848 baskets, simulated from real grocery patterns (extra `linli[replay]`).

    Stopped with ctrl-C, or killed, it goes on where it was.

    Parameters
    ----------
    until
        The last night, as 2018-01-02; by 2019-01-01 the last points have lapsed.
    """
    # Imported when it is wanted: an extra brings what it needs.
    try:
        from linli.replay.grocery import Journey
    except ModuleNotFoundError as missing:
        raise FileNotFoundError(
            f"{missing.name} comes with the extra `linli[replay]`, which is not installed"
        ) from None

    settings = Settings()
    journey = Journey(settings.calendar.zone)
    # Another programme grants by rules of its own, which nothing here can foretell.
    known = settings.preset == "neighbours" and not where.url
    ok = await replay(journey, until, where, journey.expect if known else lambda totals, rewards: {})
    sys.exit(0 if ok else 1)


@_app.command
async def beibei(
    *, data: Path, limit: int | None = None, where: Annotated[Where, Parameter(name="*")] = _NOWHERE
) -> None:
    """Replay group buying: groups that formed, and groups that failed and earn nothing (BeiBei, ICDE 2021).

    Parameters
    ----------
    data
        Folder with tune.txt and invalid.txt.
    limit
        Only so many groups.
    """
    from linli.replay.groups import BeiBei, expectation, read_groups

    groups = read_groups(data, limit)
    history = BeiBei(Settings().calendar.zone, groups)
    ok = await replay(history, history.until, where, expectation(groups))
    sys.exit(0 if ok else 1)


@_app.command
async def parked(*, reason: str | None = None) -> None:
    """Take parked events in again, each once, once what was wrong is mended. Ends with status 1 where some stay parked.

    Parameters
    ----------
    reason
        Only those that are parked for this reason, such as order_unknown.
    """
    told = await parked_again(reason)
    console.print(", ".join(f"{count:,} {outcome}" for outcome, count in sorted(told.items())) or "nothing is parked")
    sys.exit(1 if told.keys() - {"accepted", "duplicate", "closed meanwhile"} else 0)


def add_to(app: App) -> None:
    """Add these commands."""
    app.command(_app)
