"""The worker killed with SIGKILL within a chunk of an issue: each member gets one coupon, and each is counted."""

from __future__ import annotations

from functools import partial

import msgspec

from linli import coupons
from linli.flows import coupons_issue
from linli.flows.coupons_issue import Whom
from linli.kit.audit import checks_in, run_audit
from linli.kit.db import fetch_all, in_transaction, make_pool
from linli.kit.resources import resource
from linli.ledger import Stamp
from linli.members import Sighting, enrol
from tests.crash.shop import NOON, SHANGHAI
from tests.crash.world import World, kill_group, until, waiting

MEMBERS = [f"m{number:03}" for number in range(30)]
IN_TWOS = "import linli.flows.coupons_issue as a; a.CHUNK = 2; from linli.cli import main; main()"
COUNTS = "SELECT state, done, failed FROM coupons_issue"
TERMS = msgspec.convert(
    {"title": {"zh": "券", "en": "Coupon"}, "kind": "amount", "off_fen": 500, "valid_days": 30, "pieces": 29},
    coupons.Terms,
)
BLOCK = """
INSERT INTO coupons_coupon (member_id, coupon_id, template_id, code, cause, source, valid_from, valid_until, issued_at)
SELECT 'm010', gen_random_uuid(), 'T', 'x', 'issue:' || issue_id, 'test', '2026-01-01', '2026-01-01', now()
FROM coupons_issue
"""


async def test_killed_within_a_chunk_each_member_gets_one_coupon(world: World) -> None:
    """The sixth chunk waits for another's row when the process dies; what was committed stays, the rest is done later.
    There is a piece less than there are members."""
    stamp = Stamp(at=NOON, on=SHANGHAI.date_of(NOON), actor="test")
    async with make_pool(world.url) as pool:
        async with pool.connection() as conn:
            await enrol(conn, [Sighting(name, NOON) for name in MEMBERS], NOON)
            await coupons.add(conn, "T", TERMS, by="test", at=NOON)
            await coupons.move(conn, "T", "open", at=NOON)
            made = await coupons_issue.make(conn, "T", Whom(MEMBERS), "batch", stamp, by="test")
            await coupons_issue.start(conn, made.issue_id)
        async with world.connect() as conn, conn.transaction(force_rollback=True):
            await conn.execute(BLOCK)
            process = world.start("-c", IN_TWOS, "worker")

            async def stuck() -> bool:
                assert process.poll() is None, world.said()
                return await waiting(conn) == 1

            await until("the sixth chunk waits", stuck)
            kill_group(process)
        async with world.connect() as conn:
            assert await fetch_all(conn, COUNTS) == [("running", 10, 0)]
        # A worker takes up a stalled job after minutes; this is what it does then.
        await coupons_issue.apply_issue(pool, made.issue_id, lambda: NOON, SHANGHAI)
        template = await in_transaction(pool, partial(coupons.get_template, template_id="T"))
        assert template.issued == 29
    async with world.connect() as conn:
        assert await fetch_all(conn, COUNTS) == [("finished", 29, 1)]
        rows = await fetch_all(conn, "SELECT member_id FROM coupons_coupon ORDER BY member_id")
        assert [row[0] for row in rows] == MEMBERS[:29]
        assert await run_audit(conn, checks_in(resource("db") / "audit")) == []
