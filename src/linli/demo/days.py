"""What happens on each business date of the demo, as events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from linli.demo.people import Home, Person, leaders, neighbours
from linli.replay.grocery import Journey
from linli.replay.history import Day, Envelope, lanes_of
from linli.words.events import (
    Body,
    CheckIn,
    GroupFailed,
    GroupFormed,
    GroupJoined,
    GroupOpened,
    MemberRegistered,
    Order,
    OrderCancelled,
    OrderCompleted,
    OrderPaid,
    OrderRefunded,
    RefundLine,
    ReviewCreated,
    ShareConverted,
    VoteCast,
)

SOURCE = "/demo/shop"
LANES, MOST_EVENTS = 2, 500
A_YEAR_AGO = (58, 51, 44, 37, 30, 23, 16, 9, 4, -2, -6, -10, -14, -18, -23, -28)
"""Days before the same date of last year: what was earned then has lapsed, or lapses within a month."""
YEAR_DAYS = 364
"""Whole weeks, so that a weekday stays one."""
CANCELLED, REFUNDED, REVIEWED, SHARED = 0.02, 0.05, 0.2, 0.06
GROUPED, FORMED, VOTED = 0.35, 0.85, 0.012


class World:
    """The demo that was begun on `begun`: `days` dates until then, and whatever dates come after it."""

    def __init__(self, zone: ZoneInfo, begun: date, days: int, households: int) -> None:
        self._zone = zone
        self.begun = begun
        self._journey = Journey(zone, most_households=households)
        # The last date of the data that is whole and of the same weekday.
        last = self._journey.last - timedelta(days=2)
        self._shift = begun - (last - timedelta(days=(last.weekday() - begun.weekday()) % 7))
        self._last = last
        self.first = begun - timedelta(days=days - 1)
        self._year_ago = [begun - timedelta(days=365 + before) for before in A_YEAR_AGO]
        self.leaders = leaders(self._year_ago[0])
        self.neighbours = neighbours(self._journey.households, self._year_ago[0], self.first, begun)
        self._everyone = [*self.leaders, *self.neighbours]
        self._made: dict[date, list[Envelope]] = {}
        self._by_household = {person.household: person for person in self.neighbours}

    @property
    def shown(self) -> list[Person]:
        """Three neighbours to sign in as: there from the start, who check in often, but not yet today."""
        often = sorted(self.neighbours, key=lambda person: (person.joined_on, -person.checks_in, person.member_id))
        return often[:3]

    @property
    def people(self) -> list[Person]:
        """Leaders and neighbours."""
        return self._everyone

    def dates(self, until: date) -> list[date]:
        """All dates on which something happens, in order, `until` among them."""
        return [*self._year_ago, *(self.first + timedelta(days=n) for n in range((until - self.first).days + 1))]

    def hours(self, on: date, before: datetime | None = None) -> Iterator[tuple[datetime, Day]]:
        """The date hour by hour: until when, and what happened in it, as far as it lies `before`. Nobody spends."""
        midnight = datetime.combine(on, time(), self._zone)
        end = before or midnight + timedelta(days=1)
        since = midnight
        while since < end:
            until = min(since + timedelta(hours=1), end)
            yield until, self._made_of([event for event in self._known(on) if since <= event.time < until], on, [])
            since = until

    def day(self, on: date, before: datetime | None = None) -> Day:
        """The date's events, as far as they lie `before`, and who spends points on it."""
        events = [event for event in self._known(on) if before is None or event.time < before]
        spenders = [
            person.member_id
            for person in self._there(on)
            if Random(f"spend:{on}:{person.member_id}").random() < person.spends and on >= self.first
        ]
        return self._made_of(events, on, spenders)

    def _known(self, on: date) -> Iterator[Envelope]:
        """The date's events. On the day that the demo began on, those who are shown have yet to check in."""
        quiet = {person.member_id for person in self.shown} if on == self.begun else frozenset[str]()
        for event in self._events(on):
            if not (isinstance(event.data, CheckIn) and event.data.member_id in quiet):
                yield event

    def _made_of(self, events: list[Envelope], on: date, spenders: list[str]) -> Day:
        by_member: dict[str, list[Envelope]] = defaultdict(list)
        for event in events:
            by_member[event.data.member_id].append(event)
        groups = [sorted(group, key=lambda event: event.time) for group in by_member.values()]
        return Day(on, lanes_of(groups, LANES, MOST_EVENTS), sum(map(len, groups)), spenders)

    def _there(self, on: date) -> list[Person]:
        return [person for person in self._everyone if person.joined_on <= on]

    def _events(self, on: date) -> Iterator[Envelope]:
        yield from self._registrations(on)
        for order in self.orders(on - timedelta(days=1)):
            yield from self._afterwards(order, on)
        yield from self.orders(on)
        if on >= self.first:
            yield from self._check_ins(on)
            yield from self._groups(on)
            yield from self._votes(on)

    def _registrations(self, on: date) -> Iterator[Envelope]:
        for person in self._everyone:
            if person.joined_on == on:
                body = MemberRegistered(
                    **_whose(person), inviter_id=person.inviter_id,
                    birth_month=Random(f"birth:{person.member_id}").randint(1, 12),
                )  # fmt: skip
                yield self._event(
                    f"registered-{person.member_id}", self._at(on, f"join:{person.member_id}", 7, 9), body
                )

    def orders(self, on: date) -> list[Envelope]:
        """The baskets of the date that stands for `on`, of those who had joined; none on dates left out."""
        if on not in self._made:
            # Asked for twice: for the date itself, and for what becomes of its orders on the next.
            self._made = {on - timedelta(days=1): self._made.get(on - timedelta(days=1), []), on: self._baskets(on)}
        return self._made[on]

    def _baskets(self, on: date) -> list[Envelope]:
        if on < self.first and on not in self._year_ago:
            return []
        found: list[Envelope] = []
        for household, baskets in self._journey.orders(self._stands_for(on)).items():
            person = self._by_household[household]
            if person.joined_on > on:
                continue
            for basket in baskets:
                assert isinstance(basket.data, OrderPaid), "a basket is an order"
                order_id = f"{on:%y%m%d}-{basket.data.order_id}"
                body = replace(basket.data, order_id=order_id, **_whose(person))
                found.append(self._event(f"paid-{order_id}", datetime.combine(on, basket.time.timetz()), body))
        return found

    def _stands_for(self, on: date) -> date:
        there = on - self._shift
        while there > self._last:
            there -= timedelta(days=YEAR_DAYS)
        while there < self._journey.first:
            there += timedelta(days=YEAR_DAYS)
        return there

    def _afterwards(self, paid: Envelope, on: date) -> Iterator[Envelope]:
        """What became of yesterday's order."""
        order = paid.data
        assert isinstance(order, Order), "an order was paid"
        draw = Random(f"order:{order.order_id}")
        fate = draw.random()
        name, whose = order.order_id, _whose_body(order)
        noon = datetime.combine(on, time(12), self._zone)
        if fate < CANCELLED:
            yield self._event(f"cancelled-{name}", noon, OrderCancelled(**whose, order_id=name))
            return
        collected = noon + timedelta(minutes=draw.randint(240, 480))
        body = OrderCompleted(**whose, order_id=name, paid_fen=order.paid_fen, group_id=order.group_id)
        yield self._event(f"completed-{name}", collected, body)
        line = draw.randrange(len(order.lines))
        if fate < CANCELLED + REFUNDED and (back := order.lines[line].paid_fen):
            lines = (RefundLine(line_id=str(line + 1), refund_fen=back),)
            refund = OrderRefunded(**whose, order_id=name, refund_id=f"r-{name}", refund_fen=back, lines=lines)
            yield self._event(f"refunded-{name}", collected + timedelta(minutes=50), refund)
        elif draw.random() < REVIEWED:
            review = ReviewCreated(
                **whose, review_id=f"v-{name}", order_id=name, sku=order.lines[line].sku,
                with_picture=draw.random() < 0.6,
            )  # fmt: skip
            yield self._event(f"reviewed-{name}", collected + timedelta(minutes=35), review)
        elif draw.random() < SHARED:
            friends = [person for person in self._there(on) if person.home.community_id == order.community_id]
            sharer = draw.choice(friends)
            if sharer.member_id != order.member_id:
                body = ShareConverted(
                    **_whose(sharer), share_id=f"s-{name}", friend_id=order.member_id, order_id=name
                )  # fmt: skip
                yield self._event(f"shared-{name}", collected + timedelta(minutes=5), body)

    def _check_ins(self, on: date) -> Iterator[Envelope]:
        for person in self._there(on):
            if Random(f"check-in:{on}:{person.member_id}").random() < person.checks_in:
                at = self._at(on, f"check-in-at:{on}:{person.member_id}", 6, 22)
                yield self._event(f"check-in-{person.member_id}-{on}", at, CheckIn(**_whose(person)))

    def _votes(self, on: date) -> Iterator[Envelope]:
        vote = f"{on.isocalendar().year}w{on.isocalendar().week}"
        for person in self._there(on):
            if Random(f"vote:{on}:{person.member_id}").random() < VOTED:
                body = VoteCast(**_whose(person), vote_id=f"{vote}-{person.member_id}")
                yield self._event(f"vote-{person.member_id}-{on}", self._at(on, f"v:{person.member_id}", 9, 21), body)

    def _groups(self, on: date) -> Iterator[Envelope]:
        by_home: dict[Home, list[Person]] = defaultdict(list)
        for person in self._there(on):
            by_home[person.home].append(person)
        for home, there in by_home.items():
            draw = Random(f"group:{on}:{home.community_id}")
            if draw.random() > GROUPED or len(there) < 3:
                continue
            opener, *others = draw.sample(there, min(len(there), draw.randint(3, 7)))
            name = f"g-{on:%y%m%d}-{home.leader_id}"
            opened = self._at(on, f"opened:{name}", 8, 14)
            yield self._event(f"opened-{name}", opened, GroupOpened(**_whose(opener), group_id=name))
            for nth, other in enumerate(others, 1):
                body = GroupJoined(**_whose(other), group_id=name, opener_id=opener.member_id)
                yield self._event(f"joined-{nth}-{name}", opened + timedelta(minutes=20 * nth), body)
            end = opened + timedelta(hours=4)
            if draw.random() < FORMED:
                formed = GroupFormed(**_whose(opener), group_id=name, size=1 + len(others))
                yield self._event(f"formed-{name}", end, formed)
            else:
                failed = GroupFailed(**_whose(opener), group_id=name, reason="not_enough_members")
                yield self._event(f"failed-{name}", end, failed)

    def _at(self, on: date, seed: str, earliest: int, latest: int) -> datetime:
        """Some second of `on` between the two hours."""
        seconds = Random(seed).randint(earliest * 3600, latest * 3600 - 1)
        return datetime.combine(on, time(), self._zone) + timedelta(seconds=seconds)

    def _event(self, name: str, at: datetime, body: Body) -> Envelope:
        return Envelope(name, SOURCE, body.type, at, body)


def _whose(person: Person) -> dict[str, Any]:
    return {"member_id": person.member_id, **person.home._asdict()}


def _whose_body(body: Body) -> dict[str, Any]:
    return {name: getattr(body, name) for name in ("member_id", "city", "community_id", "leader_id")}
