"""What a server is pointed at: `granian --interface asgi --factory linli.api.serve:app`. Settings from the environment."""

from __future__ import annotations

from linli.api.app import Front, create_app
from linli.settings import Settings


def app() -> Front:
    """A new API."""
    return create_app(Settings())
