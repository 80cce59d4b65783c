"""Faults that review and the state machine found in the ledger, each told as the smallest story that shows it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from linli import ledger
from linli.kit.db import Connection, fetch_all
from linli.ledger import Stamp, Tally
from linli.words.grants import Grant

AT = datetime(2026, 3, 1, 4, tzinfo=UTC)
ON = date(2026, 3, 1)
STAMP = Stamp(at=AT, on=ON)
HOLD = UUID(int=1)
GRANT = Grant(
    member_id="m", key="once:r", rule="r", rule_version=2, points=10, wallet="points", funder="platform",
    occurred_at=AT, earned_on=ON, settle_on=ON, expires_on=date(2027, 3, 1), event_type="check_in", source="linli",
    event_id="e2",
)  # fmt: skip


async def credit(conn: Connection, points: int) -> None:
    await ledger.adjust(conn, STAMP, "m", "points", points, "start", reason="test", expires_on=date(2027, 3, 1))


async def test_spending_that_all_came_back_is_still_known(conn: Connection) -> None:
    """The refusal says that nothing is left to give back, not that nothing was spent."""
    await credit(conn, 10)
    await ledger.spend(conn, STAMP, "m", "points", 10, "s1")
    await ledger.refund(conn, STAMP, "m", "points", "spend:s1", None, "r1")
    with pytest.raises(ledger.RefundTooLarge) as refused:
        await ledger.refund(conn, STAMP, "m", "points", "spend:s1", 1, "r2")
    assert refused.value.fields == {"refundable": 0, "wanted": 1}


async def test_a_hold_is_not_refunded_to_another_wallet(conn: Connection) -> None:
    """It is refused, not an assertion that fails."""
    await credit(conn, 10)
    await ledger.hold(conn, STAMP, "m", "points", 10, HOLD, AT + timedelta(minutes=30))
    await ledger.capture(conn, STAMP, "m", HOLD)
    with pytest.raises(ledger.SpendingNotFound):
        await ledger.refund(conn, STAMP, "m", "team", f"hold:{HOLD}", None, "r1")


async def test_an_earlier_cause_brings_its_wallet(conn: Connection) -> None:
    """The rule paid into another wallet when the earlier event happened: whichever came first, that one holds."""
    earlier = replace(GRANT, wallet="team", rule_version=1, occurred_at=AT - timedelta(days=1), event_id="e1")
    for order in ([GRANT, earlier], [earlier, GRANT]):
        await conn.execute("SAVEPOINT before")
        for promise in order:
            await ledger.grant(conn, [promise])
        assert await fetch_all(conn, "SELECT wallet, rule_version FROM ledger_grant") == [("team", 1)]
        await conn.execute("ROLLBACK TO before")


@pytest.mark.parametrize("kind", ["settle", "expire"])
async def test_a_chunk_that_comes_again_counts_nobody_twice(conn: Connection, kind: str) -> None:
    """Two sweeps at once, or a commit whose answer was lost: members are counted by what was done for them."""
    await ledger.grant(conn, [GRANT])
    work = ledger.settle_members
    if kind == "expire":
        await work(conn, STAMP, ON, ["m"])
        work = ledger.expire_members
    on = GRANT.expires_on
    assert await work(conn, STAMP, on, ["m", "nobody"]) == Tally(1, 1, 10)
    assert await work(conn, STAMP, on, ["m", "nobody"]) == Tally(0, 0, 0)
