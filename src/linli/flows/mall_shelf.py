"""The shelf as one member sees it: what is there, in which order, and why they cannot have something."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from linli import earning, ledger, mall
from linli.flows.mall_order import CashNotTaken
from linli.kit.clock import BusinessCalendar
from linli.kit.db import Connection
from linli.kit.errors import Refusal
from linli.ledger import InsufficientPoints, Stamp
from linli.mall import Buyer, Item
from linli.members import Member
from linli.words.facts import NO_FACTS


class Shelved(NamedTuple):
    """An item as the member sees it. `mine_left`: how many their limits allow now; None: as many as they like."""

    item: Item
    obstacles: list[Refusal]
    mine_left: int | None


class Shelf(NamedTuple):
    """All that the member sees, the most attractive first, what is sold out last; and what they can spend by wallet."""

    shelved: list[Shelved]
    spendable: dict[str, int]


class Placed(NamedTuple):
    """A listed item and where it stands: `score`, and `place`, by which the shelf is sorted."""

    item: Item
    score: int
    place: tuple[bool, int, UUID]


async def placed(conn: Connection, stamp: Stamp, calendar: BusinessCalendar) -> list[Placed]:
    """All that is listed and not over, for whatever city, in the order of the shelf."""
    found = [_placed(item, stamp, calendar) for item in await mall.listed(conn) if not _over(item, stamp)]
    return sorted(found, key=lambda one: one.place)


async def shelf(
    conn: Connection, me: Member, stamp: Stamp, calendar: BusinessCalendar, *, takes_cash: bool
) -> Shelf:  # fmt: skip
    """What is listed for the member's city: now, or later."""
    items = [item for item in await mall.listed(conn) if _shown(item, me, stamp)]
    shelved, spendable = await _look(conn, me, items, stamp, takes_cash)
    places = {item.item_id: _placed(item, stamp, calendar).place for item in items}
    shelved.sort(key=lambda one: places[one.item.item_id])
    return Shelf(shelved, spendable)


async def look_at(conn: Connection, me: Member, item_id: UUID, stamp: Stamp, *, takes_cash: bool) -> Shelved:
    """One item, listed or not any more; a draft is nobody's yet. Raises ItemNotFound."""
    item = await mall.get_item(conn, item_id)
    if item.state == "draft":
        raise mall.ItemNotFound(item_id=str(item_id))
    ((shelved,), _) = await _look(conn, me, [item], stamp, takes_cash)
    return shelved


async def _look(
    conn: Connection, me: Member, items: list[Item], stamp: Stamp, takes_cash: bool
) -> tuple[list[Shelved], dict[str, int]]:  # fmt: skip
    facts = (await earning.read_facts(conn, [me.member_id])).get(me.member_id, NO_FACTS)
    buyer = Buyer(me.city, facts.tier_at(stamp.at))
    pairs = [(me.member_id, item.item_id) for item in items if item.terms.limits]
    used = await mall.used(conn, pairs, stamp.on)
    spendable = {
        wallet: (await ledger.available_of(conn, [me.member_id], wallet, stamp.on)).get(me.member_id, 0)
        for wallet in sorted({item.terms.wallet for item in items})
    }
    found: list[Shelved] = []
    for item in items:
        mine = used.get((me.member_id, item.item_id), mall.NOTHING_USED)
        obstacles = list(mall.obstacles(item, buyer, mine, at=stamp.at, on=stamp.on))
        if item.terms.price_fen and not takes_cash:
            obstacles.append(CashNotTaken())
        points = spendable[item.terms.wallet]
        if points < item.terms.price_points:
            obstacles.append(InsufficientPoints(available=points, wanted=item.terms.price_points))
        found.append(Shelved(item, obstacles, mall.left_for(item, mine)))
    return found, spendable


def _shown(item: Item, me: Member, stamp: Stamp) -> bool:
    return not _over(item, stamp) and (item.terms.cities is None or me.city in item.terms.cities)


def _over(item: Item, stamp: Stamp) -> bool:
    terms = item.terms
    spoilt = terms.best_before is not None and stamp.on > terms.best_before
    return spoilt or (terms.listed_until is not None and stamp.at >= terms.listed_until)


def _placed(item: Item, stamp: Stamp, calendar: BusinessCalendar) -> Placed:
    listed_on = calendar.date_of(item.listed_at) if item.listed_at else None
    score = mall.score(item, listed_on, stamp.on)
    return Placed(item, score, (item.stock.left == 0, -score, item.item_id))
