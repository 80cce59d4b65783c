"""Ordering in the mall: stock, limits, points and coupons of many orders at once, in one transaction.

Concurrent requests come here together (`mall_desk.py`); each is decided by itself, in its turn, on what those before it
have left, and a refusal of one leaves the others as they are. Locks in the order of the house: keys, coupon templates,
the items' stock, balances.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace
from uuid_utils.compat import uuid7

from linli import coupons, earning, ledger, mall, members, payments
from linli.coupons import TemplateNotFound
from linli.flows import coupons as coupon_flow
from linli.kit.db import Connection
from linli.kit.errors import KeyReused, Refusal
from linli.ledger import Book, Stamp
from linli.mall import Buyer, Item, ItemNotFound, Order, OrderEvent, Stock, StockChange
from linli.members import Member, MemberNotFound
from linli.payments import NewPayment
from linli.words.facts import NO_FACTS, MemberFacts

LATE = timedelta(hours=24)
"""How long after its time to pay an order keeps its points: a notice that is late finds them."""


class CashNotTaken(Refusal):
    """Nobody can pay in cash here: no payment provider is set. No fields."""

    code = "cash_not_taken"


class Wanted(NamedTuple):
    """What a member orders. Without a community or leader, it goes to their own."""

    member_id: str
    item_id: UUID
    pieces: int = 1
    community_id: str | None = None
    leader_id: str | None = None


class Placing(NamedTuple):
    """A request: `key` names it for ever, `digest` tells it from another that comes with the same key."""

    wanted: Wanted
    by: str
    key: str
    digest: bytes

    @property
    def name(self) -> tuple[str, str]:
        """Whose key it is."""
        return self.wanted.member_id, self.key


class Placed(NamedTuple):
    """What came of a request: the answer as it was first told, and whether this is the first time."""

    body: bytes
    first: bool


class Terms(NamedTuple):
    """How orders are answered, and until when cash may be paid; None: cash is not taken."""

    tell: Callable[[Order], bytes]
    pay_until: datetime | None


async def place_many(
    conn: Connection, stamp: Stamp, batch: Sequence[Placing], terms: Terms
) -> list[Placed | Refusal]:  # fmt: skip
    """What comes of each request, in their order.

    Refusals: KeyReused, MemberNotFound, ItemNotFound, CashNotTaken, InsufficientPoints, what `mall.obstacles` tells,
    and what keeps a coupon from being issued.
    """
    ones: dict[tuple[str, str], Placing] = {}
    for placing in batch:  # of twins, the first
        ones.setdefault(placing.name, placing)
    claims = await ledger.claim_keys(conn, [(*name, one.digest) for name, one in ones.items()], stamp.at)
    told: dict[tuple[str, str], Placed | Refusal] = {}
    new: list[Placing] = []
    for one, claim in zip(ones.values(), claims, strict=True):
        if claim is None:
            new.append(one)
        else:
            told[one.name] = claim if isinstance(claim, KeyReused) else Placed(claim, False)
    if new:
        made = await _Counter(conn, stamp, terms).serve(new)
        bodies = {name: terms.tell(order) for name, order in made.items() if isinstance(order, Order)}
        await ledger.save_outcomes(conn, [(*name, body) for name, body in bodies.items()])
        await ledger.free_keys(conn, [name for name in made if name not in bodies])
        for name, order in made.items():
            told[name] = order if isinstance(order, Refusal) else Placed(bodies[name], True)
    return [_told(placing, ones[placing.name], told[placing.name]) for placing in batch]


def _told(placing: Placing, first: Placing, told: Placed | Refusal) -> Placed | Refusal:
    if placing is first:
        return told
    if placing.digest != first.digest:
        return KeyReused(key=placing.key)
    return told if isinstance(told, Refusal) else Placed(told.body, False)


class _Counter:
    """One transaction's orders: what is known is read once, changed in memory, and written once."""

    def __init__(self, conn: Connection, stamp: Stamp, terms: Terms) -> None:
        self._conn, self._stamp, self._terms = conn, stamp, terms
        self._changes: dict[UUID, StockChange] = {}

    async def serve(self, new: Sequence[Placing]) -> dict[tuple[str, str], Order | Refusal]:
        """The order, or the refusal, of each."""
        conn = self._conn
        wanted = [one.wanted for one in new]
        who, what = {one.member_id for one in wanted}, {one.item_id for one in wanted}
        known, facts, items = await conn.together(
            members.members_by_id(conn, who), earning.read_facts(conn, sorted(who)), mall.items_by_id(conn, what)
        )
        templates = {item.terms.coupon_template_id for item in items.values()}
        for template_id in sorted(one for one in templates if one):
            with suppress(TemplateNotFound):  # whoever orders its item will be told
                await coupons.get_template(conn, template_id, lock=True)
        _, self._items, self._used = await conn.together(
            mall.lock_stocks(conn, what),
            mall.items_by_id(conn, what),
            mall.used(conn, sorted({(one.member_id, one.item_id) for one in wanted}), self._stamp.on),
        )
        wallets = {
            (one.member_id, self._items[one.item_id].terms.wallet)
            for one in wanted
            if one.member_id in known and one.item_id in self._items
        }
        self._book = await Book.open(conn, self._stamp, wallets)
        found: dict[tuple[str, str], Order | Refusal] = {}
        for one in new:
            try:
                found[one.name] = await self._decide(one, known.get(one.wanted.member_id), facts)
            except Refusal as refusal:
                found[one.name] = refusal
        return await self._write(found)

    async def _decide(self, one: Placing, me: Member | None, facts: dict[str, MemberFacts]) -> Order:
        """The order; all that it changes is changed in memory. Raises its refusal before anything is."""
        wanted, stamp = one.wanted, self._stamp
        if me is None:
            raise MemberNotFound(member_id=wanted.member_id)
        item = self._items.get(wanted.item_id)
        if item is None:
            raise ItemNotFound(item_id=str(wanted.item_id))
        buyer = Buyer(me.city, facts.get(me.member_id, NO_FACTS).tier_at(stamp.at))
        used = self._used[me.member_id, item.item_id]
        for refusal in mall.obstacles(item, buyer, used, at=stamp.at, on=stamp.on, pieces=wanted.pieces):
            raise refusal
        if item.terms.price_fen and self._terms.pay_until is None:
            raise CashNotTaken
        order = _order_of(wanted, item, me, stamp, one.by, self._terms.pay_until if item.terms.price_fen else None)
        order = await self._pay(order, item)
        self._take(item, order)
        return order

    async def _pay(self, order: Order, item: Item) -> Order:
        """Hold or spend its points; a coupon is issued, and so handed over, with them."""
        who, points, name = (order.member_id, order.wallet), order.points, order.ledger_id
        if order.pay_until:
            self._book.hold(*who, points, order.order_id, order.pay_until + LATE, order_id=name)
            return order
        if item.terms.coupon_template_id:
            self._book.account(*who).require(points)  # before the coupon, which is written at once
            order = await self._with_coupon(order, item.terms.coupon_template_id)
        self._book.spend(*who, points, name, order_id=name)
        return order

    async def _with_coupon(self, order: Order, template_id: str) -> Order:
        made = await coupon_flow.issue(
            self._conn, self._stamp, template_id, order.member_id, order.ledger_id, source="mall"
        )
        event = OrderEvent("collected", self._stamp.at, "system:mall")
        return replace(order, state="collected", coupon_id=str(made.coupon_id), events=(*order.events, event))

    def _take(self, item: Item, order: Order) -> None:
        """What it takes is no longer there for those after it."""
        pieces, stock = order.pieces, item.stock
        reserved, sold = (pieces, 0) if order.stock == "reserved" else (0, pieces)
        so_far = self._changes.get(item.item_id, StockChange())
        self._changes[item.item_id] = StockChange(so_far.reserved + reserved, so_far.sold + sold)
        left = Stock(stock.total, stock.reserved + reserved, stock.sold + sold)
        self._items[item.item_id] = replace(item, stock=left)
        used = self._used[order.member_id, item.item_id]
        self._used[order.member_id, item.item_id] = {span: count + pieces for span, count in used.items()}

    async def _write(self, found: dict[tuple[str, str], Order | Refusal]) -> dict[tuple[str, str], Order | Refusal]:
        orders = {name: order for name, order in found.items() if isinstance(order, Order)}
        if not orders:
            return found
        conn, stamp = self._conn, self._stamp
        kept = await mall.add_orders(conn, list(orders.values()), stamp.on, stamp.at)
        new = [_payment_of(order) for order in kept if order.pay_until]
        conn.later(mall.change_stock(conn, self._changes))
        if new:
            conn.later(payments.add_payments(conn, new, stamp.at))
        await self._book.save()
        return found | dict(zip(orders, kept, strict=True))


def _payment_of(order: Order) -> NewPayment:
    assert order.pay_until is not None, "cash has its time"
    return NewPayment(order.member_id, order.order_id, order.title.zh, order.price_fen, order.pay_until)


def _order_of(
    wanted: Wanted, item: Item, me: Member, stamp: Stamp, by: str, pay_until: datetime | None
) -> Order:  # fmt: skip
    """The order as it will be: held where something is to be paid until `pay_until`, else paid."""
    terms, pieces = item.terms, wanted.pieces
    state = "held" if pay_until else "paid"
    return Order(
        order_id=uuid7(), member_id=me.member_id, item_id=item.item_id, kind=terms.kind, title=terms.title,
        picture=terms.pictures[0] if terms.pictures else None, pieces=pieces, wallet=terms.wallet,
        points=terms.price_points * pieces, price_fen=terms.price_fen * pieces, cost_fen=terms.cost_fen * pieces,
        funder=terms.funder, cancel_until=terms.cancel_until, state=state, stock="reserved" if pay_until else "sold",
        cause=None, code=None, community_id=wanted.community_id or me.community_id,
        leader_id=wanted.leader_id or me.leader_id, coupon_id=None, pay_until=pay_until, placed_on=stamp.on,
        paid_on=None if pay_until else stamp.on, created_at=stamp.at, events=(OrderEvent(state, stamp.at, by),),
    )  # fmt: skip
