"""An order explained: what was told of it, what it earned, which rules gave nothing and why. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

import msgspec

from linli import earning, inbox, ledger, rules
from linli.flows.rule_book import RuleBook
from linli.inbox import Archived, Outcome
from linli.kit.db import Connection
from linli.kit.errors import NotFound
from linli.ledger import GrantState
from linli.rules import Sentence, Skip
from linli.words.events import CATALOGUE

MOST_EVENTS = 500
"""Events of one order that are looked at."""
_outcome = msgspec.json.Decoder(Outcome)


class OrderNotFound(NotFound):
    """No event of the member has told of this order. Fields: `order_id`."""

    code: ClassVar[str] = "order_not_found"


class Told(msgspec.Struct, frozen=True):
    """An event of an order. `outcome`: what became of it; `code`: why, where there is something to say."""

    type: str
    at: datetime
    outcome: str
    code: str | None


class NotGranted(msgspec.Struct, frozen=True):
    """A rule that listened and gave nothing: a stable `reason`, and the same in words with its figures."""

    rule: str
    name: Sentence | None
    reason: str
    text: Sentence


class Explained(msgspec.Struct, frozen=True):
    """An order: what is known of it, its events by business time, its grants, and the rules that gave nothing."""

    order_id: str
    paid_fen: int
    given_back_fen: int
    paid_on: date | None
    completed_on: date | None
    events: list[Told]
    grants: list[GrantState]
    not_granted: list[NotGranted]


async def explain_order(conn: Connection, book: RuleBook, member_id: str, order_id: str) -> Explained:
    """The member's order. Raises OrderNotFound."""
    key = (member_id, order_id)
    record = (await earning.read_orders(conn, [key])).get(key)
    if record is None:
        raise OrderNotFound(order_id=order_id)
    found = await inbox.of_order(conn, member_id, order_id, MOST_EVENTS)
    outcomes = [_outcome.decode(event.outcome) for event in found]
    keys = [granted.key for outcome in outcomes for granted in outcome.granted if granted.member_id == member_id]
    grants = await ledger.of_order(conn, member_id, order_id, keys)
    return Explained(
        order_id=order_id, paid_fen=record.paid_fen, given_back_fen=record.given_back_fen, paid_on=record.paid_on,
        completed_on=record.completed_on,
        events=[Told(event.type, event.occurred_at, told.outcome, told.code)
                for event, told in zip(found, outcomes, strict=True)],
        grants=grants,
        not_granted=await _not_granted(conn, book, found, outcomes, {grant.rule for grant in grants}),
    )  # fmt: skip


async def _not_granted(
    conn: Connection, book: RuleBook, found: Sequence[Archived], outcomes: Sequence[Outcome], gave: set[str]
) -> list[NotGranted]:
    """Of each rule that gave nothing for any of the events: why, as of the last event that it was asked about."""
    told: dict[str, NotGranted] = {}
    for event, outcome in zip(found, outcomes, strict=True):
        for line in await why_not(conn, book, event, outcome):
            if line.rule not in gave:
                told[line.rule] = line
    return list(told.values())


async def why_not(conn: Connection, book: RuleBook, event: Archived, outcome: Outcome) -> list[NotGranted]:
    """The rules that gave nothing for an event of the archive, those too that its city or a pause left out."""
    version = outcome.programme_version
    programme = await book.programme(conn, version) if version else None
    if programme is None:
        return []
    body = msgspec.json.decode(event.data, type=CATALOGUE[event.type])
    skips = [*msgspec.convert(outcome.skipped, list[Skip]), *rules.left_out(programme, event.type, body.city)]
    return in_words(programme, skips, getattr(body, "paid_fen", None))


def in_words(programme: rules.Programme, skips: Sequence[Skip], paid_fen: int | None) -> list[NotGranted]:
    """Skips of one event as people read them; `paid_fen`: of its order."""
    known = {rule.id: rule for rule in programme.rules}
    told = []
    for skip in skips:
        rule = known.get(skip.rule)
        name = Sentence(zh=rule.name.zh, en=rule.name.en) if rule else None
        told.append(NotGranted(skip.rule, name, skip.reason, rules.reason(skip, rule, programme, paid_fen=paid_fen)))
    return told
