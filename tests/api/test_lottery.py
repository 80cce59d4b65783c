"""The lottery through HTTP: drafted, published, drawn, revealed; and verified from what everybody may see."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.api.conftest import Api
from tests.api.mine import Mine
from tests.api.operators import app_of, browser, told
from tests.flows.world import CHECKS

from linli.kit.audit import run_audit
from linli.kit.db import fetch_all

URL = "/v1/lottery/campaigns"
START, END = "2026-11-21T00:00:00Z", "2026-11-30T00:00:00Z"
OVER = "2026-12-01T00:00:00Z"


@pytest.fixture(autouse=True)
async def audited(api: Api) -> AsyncIterator[None]:
    """Whatever a test did, the audit finds nothing."""
    yield
    async with api.pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []


def prize(prize_id: str, odds_ppm: int, kind: str = "points", **more: Any) -> dict[str, Any]:
    if kind == "points":
        more.setdefault("points", 20)
    return {"prize_id": prize_id, "name": {"zh": prize_id, "en": prize_id}, "kind": kind, "odds_ppm": odds_ppm, **more}


def terms(*prizes: dict[str, Any], **more: Any) -> dict[str, Any]:
    many = prizes or (prize("few", 400_000), prize("none", 600_000, "nothing"))
    dates = {"starts_at": START, "ends_at": END}
    return {"title": {"zh": "转盘", "en": "Wheel"}, "price_points": 100, "prizes": many, **dates, **more}


async def draft(api: Api, *prizes: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = await api.post(URL, terms(*prizes, **more))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def publish(api: Api, *prizes: dict[str, Any], **more: Any) -> str:
    made = await draft(api, *prizes, **more)
    answer = await api.post(f"{URL}/{made['campaign_id']}/publish")
    assert answer.status_code == 200, answer.text
    return made["campaign_id"]


async def draw(api: Api, member_id: str, campaign: str, key: str, nonce: str = "nonce-01") -> httpx.Response:
    return await api.post(f"/v1/members/{member_id}/lottery/{campaign}/draws", {"nonce": nonce}, key=key)


async def drawn(api: Api, member_id: str, campaign: str, key: str, nonce: str = "nonce-01") -> dict[str, Any]:
    answer = await draw(api, member_id, campaign, key, nonce)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_from_the_draft_to_a_draw_that_its_member_verifies(api: Api) -> None:
    made = await draft(api)
    assert (made["state"], made["seed_hash"], made["faults"]) == ("draft", None, [])
    assert made["forecast"] == {"points_in": 100_000, "cost_fen": 0}
    published = (await api.post(f"{URL}/{made['campaign_id']}/publish")).json()
    assert published["state"] == "published" and len(published["seed_hash"]) == 64 and published["seed"] is None
    await api.enrol("ann", 500)
    ann = Mine(api, "ann")
    seen = await ann.get(f"/lottery/campaigns/{made['campaign_id']}")
    assert seen["mine"]["draws"] == 0 and seen["seed_hash"] == published["seed_hash"] and seen["seed"] is None
    draws = []
    for number in (1, 2, 3):
        async with app_of(api, "ann") as app:
            answer = await app.post(
                f"/v1/me/lottery/campaigns/{made['campaign_id']}/draws", json={"nonce": f"my-nonce-{number}"},
                headers={"idempotency-key": f"d{number}"},
            )  # fmt: skip
        assert answer.status_code == 201, answer.text
        draws.append(answer.json())
    assert [draw["number"] for draw in draws] == [1, 2, 3] == [draw["seq"] for draw in draws]
    assert (await api.balance("ann"))["available"] == 200
    won = sum(draw["prize"]["points"] or 0 for draw in draws)
    assert sum(part["points"] for part in (await api.balance("ann"))["pending"]) == won
    assert [one["draw_id"] for one in await ann.walk("/lottery/draws", 2)] == [d["draw_id"] for d in reversed(draws)]

    assert told(await api.post(f"{URL}/{made['campaign_id']}/reveal")) == (409, "lottery_in_state")
    api.set_clock(OVER)
    seed = bytes.fromhex((await api.post(f"{URL}/{made['campaign_id']}/reveal")).json()["seed"])
    assert hashlib.sha256(seed).hexdigest() == published["seed_hash"]
    for draw_ in draws:  # by hand, from the description alone
        lines = ["linli.lottery.v1", made["campaign_id"], seen["mine"]["member"], str(draw_["number"]), draw_["nonce"]]
        found = hmac.new(seed, "\n".join([*lines, "0"]).encode(), "sha256").digest()
        ticket = int.from_bytes(found[:6], "big") % 1_000_000
        assert (ticket, ticket < 400_000) == (draw_["ticket"], draw_["prize"]["prize_id"] == "few")
    async with browser(api) as anybody:
        log = (await anybody.get(f"{URL}/{made['campaign_id']}/draws")).json()["items"]
        proof = (await anybody.get(f"{URL}/{made['campaign_id']}/proof")).json()
    assert [(line["member"], line["ticket"]) for line in log] == [
        (seen["mine"]["member"], draw_["ticket"]) for draw_ in draws
    ]
    assert proof["seed"] == seed.hex() and "ann" not in str(log) + str(proof)


async def test_the_same_request_is_one_draw_and_another_body_is_refused(api: Api) -> None:
    campaign = await publish(api)
    await api.enrol("bob", 300)
    first = await draw(api, "bob", campaign, "k1")
    again = await draw(api, "bob", campaign, "k1")
    assert first.content == again.content and again.headers["idempotency-replayed"] == "true"
    assert told(await draw(api, "bob", campaign, "k1", "another-nonce")) == (409, "idempotency_key_reused")
    assert (await api.balance("bob"))["available"] == 200
    assert (await api.get(f"{URL}/{campaign}")).json()["draws"] == 1


async def test_the_seed_is_nowhere_in_the_open_before_it_is_revealed(api: Api) -> None:
    campaign = await publish(api)
    await api.enrol("cat", 300)
    await drawn(api, "cat", campaign, "k1")
    async with api.pool.connection() as conn:
        ((sealed, kept),) = await fetch_all(
            conn, "SELECT seed, (SELECT seed FROM lottery_campaign) FROM lottery_secret"
        )
    said = (await api.get(f"{URL}/{campaign}")).json()
    assert kept is None and hashlib.sha256(bytes(sealed)).hexdigest() != said["seed_hash"]
