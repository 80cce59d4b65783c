"""The programmes that a process keeps: a slower task never brings an older one back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from linli import programmes
from linli.flows.publish import LiveProgrammes, publish
from linli.kit.db import Pool

NOW = datetime(2026, 11, 21, tzinfo=UTC)
DRAFT = '{{"name": "trial", "title": {{"zh": "试用", "en": "Trial"}}, "hold_minutes": {}}}'


async def test_a_slow_refresh_does_not_undo_a_quick_one(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    live = LiveProgrammes()
    since = programmes.since

    async def _publish(minutes: int) -> None:
        async with pool.connection() as conn:
            await publish(conn, DRAFT.format(minutes).encode(), now=NOW, by="t", effective_from=NOW)

    async def slow(conn: Any, version: int) -> list[programmes.Published]:
        found = await since(conn, version)
        monkeypatch.setattr(programmes, "since", since)
        await _publish(2)  # and another task, which sees it, is done before this one goes on
        async with pool.connection() as other:
            await live.refresh(other)
        return found

    await _publish(1)
    monkeypatch.setattr(programmes, "since", slow)
    async with pool.connection() as conn:
        await live.refresh(conn)
    assert (live.version, live.at(NOW).version) == (2, 2)
