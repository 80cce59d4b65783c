"""How a server logs: a line an event, read by people at a terminal, as JSON by whatever collects it elsewhere.

Tracebacks are plain text without local variables, which may hold keys. structlog's own choice, where `rich` is
installed, draws them with source and frames: a second and more of the event loop, during which nobody is answered.
"""

from __future__ import annotations

import sys

import msgspec
import structlog
from structlog.typing import Processor


def configure() -> None:
    """Have structlog log so from now on. Called by each server as it starts; calling it again changes nothing."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.set_exc_info,
    ]
    if sys.stdout.isatty():
        shown: list[Processor] = [
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ]
    else:
        shown = [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_json),
        ]
    structlog.configure(processors=[*shared, *shown])


def _json(event: dict[str, object], **_: object) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()
