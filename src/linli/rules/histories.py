"""Rules over a member's history: `streak`, `goal`, `invitation`.

Their results are functions of the SET of events, whatever the order of arrival: grants are dated by what they are for
(a day, a month's end, the first order), never by the event that happened to complete them. Where a late event changes
what holds, the difference between the claims before and after it is moved, granted or withdrawn.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeAlias

from linli.rules.outcome import Loss, Move, Skip
from linli.rules.periods import Window
from linli.rules.programme import Goal, Invitation, Streak
from linli.rules.scene import Apply, Canonical, Makings, Scene
from linli.words.facts import MemberFacts
from linli.words.grants import Grant

Lose: TypeAlias = Callable[[str, MemberFacts, MemberFacts, Loss], None]
"""(member, facts with what is lost, facts without it, what comes of it): for causes that are taken away again."""
INVITE = "invite:"
"""What keys of an inviter's grants begin with."""


def friend_of(key: str) -> str:
    """The member whose first order earned the inviter's grant under `key`."""
    return key.split(":", 2)[2]


def streak_dates(day: date, left: int, right: int, every: int) -> tuple[list[date], list[date]]:
    """Reward dates from `day` on, (before, after) `day` joins a run of `left` days before it and `right` after it.

    Rewards stand at each `every`-th day of a run. Those of the left run stay; the right run loses its own start.
    """
    at = day.toordinal()
    before = [date.fromordinal(at + every * k) for k in range(1, right // every + 1)]
    start = at - left
    after = [date.fromordinal(start + every * k - 1) for k in range(left // every + 1, (left + 1 + right) // every + 1)]
    return before, after


def streak(rule: Streak, version: int, makings: Makings) -> Apply:
    """A reward at every `days`-th day of an unbroken run of check-in or shopping days."""
    day_of, window, check_in = makings.instants.day, Window(rule), rule.activity == "check_in"
    make = Canonical(rule, version, makings.dates(rule), "check_in" if check_in else "order.paid")
    counted, given_back = Skip(rule.id, "day_already_counted"), Skip(rule.id, "order_given_back")
    incomplete = [Skip(rule.id, "streak_incomplete", {"have": have, "need": rule.days}) for have in range(rule.days)]
    need, points, prefix = rule.days, rule.points, f"streak:{rule.id}:"

    def in_window(on: date) -> bool:
        return window.has(day_of(on).seconds)

    def grant(scene: Scene, on: date) -> Grant:
        day = day_of(on)
        return make(scene.body.member_id, prefix + day.text, points, day.at, on, "day:" + day.text)

    def apply(scene: Scene) -> None:
        day = scene.on
        run = scene.run(check_in)
        if run is None:
            return scene.skipped.append(counted)
        if not check_in and not scene.after.shopping_days.has(day):
            return scene.skipped.append(given_back)
        left, right = run
        have = (left + 1 + right) % need
        if not right:  # nearly always: the day is the member's latest
            seconds = day_of(day).seconds
            if not window.has(seconds):
                return scene.skipped.append(window.skip(seconds))
            if have:
                return scene.skipped.append(incomplete[have])
            return scene.grants.append(grant(scene, day))
        was, now = streak_dates(day, left, right, need)
        gone = [on for on in was if on not in now and in_window(on)]
        new = [on for on in now if on not in was and in_window(on)]
        for old_on, new_on in zip(gone, new, strict=False):
            scene.moves.append(Move(f"{prefix}{old_on}", grant(scene, new_on)))
        scene.grants.extend(grant(scene, on) for on in new[len(gone) :])
        member_id = scene.body.member_id
        scene.withdrawals.extend((member_id, f"{prefix}{on}") for on in gone[len(new) :])
        if not new and not gone:
            seconds = day_of(day).seconds
            scene.skipped.append(incomplete[have] if window.has(seconds) else window.skip(seconds))
        return None

    return apply


def streak_lost(rule: Streak, version: int, makings: Makings) -> Lose:
    """What becomes of the rewards when a shopping day leaves the set; check-in days stay for ever."""
    day_of, window, need = makings.instants.day, Window(rule), rule.days
    make = Canonical(rule, version, makings.dates(rule), "order.paid")
    prefix = f"streak:{rule.id}:"

    def lose(member_id: str, before: MemberFacts, after: MemberFacts, loss: Loss) -> None:
        if rule.activity == "check_in":
            return
        for day in before.shopping_days.lost_in(after.shopping_days):
            left, right = after.shopping_days.run_around(day)
            now, was = streak_dates(day, left, right, need)
            gone = [on for on in was if on not in now and window.has(day_of(on).seconds)]
            new = [
                make(member_id, f"{prefix}{on}", rule.points, day_of(on).at, on, f"day:{on}")
                for on in now
                if on not in was and window.has(day_of(on).seconds)
            ]
            loss.moves.extend(Move(f"{prefix}{on}", grant) for on, grant in zip(gone, new, strict=False))
            loss.grants.extend(new[len(gone) :])
            loss.withdrawals.extend((member_id, f"{prefix}{on}") for on in gone[len(new) :])

    return lose


def goal(rule: Goal, version: int, makings: Makings) -> Apply:
    """A reward for a business month in which enough was paid; withdrawn when refunds bring it below again."""
    month_of, window = makings.instants.month, Window(rule)
    make = Canonical(rule, version, makings.dates(rule), "order.paid")
    threshold = rule.threshold_fen
    unchanged, reached = Skip(rule.id, "no_month_changed"), Skip(rule.id, "goal_already_reached")

    def judge(scene: Scene, month: str) -> None:
        at, seconds, last = month_of(month)
        if not window.has(seconds):
            return scene.skipped.append(window.skip(seconds))
        fen = scene.after.month_fen.get(month, 0)
        had, has = scene.before.month_fen.get(month, 0) >= threshold, fen >= threshold
        key = f"goal:{rule.id}:{month}"
        if has and not had:
            scene.grants.append(make(scene.body.member_id, key, rule.points, at, last, f"month:{month}"))
        elif had and not has:
            scene.withdrawals.append((scene.body.member_id, key))
        elif has:
            scene.skipped.append(reached)
        else:
            scene.skipped.append(Skip(rule.id, "goal_not_reached", {"missing_fen": threshold - fen}))
        return None

    def apply(scene: Scene) -> None:
        months = scene.changed_months()
        if not months:
            scene.skipped.append(unchanged)
        for month in months:
            judge(scene, month)

    return apply


def goal_lost(rule: Goal, version: int, makings: Makings) -> Lose:
    """Months whose sum fell below the threshold."""
    month_of, window, threshold = makings.instants.month, Window(rule), rule.threshold_fen

    def lose(member_id: str, before: MemberFacts, after: MemberFacts, loss: Loss) -> None:
        for month, fen in before.month_fen.items():
            if fen >= threshold > after.month_fen.get(month, 0) and window.has(month_of(month).seconds):
                loss.withdrawals.append((member_id, f"goal:{rule.id}:{month}"))

    return lose


def invitation(rule: Invitation, version: int, makings: Makings) -> Apply:
    """Points for inviter and invitee, caused by the invitee's first completed order."""
    window, rule_id = Window(rule), rule.id
    reasons = ("no_inviter", "self_invitation", "invitation_ring", "no_first_order", "not_first_order")
    skips = {reason: Skip(rule_id, reason) for reason in reasons}

    claims = _invitation_claims(rule, version, makings)

    def why_not(member_id: str, before: MemberFacts, after: MemberFacts) -> Skip:
        if after.inviter_id is None:
            return skips["no_inviter"]
        if after.inviter_id == member_id:
            return skips["self_invitation"]
        if after.ring:
            return skips["invitation_ring"]
        if after.first_order is None:
            return skips["no_first_order"]
        if (after.inviter_id, after.first_order) != (before.inviter_id, before.first_order) or before.ring:
            return window.skip(after.first_order.at.timestamp())
        return skips["not_first_order"]

    def apply(scene: Scene) -> None:
        member_id, before, after = scene.body.member_id, scene.before, scene.after
        if (before.inviter_id, before.first_order, before.ring) == (after.inviter_id, after.first_order, after.ring):
            return scene.skipped.append(why_not(member_id, before, after))
        had, has = claims(member_id, before), claims(member_id, after)
        new = [grant for who, grant in has.items() if had.get(who) != grant]
        gone = [who for who in had if who not in has]
        scene.grants.extend(new)
        scene.withdrawals.extend(gone)
        if not new and not gone:
            scene.skipped.append(why_not(member_id, before, after))
        return None

    return apply


def invitation_lost(rule: Invitation, version: int, makings: Makings) -> Lose:
    """What becomes of the rewards when the invitee's first order is given back: the next one takes its place."""
    claims = _invitation_claims(rule, version, makings)

    def lose(member_id: str, before: MemberFacts, after: MemberFacts, loss: Loss) -> None:
        if before.first_order == after.first_order and before.ring == after.ring:
            return
        had, has = claims(member_id, before), claims(member_id, after)
        loss.withdrawals.extend(who for who in had if who not in has)
        for who, grant in has.items():
            if who not in had:
                loss.grants.append(grant)
            elif had[who] != grant:
                loss.moves.append(Move(grant.key, grant))

    return lose


def _invitation_claims(
    rule: Invitation, version: int, makings: Makings
) -> Callable[[str, MemberFacts], dict[tuple[str, str], Grant]]:
    window, rule_id = Window(rule), rule.id
    make = Canonical(rule, version, makings.dates(rule), "order.completed")

    def claims(member_id: str, facts: MemberFacts) -> dict[tuple[str, str], Grant]:
        """(member, key) → grant that these facts give a right to."""
        first, inviter = facts.first_order, facts.inviter_id
        if (
            first is None
            or inviter is None
            or facts.ring
            or inviter == member_id
            or not window.has(first.at.timestamp())
        ):
            return {}
        found: dict[tuple[str, str], Grant] = {}
        for who, key, points in (
            (inviter, f"{INVITE}{rule_id}:{member_id}", rule.inviter_points),
            (member_id, f"invited:{rule_id}", rule.invitee_points),
        ):
            if points:
                found[who, key] = make(who, key, points, first.at, first.on, first.event_id, first.order_id)
        return found

    return claims
