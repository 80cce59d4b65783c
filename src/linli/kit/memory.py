"""How a serving process keeps its memory: the collector of cycles looks at what is new, and seldom."""

from __future__ import annotations

import gc

YOUNG = 50_000
"""Objects that may be made before the youngest are looked at. A batch of events makes some ten thousand, nearly all of
which go by their reference count; at Python's 700 the collector took half of intake's time."""


def let_rest() -> None:
    """Call once everything is imported: what is there now is left alone from now on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
