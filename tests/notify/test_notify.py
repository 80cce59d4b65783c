"""Marks never go back, and messages stand where their ids say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from linli import notify
from linli.kit.db import Connection
from linli.notify import NOTHING_READ, Mark

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
TODAY = date(2026, 11, 22)
SOON = st.dates(TODAY + timedelta(days=1), TODAY + timedelta(days=60))


async def test_a_mark_never_goes_back(conn: Connection) -> None:
    assert await notify.marks(conn, ["m1", "m2"]) == {"m1": NOTHING_READ, "m2": NOTHING_READ}
    for mark in (Mark(5, TODAY), Mark(3, TODAY + timedelta(days=1)), Mark(4, TODAY), Mark(7, TODAY)):
        await notify.advance(conn, "m1", mark, NOW)
    assert await notify.marks(conn, ["m1", "m2"]) == {"m1": Mark(7, TODAY + timedelta(days=1)), "m2": NOTHING_READ}
    await notify.advance(conn, "m1", Mark(6, TODAY + timedelta(days=2)), NOW)
    assert (await notify.marks(conn, ["m1"]))["m1"] == Mark(7, TODAY + timedelta(days=2))


@given(st.dates(date(2000, 1, 1), date(2999, 12, 31)), st.integers(0, 10**17), st.sampled_from([*notify.KIND_OF]))
def test_an_id_names_its_place(on: date, seq: int, kind: str) -> None:
    note = notify.moved(kind, on, seq, NOW, 1, NOTHING_READ)
    assert notify.place_of(note.message_id) == note.place


@given(st.dictionaries(SOON, st.integers(1, 9), max_size=40))
def test_every_point_that_lapses_is_told_of_once_and_in_time(lots: dict[date, int]) -> None:
    """Day by day: a week is announced on one day, thirty to twenty-four days ahead, with all of it."""
    told: dict[date, int] = {}
    for later in range(61):
        on = TODAY + timedelta(days=later)
        near = [(day, points) for day, points in lots.items() if on < day <= on + timedelta(days=notify.AHEAD_DAYS)]
        for week in notify.lapsing_weeks(near, on):
            assert week.announced_on <= on
            if week.announced_on == on:
                assert timedelta(days=24) <= week.first_on - on <= timedelta(days=30)
                told[on] = week.points
    announced = {day + timedelta(days=7 - day.isoweekday() - notify.AHEAD_DAYS) for day in lots}
    later_ones = {on for on in announced if on >= TODAY}
    assert set(told) == later_ones
    assert sum(told.values()) == sum(
        points for day, points in lots.items()
        if day + timedelta(days=7 - day.isoweekday() - notify.AHEAD_DAYS) >= TODAY
    )  # fmt: skip
