"""Where the files that are not code lie: in a checkout beside `src`, in a wheel inside the package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def resource(name: str) -> Path:
    """The path of `db` or `presets`, wherever this installation keeps it. Raises FileNotFoundError."""
    for root in (_PACKAGE / "_data", _PACKAGE.parent.parent):
        path = root / name
        if path.exists():
            return path
    raise FileNotFoundError(f"{name} is neither in the package nor beside src/")
