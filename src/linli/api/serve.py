"""What a server is pointed at: `granian --interface asgi --factory linli.api.serve:app`."""

from __future__ import annotations

from linli.api.app import Front, create_app
from linli.kit import log
from linli.settings import Settings


def app() -> Front:
    """A new API, with settings from the environment."""
    log.configure()
    return create_app(Settings())
