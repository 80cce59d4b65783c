"""Fifty requests at once with one key, by sockets, to an API of several processes: one effect, equal answers."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import psutil
import pytest

from linli.kit.audit import checks_in, run_audit
from linli.kit.db import fetch_all
from linli.kit.resources import resource
from tests.crash.shop import SINGLE, START_POINTS, Shop
from tests.crash.world import World, until

AT_ONCE = 50
ROUNDS = 5
MEMBER = "m000"


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client with fifty connections, to at least two processes of the API."""
    async with world.client() as opened:
        await world.serve(opened)

        async def spread() -> bool:
            await asyncio.gather(*(opened.get("/healthz") for _ in range(AT_ONCE)))
            return len(held_by(world)) >= 2

        await until("two processes of the API have connections", spread)
        await Shop(seed=4, members=1).open_accounts(opened)
        yield opened


def held_by(world: World) -> dict[int, int]:
    """Process of the API → how many connections it serves; only those that serve any."""
    counts: dict[int, int] = {}
    for worker in world.workers():
        connections = worker.net_connections("tcp")
        if number := sum(one.status == psutil.CONN_ESTABLISHED for one in connections):
            counts[worker.pid] = number
    return counts


async def fifty(client: httpx.AsyncClient, path: str, **what: Any) -> list[httpx.Response]:
    """The answers to fifty equal requests, sent at once."""
    return await asyncio.gather(*(client.post(path, **what) for _ in range(AT_ONCE)))


async def test_fifty_equal_events_are_one(world: World, client: httpx.AsyncClient) -> None:
    """One is accepted, 49 are duplicates that tell the same grants, and one grant is there."""
    shop = Shop(seed=5)
    for number in range(ROUNDS):
        event = shop.event("order.paid", MEMBER, order_id=f"o{number}", paid_fen=12_345)
        answers = await fifty(client, "/v1/events", content=json.dumps({**event, "source": "//once"}), headers=SINGLE)
        assert {answer.status_code for answer in answers} == {200}
        told = [answer.json() for answer in answers]
        assert Counter(one["outcome"] for one in told) == {"accepted": 1, "duplicate": AT_ONCE - 1}
        assert told[0]["granted"][0]["points"] == 123
        assert all(one["granted"] == told[0]["granted"] for one in told)
    async with world.connect() as conn:
        grants = "SELECT event_id, count(*), sum(points)::int FROM ledger_grant WHERE source = '//once' GROUP BY 1"
        assert sorted(await fetch_all(conn, grants)) == [(event_id, 1, 123) for event_id in shop.events]
        assert await fetch_all(conn, "SELECT count(*) FROM inbox_event WHERE source = '//once'") == [(ROUNDS,)]
    await audited(world)


async def test_fifty_equal_holds_are_one(world: World, client: httpx.AsyncClient) -> None:
    """One hold is made, and all fifty answers are it, byte for byte; 49 say that they are replayed."""
    for number in range(ROUNDS):
        answers = await fifty(
            client, f"/v1/members/{MEMBER}/holds", json={"points": 70}, headers={"idempotency-key": f"once-{number}"}
        )
        equal_but_one_replayed(answers, status=201)
    async with world.connect() as conn:
        assert await fetch_all(conn, "SELECT points FROM ledger_hold") == [(70,)] * ROUNDS
        balance = "SELECT available, held FROM ledger_balance WHERE member_id = %s"
        assert await fetch_all(conn, balance, (MEMBER,)) == [(START_POINTS - 70 * ROUNDS, 70 * ROUNDS)]
    await audited(world)


async def test_fifty_equal_redemptions_are_one(world: World, client: httpx.AsyncClient) -> None:
    """Points are spent once on an order, and all fifty answers are equal, byte for byte."""
    for number in range(ROUNDS):
        body = {"user_id": MEMBER, "order_id": f"once-{number}", "points_to_redeem": 300}
        answers = await fifty(client, "/api/points/redeem", json=body)
        equal_but_one_replayed(answers, status=200)
        assert answers[0].json()["remaining_points"] == START_POINTS - 300 * (number + 1)
    async with world.connect() as conn:
        spent = "SELECT key, points FROM ledger_movement WHERE kind = 'spend'"
        assert sorted(await fetch_all(conn, spent)) == [(f"redeem:once-{number}", 300) for number in range(ROUNDS)]
    await audited(world)


def equal_but_one_replayed(answers: list[httpx.Response], *, status: int) -> None:
    """All answers have one status and one body; all but the first to commit say that they repeat it."""
    assert {answer.status_code for answer in answers} == {status}, {answer.text for answer in answers}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == AT_ONCE - 1


async def audited(world: World) -> None:
    """The audit finds nothing, and both processes still serve."""
    assert len(held_by(world)) >= 2
    async with world.connect() as conn:
        assert await run_audit(conn, checks_in(resource("db") / "audit")) == []
