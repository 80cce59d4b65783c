"""What one batch of events knows, and what it is about to write."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from linli import earning, inbox
from linli.budgets import NOTHING_RESTS, Resting
from linli.flows.invitations import UNKNOWN_CODE, told_whole, unknown_code
from linli.inbox import Outcome
from linli.kit.db import Connection
from linli.ledger import GrantKey, Stamp, Undone
from linli.rules import Evaluation
from linli.words.events import Event
from linli.words.facts import NO_FACTS, MemberFacts
from linli.words.grants import Grant

EventKey = tuple[str, str]


SHARED = ("day:", "month:", "once:")
"""Claims that several causes may give a right to: the earliest of them holds it."""


class Shadowed(NamedTuple):
    """What a version in the shadow would have done with an event; or why it could not tell."""

    event: Event
    version: int
    found: Evaluation | None
    failure: str | None


OrderKey = tuple[str, str]


@dataclass
class Batch:
    """Members of the batch are locked; `facts` and `orders` are theirs, and change as events are judged."""

    stamp: Stamp
    channel: str
    locked: set[str] = field(default_factory=set)
    """Members whose rows are locked."""
    facts: dict[str, MemberFacts] = field(default_factory=dict)
    orders: dict[OrderKey, earning.OrderRecord] = field(default_factory=dict)
    homes: dict[tuple[str, str], str] = field(default_factory=dict)
    """(salt, member) → city, as far as rollouts ask for it."""
    kept_homes: dict[tuple[str, str], str] = field(default_factory=dict)
    """Those of them that were kept when a rollout met the member first."""
    groups: dict[str, earning.GroupRecord] = field(default_factory=dict)
    """Groups that events of the batch name: locked."""
    parts: dict[str, dict[tuple[str, str], earning.Part]] = field(default_factory=dict)
    """Group → its parts by (member, cause): all of them for groups that are told to have formed or failed."""
    new_parts: list[earning.Part] = field(default_factory=list)
    changed_groups: set[str] = field(default_factory=set)
    reached: list[tuple[str, str, date]] = field(default_factory=list)
    """Milestones: (member_id, what their grants await, business date)."""
    elsewhere: list[earning.Elsewhere] = field(default_factory=list)
    """Claims that several causes may give a right to, and that hang on orders of others."""
    waiting: list[inbox.ParkedEvent] = field(default_factory=list)
    """Parked events that wait for one of the orders."""
    contested: set[EventKey] = field(default_factory=set)
    """Keys under which another body waits, parked: what came under them now is a conflict."""
    parked_before: dict[EventKey, list[inbox.Waiting]] = field(default_factory=dict)
    """The same events, parked when they came before."""
    resolved: list[UUID] = field(default_factory=list)
    """What was parked, and waits no longer."""
    last_settled: date | None = None
    """The latest business date for which settlement has begun: what comes now is credited after it."""
    at_once: dict[GrantKey, tuple[Grant, Outcome]] = field(default_factory=dict)
    """(member_id, key) of what was promised and arrives with the batch, and the outcome that tells of it."""
    undone: list[Undone] = field(default_factory=list)
    """What of credited grants was taken back, and is to be booked."""
    turned: list[tuple[Event, earning.OrderRecord]] = field(default_factory=list)
    """Events that tell of an order that it counts, or does not, otherwise than it seemed; and how it was known."""
    resting: Resting = NOTHING_RESTS
    """What budgets have paused."""
    outcomes: dict[EventKey, Outcome] = field(default_factory=dict)
    changed_facts: set[str] = field(default_factory=set)
    changed_orders: set[OrderKey] = field(default_factory=set)
    taken: list[Event] = field(default_factory=list)
    """Events that were taken in, to be archived with their outcomes."""
    shadowed: list[Shadowed] = field(default_factory=list)
    """What versions in the shadow would have done."""

    def facts_of(self, member_id: str) -> MemberFacts:
        """What is known of the member, perhaps nothing."""
        return self.facts.get(member_id, NO_FACTS)

    def learn(self, member_id: str, facts: MemberFacts) -> None:
        """Replace what is known of the member."""
        if facts is not self.facts_of(member_id):
            self.facts[member_id] = facts
            self.changed_facts.add(member_id)

    def keep_order(self, record: earning.OrderRecord) -> None:
        """Replace what is known of the order."""
        key = (record.member_id, record.order_id)
        self.orders[key] = record
        self.changed_orders.add(key)

    def failed(self, group_id: str | None) -> bool:
        """Whether the group, if there is one, has failed."""
        return group_id is not None and self.groups[group_id].failed_at is not None

    def join(self, part: earning.Part) -> None:
        """Keep a member's part in a group."""
        parts = self.parts.setdefault(part.group_id, {})
        if (part.member_id, part.cause) not in parts:
            parts[part.member_id, part.cause] = part
            self.new_parts.append(part)

    def keep_group(self, group: earning.GroupRecord) -> None:
        """Replace what is known of the group."""
        self.groups[group.group_id] = group
        self.changed_groups.add(group.group_id)

    def postponed(self, grant: Grant) -> Grant:
        """The grant as it can be promised now: what comes after its settlement has begun is credited by the next."""
        if self.last_settled is None or grant.settle_on > self.last_settled:
            return grant
        return replace(grant, settle_on=self.last_settled + timedelta(days=1))

    def promised(self, grant: Grant, key: str, outcome: Outcome) -> None:
        """Note that the grant was written under `key`, as far as it is to be credited with the batch."""
        if grant.at_once:
            self.at_once[grant.member_id, key] = (grant, outcome)

    def accept(self, event: Event, programme_version: int) -> Outcome:
        """A new outcome for an event that is taken in."""
        outcome = Outcome(
            id=event.event_id, source=event.source, outcome="accepted", type=event.body.type,
            member_id=event.body.member_id, programme_version=programme_version,
        )  # fmt: skip
        self.taken.append(told_whole(event))
        self.outcomes[event.source, event.event_id] = outcome
        if detail := unknown_code(event):
            outcome.code, outcome.detail = UNKNOWN_CODE, detail
        return outcome

    async def park(self, conn: Connection, event: Event, reason: str, detail: str, awaits: str | None = None) -> None:
        """Set an event aside with its reason. Its key is given back: it will come again by a replay."""
        key = (event.source, event.event_id)
        how = await inbox.park(
            conn, channel=self.channel, reason=reason, detail=detail, raw=inbox.canonical(event), now=self.stamp.at,
            member_id=event.body.member_id, source=event.source, event_id=event.event_id, awaits=awaits,
            digest=event.digest,
        )  # fmt: skip
        await inbox.unclaim(conn, [key])
        self.outcomes[key] = Outcome(
            id=event.event_id, source=event.source, outcome="conflict" if how == "conflict" else "parked",
            type=event.body.type, member_id=event.body.member_id, code=reason, detail=detail,
        )  # fmt: skip
