"""Insights: sums for those who run the programme. Owns `insights_*`; the one room that may read other rooms' tables.

What has happened is rolled up by the hour in which it came and the business date that it is booked on. Events and
movements never change once they are there, so the sums do not either, and rolling all of it up again gives the same
(but for the city of a member who has moved since). What came after the mark is reckoned when it is asked for.
It never writes another room's table.
"""

from linli.insights.arms import Figures, add_arms, arms, arms_now
from linli.insights.budget import MonthSum, month_sums
from linli.insights.figures import (
    City,
    Counts,
    DayFigures,
    HourCount,
    Liability,
    MonthPoints,
    Period,
    counts,
    days,
    hours,
    liability,
    parked_waiting,
    people,
)
from linli.insights.rolling import forget, roll, rolled_until
from linli.insights.silence import Quiet, count_maybe_silent, heard_since, maybe_silent

__all__ = [
    "City", "Counts", "DayFigures", "Figures", "HourCount", "Liability", "MonthPoints", "MonthSum", "Period",
    "Quiet", "add_arms", "arms", "arms_now", "count_maybe_silent", "counts", "days", "forget", "heard_since",
    "hours", "liability", "maybe_silent", "month_sums", "parked_waiting", "people", "roll", "rolled_until",
]  # fmt: skip
