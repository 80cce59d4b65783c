"""CloudEvents as a platform sends them, and a fortnight of them whose order and repetition must not matter."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

NOW = datetime.fromisoformat("2026-11-21T04:00:00+00:00")
"""Noon of a Saturday in Shanghai."""


def event(type_: str, event_id: str, member_id: str, *, at: datetime = NOW, **data: Any) -> bytes:
    """One structured CloudEvent."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": "shop/test",
            "type": type_,
            "time": at.isoformat(),
            "data": {"member_id": member_id, **data},
        }
    ).encode()


def paid(
    event_id: str, member_id: str = "anna", *, at: datetime = NOW, paid_fen: int = 1_000, order: str = ""
) -> bytes:
    """An order of ¥10, which earns 10 points."""
    return event("order.paid", event_id, member_id, at=at, order_id=order or f"order-{event_id}", paid_fen=paid_fen)


def array(*events: bytes) -> bytes:
    """A batch: a JSON array of events."""
    return b"[" + b",".join(events) + b"]"


def fortnight(prefix: str) -> list[bytes]:
    """500 events of 10 members in the order of their time: orders, refunds, check-ins, reviews, votes, groups."""
    told: list[bytes] = []
    for day in range(10):
        for number in range(10):
            member = f"{prefix}member-{number}"
            at = NOW - timedelta(days=12 - day, minutes=-number)
            key = f"{prefix}{number}-{day}"
            told += [
                event("check_in", f"{key}-check", member, at=at),
                paid(f"{key}-paid", member, at=at + timedelta(hours=1), paid_fen=1_200 + 300 * number, order=key),
                event("vote.cast", f"{key}-vote", member, at=at + timedelta(hours=2), vote_id=key),
                event("review.created", f"{key}-look", member, at=at + timedelta(hours=3), review_id=key,
                      with_picture=day % 2 == 0),
                event("group.formed", f"{key}-group", member, at=at + timedelta(hours=4), group_id=key)
                if day % 3
                else event("order.refunded", f"{key}-back", member, at=at + timedelta(hours=5), order_id=key,
                           refund_id=f"{key}-back", refund_fen=500),
            ]  # fmt: skip
    return told
