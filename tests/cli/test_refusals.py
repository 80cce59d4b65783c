"""What a command refuses before it does anything, and how that reads."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from linli.cli import _said
from linli.cli.night import expire, settle
from linli.cli.system import up
from linli.kit.errors import Invalid, KeyReused

NOW = "2026-11-22T23:30:00+08:00"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without a database: what is not refused fails."""
    clock = tmp_path / "clock"
    clock.write_text(NOW)
    monkeypatch.setenv("LINLI_HOME", str(tmp_path))
    monkeypatch.setenv("LINLI_CLOCK_FILE", str(clock))
    monkeypatch.setenv("LINLI_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    return tmp_path


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A port that something listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("LINLI_PORT", str(port))
        yield port


@pytest.mark.parametrize("command", [settle, expire])
async def test_a_night_that_is_yet_to_come_is_refused(command: Callable[..., Awaitable[None]], home: Path) -> None:
    with pytest.raises(Invalid, match="2026-11-23 is yet to come"):
        await command(on=date(2026, 11, 23))


async def test_what_is_served_already_is_not_started_again(home: Path, taken: int) -> None:
    with pytest.raises(Invalid, match=f"127.0.0.1:{taken} is being served already"):
        await up()


def test_a_refusal_reads_as_a_sentence() -> None:
    assert _said(Invalid(place="--on", detail="too late")) == "--on: too late"
    assert _said(Invalid(detail="no such thing")) == "no such thing"
    assert _said(KeyReused(key="k")) == "idempotency_key_reused: {'key': 'k'}"
    assert _said(FileNotFoundError("programme.yaml")) == "programme.yaml"
