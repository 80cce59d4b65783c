"""`linli correct` killed with SIGKILL within a chunk, and gone on with by the worker: each line done once."""

from __future__ import annotations

from pathlib import Path

from linli.kit.audit import checks_in, run_audit
from linli.kit.db import fetch_all, make_pool
from linli.kit.resources import resource
from linli.ledger import Stamp, adjust
from linli.members import Sighting, enrol
from tests.crash.shop import NOON, SHANGHAI
from tests.crash.world import World, kill_group, until, waiting

MEMBERS = 30
IN_TWOS = "import linli.flows.apply_correction as a; a.CHUNK = 2; from linli.cli import main; main()"
LINES = "SELECT state, count(*)::int FROM corrections_line GROUP BY state ORDER BY state"
STATE = "SELECT state, done, failed FROM corrections_correction"


async def test_killed_within_a_chunk_each_line_is_done_once(world: World, tmp_path: Path) -> None:
    """The sixth chunk waits for a lock when the process dies; what was committed stays, the rest is done later."""
    members = [f"m{number:03}" for number in range(MEMBERS)]
    stamp = Stamp(at=NOON, on=SHANGHAI.date_of(NOON), actor="test")
    file = tmp_path / "file.csv"
    file.write_text("member_id,points\n" + "".join(f"{name},{7 if n % 3 else -4}\n" for n, name in enumerate(members)))
    async with make_pool(world.url) as pool, pool.connection() as conn:
        await enrol(conn, [Sighting(name, NOON) for name in members], NOON)
        for name in members:
            await adjust(conn, stamp, name, "points", 50, "start", reason="start", expires_on=stamp.on.replace(2027))
    async with world.connect() as conn, conn.transaction():
        await conn.execute("SELECT FROM ledger_balance WHERE member_id = 'm010' FOR UPDATE")
        process = world.start("-c", IN_TWOS, "correct", str(file), "--reason", "batch", "--yes")

        async def stuck() -> bool:
            assert process.poll() is None, world.said()
            return await waiting(conn) == 1

        await until("the sixth chunk waits for the lock", stuck)
        kill_group(process)
    async with world.connect() as conn:
        assert await fetch_all(conn, LINES) == [("done", 10), ("ready", MEMBERS - 10)]
        assert await fetch_all(conn, STATE) == [("running", 10, 0)]
        world.start("-c", IN_TWOS, "worker")

        async def finished() -> bool:
            return (await fetch_all(conn, STATE))[0][0] == "finished"

        await until("the worker has gone on with it", finished)
        assert await fetch_all(conn, STATE) == [("finished", MEMBERS, 0)]
        found = dict(await fetch_all(conn, "SELECT member_id, available FROM ledger_balance"))
        assert found == {name: 57 if n % 3 else 46 for n, name in enumerate(members)}
        assert await run_audit(conn, checks_in(resource("db") / "audit")) == []
