"""Bring the sums of the insights room up to the present, step by step: each step is a transaction of its own."""

from __future__ import annotations

from functools import partial

from linli import insights
from linli.kit.clock import BusinessCalendar, Clock
from linli.kit.db import Pool, in_transaction


async def roll_up(pool: Pool, clock: Clock, calendar: BusinessCalendar, *, most_steps: int | None = None) -> int:
    """Roll up what has happened since the last time, `most_steps` at the most. Returns the steps taken.

    It may be stopped or killed at any time: the next call goes on.
    """
    steps = 0
    while most_steps is None or steps < most_steps:
        steps += 1
        if not await in_transaction(pool, partial(insights.roll, now=clock(), zone=calendar.zone.key)):
            break
    return steps
