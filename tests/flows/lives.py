"""Sets of events as a few neighbours might cause them, for Hypothesis: in no order, each event once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from linli.words.events import Event
from tests.flows.world import SHANGHAI, event

FIRST = date(2026, 2, 4)
"""Double points begin on the 7th and end on the 24th; the month ends on the 28th."""
MEMBERS = ("m1", "m2", "m3")
Draw = Callable[[st.SearchStrategy[Any]], Any]

members = st.sampled_from(MEMBERS)
days = st.integers(0, 27)
# The first and last instants of a business date, and some that two events may share.
clocks = st.sampled_from(
    [timedelta(0), timedelta(hours=12), timedelta(hours=12, minutes=1), timedelta(days=1) - timedelta(microseconds=1)]
)
places = st.sampled_from([{}, {}, {"city": "hz"}, {"city": "hz", "leader_id": "l1"}, {"city": "nb", "leader_id": "l2"}])
lines = st.lists(st.tuples(st.sampled_from(["fresh", "daily_goods", "other"]), st.integers(1, 30_000)), max_size=3)


def moment(day: int, clock: timedelta) -> datetime:
    """An instant of the `day`-th business date."""
    return SHANGHAI.starts_at(FIRST + timedelta(days=day)) + clock


@st.composite
def orders(draw: Draw, number: int) -> list[Event]:
    """One order: paid, completed, or neither of them; refunds that never exceed it; perhaps cancelled."""
    parts = draw(lines)
    paid_fen = sum(fen for _, fen in parts) if parts else draw(st.integers(0, 500) | st.integers(0, 60_000))
    about = {"member_id": draw(members), "order_id": f"o{number}"}
    group = draw(st.sampled_from([{}, {}, {"group_id": "g1"}, {"group_id": "g2"}]))
    day, place = draw(days), draw(places)
    listed = [{"sku": f"s{n}", "category": category, "paid_fen": fen} for n, (category, fen) in enumerate(parts)]
    told: list[Event] = []

    def tell(kind: str, name: str, **data: Any) -> None:
        at = moment(draw(st.integers(day, 27)), draw(clocks))
        told.append(event(f"order.{kind}", f"{name}-o{number}", at, **about, **data))

    if draw(st.integers(0, 5)):
        tell("paid", "p", paid_fen=paid_fen, lines=listed, **place, **group)
    if draw(st.booleans()):
        tell("completed", "d", paid_fen=paid_fen, lines=listed, **place, **group)
    left = [fen for _, fen in parts]
    unallocated = paid_fen - sum(left)
    for n in range(draw(st.integers(0, 3))):
        # By line, or as a part of the whole: what is asked for is cut down to what is left.
        if parts and draw(st.booleans()):
            wanted = [min(fen, draw(st.integers(0, 30_000))) for fen in left]
            given = [{"line_id": str(at + 1), "refund_fen": fen} for at, fen in enumerate(wanted) if fen]
            left = [had - fen for had, fen in zip(left, wanted, strict=True)]
            if given:
                tell("refunded", f"r{n}", refund_id=f"r{n}-o{number}", refund_fen=sum(wanted), lines=given)
        elif not parts and unallocated:
            fen = draw(st.integers(1, unallocated))
            unallocated -= fen
            tell("refunded", f"r{n}", refund_id=f"r{n}-o{number}", refund_fen=fen)
        elif parts and min(left) > 1:
            fen = draw(st.integers(1, min(left)))
            at = left.index(max(left))
            left[at] -= fen  # the whole order bears it; by lines no more than the rest may follow
            tell("refunded", f"r{n}", refund_id=f"r{n}-o{number}", refund_fen=fen)
    if not draw(st.integers(0, 4)):
        tell("cancelled", "x")
    return told


@st.composite
def check_ins(draw: Draw, member: str) -> list[Event]:
    """Runs of days with gaps between them; some days twice, under two ids."""
    start, length = draw(st.integers(0, 10)), draw(st.integers(0, 17))
    missing = draw(st.sets(st.integers(0, 27), max_size=2))
    twice = draw(st.sets(st.integers(0, 27), max_size=2))
    told = []
    for day in range(start, start + length):
        if day not in missing:
            told.append(event("check_in", f"c{day}-{member}", moment(day, draw(clocks)), member_id=member))
        if day in twice:
            told.append(event("check_in", f"cc{day}-{member}", moment(day, draw(clocks)), member_id=member))
    return told


@st.composite
def occasions(draw: Draw, number: int) -> Event:
    """Whatever else a member may do."""
    member, at = draw(members), moment(draw(days), draw(clocks))
    kind, data = draw(
        st.sampled_from(
            [
                ("group.opened", {"group_id": "g1"}),
                ("group.formed", {"group_id": "g1"}),
                ("group.formed", {"group_id": "g2"}),
                ("group.failed", {"group_id": "g2"}),
                ("group.opened", {"group_id": "g2"}),
                ("group.joined", {"group_id": "g2", "opener_id": "m1"}),
                ("group.joined", {"group_id": "g1", "opener_id": "m1"}),
                ("review.created", {"review_id": "v1", "with_picture": True}),
                ("review.created", {"review_id": "v2"}),
                ("vote.cast", {"vote_id": "t1"}),
                ("share.converted", {"share_id": "h1", "friend_id": "m2", "order_id": "o1"}),
                ("share.converted", {"share_id": "h2", "friend_id": "m3", "order_id": "o0"}),
                ("member.registered", {"inviter_id": "m1"}),
                ("member.registered", {"inviter_id": "m2"}),
                ("member.registered", {"inviter_id": "m4"}),
                ("member.registered", {}),
            ]
        )
    )
    return event(kind, f"n{number}", at, member_id=member, **data, **draw(places))


@st.composite
def lives(draw: Draw) -> list[Event]:
    """Orders with all that follows them, check-ins, and other occasions."""
    told: list[Event] = []
    for number in range(draw(st.integers(1, 4))):
        told += draw(orders(number))
    for member in MEMBERS[:2]:
        told += draw(check_ins(member))
    for number in range(draw(st.integers(0, 7))):
        told.append(draw(occasions(number)))
    return told
