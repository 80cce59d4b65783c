"""`linli issue-coupons` killed with SIGKILL within a chunk, and gone on with by the worker: each member has one."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import msgspec

from linli import coupons
from linli.kit.audit import checks_in, run_audit
from linli.kit.db import fetch_all, in_transaction, make_pool
from linli.kit.resources import resource
from linli.members import Sighting, enrol
from tests.crash.shop import NOON
from tests.crash.world import World, kill_group, until, waiting

MEMBERS = [f"m{number:03}" for number in range(30)]
IN_TWOS = "import linli.flows.coupons_issue as a; a.CHUNK = 2; from linli.cli import main; main()"
COUNTS = "SELECT state, done, failed FROM coupons_issue"
TERMS = msgspec.convert(
    {"title": {"zh": "券", "en": "Coupon"}, "kind": "amount", "off_fen": 500, "valid_days": 30, "pieces": 29},
    coupons.Terms,
)
LATE = "LOCK TABLE coupons_use IN ACCESS EXCLUSIVE MODE"
WATCH = """
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.member_id = 'm010' THEN PERFORM FROM coupons_use; END IF;
    RETURN new;
END $$;
CREATE TRIGGER look BEFORE INSERT ON coupons_coupon FOR EACH ROW EXECUTE FUNCTION look();
"""


async def test_killed_within_a_chunk_each_member_gets_one_coupon(world: World, tmp_path: Path) -> None:
    """The sixth chunk waits for a lock when the process dies; what was committed stays, the rest is done later.
    There is a piece less than there are members."""
    file = tmp_path / "members.csv"
    file.write_text("member_id\n" + "".join(f"{name}\n" for name in MEMBERS))
    async with make_pool(world.url) as pool, pool.connection() as conn:
        await enrol(conn, [Sighting(name, NOON) for name in MEMBERS], NOON)
        await coupons.add(conn, "T", TERMS, by="test", at=NOON)
        await coupons.move(conn, "T", "open", at=NOON)
        await conn.cursor().execute(WATCH.encode())
    async with world.connect() as conn, conn.transaction():
        await conn.execute(LATE)
        process = world.start("-c", IN_TWOS, "issue-coupons", str(file), "--template", "T", "--reason", "r", "--yes")

        async def stuck() -> bool:
            assert process.poll() is None, world.said()
            return await waiting(conn) == 1

        await until("the sixth chunk waits for the lock", stuck)
        kill_group(process)
    async with world.connect() as conn:
        assert await fetch_all(conn, COUNTS) == [("running", 10, 0)]
        world.start("-c", IN_TWOS, "worker")

        async def finished() -> bool:
            return (await fetch_all(conn, COUNTS))[0][0] == "finished"

        await until("the worker has gone on with it", finished)
        assert await fetch_all(conn, COUNTS) == [("finished", 29, 1)]
        rows = await fetch_all(conn, "SELECT member_id FROM coupons_coupon ORDER BY member_id")
        assert [row[0] for row in rows] == MEMBERS[:29]
        assert await run_audit(conn, checks_in(resource("db") / "audit")) == []
    async with make_pool(world.url) as pool:
        assert (await in_transaction(pool, partial(coupons.get_template, template_id="T"))).issued == 29
