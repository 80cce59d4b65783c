"""The CEL library without its command line.

`import cel` brings `cel.cli` along, and with that a terminal toolkit: most of a second of every process's start.
"""

from __future__ import annotations

import sys
from types import ModuleType

if "cel" not in sys.modules:
    sys.modules["cel.cli"] = ModuleType("cel.cli")  # which is what `from . import cli` finds
    import cel

    del sys.modules["cel.cli"], cel.cli  # whoever wants the real one may import it

from cel import Context, compile

__all__ = ["Context", "compile"]
