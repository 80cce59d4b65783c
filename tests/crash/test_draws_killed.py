"""The API killed with SIGKILL amid draws: each is drawn once and told the same, and no prize is given away twice."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any
from uuid import UUID

import httpx

from linli import lottery
from linli.kit.audit import checks_in, run_audit
from linli.kit.db import fetch_all, make_pool
from linli.kit.resources import resource
from linli.ledger import Stamp, adjust
from linli.members import Sighting, enrol
from linli.startup import lottery_key
from tests.crash.shop import NOON, SHANGHAI
from tests.crash.world import World, kill_group, until

MEMBERS, DRAWS, KILLS = 30, 12, 3
STOCK, A_MEMBER = 7, 10
URL = "/v1/lottery/campaigns"


def prize(prize_id: str, odds_ppm: int, **more: Any) -> dict[str, Any]:
    name = {"zh": prize_id, "en": prize_id}
    return {"prize_id": prize_id, "name": name, "kind": "points", "points": 50, "odds_ppm": odds_ppm, **more}


async def open_shop(world: World, client: httpx.AsyncClient) -> str:
    """Members with points for some of their draws, and a campaign of two processes; its id."""
    stamp = Stamp(at=NOON, on=SHANGHAI.date_of(NOON), actor="test")
    members = [f"m{number:03}" for number in range(MEMBERS)]
    async with make_pool(world.url) as pool, pool.connection() as conn:
        await enrol(conn, [Sighting(name, NOON) for name in members], NOON)
        for place, name in enumerate(members):
            points = 100 * (A_MEMBER + 5 if place % 3 else A_MEMBER // 2)
            await adjust(
                conn, stamp, name, "points", points, "start", reason="start", expires_on=stamp.on.replace(2027)
            )
    terms = {
        "title": {"zh": "转盘", "en": "Wheel"}, "price_points": 100, "draws_a_member": A_MEMBER,
        "prizes": [prize("gift", 500_000, stock=STOCK, cost_fen=3), prize("least", 500_000)],
        "minimum_prize_id": "least", "starts_at": "2026-06-01T00:00:00Z", "ends_at": "2026-06-30T00:00:00Z",
    }  # fmt: skip
    made = (await client.post(URL, json=terms)).json()
    assert (await client.post(f"{URL}/{made['campaign_id']}/publish")).status_code == 200
    return made["campaign_id"]


class Drawers:
    """Members who draw until all their draws are answered, however often the API dies."""

    def __init__(self, campaign: str, seed: int) -> None:
        self._campaign, self._chance = campaign, random.Random(seed)
        self.left = [(f"m{n % MEMBERS:03}", f"key-{n}") for n in range(MEMBERS * DRAWS)]
        self._chance.shuffle(self.left)
        self.told: dict[tuple[str, str], bytes] = {}

    async def draw(self, client: httpx.AsyncClient) -> None:
        """Draw as long as there is anything left and the API answers."""
        while self.left:
            member, key = self.left.pop()
            try:
                answer = await self.ask(client, member, key)
            except httpx.TransportError:
                self.left.insert(0, (member, key))
                return
            assert answer.status_code in (201, 409), answer.text
            self.told[member, key] = answer.content if answer.status_code == 201 else b""

    async def ask(self, client: httpx.AsyncClient, member: str, key: str) -> httpx.Response:
        return await client.post(
            f"/v1/members/{member}/lottery/{self._campaign}/draws", json={"nonce": f"{member}-{key}"},
            headers={"idempotency-key": key},
        )  # fmt: skip


async def test_killed_amid_draws_each_is_drawn_once(world: World) -> None:
    async with world.client() as client:
        await world.serve(client)
        campaign = await open_shop(world, client)
    drawers = Drawers(campaign, seed=3)
    for killed in range(KILLS + 1):
        async with world.client() as client:
            if killed:
                await world.serve(client)
            drawing = asyncio.gather(*(drawers.draw(client) for _ in range(16)))
            if killed < KILLS:
                enough = MEMBERS * DRAWS * (killed + 1) // (KILLS + 2)
                await until("more was drawn", lambda: len(drawers.told) >= enough)  # noqa: B023
                assert world.api is not None and not drawing.done(), "it is killed under load"
                kill_group(world.api)
            await drawing
    async with world.client() as client, world.connect() as conn:
        drawn = {who: body for who, body in drawers.told.items() if body}
        for (member, key), body in list(drawn.items())[::5]:
            assert (await drawers.ask(client, member, key)).content == body
        assert await run_audit(conn, checks_in(resource("db") / "audit")) == []
        keys = "SELECT member_id, substr(key, 9) FROM ledger_key WHERE key LIKE 'request:key-%'"
        assert {(row[0], row[1]) for row in await fetch_all(conn, keys)} == drawn.keys()
        counts = dict(await fetch_all(conn, "SELECT prize_id, count(*)::int FROM lottery_draw GROUP BY 1"))
        assert counts["gift"] == STOCK and sum(counts.values()) == len(drawn)
        per_member = Counter(member for member, _ in drawn)
        assert set(per_member.values()) == {A_MEMBER, A_MEMBER // 2}
        await verify(conn, world, campaign)
    assert "unforeseen" not in world.log.read_text()


async def verify(conn: Any, world: World, campaign: str) -> None:
    """The log is that of the seed, draw by draw, through all the kills."""
    found = await lottery.find(conn, [UUID(campaign)])
    (one,) = found.values()
    opened = lottery.open_seed(
        lottery_key(world.settings), campaign, (await lottery.secrets(conn, [one.campaign_id]))[one.campaign_id]
    )
    public = lottery.public_terms(one.campaign_id, one.terms)
    verifier = lottery.Verifier(public, one.terms_hash or b"", one.seed_hash or b"", opened.seed)
    verifier.draw(lottery.logged(draw) for draw in await lottery.log(conn, one.campaign_id, after=0, limit=10_000))
    assert verifier.verdict(one.draws).complaints == []
