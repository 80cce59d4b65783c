"""Deductions at once, committed for real: whoever closes a hold first is the only one, and no point is lost.

`LINLI_RACES=10000` runs as many races as the issue asks for; fewer are enough to see a broken lock.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from random import Random
from uuid import UUID

import pytest

from linli import deductions, ledger, members
from linli.deductions import AskedBack, Deduction, DeductionClosed, RefundTooLarge
from linli.flows import deduct, deduct_back
from linli.flows.deduct import CartLine, Wish
from linli.flows.publish import LiveProgrammes
from linli.kit.audit import run_audit
from linli.kit.db import Connection, Pool, in_transaction, make_pool
from linli.ledger import Stamp
from linli.rules import Goods
from tests.flows.world import CHECKS, NOW, SHANGHAI, event, open_programme, send

RACES = int(os.environ.get("LINLI_RACES", "240"))
AT_ONCE = 8
TODAY = SHANGHAI.date_of(NOW)
CART = (CartLine("1", Goods(700, "a", tags=("high_margin",))), CartLine("2", Goods(500, "b")))


def _stamp(seconds: float) -> Stamp:
    return Stamp(at=NOW + timedelta(seconds=seconds), on=TODAY, actor="test")


@pytest.fixture
async def live(pool: Pool) -> LiveProgrammes:
    return await in_transaction(pool, partial(open_programme, preset="fresh-life"))


@pytest.fixture(autouse=True)
async def audited(pool: Pool) -> AsyncIterator[None]:
    """Whatever a race did, the audit finds nothing."""
    yield
    async with pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []


async def _enrol(conn: Connection, live: LiveProgrammes, member_id: str, points: int) -> None:
    await send(
        conn, live, [event("vote.cast", f"v-{member_id}", NOW - timedelta(days=1), member_id=member_id, vote_id="v")]
    )
    until = TODAY + timedelta(days=300)
    await ledger.adjust(conn, _stamp(0), member_id, "points", points, f"a-{member_id}", reason="t", expires_on=until)


async def _hold(pool: Pool, live: LiveProgrammes, member_id: str, seconds: int, points: int = 60) -> Deduction:
    async def work(conn: Connection) -> Deduction:
        member = await members.get_member(conn, member_id)
        wish = Wish(CART, points=points)
        made = await deduct.hold(conn, _stamp(0), live.at(NOW), member, f"o-{member_id}-{seconds}", wish, seconds)
        return made[0]

    return await in_transaction(pool, work)


async def test_of_capture_release_and_expiry_one_wins(pool: Pool, live: LiveProgrammes, database_url: str) -> None:
    """Each hold is closed by three at the very end of its time, in any order; the books agree with who was told so."""
    random, wins = Random(7), Counter[str]()
    per_member = 10
    names = [f"m{number}" for number in range(-(-RACES // per_member))]
    async with make_pool(database_url, max_size=3 * AT_ONCE) as wide:

        async def capture(found: Deduction, at: Stamp) -> str:
            work = partial(deduct.capture, stamp=at, compiled=live.at(NOW), member_id=found.member_id,
                           deduction_id=found.deduction_id)  # fmt: skip
            return (await in_transaction(wide, work)).state

        async def release(found: Deduction, at: Stamp) -> str:
            work = partial(deduct.release, stamp=at, member_id=found.member_id, deduction_id=found.deduction_id)
            return (await in_transaction(wide, work)).state

        async def expire(found: Deduction, at: Stamp) -> str:
            later = _stamp((at.at - NOW).total_seconds() + 1)
            work = partial(ledger.release_lapsed, stamp=later, member_id=found.member_id, wallet="points")
            return "lapsed" if await in_transaction(wide, work) else "nothing"

        async def after(turns: int, contender: Callable[[], Awaitable[str]]) -> str:
            # A head start by so many round trips: without it expiry, which asks least, would win nearly always.
            async with wide.connection() as conn:
                for _ in range(turns):
                    await conn.execute("SELECT")
            return await contender()

        async def one_member(member_id: str) -> None:
            await in_transaction(wide, partial(_enrol, live=live, member_id=member_id, points=60 * per_member))
            spent = 0
            held = [await _hold(wide, live, member_id, second) for second in range(1, 2 * per_member, 2)]
            for second, found in zip(range(1, 2 * per_member, 2), held, strict=True):
                told = await asyncio.gather(
                    *(
                        after(random.randrange(7), partial(contender, found, _stamp(second - 1)))
                        for contender in (capture, release, expire)
                    ),
                    return_exceptions=True,
                )
                won = [one for one in told if one in ("captured", "released", "lapsed")]
                assert len(won) == 1, told
                assert all(isinstance(one, DeductionClosed) for one in told if one not in (*won, "nothing")), told
                wins[str(won[0])] += 1
                spent += 60 if won == ["captured"] else 0
                kept = await in_transaction(
                    wide, partial(deductions.get, member_id=member_id, deduction_id=found.deduction_id)
                )
                assert deductions.state_at(kept, _stamp(second).at) == won[0]
            left = await in_transaction(
                wide, partial(ledger.get_balance, member_id=member_id, wallet="points", on=TODAY)
            )
            assert (left.available, left.held) == (60 * per_member - spent, 0)

        waiting = iter(names)

        async def worker() -> None:
            for name in waiting:
                await one_member(name)

        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    assert sum(wins.values()) == len(names) * per_member
    assert min(wins[state] for state in ("captured", "released", "lapsed")) > 0, wins


async def test_refunds_at_once_give_back_each_fen_once(pool: Pool, live: LiveProgrammes) -> None:
    await in_transaction(pool, partial(_enrol, live=live, member_id="m1", points=500))
    found = await _hold(pool, live, "m1", 60, points=200)
    await in_transaction(
        pool, partial(deduct.capture, stamp=_stamp(1), compiled=live.at(NOW), member_id="m1",
                      deduction_id=found.deduction_id),
    )  # fmt: skip

    async def refund(number: int) -> int:
        asked = [AskedBack("1", 100), AskedBack("2", 50)]
        work = partial(deduct_back.give_back, stamp=_stamp(2), member_id="m1", deduction_id=found.deduction_id,
                       refund_id=f"r{number}", asked=asked, lapsed_grace_days=0)  # fmt: skip
        return (await in_transaction(pool, work))[0].refunded_points

    told = await asyncio.gather(*(refund(number) for number in range(12)), return_exceptions=True)
    # ¥7 and ¥5: seven refunds fit, and the second line has some left.
    assert Counter(type(one) for one in told) == {int: 7, RefundTooLarge: 5}
    await in_transaction(pool, partial(_give_all, deduction_id=found.deduction_id))
    left = await in_transaction(pool, partial(ledger.get_balance, member_id="m1", wallet="points", on=TODAY))
    assert left.available == 500


async def _give_all(conn: Connection, deduction_id: UUID) -> None:
    found, lines = await deduct_back.give_back(
        conn, _stamp(3), "m1", deduction_id, "all", None, lapsed_grace_days=0
    )  # fmt: skip
    assert (found.refunded_points, found.refunded_fen) == (found.points, found.deduct_fen)
    assert all(line.refunded_price_fen == line.price_fen for line in lines)
