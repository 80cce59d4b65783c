"""Coupons under concurrency: limits hold exactly, a cause has one coupon, a code one member."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import msgspec
import pytest

from linli import coupons
from linli.coupons import Coupon, CouponLimitReached, CouponsGone, TemplateNotFound, Terms, Wanted
from linli.flows.coupons import claim, issue, issue_many, lock
from linli.kit.audit import run_audit
from linli.kit.db import Pool, in_transaction
from linli.kit.errors import Refusal
from linli.members import Sighting, enrol
from tests.flows.world import CHECKS, stamp

TODAY = date(2026, 11, 21)
AT = stamp(TODAY)


@pytest.fixture(autouse=True)
async def audited(pool: Pool) -> AsyncIterator[None]:
    """Whatever a test did, the audit finds nothing."""
    yield
    async with pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []


def terms(**more: Any) -> Terms:
    said = {"title": {"zh": "券", "en": "Coupon"}, "kind": "amount", "off_fen": 500, "valid_days": 30, **more}
    return msgspec.convert(said, Terms)


async def template(pool: Pool, name: str = "T", **more: Any) -> None:
    async def work(conn: Any) -> None:
        await coupons.add(conn, name, terms(**more), by="test", at=AT.at)
        await coupons.move(conn, name, "open", at=AT.at)

    await in_transaction(pool, work)


async def try_issue(pool: Pool, member_id: str, cause: str, name: str = "T") -> Coupon | Refusal:
    try:
        return await in_transaction(pool, lambda conn: issue(conn, AT, name, member_id, cause, source="test"))
    except Refusal as refusal:
        return refusal


async def count(pool: Pool, name: str = "T") -> int:
    return (await in_transaction(pool, lambda conn: coupons.get_template(conn, name))).issued


async def test_sixty_four_at_once_never_pass_the_budget(pool: Pool) -> None:
    await template(pool, budget_fen=23 * 500 + 499)
    found = await asyncio.gather(*(try_issue(pool, f"m{n}", "c") for n in range(64)))
    assert Counter(type(one) for one in found) == {Coupon: 23, CouponsGone: 41}
    assert await count(pool) == 23


async def test_the_same_cause_sixty_four_times_at_once_is_one_coupon(pool: Pool) -> None:
    await template(pool, pieces=2, per_member=1)
    found = await asyncio.gather(*(try_issue(pool, "m1", "mall:o1") for _ in range(64)))
    assert {one.coupon_id for one in found if isinstance(one, Coupon)} and len({str(one) for one in found}) == 1
    other = await asyncio.gather(*(try_issue(pool, "m1", f"mall:o{n}") for n in range(2, 10)))
    assert all(isinstance(one, CouponLimitReached) for one in other) and await count(pool) == 1


async def test_a_batch_of_several_templates_refuses_one_and_does_the_others(pool: Pool) -> None:
    await template(pool, pieces=3, per_member=2)
    await template(pool, "U")
    wanted = [Wanted(name, member, cause, "test") for name, member, cause in (
        ("T", "m1", "a"), ("U", "m1", "b"), ("T", "m1", "c"), ("T", "m1", "d"), ("NONE", "m2", "a"), ("T", "m1", "a"),
        ("T", "m2", "e"), ("T", "m3", "a"), ("U", "m3", "z"),
    )]  # fmt: skip
    found = await in_transaction(pool, lambda conn: issue_many(conn, AT, wanted))
    kinds = [type(one) for one in found]
    assert kinds == [
        Coupon, Coupon, Coupon, CouponLimitReached, TemplateNotFound, Coupon, Coupon, CouponsGone, Coupon,
    ]  # fmt: skip
    assert found[0] == found[5]
    again = await in_transaction(pool, lambda conn: issue_many(conn, AT, wanted))
    assert [one for one in again if isinstance(one, Coupon)] == [one for one in found if isinstance(one, Coupon)]
    assert (await count(pool), await count(pool, "U")) == (3, 2)


async def test_many_batches_over_many_templates_do_not_wait_for_each_other_in_a_ring(pool: Pool) -> None:
    names = [f"T{n}" for n in range(6)]
    for name in names:
        await template(pool, name, pieces=10)

    async def batch(n: int) -> list[Any]:
        order = names if n % 2 else names[::-1]
        wanted = [Wanted(name, f"m{n}", f"c{name}", "test") for name in order]
        return await in_transaction(pool, lambda conn: issue_many(conn, AT, wanted), attempts=1)

    found = await asyncio.gather(*(batch(n) for n in range(24)))
    assert sum(isinstance(one, Coupon) for part in found for one in part) == 60


async def test_a_single_code_has_one_winner(pool: Pool) -> None:
    await template(pool, claim={"codes": "single"})
    made = await in_transaction(pool, lambda conn: coupons.make_codes(conn, "T", 3, by="test", at=AT.at))

    async def say(member_id: str) -> Any:
        try:
            return await in_transaction(pool, lambda conn: claim(conn, AT, member_id, made[0].lower()))
        except Refusal as refusal:
            return refusal.code

    found = await asyncio.gather(*(say(f"m{n}") for n in range(16)), *(say("m3") for _ in range(4)))
    winners = {one.member_id for one in found if isinstance(one, Coupon)}
    assert len(winners) == 1 and {one for one in found if isinstance(one, str)} == {"coupon_code_used"}
    assert await count(pool) == 1
    listed = await in_transaction(pool, lambda conn: coupons.codes(conn, "T", claimed=True, after="", limit=9))
    assert [(one.code, one.member_id) for one in listed] == [(made[0], winners.pop())]


async def test_of_two_coupons_for_one_order_one_is_locked(pool: Pool) -> None:
    await template(pool)
    await in_transaction(pool, lambda conn: enrol(conn, [Sighting("m1", AT.at)], AT.at))
    made = [await try_issue(pool, "m1", f"c{n}") for n in range(6)]
    cart = [coupons.CartLine("1", "s", 1_000)]

    async def take(one: Any) -> Any:
        try:
            return await in_transaction(pool, lambda conn: lock(conn, AT, "m1", one.coupon_id, "o1", cart, None))
        except Refusal as refusal:
            return refusal.code

    found = await asyncio.gather(*(take(one) for one in made))
    assert Counter(one if isinstance(one, str) else one.state for one in found) == {"locked": 1, "order_has_coupon": 5}


async def test_use_return_and_void_at_once_leave_one_story(pool: Pool) -> None:
    await template(pool)
    await in_transaction(pool, lambda conn: enrol(conn, [Sighting("m1", AT.at)], AT.at))
    cart = [coupons.CartLine("1", "s", 1_000)]
    steps = (coupons.orders.use, coupons.orders.give_back)

    async def do(work: Any) -> Any:
        try:
            return await in_transaction(pool, work)
        except Refusal as refusal:
            return refusal.code

    for n in range(12):
        one: Any = await try_issue(pool, "m1", f"c{n}")
        await do(lambda conn, one=one, n=n: lock(conn, AT, "m1", one.coupon_id, f"o{n}", cart, None))
        await asyncio.gather(
            *(do(lambda conn, one=one, n=n, s=s: s(conn, "m1", one.coupon_id, f"o{n}", at=AT.at)) for s in steps * 3),
            do(lambda conn, one=one: coupons.void(conn, "m1", one.coupon_id, "r", AT.at)),
        )
    found = await in_transaction(pool, lambda conn: coupons.get_template(conn, "T"))
    assert (found.issued, found.used) == (12, 0)  # whoever used it, it was returned after that, or before and for good
