"""What a server logs can be read by a collector, and a traceback costs no more than its text."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import msgspec
import pytest
import structlog

from linli.api import serve
from linli.kit import log


@pytest.fixture(autouse=True)
def defaults() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def fail() -> None:
    key = "lk_secret"
    try:
        raise ValueError(len(key))
    except ValueError:
        structlog.get_logger().exception("failed", order_id="o1")


def test_a_traceback_is_plain_text_in_a_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()
    fail()
    [line] = capsys.readouterr().out.splitlines()
    told = msgspec.json.decode(line)
    assert (told["event"], told["level"], told["order_id"]) == ("failed", "error", "o1")
    assert told["exception"].startswith("Traceback (most recent call last):\n")
    assert "lk_secret" not in told["exception"]


def test_a_traceback_is_plain_text_at_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    log.configure()
    fail()
    shown = capsys.readouterr().out
    assert "Traceback (most recent call last):\n" in shown and "╭" not in shown


def test_the_api_logs_so(capsys: pytest.CaptureFixture[str]) -> None:
    serve.app()
    fail()
    assert msgspec.json.decode(capsys.readouterr().out)["event"] == "failed"


@pytest.mark.parametrize("module", ["linli.api.serve", "linli.worker", "linli.brokers", "linli.cli.system"])
def test_a_server_starts_without_what_only_terminals_and_clients_need(module: str) -> None:
    """Each of them is a tenth of a second and more of its start."""
    needless = {"prompt_toolkit", "typer", "click", "pandas"} | ({"httpx"} if "cli" in module else set())
    script = f"import sys, {module}; print(*{needless!r}.intersection(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
