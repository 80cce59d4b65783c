"""A member's stored events lived twice from a date on: under what held, and under the programme that is tried.

Up to that date there is one life, judged by what held: so both begin with the same facts, and with what was used up
by then (once in a life, an invitation). Pure.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from linli.backtests import Claim, MemberPoints, Sums
from linli.backtests.types import Arm
from linli.flows.others import Others
from linli.flows.publish import LiveProgrammes
from linli.flows.simulate import Held, Life
from linli.words.events import Event, OrderPaid


class Trial(NamedTuple):
    """What is tried on the events of `from_on` on. `held`: what judged until then; `live`: what it is compared with."""

    from_on: date
    held: LiveProgrammes
    live: LiveProgrammes
    draft: LiveProgrammes


class TwoLives:
    """One member. Give it the member's events in the order of business time, then ask.

    `others` must have looked at an event before it is lived through.
    """

    def __init__(self, member_id: str, trial: Trial, others: Others) -> None:
        self.member_id, self.events = member_id, 0
        self._trial = trial
        self.live, self.draft = Life(others), None
        self._sold: dict[str, tuple[str, str, int]] = {}

    def take(self, event: Event) -> None:
        """Live through one event, in each life."""
        trial = self._trial
        self.events += 1
        if event.business_on < trial.from_on:
            self.live.take(event, trial.held, counts=False)
            return
        if self.draft is None:
            self.draft = self.live.fork()
            self.live.failed = self.draft.failed = 0
        took = self.live.take(event, trial.live, counts=True)
        self.draft.take(event, trial.draft, counts=True)
        body = event.body
        if took and isinstance(body, OrderPaid):
            self._sold[body.order_id] = (_month(event.business_on), body.city or "", body.paid_fen)

    def reckon(self, sums: Sums, claims: list[Claim]) -> MemberPoints | None:
        """Add what both lives came to. Returns what is the member's own; None for whom nothing happened in the span."""
        if self.draft is None:
            self._claim("live", self.live, sums, claims)
            self._claim("draft", self.live, sums, claims)
            return None
        for order_id, (month, city, paid_fen) in self._sold.items():
            sums.sale(paid_fen - self.live.given_back_fen(order_id), month=month, city=city)
        sums.live_failed += self.live.failed + self.live.left_waiting
        sums.draft_failed += self.draft.failed + self.draft.left_waiting
        return MemberPoints(
            self.member_id,
            self._claim("live", self.live, sums, claims),
            self._claim("draft", self.draft, sums, claims),
        )

    def _claim(self, arm: Arm, life: Life, sums: Sums, claims: list[Claim]) -> int:
        """Points of the member's own in the span; what is another's becomes a claim, since others may have one too."""
        points = 0
        for (member_id, key), held in life.held.items():
            if member_id != self.member_id:
                claims.append(_claim_of(arm, member_id, key, held))
            elif held.counts and held.points:
                points += held.points
                sums.grant(arm, held.points, 1, **_labels(held))
        return points


def _claim_of(arm: Arm, member_id: str, key: str, held: Held) -> Claim:
    grant = held.grant
    return Claim(
        member_id, arm, key, held.points, held.counts, **_labels(held), occurred_at=grant.occurred_at,
        event_id=grant.event_id,
    )  # fmt: skip


def _labels(held: Held) -> dict[str, str]:
    return {"rule": held.grant.rule, "month": _month(held.grant.earned_on), "city": held.city or ""}


def _month(on: date) -> str:
    return on.isoformat()[:7]
