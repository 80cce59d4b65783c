"""`streak`, `goal`, `invitation`: functions of the set of events, whatever the order of arrival."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from linli.words.events import Event
from linli.words.facts import NO_FACTS, Days, MemberFacts
from tests.rules.build import Ledger, compiled, evaluate, event, order, points, reasons

STREAK = {"id": "run", "kind": "streak", "activity": "check_in", "days": 7, "points": 50}
GOAL = {"id": "goal", "kind": "goal", "threshold_fen": 50_000, "points": 100}
INVITE = {"id": "inv", "kind": "invitation", "inviter_points": 200, "invitee_points": 20}


def _days(*days: int) -> MemberFacts:
    kept = Days()
    for day in days:
        kept = kept.with_day(date(2026, 11, day))
    return MemberFacts(check_in_days=kept, shopping_days=kept)


def _check_in(on: date, event_id: str = "e1", hour: int = 12) -> Event:
    return event("check_in", f"{on}T{hour:02}:00:00+08:00", event_id=event_id)


def _rewards_by_definition(days: set[date], every: int) -> set[date]:
    """Every `every`-th day of each unbroken run: the definition, day by day."""
    found, length = set(), 0
    for number in range(min(days).toordinal(), max(days).toordinal() + 1) if days else ():
        length = length + 1 if date.fromordinal(number) in days else 0
        if length and length % every == 0:
            found.add(date.fromordinal(number))
    return found


# --- streak ----------------------------------------------------------------------------------------------------------


def test_the_seventh_day_is_rewarded_and_says_how_far_one_is() -> None:
    rules = compiled(STREAK)
    sixth = evaluate(rules, _check_in(date(2026, 11, 6)), _days(1, 2, 3, 4, 5))
    assert [(skip.reason, skip.detail) for skip in sixth.skipped] == [("streak_incomplete", {"have": 6, "need": 7})]
    result = evaluate(rules, _check_in(date(2026, 11, 7)), _days(1, 2, 3, 4, 5, 6))
    assert points(result) == {"streak:run:2026-11-07": 50}
    grant = result.grants[0]
    assert (grant.source, grant.event_id, grant.event_type) == ("linli", "day:2026-11-07", "check_in")
    assert grant.occurred_at == datetime(2026, 11, 6, 16, tzinfo=UTC)  # where that day starts in Shanghai
    assert (grant.earned_on, grant.settle_on) == (date(2026, 11, 7), date(2026, 11, 8))


def test_a_second_event_of_the_day_changes_nothing() -> None:
    assert reasons(evaluate(compiled(STREAK), _check_in(date(2026, 11, 3)), _days(1, 2, 3))) == {
        "run": "day_already_counted"
    }


def test_midnight_in_shanghai_parts_the_days() -> None:
    rules, kept = compiled(STREAK), _days(1, 2, 3, 4, 5, 6)
    assert points(evaluate(rules, event("check_in", "2026-11-06T16:00:00+00:00"), kept))
    assert reasons(evaluate(rules, event("check_in", "2026-11-06T15:59:59+00:00"), kept)) == {
        "run": "day_already_counted"
    }


def test_shopping_days_count_paid_orders() -> None:
    rules = compiled({**STREAK, "activity": "shopping"})
    late = order(100, at="2026-11-07T23:59:59+08:00")
    assert points(evaluate(rules, late, _days(1, 2, 3, 4, 5, 6))) == {"streak:run:2026-11-07": 50}
    assert evaluate(rules, _check_in(date(2026, 11, 7)), _days(1, 2, 3, 4, 5, 6)).grants == []


def test_a_late_day_that_joins_two_runs_moves_the_reward() -> None:
    # 1-3 and 5-11: the reward of the right run stood on the 11th; with the 4th the run's seventh day is the 7th.
    result = evaluate(compiled(STREAK), _check_in(date(2026, 11, 4)), _days(1, 2, 3, 5, 6, 7, 8, 9, 10, 11))
    assert [(move.old_key, move.grant.key) for move in result.moves] == [
        ("streak:run:2026-11-11", "streak:run:2026-11-07")
    ]
    assert (result.grants, result.withdrawals) == ([], [])


def test_a_late_day_between_two_rewarded_runs_leaves_what_still_stands() -> None:
    # 1-6 and 8-14: with the 7th the rewards are the 7th and the 14th; the 14th stood already.
    result = evaluate(compiled(STREAK), _check_in(date(2026, 11, 7)), _days(*range(1, 7), *range(8, 15)))
    assert (points(result), result.moves) == ({"streak:run:2026-11-07": 50}, [])


def test_rewards_of_the_left_run_are_not_given_again() -> None:
    result = evaluate(compiled(STREAK), _check_in(date(2026, 11, 8)), _days(*range(1, 8), *range(9, 15)))
    assert (points(result), result.moves) == ({"streak:run:2026-11-14": 50}, [])


def test_a_reward_that_moves_out_of_the_period_is_withdrawn() -> None:
    rules = compiled({**STREAK, "starts_at": "2026-11-08T00:00:00+08:00"})
    result = evaluate(rules, _check_in(date(2026, 11, 1)), _days(*range(2, 9)))
    assert (result.grants, result.moves) == ([], [])
    assert result.withdrawals == [("m1", "streak:run:2026-11-08")]


def test_the_period_is_asked_of_the_rewarded_day() -> None:
    later = compiled({**STREAK, "starts_at": "2026-11-08T00:00:00+08:00"})
    assert reasons(evaluate(later, _check_in(date(2026, 11, 7)), _days(*range(1, 7)))) == {"run": "not_started"}
    assert points(evaluate(later, _check_in(date(2026, 11, 8)), MemberFacts())) == {}
    ended = compiled({**STREAK, "ends_at": "2026-11-07T00:00:00+08:00"})
    assert reasons(evaluate(ended, _check_in(date(2026, 11, 7)), _days(*range(1, 7)))) == {"run": "ended"}


@given(st.lists(st.integers(0, 24), min_size=1, max_size=26), st.integers(2, 7), st.booleans(), st.data())
@settings(max_examples=150)
def test_streaks_do_not_depend_on_the_order(numbers: list[int], every: int, bounded: bool, data: st.DataObject) -> None:
    start = date(2026, 2, 20)
    window = {"starts_at": "2026-02-24T00:00:00+08:00", "ends_at": "2026-03-10T00:00:00+08:00"} if bounded else {}
    rules = compiled({**STREAK, "days": every, **window})
    events = [_check_in(start + timedelta(days=n), f"e{at}", at % 24) for at, n in enumerate(numbers)]
    kept = Ledger(rules).take(data.draw(st.permutations(events)))
    assert kept == Ledger(rules).take(events)
    wanted = _rewards_by_definition({start + timedelta(days=n) for n in numbers}, every)
    if bounded:
        wanted = {on for on in wanted if date(2026, 2, 24) <= on < date(2026, 3, 10)}
    assert {grant.earned_on for grant in kept.values()} == wanted


# --- goal ------------------------------------------------------------------------------------------------------------


def test_a_goal_is_dated_at_the_end_of_its_month() -> None:
    before = MemberFacts(month_fen={"2028-02": 49_999})
    result = evaluate(compiled(GOAL), order(1, at="2028-02-29T23:59:59+08:00"), before)
    assert points(result) == {"goal:goal:2028-02": 100}
    grant = result.grants[0]
    assert (grant.earned_on, grant.settle_on, grant.expires_on) == (
        date(2028, 2, 29),
        date(2028, 3, 1),
        date(2029, 2, 28),
    )
    assert grant.occurred_at == datetime(2028, 2, 29, 15, 59, 59, 999_999, tzinfo=UTC)
    assert (grant.source, grant.event_id, grant.order_id) == ("linli", "month:2028-02", None)


def test_an_order_after_midnight_counts_for_the_next_month() -> None:
    before = MemberFacts(month_fen={"2026-11": 49_999})
    result = evaluate(compiled(GOAL), order(1, at="2026-12-01T00:00:00+08:00"), before)
    assert [(skip.reason, skip.detail) for skip in result.skipped] == [("goal_not_reached", {"missing_fen": 49_999})]


def test_a_refund_below_the_goal_withdraws_it() -> None:
    rules, before = compiled(GOAL), MemberFacts(month_fen={"2026-11": 50_000})
    refund = event("order.refunded", order_id="o", refund_id="f", refund_fen=1)
    assert evaluate(rules, refund, before).withdrawals == [("m1", "goal:goal:2026-11")]
    assert reasons(evaluate(rules, order(5), before)) == {"goal": "goal_already_reached"}
    assert reasons(evaluate(rules, order(0), before)) == {"goal": "no_month_changed"}


def test_a_cancelled_order_may_change_another_month() -> None:
    gone = event("order.cancelled", "2026-12-02T00:00:00+08:00", order_id="o")
    before, after = MemberFacts(month_fen={"2026-11": 60_000}), MemberFacts(month_fen={})
    assert compiled(GOAL).evaluate(gone, before, after).withdrawals == [("m1", "goal:goal:2026-11")]


@given(st.lists(st.tuples(st.integers(25, 36), st.integers(-30_000, 40_000)), min_size=1, max_size=10), st.data())
def test_goals_do_not_depend_on_the_order(sums: list[tuple[int, int]], data: st.DataObject) -> None:
    rules, events = compiled(GOAL), []
    for at, (day, fen) in enumerate(sums):
        when = datetime(2026, 11, 1, 12, tzinfo=UTC) + timedelta(days=day)
        if fen >= 0:
            events.append(order(fen, order_id=f"o{at}", at=when.isoformat(), event_id=f"e{at}"))
        elif fen < 0:
            body: dict[str, Any] = {"order_id": "o", "refund_id": f"f{at}", "refund_fen": -fen}
            events.append(event("order.refunded", when.isoformat(), event_id=f"e{at}", **body))
    ledger = Ledger(rules)
    kept = ledger.take(data.draw(st.permutations(events)))
    assert kept == Ledger(rules).take(events)
    assert {key for _, key in kept} == {f"goal:goal:{m}" for m, fen in ledger.facts.month_fen.items() if fen >= 50_000}


# --- invitation ------------------------------------------------------------------------------------------------------


def _registered(inviter: str | None, at: str = "2026-11-01T08:00:00+08:00", event_id: str = "r1") -> Event:
    return event("member.registered", at, event_id=event_id, inviter_id=inviter)


def _completed(order_id: str, at: str = "2026-11-05T08:00:00+08:00", **rest: Any) -> Event:
    return event("order.completed", at, order_id=order_id, paid_fen=2000, event_id=f"e-{order_id}", **rest)


def test_both_sides_are_rewarded_by_the_first_order_whichever_came_last() -> None:
    rules = compiled(INVITE)
    one = Ledger(rules).take([_registered("m0"), _completed("o1"), _completed("o2", "2026-11-06T08:00:00+08:00")])
    other = Ledger(rules).take([_completed("o2", "2026-11-06T08:00:00+08:00"), _completed("o1"), _registered("m0")])
    assert one == other
    assert {who: grant.points for who, grant in one.items()} == {
        ("m0", "invite:inv:m1"): 200,
        ("m1", "invited:inv"): 20,
    }
    assert {(grant.event_id, grant.earned_on, grant.order_id) for grant in one.values()} == {
        ("e-o1", date(2026, 11, 5), "o1")
    }


def test_invitation_skips_say_why() -> None:
    rules = compiled(INVITE)
    invited = MemberFacts(inviter_id="m0", invited_at=datetime(2026, 11, 1, tzinfo=UTC))
    assert reasons(evaluate(rules, _completed("o1"))) == {"inv": "no_inviter"}
    assert reasons(evaluate(rules, _registered("m0"))) == {"inv": "no_first_order"}
    assert reasons(evaluate(rules, _registered("m1"))) == {"inv": "self_invitation"}
    ledger = Ledger(rules)
    ledger.take([_registered("m0"), _completed("o1")])
    assert reasons(evaluate(rules, _completed("o9", "2026-12-01T08:00:00+08:00"), ledger.facts)) == {
        "inv": "not_first_order"
    }
    ended = compiled({**INVITE, "ends_at": "2026-11-05T08:00:00+08:00"})
    assert reasons(evaluate(ended, _completed("o1"), invited)) == {"inv": "ended"}


def test_nobody_invites_oneself() -> None:
    assert Ledger(compiled(INVITE)).take([_registered("m1"), _completed("o1")]) == {}


def test_an_inviter_gets_nothing_where_the_figure_is_zero() -> None:
    rules = compiled({**INVITE, "invitee_points": 0})
    assert list(Ledger(rules).take([_registered("m0"), _completed("o1")])) == [("m0", "invite:inv:m1")]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("order"), st.integers(0, 30), st.just("")),
            st.tuples(st.just("invite"), st.integers(0, 30), st.sampled_from(["m0", "m1", "m2", ""])),
        ),
        min_size=1,
        max_size=7,
        unique_by=lambda what: (what[0], what[1]),
    ),
    st.booleans(),
    st.data(),
)
def test_invitations_do_not_depend_on_the_order(
    happened: list[tuple[str, int, str]], bounded: bool, data: st.DataObject
) -> None:
    rules = compiled({**INVITE, "starts_at": "2026-11-10T00:00:00+08:00"} if bounded else INVITE)
    events = []
    for at, (what, day, inviter) in enumerate(happened):
        when = (datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=day)).isoformat()
        is_order = what == "order"
        events.append(_completed(f"o{at}", when) if is_order else _registered(inviter or None, when, f"r{at}"))
    assert Ledger(rules).take(data.draw(st.permutations(events))) == Ledger(rules).take(events)


def test_no_facts_is_not_changed_by_the_model() -> None:
    assert MemberFacts() == NO_FACTS
