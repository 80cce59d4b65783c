"""`make test`: all that CI checks, one step after another; what fails is named at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
STEPS = {
    "format": ("ruff", "format", "--check", "."),
    "lint": ("ruff", "check", "."),
    "types": ("pyright",),
    "floors": ("lint-imports",),
    "tests": ("pytest", "-n", "2", "--dist", "loadfile", "--ignore", "tests/browser"),
    "web": ("python", "build_hook.py", "typecheck", "test"),
    # Alone: a browser wants both cores, and Playwright's loop is not to meet the others'.
    "browser": ("pytest", "tests/browser"),
}


def main(wanted: list[str]) -> int:
    """Run the steps named, or all."""
    failed = []
    for name in wanted or STEPS:
        program, *arguments = STEPS[name]
        print(f"── {name}", flush=True)
        began = time.monotonic()
        # pyright's launcher fetches Node where PATH has none; the wheel that carries it stands in the lock file.
        environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
        if subprocess.run([str(BIN / program), *arguments], cwd=ROOT, env=environment).returncode:
            failed.append(name)
        print(f"   {time.monotonic() - began:.0f} s", flush=True)
    print(f"── failed: {', '.join(failed)}" if failed else "── all is well")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
