"""Parked events taken in again, page by page."""

from __future__ import annotations

from datetime import datetime

import httpx
import msgspec
import pytest
import stamina

from linli import inbox
from linli.replay import parked
from linli.replay.client import Api, NotTaken, Sent
from linli.replay.history import Envelope, batches_of
from linli.replay.parked import replay_waiting
from linli.replay.store import count_waiting
from linli.words.events import CheckIn, OrderPaid, OrderRefunded, VoteCast
from tests.replay.conftest import START, ZONE, Street

AT = datetime(START.year, START.month, START.day, 12, tzinfo=ZONE)


async def _park(street: Street, events: list[Envelope], reason: str) -> None:
    """Set events aside as an operator finds them: whole, and with nothing wrong any more."""
    async with street.pool.connection() as conn:
        for event in events:
            raw = msgspec.json.encode(event)
            how = await inbox.park(
                conn, channel="test", reason=reason, detail="", raw=raw, now=AT, source=event.source, event_id=event.id
            )
            assert how == "parked"


async def _waiting(street: Street, reason: str | None = None) -> int:
    async with street.pool.connection() as conn:
        return await count_waiting(conn, reason)


def _vote(number: int) -> Envelope:
    return Envelope(f"vote-{number}", "/test", "vote.cast", AT, VoteCast(member_id=f"m{number}", vote_id="v"))


async def test_pages_are_gone_through_to_the_end(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parked, "PAGE", 3)
    await _park(street, [_vote(number) for number in range(8)], "rule_failed")
    steps = 0

    def tell() -> None:
        nonlocal steps
        steps += 1

    assert await replay_waiting(street.pool, street.settings, None, tell=tell) == {"accepted": 8}
    assert steps == 8 and await _waiting(street) == 0
    assert (await street.totals()).granted == 8 * 5
    assert await replay_waiting(street.pool, street.settings, None) == {}
    assert await street.violations() == []


async def test_only_one_reason(street: Street) -> None:
    await _park(street, [_vote(1)], "rule_failed")
    await _park(street, [_vote(2), _vote(3)], "no_programme")
    assert await replay_waiting(street.pool, street.settings, "no_programme") == {"accepted": 2}
    assert (await _waiting(street), await _waiting(street, "rule_failed")) == (1, 1)


async def test_what_fails_again_stays_parked_and_is_tried_once(street: Street) -> None:
    await _refund_before_its_order(street)
    await _park(street, [_vote(2)], "rule_failed")
    assert await replay_waiting(street.pool, street.settings, None) == {"parked": 1, "accepted": 1}
    assert await _waiting(street) == 1
    assert await street.rows("SELECT attempts FROM inbox_parked WHERE state = 'waiting'") == [(2,)]


async def _refund_before_its_order(street: Street) -> None:
    """A replay of a history stops where the API parks something."""
    refund = OrderRefunded(member_id="m1", order_id="o1", refund_id="r1", refund_fen=100)
    [batch] = batches_of([Envelope("refund-1", "/test", "order.refunded", AT, refund)], 500)
    with pytest.raises(NotTaken, match="order_unknown"):
        await street.api.send(batch)


async def test_the_same_batch_again_is_known(street: Street) -> None:
    order = OrderPaid(member_id="m1", order_id="o1", paid_fen=1_050)
    events = [
        Envelope("paid-1", "/test", "order.paid", AT, order),
        Envelope("check-1", "/test", "check_in", AT, CheckIn(member_id="m1")),
    ]
    [batch] = batches_of(events, 500)
    assert await street.api.send(batch) == Sent(accepted=2, duplicates=0, points=10)
    assert await street.api.send(batch) == Sent(accepted=0, duplicates=2, points=0)


async def test_a_busy_api_is_asked_again_and_a_refusing_one_is_not() -> None:
    answers = [httpx.Response(503), httpx.Response(200, json={"outcomes": [{"outcome": "duplicate"}]})]

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer lk_k"
        return answers.pop(0)

    with stamina.set_testing(True, attempts=3):  # which does not wait
        async with Api("http://street", "lk_k", transport=httpx.MockTransport(answer)) as api:
            assert await api.send(b"[]") == Sent(duplicates=1)
            answers += [httpx.Response(401), httpx.Response(200)]
            with pytest.raises(NotTaken, match="401"):
                await api.send(b"[]")
    assert len(answers) == 1
