"""Short ways to build programmes, events and facts, and a plain model of what the ledger does with results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from linli.kit.clock import BusinessCalendar
from linli.rules import CompiledProgramme, Evaluation, Programme, check_programme, compile_programme, decode_programme
from linli.words.events import CATALOGUE, Event
from linli.words.facts import NO_FACTS, FirstOrder, MemberFacts
from linli.words.grants import Grant

SHANGHAI = BusinessCalendar("Asia/Shanghai")
NAME = {"zh": "规则", "en": "Rule"}
BASE = {"id": "base", "kind": "per_amount", "points": 1, "per_fen": 100}


def document(*rules: dict[str, Any], **fields: Any) -> bytes:
    """A programme document of `rules`, each given a name where it has none."""
    named = [{"name": NAME, **rule} for rule in rules]
    return msgspec.json.encode({"name": "test", "title": NAME, "rules": named, **fields})


def programme(*rules: dict[str, Any], **fields: Any) -> Programme:
    """The decoded programme; it must be without faults."""
    assert check_programme(document(*rules, **fields)) == []
    return decode_programme(document(*rules, **fields))


def compiled(*rules: dict[str, Any], versions: dict[str, int] | None = None, **fields: Any) -> CompiledProgramme:
    """The programme ready to evaluate, as version 3."""
    return compile_programme(programme(*rules, **fields), version=3, versions=versions or {})


def event(event_type: str, at: str = "2026-11-22T12:00:00+08:00", *, event_id: str = "e1", **body: Any) -> Event:
    """A typed event of member m1 at `at`."""
    occurred_at = datetime.fromisoformat(at)
    data = msgspec.convert({"member_id": "m1", **body}, CATALOGUE[event_type])
    return Event("platform", event_id, occurred_at, SHANGHAI.date_of(occurred_at), data, b"", b"")


def order(paid_fen: int, *lines: dict[str, Any], order_id: str = "o1", **rest: Any) -> Event:
    """An `order.paid` event; lines are given a sku."""
    listed = [{"sku": f"s{place}", **line} for place, line in enumerate(lines)]
    return event("order.paid", order_id=order_id, paid_fen=paid_fen, lines=listed, **rest)


def evaluate(rules: CompiledProgramme, happened: Event, before: MemberFacts = NO_FACTS) -> Evaluation:
    """The evaluation of an event after facts `before`, with the facts that follow from it."""
    return rules.evaluate(happened, before, with_event(before, happened))


def points(result: Evaluation) -> dict[str, int]:
    """Key → points of the grants."""
    return {grant.key: grant.points for grant in result.grants}


def reasons(result: Evaluation) -> dict[str, str]:
    """Rule → reason of the skips."""
    return {skip.rule: skip.reason for skip in result.skipped}


def with_event(facts: MemberFacts, happened: Event) -> MemberFacts:
    """The member's facts with the event in them: sums, sets and minima, so the order does not matter."""
    body: Any = happened.body
    month = happened.business_on.isoformat()[:7]
    replace = msgspec.structs.replace
    match body.type:
        case "check_in":
            return replace(facts, check_in_days=facts.check_in_days.with_day(happened.business_on))
        case "order.paid" | "order.refunded":
            fen = body.paid_fen if body.type == "order.paid" else -body.refund_fen
            sums = {**facts.month_fen, month: facts.month_fen.get(month, 0) + fen}
            days = facts.shopping_days
            if body.type == "order.paid":
                days = days.with_day(happened.business_on)
            return replace(facts, month_fen=sums, shopping_days=days)
        case "order.completed":
            first = FirstOrder(happened.occurred_at, happened.business_on, happened.event_id, body.order_id)
            old = facts.first_order
            if old is None or (first.at, first.event_id) < (old.at, old.event_id):
                return replace(facts, first_order=first)
        case "member.registered" if body.inviter_id is not None:
            old_at = facts.invited_at
            if old_at is None or happened.occurred_at < old_at:
                return replace(facts, inviter_id=body.inviter_id, invited_at=happened.occurred_at)
    return facts


@dataclass
class Ledger:
    """What is kept of evaluations: (member, key) → grant, the earliest (occurred_at, event_id) wins."""

    rules: CompiledProgramme
    facts: MemberFacts = NO_FACTS
    kept: dict[tuple[str, str], Grant] = field(default_factory=dict)

    def take(self, events: Iterable[Event]) -> dict[tuple[str, str], Grant]:
        """Evaluates events of one member in the order given."""
        for happened in events:
            after = with_event(self.facts, happened)
            result = self.rules.evaluate(happened, self.facts, after)
            self.facts = after
            for who in result.withdrawals:
                self.kept.pop(who, None)
            for move in result.moves:
                moved = self.kept.pop((move.grant.member_id, move.old_key), None)
                assert moved is not None, "a move must find what it moves"
                self._keep(move.grant)
            for grant in result.grants:
                self._keep(grant)
        return self.kept

    def _keep(self, grant: Grant) -> None:
        who = (grant.member_id, grant.key)
        old = self.kept.get(who)
        if old is None or (grant.occurred_at, grant.event_id) < (old.occurred_at, old.event_id):
            self.kept[who] = grant
