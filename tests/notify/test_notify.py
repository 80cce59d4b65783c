"""Marks never go back, messages stand where their ids say, and notices are read one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from linli import notify
from linli.kit.db import Connection
from linli.notify import NOTHING_READ, Mark, Notice

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
TODAY = date(2026, 11, 22)


async def test_a_mark_never_goes_back(conn: Connection) -> None:
    assert await notify.marks(conn, ["m1", "m2"]) == {"m1": NOTHING_READ, "m2": NOTHING_READ}
    for mark in (Mark(5), Mark(3), Mark(7), Mark(4)):
        await notify.advance(conn, "m1", mark, NOW)
    assert await notify.marks(conn, ["m1", "m2"]) == {"m1": Mark(7), "m2": NOTHING_READ}


@given(st.dates(date(2000, 1, 1), date(2999, 12, 31)), st.integers(0, 10**17), st.sampled_from([*notify.KIND_OF]))
def test_an_id_names_its_place(on: date, seq: int, kind: str) -> None:
    note = notify.moved(kind, on, seq, NOW, 1, NOTHING_READ)
    assert notify.place_of(note.message_id) == note.place


def _notice(kind: notify.NoticeKind, on: date, member_id: str = "m1", coupon: str | None = None) -> Notice:
    points, lapses_on = (5, on + timedelta(days=15)) if kind == "expiring" else (None, None)
    return Notice(member_id, kind, on, points, lapses_on, coupon, NOW)


async def test_a_member_is_told_once_a_date_and_kind(conn: Connection) -> None:
    told = [_notice("wake_up", TODAY, member_id, "C") for member_id in ("m1", "m2")]
    assert await notify.publish(conn, told[:1]) == told[:1]
    assert await notify.publish(conn, told) == told[1:]
    assert await notify.count_unread(conn, ["m1", "m2", "m3"], TODAY) == {"m1": 1, "m2": 1}
    sent = [*await notify.take(conn, 3), *await notify.take(conn, 3)]
    assert await notify.take(conn, 3) == []
    assert [(one.topic, one.member_id) for one in sent] == [
        ("notice", "m1"), ("coupon_wanted", "m1"), ("notice", "m2"), ("coupon_wanted", "m2"),
    ]  # fmt: skip
    assert len({one.key for one in sent}) == 4


async def test_of_two_notices_on_one_date_each_has_its_place(conn: Connection) -> None:
    yesterday = TODAY - timedelta(days=1)
    for notice in (_notice("wake_up", TODAY), _notice("expiring", TODAY), _notice("expiring", yesterday)):
        await notify.publish(conn, [notice])
    found: list[Notice] = []
    before = (date.max, 0)
    while part := await notify.of_member(conn, "m1", since=yesterday, before=before, limit=1):
        found += part
        before = part[0].note.place
        assert notify.place_of(part[0].note.message_id) == before
    assert [(notice.kind, notice.on) for notice in found] == [
        ("expiring", TODAY), ("wake_up", TODAY), ("expiring", yesterday),
    ]  # fmt: skip
    await notify.read_up_to(conn, "m1", found[1].note.place, NOW)
    again = await notify.of_member(conn, "m1", since=yesterday, before=(date.max, 0), limit=9)
    assert [notice.read for notice in again] == [False, True, True]
    assert await notify.count_unread(conn, ["m1"], yesterday) == {"m1": 1}
