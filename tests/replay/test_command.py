"""The command as people run it: with a server of its own, killed in the middle, started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import psutil
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from linli.kit.postgres import drop_database

SAMPLE = Path(__file__).parent / "beibei"
BEIBEI = [sys.executable, "-m", "linli", "replay", "beibei", "--data", str(SAMPLE)]
PATIENCE = 120


@pytest.fixture
def environment(postgres: str, tmp_path: Path) -> Any:
    """A home of the test's own on the test's server, where the replay makes a database of its own."""
    names = {"LINLI_HOME": str(tmp_path), "LINLI_DATABASE_URL": postgres, "LINLI_PRESET": "neighbours"}
    yield {**os.environ, **names}
    drop_database(postgres, "linli_replay_beibei")


def _run(environment: dict[str, str], *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*BEIBEI, *more], env=environment, capture_output=True, text=True, timeout=PATIENCE)


def _server(home: Path) -> list[psutil.Process]:
    """The processes that serve this home."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("LINLI_HOME") == str(home) and "serve" in process.cmdline():
                found.append(process)
        except psutil.Error:
            continue  # it ended, or is not ours
    return found


def test_killed_in_the_middle_it_goes_on_and_ends_well(environment: dict[str, str], tmp_path: Path) -> None:
    clock = tmp_path / "replay" / "beibei" / "clock"
    with subprocess.Popen(BEIBEI, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as driver:
        for _ in range(PATIENCE * 20):
            if clock.exists() and datetime.fromisoformat(clock.read_text()).day > 10:
                break
            with pytest.raises(subprocess.TimeoutExpired):  # it must not end by itself
                driver.wait(0.05)
        serving = _server(tmp_path)
        assert serving
        driver.send_signal(signal.SIGKILL)
    assert psutil.wait_procs(serving, PATIENCE)[1] == [], "the server goes with its driver"

    report = tmp_path / "report.json"
    done = _run(environment, "--json", str(report))
    assert done.returncode == 0, done.stdout + done.stderr
    told = msgspec.json.decode(report.read_bytes())
    assert told["finished"] and told["violations"] == 0 and all(told["expected"].values())
    assert told["totals"]["granted"] == told["totals"]["available"] == 200
    assert 0 < told["nights"] < 25, "nights that were over before are not lived again"
    assert _server(tmp_path) == []


def test_wrong_figures_end_with_status_1(environment: dict[str, str], postgres: str, tmp_path: Path) -> None:
    assert _run(environment, "--limit", "3").returncode == 0
    with psycopg.connect(make_conninfo(postgres, dbname="linli_replay_beibei"), autocommit=True) as conn:
        conn.execute("UPDATE ledger_balance SET available = available + 1")
    wrong = _run(environment, "--limit", "3")
    assert wrong.returncode == 1 and "01_balance_is_sum_of_movements" in wrong.stdout
    assert _run(environment, "--limit", "3", "--fresh").returncode == 0


def test_a_server_that_runs_must_share_its_clock(environment: dict[str, str]) -> None:
    refused = _run(environment, "--url", "http://127.0.0.1:9")
    assert refused.returncode == 1 and "clock_missing" in refused.stderr and "Traceback" not in refused.stderr


def test_help_needs_no_extra(environment: dict[str, str]) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "linli", "replay", "--help"], env=environment, capture_output=True, text=True
    )
    assert all(name in told.stdout for name in ("completejourney", "beibei", "parked"))
