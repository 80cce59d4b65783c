"""Run a command for as long as somebody holds the other end of standard input.

`python -m linli.replay.leash COMMAND…` ends the command when its standard input ends. The kernel closes a pipe with
the process that held it, however that ended: so a server never outlives a driver that was killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading

GRACE_SECONDS = 10.0


def hold(command: list[str]) -> int:
    """Run `command` until it ends or the leash is let go. Returns its exit status."""
    # A process group of its own, since a server that is killed leaves its workers behind.
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def let_go() -> None:
        # Not sys.stdin: its lock would be held for ever by a read that never ends.
        while os.read(0, 4096):
            pass
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)

    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    # Ctrl-C is for the driver, which lets go when it has finished the day.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=let_go, daemon=True).start()
    return child.wait()


if __name__ == "__main__":
    sys.exit(hold(sys.argv[1:]))
