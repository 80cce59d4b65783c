"""The leash: what is on it ends with whoever holds it, workers and all, even if it will not listen."""

from __future__ import annotations

import subprocess
import sys

import psutil

from linli.replay import leash

PATIENCE = 60
DEAF = """
import os, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
worker = os.fork()
if worker:
    print(os.getpid(), worker, flush=True)
signal.pause()
"""


def test_a_deaf_command_and_its_worker_are_killed() -> None:
    hold = "import sys; from linli.replay import leash; leash.GRACE_SECONDS = 0.01; leash.hold(sys.argv[1:])"
    command = [sys.executable, "-c", hold, sys.executable, "-c", DEAF]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdin is not None
        held = [psutil.Process(int(pid)) for pid in holder.stdout.readline().split()]
        assert len(held) == 2
        holder.stdin.close()
        assert psutil.wait_procs(held, PATIENCE)[1] == []


def test_its_status_is_the_command_s() -> None:
    command = [sys.executable, "-m", leash.__name__, sys.executable, "-c", "raise SystemExit(3)"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as holder:
        assert holder.wait(PATIENCE) == 3
