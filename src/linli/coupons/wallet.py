"""The coupons of members: issued set-wise and exactly within their templates' limits, read, made void."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from uuid_utils.compat import uuid7

from linli.coupons import store
from linli.coupons.codes import draw
from linli.coupons.refusals import (
    CouponLimitReached,
    CouponNotFound,
    CouponsGone,
    CouponTaken,
    TemplateNotFound,
    TemplateNotOpen,
    TemplateOver,
)
from linli.coupons.templates import template_of, terms_of
from linli.coupons.terms import validity
from linli.coupons.types import Coupon, State, Template, Wanted
from linli.kit.columns import dates, ints, texts
from linli.kit.db import Connection, fetch_all, fetch_one, later, together
from linli.kit.errors import Refusal

LAST = UUID(int=2**128 - 1)
Cause = tuple[str, str]
"""(member_id, cause)"""


class Page(NamedTuple):
    """What to list: of a member, of a template, in a state as it reads on `on` (None: all), before a coupon."""

    on: date
    member_id: str | None = None
    template_id: str | None = None
    state: State | None = None
    before: UUID = LAST


class _Counter:
    """Decides, one wanted coupon after another, what the templates have left. Pure."""

    def __init__(
        self, templates: Mapping[str, Template], known: Mapping[Cause, Coupon], had: Mapping[tuple[str, str], int],
        at: datetime, on: date,
    ) -> None:  # fmt: skip
        self._templates, self._known, self._at, self._on = templates, dict(known), at, on
        self._had = Counter(had)
        self.issued: Counter[str] = Counter()
        self.new: list[Coupon] = []

    def decide(self, wanted: Wanted) -> Coupon | Refusal:
        """The coupon of this cause, old or new, or why there is none."""
        cause = (wanted.member_id, wanted.cause)
        if (known := self._known.get(cause)) is not None:
            return known
        template = self._templates.get(wanted.template_id)
        if template is None:
            return TemplateNotFound(template_id=wanted.template_id)
        valid = validity(template.terms, self._on)
        if refusal := self._refusal(template, wanted.member_id):
            return refusal
        if valid is None:
            return TemplateOver(template_id=wanted.template_id, valid_until=str(template.terms.valid_until))
        coupon = Coupon(
            wanted.member_id, uuid7(), wanted.template_id, draw(), wanted.cause, wanted.source, "issued", *valid,
            self._at, None, None, None, None, template.terms,
        )  # fmt: skip
        self._had[wanted.member_id, wanted.template_id] += 1
        self.issued[wanted.template_id] += 1
        self._known[cause] = coupon
        self.new.append(coupon)
        return coupon

    def _refusal(self, template: Template, member_id: str) -> Refusal | None:
        name, terms = template.template_id, template.terms
        if template.state != "open":
            return TemplateNotOpen(template_id=name, state=template.state)
        after = template.live + self.issued[name] + 1
        if terms.per_member is not None and self._had[member_id, name] >= terms.per_member:
            return CouponLimitReached(template_id=name, per_member=terms.per_member)
        if terms.pieces is not None and after > terms.pieces:
            return CouponsGone(template_id=name, limit="pieces")
        if terms.budget_fen is not None and after * (terms.worth_fen or 0) > terms.budget_fen:
            return CouponsGone(template_id=name, limit="budget")
        return None


async def issue_many(
    conn: Connection, wanted: Sequence[Wanted], *, at: datetime, on: date
) -> list[Coupon | Refusal]:  # fmt: skip
    """For each that is wanted, its coupon, or why there is none: a refusal leaves the others as they are.

    A cause that had its coupon gets the same again, whatever has become of its template. The templates' rows are
    locked until the transaction ends, so limits hold exactly. The refusals: TemplateNotFound, TemplateNotOpen,
    TemplateOver, CouponsGone, CouponLimitReached.
    """
    named = texts(sorted({one.template_id for one in wanted}))
    rows = await fetch_all(conn, store.LOCK_TEMPLATES, {"template_ids": named})
    templates = {row[0]: template_of(row) for row in rows}
    limited = [one for one in wanted if (t := templates.get(one.template_id)) and t.terms.per_member is not None]
    known, had = await together(
        conn, of_causes(conn, [(one.member_id, one.cause) for one in wanted]), _had(conn, limited)
    )
    counter = _Counter(templates, known, had, at, on)
    told = [counter.decide(one) for one in wanted]
    if counter.new:
        later(conn, _add(conn, counter.new, at), _count(conn, counter.issued))
    return told


async def _had(conn: Connection, wanted: Sequence[Wanted]) -> dict[tuple[str, str], int]:
    pairs = {"member_ids": texts(w.member_id for w in wanted), "template_ids": texts(w.template_id for w in wanted)}
    rows = await fetch_all(conn, store.COUNT_OF_MEMBERS, pairs)
    return {(member_id, template_id): count for member_id, template_id, count in rows}


async def _add(conn: Connection, new: Sequence[Coupon], at: datetime) -> None:
    await conn.execute(
        store.ADD_COUPONS,
        {
            "member_ids": texts(one.member_id for one in new),
            "coupon_ids": texts(str(one.coupon_id) for one in new),
            "template_ids": texts(one.template_id for one in new),
            "codes": texts(one.code for one in new),
            "causes": texts(one.cause for one in new),
            "sources": texts(one.source for one in new),
            "valid_from": dates(one.valid_from for one in new),
            "valid_until": dates(one.valid_until for one in new),
            "at": at,
        },
    )


async def _count(conn: Connection, issued: Mapping[str, int]) -> None:
    row = {"template_ids": texts(issued), "pieces": ints(issued.values())}
    await conn.execute(store.COUNT_ISSUED, row)


async def of_causes(conn: Connection, causes: Sequence[Cause]) -> dict[Cause, Coupon]:
    """(member, cause) → the coupon that it brought, of those that brought one."""
    pairs = {"member_ids": texts(member for member, _ in causes), "causes": texts(cause for _, cause in causes)}
    rows = await fetch_all(conn, store.OF_CAUSES, pairs)
    return {(coupon.member_id, coupon.cause): coupon for coupon in map(coupon_of, rows)}


async def get(conn: Connection, member_id: str, coupon_id: UUID, *, lock: bool = False) -> Coupon:
    """The member's coupon; with `lock`, nobody else changes it until the transaction ends. Raises CouponNotFound."""
    which = {"member_id": member_id, "coupon_id": coupon_id}
    row = await fetch_one(conn, store.LOCK_COUPON if lock else store.COUPON, which)
    if row is None:
        raise CouponNotFound(coupon_id=str(coupon_id))
    return coupon_of(row)


async def owner(conn: Connection, coupon_id: UUID) -> str:
    """The member whose coupon it is. Raises CouponNotFound."""
    row = await fetch_one(conn, store.OWNER, {"coupon_id": coupon_id})
    if row is None:
        raise CouponNotFound(coupon_id=str(coupon_id))
    return row[0]


async def coupons(conn: Connection, page: Page, limit: int) -> list[Coupon]:
    """A page of coupons, newest first."""
    query = store.OF_MEMBER if page.member_id else store.OF_TEMPLATE if page.template_id else store.ALL
    asked = {**page._asdict(), "limit": limit}
    return [coupon_of(row) for row in await fetch_all(conn, query, asked)]


async def usable(conn: Connection, member_id: str, on: date, limit: int) -> list[Coupon]:
    """The member's coupons that are neither taken nor over on `on`, soonest over first; some may not have begun."""
    asked = {"member_id": member_id, "on": on, "limit": limit}
    return [coupon_of(row) for row in await fetch_all(conn, store.USABLE, asked)]


async def void(conn: Connection, member_id: str, coupon_id: UUID, reason: str, at: datetime) -> Coupon:
    """Take a coupon back: its piece and its part of the budget are free again. Twice is once.

    Raises CouponNotFound, CouponTaken where it is locked or used.
    """
    found = await get(conn, member_id, coupon_id, lock=True)
    if found.stored == "void":
        return found
    if found.stored != "issued":
        raise CouponTaken(coupon_id=str(coupon_id), state=found.stored, order_id=found.order_id)
    change = {"state": "void", "order_id": None, "discount_fen": None, "reason": reason, "at": at}
    await conn.execute(store.CHANGE_COUPON, {"member_id": member_id, "coupon_id": coupon_id, **change})
    await conn.execute(store.COUNT_VOID, {"template_id": found.template_id})
    return await get(conn, member_id, coupon_id)


def coupon_of(row: Sequence[Any]) -> Coupon:
    """A row of the store's coupons."""
    return Coupon(*[*row[:-1], terms_of(row[-1])])
