"""The lottery through HTTP: drafted, published, drawn, revealed; and verified from what everybody may see."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from tests.api.conftest import NOW, Api
from tests.api.mine import Mine, at
from tests.api.operators import app_of, browser, told
from tests.flows.world import CHECKS
from tests.mall.goods import TISSUES

from linli import worker
from linli.cli.lottery import NotRevealed, verify
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


async def template(api: Api, template_id: str, **more: Any) -> None:
    body = {"template_id": template_id, "title": {"zh": "免单券", "en": "Free order"}, "kind": "amount",
            "valid_days": 30, **more}  # fmt: skip
    assert (await api.post("/v1/coupons/templates", body)).status_code == 201
    assert (await api.post(f"/v1/coupons/templates/{template_id}/open")).status_code == 200


async def listed(api: Api, total: int) -> str:
    made = await api.post("/v1/mall/items", {**TISSUES, "total": total})
    assert made.status_code == 201, made.text
    return made.json()["item_id"]


async def stock(api: Api, item_id: str) -> dict[str, Any]:
    return (await api.get(f"/v1/mall/items/{item_id}")).json()["stock"]


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


SURE = (prize("gift", 1_000_000, "points", points=500, stock=1), prize("least", 0, points=1))
"""Each draw is the gift, as long as it is there."""


async def test_the_last_piece_is_won_once_by_many_at_once(api: Api) -> None:
    campaign = await publish(api, *SURE, minimum_prize_id="least")
    for number in range(40):
        await api.enrol(f"m{number}", 100)
    answers = await asyncio.gather(*(draw(api, f"m{number}", campaign, "k") for number in range(40)))
    won = Counter(answer.json()["prize"]["prize_id"] for answer in answers)
    assert won == {"gift": 1, "least": 39}
    assert Counter(answer.json()["why"] for answer in answers) == {"odds": 1, "stock": 39}
    assert sorted(answer.json()["seq"] for answer in answers) == list(range(1, 41))


async def test_limits_hold_for_many_requests_at_once(api: Api) -> None:
    campaign = await publish(api, draws_a_day=3, draws_a_member=5)
    await api.enrol("ann", 2_000)
    answers = await asyncio.gather(*(draw(api, "ann", campaign, f"k{number}") for number in range(12)))
    assert Counter(answer.status_code for answer in answers) == {201: 3, 409: 9}
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert (refused["code"], refused["per"], refused["most"]) == ("lottery_draws_used_up", "day", 3)
    assert (await Mine(api, "ann").get(f"/lottery/campaigns/{campaign}"))["mine"] | {"member": None} == {
        "member": None, "draws": 3, "left_today": 0, "left": 2,
    }  # fmt: skip
    api.set_clock("2026-11-21T16:30:00Z")  # half an hour past midnight in Shanghai
    answers = await asyncio.gather(*(draw(api, "ann", campaign, f"l{number}") for number in range(6)))
    assert Counter(answer.status_code for answer in answers) == {201: 2, 409: 4}
    assert (await draw(api, "ann", campaign, "k0")).status_code in (201, 409)
    assert (await api.balance("ann"))["available"] == 1_500


async def test_who_has_too_few_points_draws_as_often_as_they_pay(api: Api) -> None:
    campaign = await publish(api)
    await api.enrol("poor", 250)
    await api.enrol("rich", 1_000)
    answers = await asyncio.gather(*(draw(api, who, campaign, f"k{n}") for n in range(5) for who in ("poor", "rich")))
    assert Counter(answer.status_code for answer in answers[::2]) == {201: 2, 409: 3}
    assert {answer.status_code for answer in answers[1::2]} == {201}
    assert told(next(answer for answer in answers if answer.status_code == 409)) == (409, "insufficient_points")
    refused = next(n for n in range(5) if answers[2 * n].status_code == 409)
    await api.enrol("poor", 500)  # a refusal used up no key
    assert (await draw(api, "poor", campaign, f"k{refused}")).status_code == 201


async def test_equal_requests_at_once_are_one_draw(api: Api) -> None:
    campaign = await publish(api)
    await api.enrol("ann", 1_000)
    answers = await asyncio.gather(*(draw(api, "ann", campaign, "same") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201} and len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 19
    assert (await api.balance("ann"))["available"] == 900
    others = await asyncio.gather(*(draw(api, "ann", campaign, "twin", f"nonce-0{n}") for n in range(4)))
    assert Counter(answer.status_code for answer in others) == {201: 1, 409: 3}


async def test_nobody_draws_before_it_begins_after_it_ends_or_once_it_is_stopped(api: Api) -> None:
    await api.enrol("ann", 1_000)
    later = await publish(api, starts_at="2026-11-22T00:00:00Z")
    assert told(await draw(api, "ann", later, "k1")) == (409, "lottery_not_drawing")
    api.set_clock("2026-11-22T00:00:00Z")
    await drawn(api, "ann", later, "k1")
    api.set_clock(END)
    assert told(await draw(api, "ann", later, "k2")) == (409, "lottery_not_drawing")
    assert (await drawn(api, "ann", later, "k1"))["seq"] == 1  # told again, for ever
    api.set_clock(NOW)
    stopped = await publish(api)
    body = {"reason": "no more gifts"}
    assert (await api.post(f"{URL}/{stopped}/stop", body)).json()["state"] == "stopped"
    assert (await api.post(f"{URL}/{stopped}/stop", body)).status_code == 200
    assert told(await draw(api, "ann", stopped, "k3")) == (409, "lottery_not_drawing")
    none = await draft(api)
    for unknown in (none["campaign_id"], "0193a1c2-8f00-7000-8000-0000000000d1"):
        assert told(await draw(api, "ann", unknown, "k4")) == (404, "lottery_not_found")
    assert told(await draw(api, "nobody", stopped, "k4")) == (404, "member_not_found")
    api.set_clock(END)
    assert await worker.reveal_lotteries(api.pool, api.app.framework.state.process.settings) == 2
    assert {one["state"] for one in (await api.get(URL)).json()["items"]} == {"revealed", "draft"}
    assert (await api.post(f"{URL}/{later}/reveal")).status_code == 200


async def test_the_budget_is_never_exceeded_and_ends_the_draws(api: Api) -> None:
    prizes = (prize("dear", 700_000, cost_fen=40), prize("least", 300_000, points=1, cost_fen=7))
    campaign = await publish(api, *prizes, minimum_prize_id="least", budget_fen=200)
    for number in range(50):
        await api.enrol(f"m{number}", 100)
    answers = await asyncio.gather(*(draw(api, f"m{number}", campaign, "k") for number in range(50)))
    codes = {told(answer) for answer in answers if answer.status_code != 201}
    assert codes == {(409, "lottery_budget_used_up")}
    found = (await api.get(f"{URL}/{campaign}")).json()
    assert 200 - 7 < found["cost_fen_so_far"] <= 200
    figures = (await api.get(f"{URL}/{campaign}/figures")).json()
    given = {one["prize_id"]: one["given"] for one in figures["prizes"]}
    assert figures["points_in"] == 100 * figures["draws"] == 100 * sum(given.values()) and figures["members"] > 4
    assert figures["cost_fen"] == 40 * given["dear"] + 7 * given["least"] and figures["instead"]["budget"] > 0


async def test_every_third_draw_brings_the_minimum_at_least(api: Api) -> None:
    prizes = (prize("none", 1_000_000, "nothing"), prize("least", 0, points=5))
    campaign = await publish(api, *prizes, minimum_prize_id="least", guarantee_every=3)
    await api.enrol("ann", 1_000)
    won = [(await drawn(api, "ann", campaign, f"k{number}"))["prize"]["prize_id"] for number in range(7)]
    assert won == ["none", "none", "least", "none", "none", "least", "none"]


async def test_a_coupon_is_won_and_where_there_is_none_left_the_minimum(api: Api) -> None:
    await template(api, "FREE", pieces=2, off_fen=500, purpose="prize")
    prizes = (prize("free", 1_000_000, "coupon", template_id="FREE", cost_fen=500), prize("least", 0, points=5))
    campaign = await publish(api, *prizes, minimum_prize_id="least")
    for number in range(8):
        await api.enrol(f"m{number}", 100)
    answers = await asyncio.gather(*(draw(api, f"m{number}", campaign, "k") for number in range(8)))
    found = [answer.json() for answer in answers]
    assert Counter((one["prize"]["prize_id"], one["why"]) for one in found) == {
        ("free", "odds"): 2, ("least", "unavailable"): 6,
    }  # fmt: skip
    winner = next(place for place, one in enumerate(found) if one["coupon_id"])
    (coupon,) = (await Mine(api, f"m{winner}").get("/coupons"))["items"]
    assert coupon["coupon_id"] == found[winner]["coupon_id"]
    assert (await api.get(f"{URL}/{campaign}")).json()["cost_fen_so_far"] == 1_000


async def test_goods_are_set_aside_and_what_is_not_won_goes_back(api: Api) -> None:
    item = await listed(api, total=5)
    prizes = (prize("box", 1_000_000, "goods", item_id=item, stock=3), prize("least", 0, points=5))
    too_many = await draft(api, *[{**prizes[0], "stock": 6}, prizes[1]], minimum_prize_id="least")
    answer = await api.post(f"{URL}/{too_many['campaign_id']}/publish")
    assert told(answer) == (422, "lottery_faulty")
    assert [(one["place"], one["code"]) for one in answer.json()["errors"]] == [("prizes[0].stock", "stock_too_small")]
    campaign = await publish(api, *prizes, minimum_prize_id="least")
    assert (await stock(api, item))["reserved"] == 3
    await api.enrol("ann", 1_000)
    first = await drawn(api, "ann", campaign, "k1")
    (order,) = (await Mine(api, "ann").get("/mall/orders"))["items"]
    assert order["order_id"] == first["mall_order_id"] and (order["points"], order["state"]) == (0, "paid")
    assert ((await stock(api, item))["reserved"], (await stock(api, item))["sold"]) == (2, 1)
    await api.post(f"{URL}/{campaign}/stop", {"reason": "enough"})
    assert ((await stock(api, item))["reserved"], (await stock(api, item))["left"]) == (0, 4)


async def test_what_is_published_is_not_changed_by_anybody(api: Api) -> None:
    campaign = await publish(api)
    await api.enrol("ann", 1_000)
    await drawn(api, "ann", campaign, "k1")
    change = {**terms(), "revision": 1}
    assert told(await api.client.put(f"{URL}/{campaign}", json=change)) == (409, "lottery_in_state")
    assert told(await api.client.delete(f"{URL}/{campaign}")) == (409, "lottery_in_state")
    for statement in (
        "UPDATE lottery_prize SET odds_ppm = 0", "DELETE FROM lottery_prize", "DELETE FROM lottery_campaign",
        "UPDATE lottery_campaign SET price_points = 1", "UPDATE lottery_campaign SET seed_hash = sha256('x')",
        "UPDATE lottery_campaign SET state = 'revealed', seed = 'x'", "UPDATE lottery_draw SET ticket = 1",
        "DELETE FROM lottery_draw", "TRUNCATE lottery_draw", "UPDATE lottery_prize SET won = 0",
        "INSERT INTO lottery_prize SELECT campaign_id, 9, 'x', name, kind, 0, 1, NULL, NULL, NULL, 0, NULL, 0 "
        "FROM lottery_prize LIMIT 1",
    ):  # fmt: skip
        async with api.pool.connection() as conn:
            with pytest.raises(psycopg.IntegrityError):
                await conn.execute(statement)
            await conn.rollback()


async def test_a_draft_is_changed_by_one_at_a_time(api: Api) -> None:
    made = await draft(api, prize("a", 999_999))
    assert [fault["code"] for fault in made["faults"]] == ["odds_sum"]
    answer = await api.post(f"{URL}/{made['campaign_id']}/publish")
    assert told(answer) == (422, "lottery_faulty") and answer.json()["errors"][0]["zh"]
    change = {**terms(price_points=5), "revision": made["revision"]}
    changed = (await api.client.put(f"{URL}/{made['campaign_id']}", json=change)).json()
    assert (changed["price_points"], changed["revision"], changed["faults"]) == (5, 2, [])
    assert told(await api.client.put(f"{URL}/{made['campaign_id']}", json=change)) == (409, "lottery_changed")
    assert (await api.client.delete(f"{URL}/{made['campaign_id']}")).status_code == 204
    assert (await api.get(f"{URL}/{made['campaign_id']}")).status_code == 404
    twice = await api.post(URL, terms(prize("a", 1), prize("a", 2)))
    assert told(twice) == (400, "invalid") or told(twice) == (422, "invalid")
    first, again = (await api.post(URL, terms(), key="draft-1"), await api.post(URL, terms(), key="draft-1"))
    assert first.json()["campaign_id"] == again.json()["campaign_id"]
    assert told(await api.post(URL, terms(price_points=7), key="draft-1")) == (409, "idempotency_key_reused")


async def test_prizes_of_points_are_not_cut_by_the_caps_of_a_day(api: Api) -> None:
    """They were paid for by published odds: no cap takes back what was won."""
    campaign = await publish(api, prize("huge", 1_000_000, points=100_000))
    await api.enrol("ann", 100)
    won = await drawn(api, "ann", campaign, "k1")
    api.set_clock("2026-11-22T20:00:00Z")
    await at(api, "2026-11-22T20:00:00Z", "settle")
    assert won["settle_on"] == "2026-11-22" and (await api.balance("ann"))["available"] == 100_000
    (line, *_) = (await Mine(api, "ann").get("/statement"))["items"]
    assert line["title"] == {"zh": "抽奖中奖", "en": "Won in a lottery"}


async def test_the_log_is_verified_from_the_command_line(
    api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prizes = (prize("gift", 200_000, stock=2), prize("least", 300_000, points=1), prize("none", 500_000, "nothing"))
    campaign = await publish(api, *prizes, minimum_prize_id="least", draws_a_day=5)
    for number in range(9):
        await api.enrol(f"m{number}", 500)
    for turn in range(4):
        await asyncio.gather(*(draw(api, f"m{n}", campaign, f"k{turn}", f"nonce-{n}-{turn}") for n in range(9)))
    log = tmp_path / "log"

    async def save() -> None:
        async with browser(api) as anybody:
            lines = [(await anybody.get(f"{URL}/{campaign}/proof")).content]
            page = (await anybody.get(f"{URL}/{campaign}/draws", params={"limit": 7})).json()
            while True:
                lines += [json.dumps(line).encode() for line in page["items"]]
                if page["next_cursor"] is None:
                    break
                more = {"limit": 7, "cursor": page["next_cursor"]}
                page = (await anybody.get(f"{URL}/{campaign}/draws", params=more)).json()
        log.write_bytes(b"\n".join(lines))

    await save()
    with pytest.raises(NotRevealed):
        verify(str(log))
    api.set_clock(OVER)
    assert (await api.post(f"{URL}/{campaign}/reveal")).status_code == 200
    await save()
    verify(str(log))
    assert "36 draws verified" in capsys.readouterr().out
    lines = log.read_text().splitlines()
    lines[5] = json.dumps(json.loads(lines[5]) | {"nonce": "another-nonce"})
    log.write_text("\n".join(lines))
    with pytest.raises(SystemExit) as ended:
        verify(str(log))
    assert ended.value.code == 2 and "ticket in draw 5" in capsys.readouterr().out
