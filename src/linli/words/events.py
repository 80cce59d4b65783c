"""The event catalogue: what the platform can tell Linli, one struct per CloudEvents `type`.

`time` of the envelope is the business time of what happened. Amounts are whole fen. A field that is not listed is
refused, so a misspelt one never passes as absent. `docs/events.md` is generated from these structs.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from linli.words.units import MOST_FEN

Id = Annotated[str, Meta(min_length=1, max_length=128, description="An id of the platform's own.")]
Code = Annotated[str, Meta(min_length=1, max_length=64, description="A short code: a city, a category, a tag.")]
FenAmount = Annotated[int, Meta(ge=0, le=MOST_FEN, description="Whole fen (hundredths of a yuan).")]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]


class Body(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What every event says: whom it concerns, where, and from which device."""

    type: ClassVar[str]
    member_id: Id
    city: Code | None = None
    leader_id: Id | None = None
    community_id: Id | None = None
    device_id: Id | None = None
    ip: Annotated[str, Meta(max_length=45)] | None = None
    phone_hash: Annotated[str, Meta(max_length=128, description="A hash; never the number itself.")] | None = None


class OrderLine(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One line of an order. `line_id` is what refunds name; left out, it is the line's place, from \"1\"."""

    sku: Id
    paid_fen: FenAmount
    list_fen: FenAmount | None = None
    quantity: Count = 1
    category: Code | None = None
    tags: Annotated[tuple[Code, ...], Meta(max_length=20, description="promotion, high_margin, fresh, …")] = ()
    line_id: Id | None = None


class Order(Body, frozen=True, kw_only=True):
    """An order. `paid_fen` is what was paid in cash, after discounts and points; lines, where given, add up to it."""

    order_id: Id
    paid_fen: FenAmount
    list_fen: FenAmount | None = None
    lines: Annotated[tuple[OrderLine, ...], Meta(max_length=500)] = ()
    group_id: Id | None = None


class OrderPaid(Order, frozen=True, kw_only=True):
    """The order was paid."""

    type: ClassVar[str] = "order.paid"


class OrderCompleted(Order, frozen=True, kw_only=True):
    """The order was collected (or delivered)."""

    type: ClassVar[str] = "order.completed"


class OrderCancelled(Body, frozen=True, kw_only=True):
    """The order will not happen: all of it is given back."""

    type: ClassVar[str] = "order.cancelled"
    order_id: Id
    reason: Annotated[str, Meta(max_length=500)] | None = None


class RefundLine(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Money given back for one line of the order."""

    line_id: Id
    refund_fen: FenAmount


class OrderRefunded(Body, frozen=True, kw_only=True):
    """Money was given back: by line, or (no lines) as a part of the whole order."""

    type: ClassVar[str] = "order.refunded"
    order_id: Id
    refund_id: Id
    refund_fen: Annotated[int, Meta(ge=1, le=MOST_FEN)]
    lines: Annotated[tuple[RefundLine, ...], Meta(max_length=500)] = ()


class Group(Body, frozen=True, kw_only=True):
    """A group purchase; `member_id` is the one who opened it."""

    group_id: Id


class GroupOpened(Group, frozen=True, kw_only=True):
    """A group was opened (开团)."""

    type: ClassVar[str] = "group.opened"
    sku: Id | None = None


class GroupFormed(Group, frozen=True, kw_only=True):
    """A group has enough members (成团)."""

    type: ClassVar[str] = "group.formed"
    size: Count | None = None


class GroupFailed(Group, frozen=True, kw_only=True):
    """A group did not form in time (未成团): all that it brought its members is taken back, its orders count as
    cancelled."""

    type: ClassVar[str] = "group.failed"
    reason: Annotated[str, Meta(max_length=500)] | None = None


class GroupJoined(Group, frozen=True, kw_only=True):
    """`member_id` joined a group (参团) that `opener_id` opened."""

    type: ClassVar[str] = "group.joined"
    opener_id: Id | None = None
    order_id: Id | None = None


class MemberRegistered(Body, frozen=True, kw_only=True):
    """A person became a member; `inviter_id` is the member whose invitation brought them, or `invite_code` that
    member's code. A code of nobody is told in the outcome, and the registration counts without an inviter."""

    type: ClassVar[str] = "member.registered"
    inviter_id: Id | None = None
    invite_code: Annotated[str, Meta(min_length=1, max_length=32, description="As it was typed.")] | None = None
    birth_month: Annotated[int, Meta(ge=1, le=12)] | None = None


class MemberTierChanged(Body, frozen=True, kw_only=True):
    """From this time on the member is of `tier`. An order is judged by the tier that held at its own time."""

    type: ClassVar[str] = "member.tier_changed"
    tier: Code


class ReviewCreated(Body, frozen=True, kw_only=True):
    """A review of goods was published."""

    type: ClassVar[str] = "review.created"
    review_id: Id
    with_picture: bool = False
    order_id: Id | None = None
    sku: Id | None = None


class VoteCast(Body, frozen=True, kw_only=True):
    """A vote on what should be offered next (C2M)."""

    type: ClassVar[str] = "vote.cast"
    vote_id: Id


class ShareConverted(Body, frozen=True, kw_only=True):
    """`friend_id` ordered through a link that `member_id` shared."""

    type: ClassVar[str] = "share.converted"
    share_id: Id
    friend_id: Id
    order_id: Id


class CheckIn(Body, frozen=True, kw_only=True):
    """The member checked in (签到) on the business date of the event's time."""

    type: ClassVar[str] = "check_in"
    on: date | None = None
    """The business date that the sender means: it must be the one of the event's time."""


class CheckInMadeUp(Body, frozen=True, kw_only=True):
    """A check-in that was missed was made up for (补签): from now on `on` counts as a day of check-in."""

    type: ClassVar[str] = "check_in.made_up"
    on: date


CATALOGUE: dict[str, type[Body]] = {
    body.type: body
    for body in (
        OrderPaid, OrderCompleted, OrderCancelled, OrderRefunded,
        GroupOpened, GroupFormed, GroupFailed, GroupJoined,
        MemberRegistered, MemberTierChanged, ReviewCreated, VoteCast, ShareConverted, CheckIn, CheckInMadeUp,
    )
}  # fmt: skip
"""CloudEvents `type` → the struct of its `data`."""


class Event(msgspec.Struct, frozen=True, gc=False):
    """One typed event on its way in. (source, event_id) names it for ever; `digest` tells its body from another."""

    source: str
    event_id: str
    occurred_at: datetime
    business_on: date
    body: Body
    data: bytes
    """The body again, as canonical JSON: what is stored, replayed and digested."""
    digest: bytes

    @property
    def type(self) -> str:
        return self.body.type

    @property
    def member_id(self) -> str:
        return self.body.member_id
